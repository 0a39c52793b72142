// The one header a kernel includes. nvcc compiles the file into namespace tacet_cuda; g++ compiles
// the same file into tacet_host, where native/host emulates the GPU. See cuda/README.md for the
// rules.
#pragma once

#include "common/declare.h"
#include "common/error.h"

#if defined(__CUDACC__)
#define TACET_NS tacet_cuda
#include "common/gpu.cuh"
#else
#define TACET_NS tacet_host
#include "host/cuda_language.h"
#endif

#include "common/collectives.cuh"
#include "common/grid_barrier.cuh"
