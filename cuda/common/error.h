// Errors on the C++ side. Launchers throw; the C ABI turns the exception into a status and a text.
#pragma once

#include <stdexcept>
#include <string>

namespace tacet {

/** Why a call failed; the numbers are those of tacet.h. */
enum class Status : int {
  kOk = 0,
  kInvalidArgument = 1,
  kOutOfMemory = 2,
  kCuda = 3,
  kFatal = 4,
  kUnavailable = 5,
  kMisuse = 6,
  kInternal = 7,
};

class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message) : std::runtime_error(message), status_(status) {}

  Status status() const { return status_; }

 private:
  Status status_;
};

}  // namespace tacet
