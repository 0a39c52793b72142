// The runtime part of tacet.h.
#include <string>

#include "common/counts.h"
#include "common/cuda_codes.h"
#include "dispatch.h"
#include "host/faults.h"
#include "host/shared_memory.h"

using tacet::guarded;
using tacet::require;
using tacet::Runtime;
using tacet::Status;
using tacet::with_context;

static_assert(TACET_FAULT_COUNT == tacet::emulator::kFaults &&
                  TACET_COUNT_WAITS == static_cast<int>(tacet::emulator::Fault::kWait),
              "all that is counted can fail");
static_assert(TACET_INVALID_ARGUMENT == static_cast<int>(Status::kInvalidArgument) &&
                  TACET_OUT_OF_MEMORY == static_cast<int>(Status::kOutOfMemory) &&
                  TACET_CUDA_ERROR == static_cast<int>(Status::kCuda) &&
                  TACET_FATAL == static_cast<int>(Status::kFatal) &&
                  TACET_UNAVAILABLE == static_cast<int>(Status::kUnavailable) &&
                  TACET_MISUSE == static_cast<int>(Status::kMisuse) &&
                  TACET_INTERNAL == static_cast<int>(Status::kInternal),
              "the statuses of C and C++ agree");

namespace {

thread_local std::string last_error;
thread_local std::string last_name;

tacet_value value_of(const void* address) { return reinterpret_cast<tacet_value>(address); }

size_t checked(int64_t bytes) {
  require(bytes >= 0, "bytes: expected at least 0");
  return static_cast<size_t>(bytes);
}

}  // namespace

namespace tacet {

int remember_error(const char* function) noexcept {
  try {
    try {
      throw;
    } catch (const Error& e) {
      last_error = std::string(function) + ": " + e.what();
      return static_cast<int>(e.status());
    } catch (const std::bad_alloc&) {
      last_error = std::string(function) + ": out of host memory";
      return TACET_OUT_OF_MEMORY;
    } catch (const std::exception& e) {
      last_error = std::string(function) + ": " + e.what();
      return TACET_INTERNAL;
    }
  } catch (...) {
    return TACET_INTERNAL;
  }
}

}  // namespace tacet

int tacet_abi_version(void) { return TACET_ABI_VERSION; }

const char* tacet_build_info(void) {
  static const std::string info =
      "g++ " __VERSION__ "; " + std::string(tacet::cuda_build_info());
  return info.c_str();
}

const char* tacet_last_error(void) { return last_error.c_str(); }

int tacet_device_count(int kind, tacet_value* count) {
  return guarded(__func__, [&] {
    require(count != nullptr, "count: expected an address, got null");
    require(kind == TACET_HOST || kind == TACET_CUDA, "kind: expected TACET_HOST or TACET_CUDA");
    *count = 0;
    *count = kind == TACET_HOST ? 1 : tacet::cuda_device_count();
  });
}

int tacet_counts(tacet_value* values) {
  return guarded(__func__, [&] {
    require(values != nullptr, "values: expected an address, got null");
    values[TACET_COUNT_LAUNCHES] = tacet::counts.launches;
    values[TACET_COUNT_FILLS] = tacet::counts.fills;
    values[TACET_COUNT_ALLOCATIONS] = tacet::counts.allocations;
    values[TACET_COUNT_COPIES_FROM_HOST] = tacet::counts.copies_from_host;
    values[TACET_COUNT_COPIES_TO_HOST] = tacet::counts.copies_to_host;
    values[TACET_COUNT_WAITS] = tacet::counts.waits;
  });
}

int tacet_host_let_fail(int kind, int64_t number) {
  return guarded(__func__, [&] {
    require(kind >= TACET_COUNT_LAUNCHES && kind < TACET_FAULT_COUNT,
            "kind: expected TACET_COUNT_LAUNCHES to TACET_FAULT_CREATION");
    require(number >= 1 || number == -1, "number: expected at least 1, or -1 for none");
    tacet::emulator::let_fail(static_cast<tacet::emulator::Fault>(kind), number);
  });
}

int tacet_host_open_resources(tacet_value* count) {
  return guarded(__func__, [&] {
    require(count != nullptr, "count: expected an address, got null");
    *count = tacet::emulator::open_resources;
  });
}

