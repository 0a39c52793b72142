// Finding, loading and using cuBLAS, with libraries that only pretend to be it (fake_cublas.cpp).
#include "cublas.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "check.h"
#include "dispatch.h"
#include "tacet_dense.h"

namespace fs = std::filesystem;
using tacet::Cublas;
using tacet::CublasLibrary;
using tacet::CublasSearch;
using tacet::test::contains;
using tacet::test::error_of;

namespace {

using Names = std::vector<std::string>;

std::string fake(const std::string& folder, const std::string& version = "13") {
  return std::string(FAKES) + "/" + folder + "/libcublas.so." + version;
}

/** A variable of a fake. */
template <typename T>
T kept(const CublasLibrary& library, const char* name) {
  void* opened = dlopen(library.path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  const T value = *static_cast<T*>(dlsym(opened, name));
  dlclose(opened);
  return value;
}

/** A folder of files that is gone with the object. */
class Tree {
 public:
  Tree() {
    std::string name = (fs::temp_directory_path() / "tacet-cublas-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~Tree() { fs::remove_all(root_); }

  std::string operator/(const std::string& path) const { return (root_ / path).string(); }

  /** An empty file that can be executed. */
  std::string file(const std::string& path, const std::string& content = "") {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
    fs::permissions(root_ / path, fs::perms::owner_all);
    return *this / path;
  }

  std::string copy(const std::string& from, const std::string& path) {
    fs::create_directories((root_ / path).parent_path());
    fs::copy(from, root_ / path);
    return *this / path;
  }

  void link(const std::string& path, const std::string& target) {
    fs::create_directories((root_ / path).parent_path());
    fs::create_symlink(target, root_ / path);
  }

 private:
  fs::path root_;
};

/** The environment without what the search reads, for a test to fill. */
void only_set(const std::vector<std::pair<const char*, std::string>>& variables) {
  for (const char* name : {"CUDA_HOME", "CUDA_PATH", "TACET_PYTHON", "PATH"}) {
    unsetenv(name);
  }
  setenv("HOME", "/nowhere", 1);
  for (const auto& [name, value] : variables) {
    setenv(name, value.c_str(), 1);
  }
}

/** What is found beyond the loader's own places, as paths in the tree. */
Names found(const Tree& tree) {
  const CublasSearch search = tacet::search_cublas("", tree / "local");
  CHECK(search.libraries.size() >= 2 && search.libraries[0] == "libcublas.so.13" &&
        search.libraries[1] == "libcublas.so.12");
  Names paths;
  for (size_t k = 2; k < search.libraries.size(); k++) {
    paths.push_back(search.libraries[k].substr((tree / "").size()));
  }
  return paths;
}

bool same(const Names& found, const Names& expected) {
  for (size_t k = 0; k < std::max(found.size(), expected.size()); k++) {
    const std::string a = k < found.size() ? found[k] : "nothing";
    const std::string b = k < expected.size() ? expected[k] : "nothing";
    if (a != b) {
      std::printf("  place %zu: %s, expected %s\n", k, a.c_str(), b.c_str());
      return false;
    }
  }
  return true;
}

/** What a process of its own says, in which nothing has been loaded before. */
std::string in_new_process(const std::string& variables, const std::string& path) {
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  FILE* output = popen(
      ("/usr/bin/env -i HOME=/nowhere PATH=/nowhere " + variables + " " + self + " '" + path +
       "' 2>&1").c_str(),
      "r");
  std::string text;
  for (int c = fgetc(output); c != EOF; c = fgetc(output)) {
    text += static_cast<char>(c);
  }
  pclose(output);
  return text;
}

void say_what_is_found(const char* path) {
  try {
    const CublasSearch search = tacet::search_cublas(path, "/nowhere");
    std::puts(tacet::first_cublas(search, [](const auto&) {}).description().c_str());
  } catch (const tacet::Error& e) {
    std::puts(e.what());
  }
}

float number(unsigned int& seed) {
  seed = seed * 1664525u + 1013904223u;
  return static_cast<float>(seed >> 8) * 0x1p-23f - 1;
}

void multiply(Cublas& cublas, int replicas, bool transpose_a, bool transpose_b, float alpha,
              float beta) {
  const int m = 5;
  const int n = 7;
  const int k = 3;
  unsigned int seed = 1;
  std::vector<float> a(replicas * m * k);
  std::vector<float> b(replicas * k * n);
  std::vector<float> c(replicas * m * n, NAN);
  for (float& x : a) x = number(seed);
  for (float& x : b) x = number(seed);
  if (beta != 0) {
    for (float& x : c) x = number(seed);
  }
  const std::vector<float> before = c;
  cublas.multiply(replicas, transpose_a, transpose_b, m, n, k, alpha, a.data(), b.data(), beta,
                  c.data());
  for (int row = 0; row < replicas * m; row++) {
    const int i = row % m;
    const float* const left = a.data() + row / m * m * k;
    const float* const right = b.data() + row / m * k * n;
    for (int j = 0; j < n; j++) {
      double sum = beta == 0 ? 0 : beta * before[row * n + j];
      for (int l = 0; l < k; l++) {
        sum += double{alpha} * (transpose_a ? left[l * m + i] : left[i * k + l]) *
               (transpose_b ? right[j * k + l] : right[l * n + j]);
      }
      CHECK(std::fabs(c[row * n + j] - sum) < 1e-5);
    }
  }
}

/** Tells a library that checks its contexts (TACET_CHECKED) of one that a test has made itself. */
class Known {
 public:
  explicit Known(tacet_context& context) : context_(context) {
#ifdef TACET_CHECKED
    tacet::checked::context_opened(&context_);
#endif
  }

  ~Known() {
#ifdef TACET_CHECKED
    tacet::checked::context_closed(&context_, context_.runtime.get());
#endif
  }

  Known(const Known&) = delete;
  Known& operator=(const Known&) = delete;

 private:
  [[maybe_unused]] tacet_context& context_;
};

}  // namespace

TEST_CASE("row-major products of every order and with both factors are those of plain loops") {
  const CublasLibrary library = tacet::load_cublas(fake("good13"));
  char workspace[256];
  Cublas cublas(library, nullptr, workspace, sizeof(workspace));
  for (int order = 0; order < 4; order++) {
    for (float beta : {0.0f, 1.0f, -0.5f}) {
      multiply(cublas, 1, order & 1, order & 2, 1, beta);
      multiply(cublas, 1, order & 1, order & 2, 2.5f, beta);
      multiply(cublas, 3, order & 1, order & 2, 2.5f, beta);
    }
  }
}

TEST_CASE("a library tells its version and file") {
  CHECK(tacet::load_cublas(fake("good13")).description() ==
        "cuBLAS 13.7.2 (" + fake("good13") + ")");
  CHECK(tacet::load_cublas(fake("good12", "12")).description() ==
        "cuBLAS 12.7.2 (" + fake("good12", "12") + ")");
}

TEST_CASE("a handle has its stream and workspace, and is destroyed once") {
  const CublasLibrary library = tacet::load_cublas(fake("good13"));
  char workspace[256];
  int stream = 0;
  {
    const Cublas cublas(library, &stream, workspace, sizeof(workspace));
    CHECK(kept<int>(library, "fake_handles") == 1);
    CHECK(kept<void*>(library, "fake_stream") == &stream);
    CHECK(kept<void*>(library, "fake_workspace") == workspace);
    CHECK(kept<size_t>(library, "fake_workspace_bytes") == sizeof(workspace));
  }
  CHECK(kept<int>(library, "fake_handles") == 0);
  CHECK(contains(error_of([&] { Cublas(library, &stream, nullptr, 0); }),
                 "cublasSetWorkspace: CUBLAS_STATUS_INVALID_VALUE (7)"));
  CHECK(kept<int>(library, "fake_handles") == 0);
}

TEST_CASE("a status that is not success is an error with its name") {
  char workspace[256];
  const CublasLibrary no_handle = tacet::load_cublas(fake("no_handle"));
  CHECK(error_of([&] { Cublas(no_handle, nullptr, workspace, 256); }) ==
        "cublasCreate: CUBLAS_STATUS_NOT_INITIALIZED (1)");
  Cublas cublas(tacet::load_cublas(fake("no_product")), nullptr, workspace, 256);
  const std::vector<float> a(4);
  std::vector<float> c(4);
  CHECK(error_of([&] {
          cublas.multiply(1, false, false, 2, 2, 2, 1, a.data(), a.data(), 0, c.data());
        }) == "cublasSgemm: CUBLAS_STATUS_EXECUTION_FAILED (13)");
  CHECK(error_of([&] {
          cublas.multiply(2, false, false, 1, 1, 1, 1, a.data(), a.data(), 0, c.data());
        }) == "cublasSgemmStridedBatched: CUBLAS_STATUS_EXECUTION_FAILED (13)");
}

TEST_CASE("a library that makes no handle is passed over for the next, and told if none is left") {
  char workspace[256];
  const auto use = [&](const CublasLibrary& library) { Cublas(library, nullptr, workspace, 256); };
  CublasSearch search{{fake("no_sgemm"), fake("no_handle"), fake("good12", "12")}, {}};
  CHECK(tacet::first_cublas(search, use).path == fake("good12", "12"));
  search.libraries.pop_back();
  search.misses.push_back("/elsewhere: nothing");
  CHECK(error_of([&] { tacet::first_cublas(search, use); }) ==
        "no cuBLAS works here; tried " + fake("no_sgemm") +
            ": it has no cublasSgemm_v2; expected cuBLAS of CUDA 12 or 13; " + fake("no_handle") +
            ": cublasCreate: CUBLAS_STATUS_NOT_INITIALIZED (1); /elsewhere: nothing");
}

TEST_CASE("a path that is given is the only place") {
  Tree tree;
  const std::string loader = "LD_LIBRARY_PATH=" + std::string(FAKES) + "/good13";
  CHECK(contains(in_new_process(loader, tree / "none"),
                 (tree / "none") + ": there is no such file or folder"));
  CHECK(contains(in_new_process(loader, tree / ""), "holds no libcublas.so.13 or libcublas.so.12"));
  const std::string text = tree.file("text/libcublas.so.13", std::string(100, '.'));
  CHECK(contains(in_new_process(loader, text), text + ": invalid ELF header"));
  CHECK(contains(in_new_process(loader, tree / "text"), text + ": invalid ELF header"));
  CHECK(contains(in_new_process(loader, fake("good12", "12")), "cuBLAS 12.7.2"));
  CHECK(contains(in_new_process(loader, std::string(FAKES) + "/good12"), fake("good12", "12")));
}

TEST_CASE("libcublasLt is taken from the folder of libcublas, and its absence told") {
  Tree tree;
  const std::string alone = tree.copy(fake("good13"), "alone/libcublas.so.13");
  CHECK(contains(in_new_process("", alone),
                 alone + ": libcublasLt.so.13: cannot open shared object file"));
  CHECK(contains(in_new_process("", fake("good13")), "cuBLAS 13.7.2 (" + fake("good13") + ")"));
}

TEST_CASE("the loader's places come first, and each one tried without success is told") {
  const std::string loader = "LD_LIBRARY_PATH=" + std::string(FAKES) + "/good12";
  const std::string home = "CUDA_HOME=" + std::string(FAKES) + "/";
  CHECK(contains(in_new_process(loader + " " + home, ""), fake("good12", "12")));
  const std::string nothing = in_new_process(home, "");
  CHECK(contains(nothing, "libcublas.so.13: cannot open shared object file"));
  CHECK(contains(nothing, "libcublas.so.12: cannot open shared object file"));
  CHECK(contains(nothing, home + ": holds no libcublas.so.13 or libcublas.so.12"));
  CHECK(contains(nothing, "/nowhere/cuda*: holds no"));
  CHECK(contains(nothing, "packages of Python: there is no python3 on the PATH"));
}

TEST_CASE("the handle of a context multiplies, tells what it is, and leaves nothing behind") {
  const CublasLibrary library = tacet::load_cublas(fake("good13"));
  for (int architecture : {75, 90}) {
    // A context that takes itself for one of a GPU, with memory that the fake can reach.
    tacet_context context{TACET_CUDA, tacet::host_runtime(&architecture), {}};
    const Known known(context);
    void* stream = context.runtime->stream_create();
    tacet_value made = 0;
    CHECK(tacet_cublas_create(&context, fake("good13").c_str(), stream, &made) == TACET_OK);
    auto* cublas = reinterpret_cast<tacet_cublas*>(made);
    CHECK(tacet_cublas_description(cublas) == library.description());
    CHECK(kept<void*>(library, "fake_stream") == stream);
    CHECK(kept<size_t>(library, "fake_workspace_bytes") ==
          size_t{architecture == 90 ? 32u : 4u} << 20);
    const float a[] = {1, 2, 3, 4, 5, 6};  // 2 x 3
    const float b[] = {1, 0, 0, 0, 1, 1};  // transposed 3 x 2
    float c[] = {NAN, NAN, NAN, NAN};
    CHECK(tacet_cublas_multiply(cublas, 1, 0, 1, 2, 2, 3, a, b, 0, c) == TACET_OK);
    CHECK(c[0] == 1 && c[1] == 5 && c[2] == 4 && c[3] == 11);
    CHECK(tacet_cublas_multiply(cublas, 1, 0, 1, 2, 2, 3, a, b, 1, c) == TACET_OK);
    CHECK(c[0] == 2 && c[1] == 10 && c[2] == 8 && c[3] == 22);
    CHECK(tacet_cublas_destroy(cublas) == TACET_OK);
    CHECK(kept<int>(library, "fake_handles") == 0);
    context.runtime->stream_destroy(stream);
  }
}

TEST_CASE("errors of a context's handle are statuses with the call and the reason") {
  const int architecture = 90;
  tacet_context host{TACET_HOST, tacet::host_runtime(&architecture), {}};
  tacet_context gpu{TACET_CUDA, tacet::host_runtime(&architecture), {}};
  const Known known_host(host);
  const Known known_gpu(gpu);
  tacet_value made = 0;
  CHECK(tacet_cublas_create(&host, nullptr, nullptr, &made) == TACET_INVALID_ARGUMENT);
  CHECK(contains(tacet_last_error(), "context: expected a TACET_CUDA context"));
  CHECK(tacet_cublas_create(&gpu, fake("no_handle").c_str(), nullptr, &made) == TACET_UNAVAILABLE);
  CHECK(contains(tacet_last_error(), "tacet_cublas_create: no cuBLAS works here; tried " +
                                         fake("no_handle") +
                                         ": cublasCreate: CUBLAS_STATUS_NOT_INITIALIZED (1)"));
  CHECK(made == 0);
  CHECK(tacet_cublas_find("/nowhere") == nullptr);
  CHECK(contains(tacet_last_error(), "/nowhere: there is no such file or folder"));
  CHECK(tacet_cublas_create(&gpu, fake("no_product").c_str(), nullptr, &made) == TACET_OK);
  auto* cublas = reinterpret_cast<tacet_cublas*>(made);
  const float a[] = {1};
  float c[] = {0};
  CHECK(tacet_cublas_multiply(cublas, 1, 0, 0, 1, 1, 1, a, a, 0, c) == TACET_CUDA_ERROR);
  CHECK(contains(tacet_last_error(),
                 "tacet_cublas_multiply: cublasSgemm: CUBLAS_STATUS_EXECUTION_FAILED (13)"));
  CHECK(tacet_cublas_destroy(cublas) == TACET_OK);
  CHECK(tacet_cublas_destroy(nullptr) == TACET_INVALID_ARGUMENT);
}

TEST_CASE("toolkits are searched in order, the newer library first and none twice") {
  Tree tree;
  tree.file("home/lib64/libcublas.so.12");
  tree.file("home/lib64/libcublas.so.13");
  tree.file("local/cuda-12.6/targets/x86_64-linux/lib/libcublas.so.12");
  tree.link("local/cuda-12.6/lib64", tree / "local/cuda-12.6/targets/x86_64-linux/lib");
  tree.file("local/cuda-13.0/targets/x86_64-linux/lib/libcublas.so.13");
  tree.file("local/cuda-13.1/lib64/libcublas.so.13");
  tree.file("local/other/lib64/libcublas.so.13");
  only_set({{"CUDA_HOME", tree / "home"}});
  CHECK(same(found(tree), {"home/lib64/libcublas.so.13", "home/lib64/libcublas.so.12",
                           "local/cuda-13.1/lib64/libcublas.so.13",
                           "local/cuda-13.0/targets/x86_64-linux/lib/libcublas.so.13",
                           "local/cuda-12.6/lib64/libcublas.so.12"}));
  // The version that was chosen for the machine comes before newer ones.
  tree.link("local/cuda", tree / "local/cuda-12.6");
  only_set({});
  CHECK(same(found(tree), {"local/cuda/lib64/libcublas.so.12",
                           "local/cuda-13.1/lib64/libcublas.so.13",
                           "local/cuda-13.0/targets/x86_64-linux/lib/libcublas.so.13"}));
}

TEST_CASE("packages of every kind of Python are found without running it") {
  Tree tree;
  const std::string cu13 = "lib/python3.12/site-packages/nvidia/cu13/lib/libcublas.so.13";
  const std::string cu12 = "lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12";
  tree.file("venv/" + cu13);
  tree.file("venv/" + cu12);
  tree.file("base/bin/python3.12");
  tree.file("base/" + cu12);
  tree.link("venv/bin/python3", tree / "base/bin/python3.12");
  only_set({{"PATH", "/nowhere:relative:" + (tree / "venv/bin")}});
  CHECK(same(found(tree), {"venv/" + cu13, "venv/" + cu12, "base/" + cu12}));

  tree.file("usr/bin/python3");
  tree.file("usr/local/lib/python3.11/dist-packages/nvidia/cublas/lib/libcublas.so.12");
  tree.file("pyenv/shims/python3");
  tree.file("pyenv/versions/3.11.7/" + cu13);
  tree.file("conda[1]/bin/python3");
  tree.file("conda[1]/lib/libcublas.so.12");
  tree.file("home/.local/" + cu13);
  only_set({{"PATH", (tree / "usr/bin") + ":" + (tree / "pyenv/shims")},
            {"HOME", tree / "home"},
            {"TACET_PYTHON", tree / "conda[1]/bin/python3"}});
  CHECK(same(found(tree), {"conda[1]/lib/libcublas.so.12", "home/.local/" + cu13,
                           "usr/local/lib/python3.11/dist-packages/nvidia/cublas/lib/"
                           "libcublas.so.12",
                           "pyenv/versions/3.11.7/" + cu13}));

  tree.file("bare/bin/python3");
  only_set({{"PATH", tree / "bare/bin"}});
  CHECK(tacet::search_cublas("", tree / "local").misses.back() ==
        "packages of " + (tree / "bare/bin/python3") +
            ": holds no libcublas.so.13 or libcublas.so.12");
}

int main(int count, char** arguments) {
  if (count > 1) {
    say_what_is_found(arguments[1]);
    return 0;
  }
  return tacet::test::run_all();
}
