// Stacks for the fibers of a block, each above a guard page, kept for the next block.
#pragma once

#include <cstddef>
#include <vector>

namespace tacet::emulator {

class Stacks {
 public:
  Stacks() = default;
  ~Stacks();
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

  /** Makes at least this many stacks available. */
  void reserve(size_t count);

  void* low(size_t i) const;
  static size_t size(size_t i);

 private:
  std::vector<unsigned char*> slabs_;
};

}  // namespace tacet::emulator