int tacet_is_sticky(int code, tacet_value* sticky) {
  return guarded(__func__, [&] {
    require(sticky != nullptr, "sticky: expected an address, got null");
    *sticky = tacet::is_sticky(code) ? 1 : 0;
  });
}

int tacet_context_create(int kind, int ordinal, tacet_value* context) {
  return guarded(__func__, [&] {
    require(context != nullptr, "context: expected an address, got null");
    require(kind == TACET_HOST || kind == TACET_CUDA, "kind: expected TACET_HOST or TACET_CUDA");
    auto created = std::make_unique<tacet_context>();
    created->kind = kind;
    if (kind == TACET_HOST) {
      require(ordinal == 0, "ordinal: expected 0 for TACET_HOST");
      created->runtime = tacet::host_runtime(&created->host_options.architecture);
    } else {
      created->runtime = tacet::cuda_runtime(ordinal);
    }
#ifdef TACET_CHECKED
    tacet::checked::context_opened(created.get());
#endif
    *context = value_of(created.release());
  });
}

int tacet_context_destroy(tacet_context* context) {
  return guarded(__func__, [&] {
#ifdef TACET_CHECKED
    if (context != nullptr) {
      tacet::checked::require_context(context);
      tacet::checked::context_closed(context, context->runtime.get());
    }
#endif
    delete context;
  });
}

const char* tacet_device_name(tacet_context* context) {
  const int status = with_context(__func__, context, [](Runtime& r) { last_name = r.name(); });
  return status == TACET_OK ? last_name.c_str() : nullptr;
}

int tacet_device_info(tacet_context* context, tacet_value* values) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(values != nullptr, "values: expected an address, got null");
    r.info(values);
  });
}

int tacet_enter(tacet_context* context, tacet_value* before) {
  return guarded(__func__, [&] {
    tacet::require_context(context);
    require(before != nullptr, "before: expected an address, got null");
    const tacet::Before was = context->runtime->enter();
    before[0] = value_of(was.context);
    before[1] = was.capture_mode;
  });
}

int tacet_leave(tacet_context* context, const tacet_value* before) {
  return guarded(__func__, [&] {
    tacet::require_context(context);
    require(before != nullptr, "before: expected an address, got null");
    context->runtime->leave({reinterpret_cast<void*>(before[0]), static_cast<int>(before[1])});
  });
}

int tacet_host_configure(tacet_context* context, int schedule, int64_t seed, int threads,
                         int architecture) {
  return with_context(__func__, context, [&](Runtime&) {
    require(context->kind == TACET_HOST, "context: expected a TACET_HOST context");
    require(schedule >= TACET_FORWARD && schedule <= TACET_RANDOM,
            "schedule: expected TACET_FORWARD, TACET_REVERSE or TACET_RANDOM");
    require(threads >= 1, "threads: expected at least 1");
    require(tacet::emulator::shared_memory_limit(architecture) > 0,
            "architecture: expected 75, 80, 86, 89, 90, 100 or 120");
    auto& options = context->host_options;
    options.schedule = static_cast<tacet::emulator::Schedule>(schedule);
    options.seed = static_cast<uint64_t>(seed);
    options.threads = threads;
    options.architecture = architecture;
  });
}

int tacet_allocate(tacet_context* context, int64_t bytes, tacet_value* address, void* stream) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(address != nullptr, "address: expected an address, got null");
    require(bytes > 0, "bytes: expected at least 1");
    *address = value_of(r.allocate(static_cast<size_t>(bytes), stream));
  });
}

int tacet_free(tacet_context* context, void* address, void* stream) {
  return with_context(__func__, context, [&](Runtime& r) { r.free(address, stream); });
}

int tacet_poison(tacet_context* context, void* address, int64_t bytes) {
  return with_context(__func__, context,
                      [&](Runtime& r) { r.poison(address, checked(bytes)); });
}

int tacet_check_address(tacet_context* context, const void* address) {
  return with_context(__func__, context, [&](Runtime& r) { r.check_address(address); });
}

int tacet_allocate_pinned(tacet_context* context, int64_t bytes, tacet_value* address) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(address != nullptr, "address: expected an address, got null");
    require(bytes > 0, "bytes: expected at least 1");
    *address = value_of(r.allocate_pinned(static_cast<size_t>(bytes)));
  });
}

