// cuBLAS of the machine, taken by dlopen: the library is neither linked nor needed to build. Its
// functions are those of cublas_v2.h, which are the same from CUDA 12 on.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "cublas_search.h"

namespace tacet {

/** Functions of a libcublas, which stays loaded until the process ends. */
struct CublasLibrary {
  /** The file that was loaded. */
  std::string path;
  /** "13.0.2" */
  std::string version;

  int (*create)(void** handle);
  int (*destroy)(void* handle);
  int (*set_stream)(void* handle, void* stream);
  int (*set_workspace)(void* handle, void* workspace, size_t bytes);
  int (*sgemm)(void* handle, int transpose_a, int transpose_b, int m, int n, int k,
               const float* alpha, const float* a, int lda, const float* b, int ldb,
               const float* beta, float* c, int ldc);
  int (*sgemm_batched)(void* handle, int transpose_a, int transpose_b, int m, int n, int k,
                       const float* alpha, const float* a, int lda, long long a_apart,
                       const float* b, int ldb, long long b_apart, const float* beta, float* c,
                       int ldc, long long c_apart, int count);

  /** "cuBLAS 13.0.2 (/usr/local/cuda/lib64/libcublas.so.13)" */
  std::string description() const { return "cuBLAS " + version + " (" + path + ")"; }
};

/** Loads a file, or a name that the loader knows. Throws Status::kUnavailable with the reason. */
CublasLibrary load_cublas(const std::string& library);

/**
 * The first library found that loads and for which `use` does not throw: one for a newer driver
 * loads and then makes no handle. Throws Status::kUnavailable with every place and its reason.
 */
CublasLibrary first_cublas(const CublasSearch& search,
                           const std::function<void(const CublasLibrary&)>& use);

/**
 * A handle on the current device. Its products are in float32: the default math mode takes no
 * arithmetic with fewer bits. With one stream and a workspace of its own they are bitwise the same
 * on every run on a device, as NVIDIA's documentation says, and can be captured in graphs.
 */
class Cublas {
 public:
  /** @param workspace device memory, aligned to 256 bytes; must stay until the handle is gone */
  Cublas(const CublasLibrary& library, void* stream, void* workspace, size_t bytes);
  ~Cublas();
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  /**
   * C = alpha op(A) op(B) + beta C, row-major, with op(A) m x k and op(B) k x n.
   *
   * @param replicas number of products, of matrices one after the other
   */
  void multiply(int replicas, bool transpose_a, bool transpose_b, int m, int n, int k, float alpha,
                const float* a, const float* b, float beta, float* c);

 private:
  const CublasLibrary library_;
  void* handle_ = nullptr;
};

}  // namespace tacet
