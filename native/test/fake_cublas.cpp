// A libcublas for tests without a GPU: the functions that libtacet and JCublas take from the real
// one, in plain loops over column-major host memory. What it is told it keeps, for the tests to read.
// Each FAKE_ macro is one way in which a real one can be wrong.
#include <cstddef>

#ifndef FAKE_CREATE_STATUS
#define FAKE_CREATE_STATUS 0
#endif
#ifndef FAKE_SGEMM_STATUS
#define FAKE_SGEMM_STATUS 0
#endif

#define FAKE_API extern "C" __attribute__((visibility("default")))

/** Of the real one it is another library, which this one needs. */
FAKE_API int fake_cublas_lt();

/** Handles that are open. */
FAKE_API int fake_handles;
FAKE_API void* fake_stream;
FAKE_API void* fake_workspace;
FAKE_API size_t fake_workspace_bytes;
int fake_handles = 0;
void* fake_stream = nullptr;
void* fake_workspace = nullptr;
size_t fake_workspace_bytes = 0;

FAKE_API int cublasGetProperty(int type, int* value) {
  const int version[] = {fake_cublas_lt(), 7, 2};
  *value = version[type];
  return 0;
}

FAKE_API int cublasCreate_v2(void** handle) {
  if (FAKE_CREATE_STATUS == 0) {
    fake_handles++;
    *handle = new int(0);
  }
  return FAKE_CREATE_STATUS;
}

FAKE_API int cublasDestroy_v2(void* handle) {
  fake_handles--;
  delete static_cast<int*>(handle);
  return 0;
}

FAKE_API int cublasSetStream_v2(void*, void* stream) {
  fake_stream = stream;
  fake_workspace = nullptr;
  fake_workspace_bytes = 0;
  return 0;
}

FAKE_API int cublasGetStream_v2(void*, void** stream) {
  *stream = fake_stream;
  return 0;
}

FAKE_API int cublasGetPointerMode_v2(void*, int* mode) {
  *mode = 0;  // CUBLAS_POINTER_MODE_HOST
  return 0;
}

FAKE_API int cublasGetVersion_v2(void*, int* version) {
  *version = fake_cublas_lt() * 10000 + 702;
  return 0;
}

FAKE_API int cublasSetWorkspace_v2(void*, void* workspace, size_t bytes) {
  if (bytes == 0) {
    return 7;
  }
  fake_workspace = workspace;
  fake_workspace_bytes = bytes;
  return 0;
}

#ifndef FAKE_WITHOUT_SGEMM
FAKE_API int cublasSgemm_v2(void*, int transpose_a, int transpose_b, int m, int n, int k,
                            const float* alpha, const float* a, int lda, const float* b, int ldb,
                            const float* beta, float* c, int ldc) {
  if (lda < (transpose_a ? k : m) || ldb < (transpose_b ? n : k) || ldc < m) {
    return 7;
  }
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < m; i++) {
      float sum = 0;
      for (int l = 0; l < k; l++) {
        sum += (transpose_a ? a[l + i * lda] : a[i + l * lda]) *
               (transpose_b ? b[j + l * ldb] : b[l + j * ldb]);
      }
      // What is replaced is not read: it may be NaN.
      c[i + j * ldc] = *alpha * sum + (*beta == 0 ? 0 : *beta * c[i + j * ldc]);
    }
  }
  return FAKE_SGEMM_STATUS;
}

FAKE_API int cublasSgemmStridedBatched(void* handle, int transpose_a, int transpose_b, int m, int n,
                                       int k, const float* alpha, const float* a, int lda,
                                       long long a_apart, const float* b, int ldb,
                                       long long b_apart, const float* beta, float* c, int ldc,
                                       long long c_apart, int count) {
  int status = 0;
  for (int batch = 0; batch < count && status == 0; batch++) {
    status = cublasSgemm_v2(handle, transpose_a, transpose_b, m, n, k, alpha, a + batch * a_apart,
                            lda, b + batch * b_apart, ldb, beta, c + batch * c_apart, ldc);
  }
  return status;
}
#endif