int tacet_free_pinned(tacet_context* context, void* address) {
  return with_context(__func__, context, [&](Runtime& r) { r.free_pinned(address); });
}

int tacet_lock(tacet_context* context, tacet_buffer* buffer, int64_t bytes, tacet_value* address) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(buffer != nullptr, "buffer: expected a direct buffer, got none");
    require(address != nullptr, "address: expected an address, got null");
    require(bytes > 0, "bytes: expected at least 1");
    r.lock(buffer, static_cast<size_t>(bytes));
    *address = value_of(buffer);
  });
}

int tacet_unlock(tacet_context* context, void* address) {
  return with_context(__func__, context, [&](Runtime& r) { r.unlock(address); });
}

int tacet_fill(tacet_context* context, void* target, int byte, int64_t bytes, void* stream) {
  return with_context(__func__, context,
                      [&](Runtime& r) { r.fill(target, byte, checked(bytes), stream); });
}

int tacet_copy(tacet_context* context, void* target, const void* source, int64_t bytes,
               void* stream) {
  return with_context(__func__, context,
                      [&](Runtime& r) { r.copy(target, source, checked(bytes), stream); });
}

int tacet_copy_from_host(tacet_context* context, void* target, const void* source, int64_t bytes,
                         void* stream) {
  return with_context(__func__, context, [&](Runtime& r) {
    r.copy_from_host(target, source, checked(bytes), stream);
  });
}

int tacet_copy_to_host(tacet_context* context, void* target, const void* source, int64_t bytes,
                       void* stream) {
  return with_context(__func__, context, [&](Runtime& r) {
    r.copy_to_host(target, source, checked(bytes), stream);
  });
}

int tacet_stream_create(tacet_context* context, tacet_value* stream) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(stream != nullptr, "stream: expected an address, got null");
    *stream = value_of(r.stream_create());
  });
}

int tacet_stream_destroy(tacet_context* context, void* stream) {
  return with_context(__func__, context, [&](Runtime& r) { r.stream_destroy(stream); });
}

int tacet_stream_capturing(tacet_context* context, tacet_value* capturing, void* stream) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(capturing != nullptr, "capturing: expected an address, got null");
    *capturing = r.stream_capturing(stream) ? 1 : 0;
  });
}

int tacet_stream_synchronize(tacet_context* context, void* stream) {
  return with_context(__func__, context, [&](Runtime& r) { r.stream_synchronize(stream); });
}

int tacet_synchronize(tacet_context* context) {
  return with_context(__func__, context, [](Runtime& r) { r.synchronize(); });
}

int tacet_event_create(tacet_context* context, tacet_value* event) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(event != nullptr, "event: expected an address, got null");
    *event = value_of(r.event_create());
  });
}

int tacet_event_destroy(tacet_context* context, void* event) {
  return with_context(__func__, context, [&](Runtime& r) { r.event_destroy(event); });
}

int tacet_event_record(tacet_context* context, void* event, void* stream) {
  return with_context(__func__, context, [&](Runtime& r) { r.event_record(event, stream); });
}

int tacet_event_wait(tacet_context* context, void* event, void* stream) {
  return with_context(__func__, context, [&](Runtime& r) { r.event_wait(event, stream); });
}

int tacet_event_happened(tacet_context* context, tacet_value* happened, void* event) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(happened != nullptr, "happened: expected an address, got null");
    *happened = r.event_happened(event) ? 1 : 0;
  });
}

int tacet_event_synchronize(tacet_context* context, void* event) {
  return with_context(__func__, context, [&](Runtime& r) { r.event_synchronize(event); });
}

int tacet_event_elapsed(tacet_context* context, void* first, void* second,
                        tacet_value* nanoseconds) {
  return with_context(__func__, context, [&](Runtime& r) {
    require(nanoseconds != nullptr, "nanoseconds: expected an address, got null");
    *nanoseconds = r.event_elapsed(first, second);
  });
}

int tacet_graph_launch(tacet_context* context, void* graph, void* stream) {
  return with_context(__func__, context, [&](Runtime& r) {
    const tacet::emulator::OptionsScope scope(context->host_options);
    r.graph_launch(graph, stream);
  });
}

int tacet_graph_destroy(tacet_context* context, void* graph) {
  return with_context(__func__, context, [&](Runtime& r) { r.graph_destroy(graph); });
}
