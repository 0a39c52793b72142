// The C ABI from outside: statuses and messages, memory, streams, and an operation end to end.
#include <cstring>
#include <string>
#include <vector>

#include "check.h"
#include "tacet.h"
#include "tacet_ceilings.h"
#include "tacet_propagate.h"

namespace {

tacet_context* as_context(tacet_value value) { return reinterpret_cast<tacet_context*>(value); }

void* as_pointer(tacet_value value) { return reinterpret_cast<void*>(value); }

bool last_error_has(const char* part) {
  return std::string(tacet_last_error()).find(part) != std::string::npos;
}

/** Copies a caller's bytes into memory of the context, and waits. */
void write(tacet_context* context, tacet_value target, const void* source, int64_t bytes) {
  CHECK(tacet_copy_from_host(context, as_pointer(target), source, bytes, nullptr) == TACET_OK);
  CHECK(tacet_stream_synchronize(context, nullptr) == TACET_OK);
}

void read(tacet_context* context, void* target, tacet_value source, int64_t bytes) {
  CHECK(tacet_copy_to_host(context, target, as_pointer(source), bytes, nullptr) == TACET_OK);
  CHECK(tacet_stream_synchronize(context, nullptr) == TACET_OK);
}

tacet_value allocated(tacet_context* context, int64_t bytes) {
  tacet_value address = 0;
  CHECK(tacet_allocate(context, bytes, &address, nullptr) == TACET_OK && address % 256 == 0);
  return address;
}

void memory_streams_and_events(tacet_context* context) {
  tacet_value memory = 0;
  tacet_value stream = 0;
  tacet_value events[2];
  tacet_value value = -1;
  CHECK(tacet_stream_create(context, &stream) == TACET_OK);
  CHECK(tacet_allocate(context, 400, &memory, as_pointer(stream)) == TACET_OK);
  CHECK(memory != 0 && memory % 256 == 0);
  CHECK(tacet_check_address(context, as_pointer(memory + 399)) == TACET_OK);
  CHECK(tacet_stream_capturing(context, &value, as_pointer(stream)) == TACET_OK && value == 0);
  CHECK(tacet_event_create(context, &events[0]) == TACET_OK);
  CHECK(tacet_event_create(context, &events[1]) == TACET_OK);
  void* s = as_pointer(stream);
  CHECK(tacet_event_record(context, as_pointer(events[0]), s) == TACET_OK);
  CHECK(tacet_fill(context, as_pointer(memory), 1, 400, s) == TACET_OK);
  CHECK(tacet_copy(context, as_pointer(memory), as_pointer(memory + 200), 100, s) == TACET_OK);
  CHECK(tacet_event_record(context, as_pointer(events[1]), s) == TACET_OK);
  CHECK(tacet_event_wait(context, as_pointer(events[1]), nullptr) == TACET_OK);
  CHECK(tacet_stream_synchronize(context, s) == TACET_OK);
  CHECK(tacet_synchronize(context) == TACET_OK);
  CHECK(tacet_event_synchronize(context, as_pointer(events[1])) == TACET_OK);
  CHECK(tacet_event_happened(context, &value, as_pointer(events[1])) == TACET_OK && value == 1);
  tacet_value elapsed = -1;
  CHECK(tacet_event_elapsed(context, as_pointer(events[0]), as_pointer(events[1]), &elapsed) ==
        TACET_OK);
  CHECK(elapsed >= 0);
  std::vector<char> out(400);
  read(context, out.data() + 8, memory, 392);
  CHECK(out[7] == 0 && out[8] == 1 && out[399] == 1);
  tacet_value pinned = 0;
  CHECK(tacet_allocate_pinned(context, 400, &pinned) == TACET_OK);
  CHECK(tacet_copy_to_host(context, as_pointer(pinned), as_pointer(memory), 400, s) == TACET_OK);
  CHECK(tacet_stream_synchronize(context, s) == TACET_OK);
  CHECK(std::memcmp(as_pointer(pinned), out.data() + 8, 392) == 0);
  CHECK(tacet_free_pinned(context, as_pointer(pinned)) == TACET_OK);
  alignas(4096) static char buffer[4096];
  CHECK(tacet_lock(context, nullptr, 4096, &value) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_lock(context, buffer, 4096, &value) == TACET_OK && as_pointer(value) == buffer);
  CHECK(tacet_copy_to_host(context, buffer, as_pointer(memory), 400, s) == TACET_OK);
  CHECK(tacet_stream_synchronize(context, s) == TACET_OK);
  CHECK(std::memcmp(buffer, out.data() + 8, 392) == 0);
  CHECK(tacet_unlock(context, buffer) == TACET_OK);
  CHECK(tacet_event_destroy(context, as_pointer(events[0])) == TACET_OK);
  CHECK(tacet_event_destroy(context, as_pointer(events[1])) == TACET_OK);
  CHECK(tacet_free(context, as_pointer(memory), s) == TACET_OK);
  CHECK(tacet_stream_destroy(context, s) == TACET_OK);
}

/** Memory of TACET_HOST is never zero by chance, neither new nor poisoned again. */
void poison(tacet_context* context) {
  const tacet_value memory = allocated(context, 8);
  for (int k = 0; k < 2; k++) {
    float values[2] = {0, 0};
    read(context, values, memory, 8);
    CHECK(values[0] != values[0] && values[1] != values[1]);
    values[0] = values[1] = 1;
    write(context, memory, values, 8);
    CHECK(tacet_poison(context, as_pointer(memory), 8) == TACET_OK);
  }
  CHECK(tacet_free(context, as_pointer(memory), nullptr) == TACET_OK);
}

void counts(tacet_context* context) {
  tacet_value before[TACET_COUNT_COUNT];
  tacet_value after[TACET_COUNT_COUNT];
  CHECK(tacet_counts(nullptr) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_counts(before) == TACET_OK);
  const tacet_value memory = allocated(context, 1024);
  float values[256] = {};
  write(context, memory, values, 1024);
  CHECK(tacet_fill(context, as_pointer(memory), 0, 1024, nullptr) == TACET_OK);
  CHECK(tacet_copy(context, as_pointer(memory), as_pointer(memory + 512), 512, nullptr) == TACET_OK);
  CHECK(tacet_ceiling_fill(context, reinterpret_cast<float*>(memory), 256, 1, nullptr) == TACET_OK);
  read(context, values, memory, 1024);
  CHECK(tacet_free(context, as_pointer(memory), nullptr) == TACET_OK);
  CHECK(tacet_counts(after) == TACET_OK);
  const tacet_value expected[TACET_COUNT_COUNT] = {1, 2, 1, 1, 1, 2};
  for (int k = 0; k < TACET_COUNT_COUNT; k++) {
    CHECK(after[k] - before[k] == expected[k]);
  }
}

/** Each kind of operation fails when it is told to, once, and nothing is left behind. */
void told_to_fail(tacet_context* context) {
  float values[4] = {};
  tacet_value open = 0;
  tacet_value memory = 0;
  CHECK(tacet_host_open_resources(&open) == TACET_OK);
  CHECK(tacet_host_let_fail(TACET_FAULT_COUNT, 1) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_host_let_fail(TACET_COUNT_LAUNCHES, 0) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_host_let_fail(TACET_COUNT_ALLOCATIONS, 2) == TACET_OK);
  const tacet_value first = allocated(context, 16);
  CHECK(tacet_allocate(context, 16, &memory, nullptr) == TACET_OUT_OF_MEMORY && memory == 0);
  CHECK(last_error_has("tacet_allocate: a test lets this allocation fail"));
  CHECK(tacet_host_let_fail(TACET_COUNT_COPIES_FROM_HOST, 1) == TACET_OK);
  CHECK(tacet_copy_from_host(context, as_pointer(first), values, 16, nullptr) == TACET_CUDA_ERROR);
  write(context, first, values, 16);
  CHECK(tacet_host_let_fail(TACET_COUNT_COPIES_TO_HOST, 1) == TACET_OK);
  CHECK(tacet_copy_to_host(context, values, as_pointer(first), 16, nullptr) == TACET_CUDA_ERROR);
  CHECK(tacet_host_let_fail(TACET_COUNT_FILLS, 1) == TACET_OK);
  CHECK(tacet_fill(context, as_pointer(first), 0, 16, nullptr) == TACET_CUDA_ERROR);
  CHECK(tacet_host_let_fail(TACET_COUNT_WAITS, 1) == TACET_OK);
  CHECK(tacet_synchronize(context) == TACET_CUDA_ERROR);
  CHECK(tacet_host_let_fail(TACET_COUNT_LAUNCHES, 1) == TACET_OK);
  auto* floats = reinterpret_cast<float*>(first);
  CHECK(tacet_ceiling_fill(context, floats, 4, 1, nullptr) == TACET_CUDA_ERROR);
  CHECK(last_error_has("launch"));
  CHECK(tacet_ceiling_fill(context, floats, 4, 1, nullptr) == TACET_OK);
  CHECK(tacet_host_let_fail(TACET_COUNT_LAUNCHES, 1) == TACET_OK);
  CHECK(tacet_host_let_fail(TACET_COUNT_LAUNCHES, -1) == TACET_OK);
  CHECK(tacet_ceiling_fill(context, floats, 4, 1, nullptr) == TACET_OK);
  CHECK(tacet_free(context, as_pointer(first), nullptr) == TACET_OK);
  CHECK(tacet_host_open_resources(&memory) == TACET_OK && memory == open);
}

/** As told_to_fail, for page-locked memory and what is created. */
void told_not_to_make(tacet_context* context) {
  alignas(4096) static char buffer[4096];
  tacet_value open = 0;
  tacet_value value = 0;
  CHECK(tacet_host_open_resources(&open) == TACET_OK);
  CHECK(tacet_host_let_fail(TACET_FAULT_PIN, 1) == TACET_OK);
  CHECK(tacet_lock(context, buffer, 4096, &value) == TACET_CUDA_ERROR && value == 0);
  CHECK(last_error_has("tacet_lock: a test lets this pinning of memory fail"));
  CHECK(tacet_host_let_fail(TACET_FAULT_PIN, 1) == TACET_OK);
  CHECK(tacet_allocate_pinned(context, 16, &value) == TACET_CUDA_ERROR && value == 0);
  CHECK(tacet_host_let_fail(TACET_FAULT_CREATION, 1) == TACET_OK);
  CHECK(tacet_event_create(context, &value) == TACET_CUDA_ERROR && value == 0);
  CHECK(tacet_host_let_fail(TACET_FAULT_CREATION, 1) == TACET_OK);
  CHECK(tacet_stream_create(context, &value) == TACET_CUDA_ERROR && value == 0);
  CHECK(tacet_host_open_resources(&value) == TACET_OK && value == open);
  tacet_value event = 0;
  tacet_value stream = 0;
  tacet_value pinned = 0;
  CHECK(tacet_event_create(context, &event) == TACET_OK);
  CHECK(tacet_stream_create(context, &stream) == TACET_OK);
  CHECK(tacet_allocate_pinned(context, 16, &pinned) == TACET_OK);
  CHECK(tacet_lock(context, buffer, 4096, &value) == TACET_OK);
  CHECK(tacet_host_open_resources(&value) == TACET_OK && value == open + 4);
  CHECK(tacet_unlock(context, buffer) == TACET_OK);
  CHECK(tacet_free_pinned(context, as_pointer(pinned)) == TACET_OK);
  CHECK(tacet_stream_destroy(context, as_pointer(stream)) == TACET_OK);
  CHECK(tacet_event_destroy(context, as_pointer(event)) == TACET_OK);
  CHECK(tacet_host_open_resources(&value) == TACET_OK && value == open);
}

void nested_devices(tacet_context* context) {
  tacet_value outer[TACET_BEFORE_WORDS];
  tacet_value inner[TACET_BEFORE_WORDS];
  CHECK(tacet_enter(context, nullptr) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_leave(context, nullptr) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_enter(context, outer) == TACET_OK);
  CHECK(tacet_enter(context, inner) == TACET_OK);
  const tacet_value memory = allocated(context, 8);
  CHECK(tacet_leave(context, inner) == TACET_OK);
  CHECK(tacet_free(context, as_pointer(memory), nullptr) == TACET_OK);
  CHECK(tacet_leave(context, outer) == TACET_OK);
}

void graphs(tacet_context* context) {
  tacet_value stream = 0;
  tacet_value counter = 0;
  tacet_value graph = 0;
  CHECK(tacet_stream_create(context, &stream) == TACET_OK);
  CHECK(tacet_allocate(context, 4, &counter, as_pointer(stream)) == TACET_OK);
  CHECK(tacet_fill(context, as_pointer(counter), 0, 4, as_pointer(stream)) == TACET_OK);
  CHECK(tacet_ceiling_nodes(context, 0, nullptr, &graph) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_ceiling_nodes(context, 5, reinterpret_cast<int32_t*>(counter), &graph) == TACET_OK);
  for (int k = 0; k < 3; k++) {
    CHECK(tacet_graph_launch(context, as_pointer(graph), as_pointer(stream)) == TACET_OK);
  }
  CHECK(tacet_stream_synchronize(context, as_pointer(stream)) == TACET_OK);
  int32_t count = 0;
  read(context, &count, counter, 4);
  CHECK(count == 15);
  CHECK(tacet_graph_destroy(context, as_pointer(graph)) == TACET_OK);
  CHECK(tacet_free(context, as_pointer(counter), as_pointer(stream)) == TACET_OK);
  CHECK(tacet_stream_destroy(context, as_pointer(stream)) == TACET_OK);
}

void compaction(tacet_context* context) {
  const int rows = 3;
  const int units = 20001;
  const int words = (units + 31) / 32;
  std::vector<float> activity(rows * units);
  for (int i = 0; i < rows * units; i += 11) {
    activity[i] = i % 2 ? -0.5f : 2.0f;
  }
  const int64_t bytes = static_cast<int64_t>(activity.size() * 4);
  const tacet_value a = allocated(context, bytes);
  const tacet_value b = allocated(context, rows * words * 4);
  const tacet_value e = allocated(context, bytes);
  const tacet_value c = allocated(context, rows * 4);
  write(context, a, activity.data(), bytes);
  CHECK(tacet_compact(context, reinterpret_cast<float*>(a), rows, units, units,
                      reinterpret_cast<uint32_t*>(b), reinterpret_cast<int32_t*>(e),
                      nullptr, reinterpret_cast<int32_t*>(c), nullptr) == TACET_OK);
  std::vector<uint32_t> bitmap(rows * words);
  std::vector<int32_t> events(activity.size());
  std::vector<int32_t> counts(rows);
  read(context, bitmap.data(), b, rows * words * 4);
  read(context, events.data(), e, bytes);
  read(context, counts.data(), c, rows * 4);
  bool same = true;
  for (int row = 0; row < rows; row++) {
    int count = 0;
    for (int i = 0; i < units; i++) {
      const bool active = activity[row * units + i] != 0;
      same &= (bitmap[row * words + i / 32] >> i % 32 & 1) == active;
      if (active) {
        same &= events[row * units + count++] == i;
      }
    }
    same &= counts[row] == count;
  }
  CHECK(same);
  for (tacet_value address : {a, b, e, c}) {
    CHECK(tacet_free(context, as_pointer(address), nullptr) == TACET_OK);
  }
}

}  // namespace

