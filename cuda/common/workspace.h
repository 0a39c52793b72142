// Scratch memory of launchers: the caller allocates it, a Carver subdivides it. Plain C++.
#pragma once

#include "common/declare.h"
#include "common/error.h"

namespace tacet {

/** Memory of the caller that a launch may overwrite. */
struct Workspace {
  void* base;
  size_t bytes;
};

/**
 * Hands out parts of a workspace, each aligned to 256 bytes; made from null it only adds up how
 * many bytes the same sequence of calls would take.
 */
class Carver {
 public:
  explicit Carver(void* base) : base_(static_cast<char*>(base)) {}

  template <typename T>
  T* take(size_t count) {
    const size_t at = used_;
    used_ += (count * sizeof(T) + 255) / 256 * 256;
    return base_ == nullptr ? nullptr : reinterpret_cast<T*>(base_ + at);
  }

  size_t bytes() const { return used_; }

 private:
  char* base_;
  size_t used_ = 0;
};

inline void require_bytes(const Carver& carver, const Workspace& workspace) {
  if (carver.bytes() > workspace.bytes) {
    throw Error(Status::kInvalidArgument,
                "workspace: expected " + std::to_string(carver.bytes()) + " bytes, got " +
                    std::to_string(workspace.bytes));
  }
}

}  // namespace tacet
