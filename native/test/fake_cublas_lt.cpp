// The libcublasLt that fake_cublas.cpp needs; it knows the major version.
extern "C" __attribute__((visibility("default"))) int fake_cublas_lt() { return FAKE_VERSION; }
