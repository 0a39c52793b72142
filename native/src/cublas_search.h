// Where a libcublas may lie on this machine, by looking at folders only.
#pragma once

#include <string>
#include <vector>

namespace tacet {

struct CublasSearch {
  /** What to ask the loader for, best first: paths, and names that it looks up where it always does. */
  std::vector<std::string> libraries;
  /** Places that hold none, each with the reason. */
  std::vector<std::string> misses;
};

/**
 * Looks for libcublas.so.13 and .12, in each place for the newer one first.
 *
 * With a path, a file or a folder, that is the only place. Without: where the loader looks
 * (LD_LIBRARY_PATH, ld.so.cache); $CUDA_HOME and $CUDA_PATH; cuda* in `local`; the packages of
 * TACET_PYTHON and of each python3 on the PATH, which are not run for it.
 */
CublasSearch search_cublas(const std::string& path, const std::string& local = "/usr/local");

}  // namespace tacet
