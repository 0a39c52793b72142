// What the C functions of event propagation say about sums of integers, and refuse.
#include <cstdint>
#include <string>

#include "check.h"
#include "tacet_propagate.h"

namespace {

struct Context {
  tacet_value value = 0;

  Context() { CHECK(tacet_context_create(TACET_HOST, 0, &value) == TACET_OK); }
  ~Context() { tacet_context_destroy(get()); }
  tacet_context* get() const { return reinterpret_cast<tacet_context*>(value); }
};

/** 65,536 rows of 100 targets; the arrays are never read. */
tacet_rows rows(int64_t format, int64_t sums) {
  tacet_rows r{};
  r.format = format;
  r.sources = 65536;
  r.targets = 65536;
  r.index_bytes = 2;
  r.row_length = 100;
  r.count = r.sources * (format == TACET_DENSE ? r.targets : 100);
  r.sums = sums;
  return r;
}

bool refused(int status, const std::string& part) {
  return status == TACET_INVALID_ARGUMENT && tacet::test::contains(tacet_last_error(), part);
}

}  // namespace

TEST_CASE("sums are integers where that is asked, of rows with lists of targets without delays") {
  const Context context;
  tacet_value shape[TACET_SHAPE_WORDS];
  const auto of = [&](int64_t format, int64_t sums, int delayed) {
    const tacet_rows r = rows(format, sums);
    CHECK(tacet_propagate_shape(context.get(), &r, 1, delayed, shape) == TACET_OK);
    CHECK((shape[5] == TACET_SUMS_INT32) == (shape[6] == TACET_SUMS_REASON_NONE));
    return shape[6];
  };
  CHECK(of(TACET_CSR, TACET_SUMS_FLOAT32, 0) == TACET_SUMS_REASON_NOT_ASKED);
  CHECK(of(TACET_DENSE, TACET_SUMS_INT32, 0) == TACET_SUMS_REASON_FORMAT);
  CHECK(of(TACET_PROCEDURAL, TACET_SUMS_INT32, 0) == TACET_SUMS_REASON_FORMAT);
  CHECK(of(TACET_CSR, TACET_SUMS_INT32, 1) == TACET_SUMS_REASON_DELAYS);
  CHECK(of(TACET_CSR, TACET_SUMS_INT32, 0) == TACET_SUMS_REASON_NONE);
  CHECK(of(TACET_FAN_OUT, TACET_SUMS_INT32, 0) == TACET_SUMS_REASON_NONE);
}

TEST_CASE("two tiles of integers fit into the shared memory of every GPU") {
  const Context context;
  for (int architecture : {75, 80, 86, 89, 90, 100, 120}) {
    CHECK(tacet_host_configure(context.get(), 0, 0, 1, architecture) == TACET_OK);
    tacet_value info[TACET_INFO_COUNT];
    CHECK(tacet_device_info(context.get(), info) == TACET_OK);
    const tacet_rows r = rows(TACET_CSR, TACET_SUMS_INT32);
    tacet_value shape[TACET_SHAPE_WORDS];
    CHECK(tacet_propagate_shape(context.get(), &r, 1, 0, shape) == TACET_OK);
    CHECK(shape[0] % 64 == 0 && shape[0] >= 1024);
    CHECK(shape[0] * shape[1] >= r.targets && shape[0] * (shape[1] - 1) < r.targets);
    CHECK(2 * (4 * shape[0] + 1152) <= info[TACET_INFO_SHARED_PER_BLOCK]);
    CHECK(shape[2] == 16 && shape[3] >= 1 && shape[3] <= 32);
  }
}

TEST_CASE("sums that are none, and integers of rows without lists, are refused") {
  const Context context;
  tacet_value shape[TACET_SHAPE_WORDS];
  const tacet_rows r = rows(TACET_CSR, 2);
  CHECK(refused(tacet_propagate_shape(context.get(), &r, 1, 0, shape),
                "sums: expected TACET_SUMS_FLOAT32 or TACET_SUMS_INT32"));
  tacet_rows dense = rows(TACET_DENSE, TACET_SUMS_INT32);
  dense.width = 128;
  dense.tiles = 512;
  dense.warps = 8;
  dense.parts = 1;
  const tacet_lists lists{nullptr, nullptr, nullptr, nullptr, 1, 1};
  const tacet_slots slots{nullptr, nullptr, 0, 1, 0};
  CHECK(refused(tacet_propagate_forward(context.get(), &dense, &lists, &slots, 1, nullptr),
                "sums: expected TACET_SUMS_FLOAT32 for rows without lists of targets"));
}

int main() { return tacet::test::run_all(); }
