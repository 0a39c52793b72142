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

void memory_streams_and_events(tacet_context* context) {
  tacet_value memory = 0;
  tacet_value stream = 0;
  tacet_value events[2];
  CHECK(tacet_allocate(context, 400, &memory) == TACET_OK && memory % 256 == 0);
  CHECK(tacet_stream_create(context, &stream) == TACET_OK);
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
  tacet_value elapsed = -1;
  CHECK(tacet_event_elapsed(context, as_pointer(events[0]), as_pointer(events[1]), &elapsed) ==
        TACET_OK);
  CHECK(elapsed >= 0);
  std::vector<char> out(400);
  CHECK(tacet_read(context, out.data(), 8, as_pointer(memory), 392) == TACET_OK);
  CHECK(out[7] == 0 && out[8] == 1 && out[399] == 1);
  tacet_value pinned = 0;
  CHECK(tacet_allocate_pinned(context, 400, &pinned) == TACET_OK);
  CHECK(tacet_copy_to_host(context, as_pointer(pinned), as_pointer(memory), 400, s) == TACET_OK);
  CHECK(tacet_stream_synchronize(context, s) == TACET_OK);
  CHECK(std::memcmp(as_pointer(pinned), out.data() + 8, 392) == 0);
  CHECK(tacet_free_pinned(context, as_pointer(pinned)) == TACET_OK);
  CHECK(tacet_event_destroy(context, as_pointer(events[0])) == TACET_OK);
  CHECK(tacet_event_destroy(context, as_pointer(events[1])) == TACET_OK);
  CHECK(tacet_stream_destroy(context, s) == TACET_OK);
  CHECK(tacet_free(context, as_pointer(memory)) == TACET_OK);
}

void graphs(tacet_context* context) {
  tacet_value stream = 0;
  tacet_value counter = 0;
  tacet_value graph = 0;
  CHECK(tacet_stream_create(context, &stream) == TACET_OK);
  CHECK(tacet_allocate(context, 4, &counter) == TACET_OK);
  CHECK(tacet_fill(context, as_pointer(counter), 0, 4, as_pointer(stream)) == TACET_OK);
  CHECK(tacet_ceiling_nodes(context, 0, nullptr, &graph) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_ceiling_nodes(context, 5, reinterpret_cast<int32_t*>(counter), &graph) == TACET_OK);
  for (int k = 0; k < 3; k++) {
    CHECK(tacet_graph_launch(context, as_pointer(graph), as_pointer(stream)) == TACET_OK);
  }
  CHECK(tacet_stream_synchronize(context, as_pointer(stream)) == TACET_OK);
  int32_t count = 0;
  CHECK(tacet_read(context, &count, 0, as_pointer(counter), 4) == TACET_OK);
  CHECK(count == 15);
  CHECK(tacet_graph_destroy(context, as_pointer(graph)) == TACET_OK);
  CHECK(tacet_free(context, as_pointer(counter)) == TACET_OK);
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
  tacet_value a = 0, b = 0, e = 0, c = 0;
  const int64_t bytes = static_cast<int64_t>(activity.size() * 4);
  CHECK(tacet_allocate(context, bytes, &a) == TACET_OK);
  CHECK(tacet_allocate(context, rows * words * 4, &b) == TACET_OK);
  CHECK(tacet_allocate(context, bytes, &e) == TACET_OK);
  CHECK(tacet_allocate(context, rows * 4, &c) == TACET_OK);
  CHECK(tacet_write(context, as_pointer(a), activity.data(), 0, bytes) == TACET_OK);
  CHECK(tacet_compact(context, reinterpret_cast<float*>(a), rows, units, units,
                      reinterpret_cast<uint32_t*>(b), reinterpret_cast<int32_t*>(e),
                      nullptr, reinterpret_cast<int32_t*>(c), nullptr) == TACET_OK);
  std::vector<uint32_t> bitmap(rows * words);
  std::vector<int32_t> events(activity.size());
  std::vector<int32_t> counts(rows);
  CHECK(tacet_read(context, bitmap.data(), 0, as_pointer(b), rows * words * 4) == TACET_OK);
  CHECK(tacet_read(context, events.data(), 0, as_pointer(e), bytes) == TACET_OK);
  CHECK(tacet_read(context, counts.data(), 0, as_pointer(c), rows * 4) == TACET_OK);
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
    CHECK(tacet_free(context, as_pointer(address)) == TACET_OK);
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
  CHECK(tacet_allocate(nullptr, 8, &value) == TACET_INVALID_ARGUMENT);
  CHECK(last_error_has("tacet_allocate: context: expected a context, got null"));

  CHECK(tacet_context_create(TACET_HOST, 0, &value) == TACET_OK);
  tacet_context* context = as_context(value);
  CHECK(std::strlen(tacet_device_name(context)) > 0);
  tacet_value info[TACET_INFO_COUNT];
  CHECK(tacet_device_info(context, info) == TACET_OK);
  CHECK(info[TACET_INFO_COMPUTE_CAPABILITY] == 90 && info[TACET_INFO_MEMORY_TOTAL] > 0);
  CHECK(tacet_allocate(context, -1, &value) == TACET_INVALID_ARGUMENT);
  CHECK(tacet_host_configure(context, 0, 0, 1, 61) == TACET_INVALID_ARGUMENT);
  memory_streams_and_events(context);
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
    memory_streams_and_events(context);
    graphs(context);
    compaction(context);
    CHECK(tacet_context_destroy(context) == TACET_OK);
  } else {
    std::printf("no GPU here: %s\n", tacet_last_error());
    CHECK(tacet_context_create(TACET_CUDA, 0, &value) == TACET_UNAVAILABLE);
  }
  return tacet::test::failures() == 0 ? 0 : 1;
}
