// Answers about kernels that are asked for once. Plain C++.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <tuple>

namespace tacet {

/**
 * Answers about kernels on a device that stay the same until something resets the device, which takes
 * the attributes of kernels with it: then forget() makes everything be asked, and set, again.
 */
class KernelFacts {
 public:
  /** @param a, b, bytes tell questions about a kernel apart */
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

  /** @param ask answers the question; where it throws, nothing is kept */
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
