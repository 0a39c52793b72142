// The few lines of test framework the native tests need: named cases, checks, and every schedule.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "common/error.h"
#include "host/emulator.h"

namespace tacet::test {

struct Case {
  const char* name;
  std::function<void()> body;
};

inline std::vector<Case>& cases() {
  static std::vector<Case> instance;
  return instance;
}

inline int& failures() {
  static int count = 0;
  return count;
}

struct Register {
  Register(const char* name, std::function<void()> body) { cases().push_back({name, body}); }
};

inline void check(bool ok, const char* text, const char* file, int line) {
  if (!ok) {
    failures()++;
    std::printf("  %s:%d: %s\n", file, line, text);
  }
}

/** Runs the body under every schedule, with one and with two OS threads. */
inline void under_every_schedule(const std::function<void()>& body) {
  using emulator::Schedule;
  for (Schedule schedule : {Schedule::kForward, Schedule::kReverse, Schedule::kRandom}) {
    for (int threads : {1, 2}) {
#if defined(__SANITIZE_ADDRESS__)
      // Everything takes five times as long: one thread or two.
      if ((schedule == Schedule::kForward) != (threads == 1)) {
        continue;
      }
#endif
      emulator::Options options;
      options.schedule = schedule;
      options.seed = 7;
      options.threads = threads;
      const emulator::OptionsScope scope(options);
      body();
    }
  }
}

/** The message with which the body fails, or "nothing failed". */
inline std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing failed";
}

inline bool contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) {
    return true;
  }
  std::printf("  expected '%s' in: %s\n", part.c_str(), text.c_str());
  return false;
}

inline int run_all() {
  for (const Case& c : cases()) {
    const int before = failures();
    try {
      c.body();
    } catch (const std::exception& e) {
      failures()++;
      std::printf("  threw: %s\n", e.what());
    }
    std::printf("%s %s\n", failures() == before ? "ok  " : "FAIL", c.name);
  }
  return failures() == 0 ? 0 : 1;
}

}  // namespace tacet::test

#define TACET_JOIN_(a, b) a##b
#define TACET_JOIN(a, b) TACET_JOIN_(a, b)
#define TEST_CASE(name)                                                                    \
  static void TACET_JOIN(test_, __LINE__)();                                               \
  static const tacet::test::Register TACET_JOIN(register_, __LINE__)(name,                 \
                                                                     TACET_JOIN(test_, __LINE__)); \
  static void TACET_JOIN(test_, __LINE__)()
#define CHECK(condition) tacet::test::check(condition, #condition, __FILE__, __LINE__)
