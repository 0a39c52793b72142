// Cached properties of kernels. Plain C++.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <tuple>

namespace tacet {

/**
 * Properties of kernels on a device, constant until the device is reset, which also clears kernel
 * attributes: forget() then makes everything be queried, and set, again.
 */
class KernelFacts {
 public:
  /** @param a, b, bytes distinguish queries about a kernel */
  struct Question {
    const void* kernel;
    int device;
    int a;
    int b;
    size_t bytes;
  };

  static KernelFacts& get() {
    static KernelFacts instance;
    return instance;
  }

  /** @param ask computes the answer; if it throws, nothing is cached */
  template <typename Ask>
  int answer(const Question& q, Ask ask) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Key key{q.kernel, q.device, q.a, q.b, q.bytes};
    const auto found = answers_.find(key);
    if (found != answers_.end()) {
      return found->second;
    }
    const int answer = ask();
    answers_.emplace(key, answer);
    return answer;
  }

  void forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    answers_.clear();
  }

 private:
  using Key = std::tuple<const void*, int, int, int, size_t>;

  std::mutex mutex_;
  std::map<Key, int> answers_;
};

}  // namespace tacet
