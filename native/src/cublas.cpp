#include "cublas.h"

#include <dlfcn.h>

#include "common/error.h"

namespace tacet {

namespace {

constexpr int kNotTransposed = 0;  // CUBLAS_OP_N
constexpr int kTransposed = 1;     // CUBLAS_OP_T

std::string status_name(int status) {
  switch (status) {
    case 1:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case 3:
      return "CUBLAS_STATUS_ALLOC_FAILED";
    case 7:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case 8:
      return "CUBLAS_STATUS_ARCH_MISMATCH";
    case 11:
      return "CUBLAS_STATUS_MAPPING_ERROR";
    case 13:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case 14:
      return "CUBLAS_STATUS_INTERNAL_ERROR";
    case 15:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    case 16:
      return "CUBLAS_STATUS_LICENSE_ERROR";
    default:
      return "an unknown status";
  }
}

void check(int status, const char* call) {
  constexpr int kAllocFailed = 3;
  if (status != 0) {
    throw Error(status == kAllocFailed ? Status::kOutOfMemory : Status::kCuda,
                std::string(call) + ": " + status_name(status) + " (" + std::to_string(status) +
                    ")");
  }
}

[[noreturn]] void unavailable(const std::string& why) { throw Error(Status::kUnavailable, why); }

/** Loads for good: libraries of CUDA do not like to go before the process does. */
void* open(const std::string& library) {
  return dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

/**
 * libcublas needs libcublasLt of its own folder, and not every build of it looks there; once that is
 * loaded the loader takes it. What is wrong with it shows when libcublas does not load.
 */
void open_companion(const std::string& library) {
  const std::string stem = "libcublas.";
  const size_t name = library.find_last_of('/') + 1;
  if (name > 0 && library.compare(name, stem.size(), stem) == 0) {
    open(library.substr(0, name) + "libcublasLt." + library.substr(name + stem.size()));
  }
}

class Symbols {
 public:
  explicit Symbols(void* library) : library_(library) {}

  template <typename Function>
  void get(const char* name, Function*& function) const {
    void* symbol = dlsym(library_, name);
    if (symbol == nullptr) {
      unavailable(std::string("it has no ") + name + "; expected cuBLAS of CUDA 12 or 13");
    }
    function = reinterpret_cast<Function*>(symbol);
  }

 private:
  void* library_;
};

std::string version_of(int (*get_property)(int type, int* value)) {
  std::string version;
  for (int part = 0; part < 3; part++) {  // MAJOR_VERSION, MINOR_VERSION, PATCH_LEVEL
    int value = 0;
    check(get_property(part, &value), "cublasGetProperty");
    version += (part > 0 ? "." : "") + std::to_string(value);
  }
  return version;
}

/** The file that a function lies in. */
template <typename Function>
std::string file_of(Function* function) {
  Dl_info info{};
  return dladdr(reinterpret_cast<void*>(function), &info) != 0 ? info.dli_fname : "unknown file";
}

/** A place and what was wrong there, once. */
std::string told(const std::string& place, const std::string& reason) {
  return reason.rfind(place + ": ", 0) == 0 ? reason : place + ": " + reason;
}

}  // namespace

CublasLibrary load_cublas(const std::string& library) {
  open_companion(library);
  void* const opened = open(library);
  if (opened == nullptr) {
    const char* why = dlerror();
    unavailable(why != nullptr ? why : "dlopen failed");
  }
  const Symbols symbols(opened);
  CublasLibrary found{};
  int (*get_property)(int, int*) = nullptr;
  symbols.get("cublasGetProperty", get_property);
  symbols.get("cublasCreate_v2", found.create);
  symbols.get("cublasDestroy_v2", found.destroy);
  symbols.get("cublasSetStream_v2", found.set_stream);
  symbols.get("cublasSetWorkspace_v2", found.set_workspace);
  symbols.get("cublasSgemm_v2", found.sgemm);
  symbols.get("cublasSgemmStridedBatched", found.sgemm_batched);
  found.version = version_of(get_property);
  found.path = file_of(found.sgemm);
  return found;
}

CublasLibrary first_cublas(const CublasSearch& search,
                           const std::function<void(const CublasLibrary&)>& use) {
  std::string tried;
  for (const std::string& place : search.libraries) {
    try {
      CublasLibrary library = load_cublas(place);
      use(library);
      return library;
    } catch (const Error& e) {
      tried += (tried.empty() ? "" : "; ") + told(place, e.what());
    }
  }
  for (const std::string& miss : search.misses) {
    tried += (tried.empty() ? "" : "; ") + miss;
  }
  unavailable("no cuBLAS works here; tried " + tried);
}

Cublas::Cublas(const CublasLibrary& library, void* stream, void* workspace, size_t bytes)
    : library_(library) {
  check(library_.create(&handle_), "cublasCreate");
  try {
    // In this order: a new stream takes the workspace away.
    check(library_.set_stream(handle_, stream), "cublasSetStream");
    check(library_.set_workspace(handle_, workspace, bytes), "cublasSetWorkspace");
  } catch (const Error&) {
    library_.destroy(handle_);
    throw;
  }
}

Cublas::~Cublas() { library_.destroy(handle_); }

void Cublas::multiply(int replicas, bool transpose_a, bool transpose_b, int m, int n, int k,
                      float alpha, const float* a, const float* b, float beta, float* c) {
  // cuBLAS counts by columns: what it sees are the transposes, C^T = op(B)^T op(A)^T.
  const int first = transpose_b ? kTransposed : kNotTransposed;
  const int second = transpose_a ? kTransposed : kNotTransposed;
  const int ldb = transpose_b ? k : n;
  const int lda = transpose_a ? m : k;
  if (replicas == 1) {
    check(library_.sgemm(handle_, first, second, n, m, k, &alpha, b, ldb, a, lda, &beta, c, n),
          "cublasSgemm");
    return;
  }
  const auto apart = [](int rows, int columns) { return static_cast<long long>(rows) * columns; };
  check(library_.sgemm_batched(handle_, first, second, n, m, k, &alpha, b, ldb, apart(k, n), a, lda,
                               apart(m, k), &beta, c, n, apart(m, n), replicas),
        "cublasSgemmStridedBatched");
}

}  // namespace tacet
