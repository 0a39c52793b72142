// Stands in for cuda_runtime.cpp where the library is built without nvcc.
#include "common/error.h"
#include "runtime.h"

namespace tacet {

namespace {

[[noreturn]] void refuse() {
  throw Error(Status::kUnavailable,
              "this libtacet.so was built without CUDA (no nvcc was found); it only executes kernels "
              "on the host");
}

}  // namespace

std::unique_ptr<Runtime> cuda_runtime(int) { refuse(); }

int cuda_device_count() { refuse(); }

const char* cuda_build_info() { return "without CUDA"; }

}  // namespace tacet
