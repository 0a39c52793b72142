// A libcuda.so.1 for tests of machines whose driver is broken: it has a version, and one of its calls
// fails, as the environment says.
//
//   FAKE_DRIVER_VERSION  as CUDA counts, 13000 for CUDA 13.0; that unless set
//   FAKE_DRIVER_FAILS    name of the call that fails
//   FAKE_DRIVER_CODE     with which CUresult
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>

#define FAKE_API extern "C" __attribute__((visibility("default")))

namespace {

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

/** What a call returns. */
int result(const char* call) {
  const char* failing = std::getenv("FAKE_DRIVER_FAILS");
  return failing != nullptr && std::strcmp(failing, call) == 0 ? setting("FAKE_DRIVER_CODE", 999) : 0;
}

/** Stands for each function that there is no other for; nothing works by it. */
int unsupported() { return 801; }  // CUDA_ERROR_NOT_SUPPORTED

}  // namespace

FAKE_API int cuDriverGetVersion(int* version) {
  *version = setting("FAKE_DRIVER_VERSION", 13000);
  return result("cuDriverGetVersion");
}

FAKE_API int cuInit(unsigned int) { return result("cuInit"); }

FAKE_API int cuDeviceGetCount(int* count) {
  *count = 1;
  return result("cuDeviceGetCount");
}

FAKE_API int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return result("cuDeviceGet");
}

FAKE_API int cuGetExportTable(const void** table, const void*) {
  *table = nullptr;
  return 500;  // CUDA_ERROR_NOT_FOUND
}

FAKE_API int cuGetProcAddress_v2(const char* name, void** function, int, unsigned long long,
                                 int* status) {
  Dl_info self{};
  dladdr(reinterpret_cast<void*>(&cuInit), &self);
  void* const library = dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  *function = dlsym(library, std::strcmp(name, "cuGetProcAddress") == 0 ? "cuGetProcAddress_v2" : name);
  if (*function == nullptr) {
    *function = reinterpret_cast<void*>(&unsupported);
  }
  if (status != nullptr) {
    *status = 0;
  }
  return 0;
}

FAKE_API int cuGetProcAddress(const char* name, void** function, int version,
                              unsigned long long flags) {
  return cuGetProcAddress_v2(name, function, version, flags, nullptr);
}