int main() {
  tacet_value value = 0;
  CHECK(tacet_abi_version() == TACET_ABI_VERSION);
  CHECK(std::strlen(tacet_build_info()) > 0);
  CHECK(tacet_device_count(TACET_HOST, &value) == TACET_OK && value == 1);
  CHECK(tacet_device_count(7, &value) == TACET_INVALID_ARGUMENT && last_error_has("kind"));
  CHECK(tacet_context_create(TACET_HOST, 3, &value) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_is_sticky(700, &value) == TACET_OK && value == 1);
  CHECK(tacet_is_sticky(1, &value) == TACET_OK && value == 0);
  CHECK(tacet_allocate(nullptr, 8, &value, nullptr) == TACET_INVALID_ARGUMENT);
  CHECK(last_error_has("tacet_allocate: context: expected a context, got null"));

  CHECK(tacet_context_create(TACET_HOST, 0, &value) == TACET_OK);
  tacet_context* context = as_context(value);
  CHECK(std::strlen(tacet_device_name(context)) > 0);
  tacet_value info[TACET_INFO_COUNT];
  CHECK(tacet_device_info(context, info) == TACET_OK);
  CHECK(info[TACET_INFO_COMPUTE_CAPABILITY] == 90 && info[TACET_INFO_MEMORY_TOTAL] > 0);
  CHECK(tacet_allocate(context, -1, &value, nullptr) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_host_configure(context, 0, 0, 1, 61) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_check_address(context, nullptr) == TACET_INVALID_ARGUMENT);
  memory_streams_and_events(context);
  poison(context);
  counts(context);
  told_to_fail(context);
  told_not_to_make(context);
  nested_devices(context);
  graphs(context);
  for (int schedule : {TACET_FORWARD, TACET_REVERSE, TACET_RANDOM}) {
    CHECK(tacet_host_configure(context, schedule, 3, 2, 75) == TACET_OK);
    compaction(context);
  }
  CHECK(tacet_context_destroy(context) == TACET_OK);

  if (tacet_device_count(TACET_CUDA, &value) == TACET_OK) {
    CHECK(tacet_context_create(TACET_CUDA, 0, &value) == TACET_OK);
    context = as_context(value);
    CHECK(tacet_host_configure(context, 0, 0, 1, 90) == TACET_INVALID_ARGUMENT);
    CHECK(tacet_check_address(context, &value) == TACET_INVALID_ARGUMENT);
    CHECK(last_error_has("address: expected memory of GPU 0"));
    memory_streams_and_events(context);
    counts(context);
    nested_devices(context);
    graphs(context);
    compaction(context);
    CHECK(tacet_context_destroy(context) == TACET_OK);
  } else {
    std::printf("no GPU here: %s\n", tacet_last_error());
    CHECK(tacet_context_create(TACET_CUDA, 0, &value) == TACET_UNAVAILABLE);
  }
  return tacet::test::failures() == 0 ? 0 : 1;
}
