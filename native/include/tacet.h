/*
 * The C ABI of Tacet: the only interface between a language binding and the kernels.
 *
 * Conventions
 *   - Every function that can fail returns a tacet_status; tacet_last_error() then gives the
 *     reason, per thread. No C++ exception leaves the library.
 *   - float*, int32_t*, uint32_t*, void* ... are addresses in the memory of the context: device
 *     memory for TACET_CUDA, plain memory for TACET_HOST. Bindings pass them as integers.
 *   - tacet_value* is host memory that the call fills.
 *   - The stream is the last parameter: a cudaStream_t of the context's device, or NULL for the
 *     default stream. Calls with a stream are asynchronous on TACET_CUDA and synchronous on
 *     TACET_HOST.
 *   - A call leaves the calling thread's current CUDA context as it was, and may be made while the
 *     application captures a graph in this or another thread. What is issued on a stream that is being
 *     captured joins the graph; waiting for such a stream, or allocating in its order, would
 *     invalidate the capture; see tacet_stream_capturing.
 *   - A context may be used by several threads; access to its memory and streams is not
 *     synchronised.
 *   - This file holds the runtime; operations are declared in tacet_<folder of cuda/>.h beside it.
 */
#ifndef TACET_H
#define TACET_H

#include <stdint.h>

#ifndef TACET_API
#define TACET_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Increased when a function changes its meaning or its parameters. */
#define TACET_ABI_VERSION 5

enum tacet_status {
  TACET_OK = 0,
  /** An argument is out of range or null; nothing was done. */
  TACET_INVALID_ARGUMENT = 1,
  TACET_OUT_OF_MEMORY = 2,
  /** A CUDA call failed; the context can still be used. */
  TACET_CUDA_ERROR = 3,
  /** A sticky CUDA error, such as an illegal address: the process must be restarted. */
  TACET_FATAL = 4,
  /** Not supported by this library or machine: built without CUDA, no driver, no GPU. */
  TACET_UNAVAILABLE = 5,
  /** Host execution detected a kernel that violates CUDA's rules. */
  TACET_MISUSE = 6,
  TACET_INTERNAL = 7
};

enum tacet_kind {
  /** Kernels executed on the CPU, for tests and development. */
  TACET_HOST = 0,
  TACET_CUDA = 1
};

/** Order in which TACET_HOST runs threads; a correct kernel gives the same result under each. */
enum tacet_schedule { TACET_FORWARD = 0, TACET_REVERSE = 1, TACET_RANDOM = 2 };

/** Indices into the values of tacet_device_info. */
enum tacet_info {
  /** 10 * major + minor, 90 for an H100; for TACET_HOST the architecture that it emulates. */
  TACET_INFO_COMPUTE_CAPABILITY = 0,
  TACET_INFO_MULTIPROCESSORS = 1,
  /** Maximum shared memory per block, in bytes. */
  TACET_INFO_SHARED_PER_BLOCK = 2,
  TACET_INFO_L2_BYTES = 3,
  TACET_INFO_MEMORY_TOTAL = 4,
  TACET_INFO_MEMORY_FREE = 5,
  /** 1000 * major + 10 * minor, as CUDA counts; 0 for TACET_HOST. */
  TACET_INFO_DRIVER_VERSION = 6,
  TACET_INFO_RUNTIME_VERSION = 7,
  TACET_INFO_COUNT = 8
};

/** Indices into the values of tacet_counts. */
enum tacet_counter {
  /** Kernel and graph launches. */
  TACET_COUNT_LAUNCHES = 0,
  /** Fills of device memory and copies within it. */
  TACET_COUNT_FILLS = 1,
  /** Allocations of device memory. */
  TACET_COUNT_ALLOCATIONS = 2,
  TACET_COUNT_COPIES_FROM_HOST = 3,
  TACET_COUNT_COPIES_TO_HOST = 4,
  /** Waits of the host for a stream, an event or the device. */
  TACET_COUNT_WAITS = 5,
  TACET_COUNT_COUNT = 6
};

/** What tacet_host_let_fail lets fail besides the operations of tacet_counter. */
enum tacet_fault {
  /** Allocations of page-locked memory, and locks of memory. */
  TACET_FAULT_PIN = 6,
  /** Creations of streams, events and graphs. */
  TACET_FAULT_CREATION = 7,
  TACET_FAULT_COUNT = 8
};

/** Number of values that tacet_enter writes. */
#define TACET_BEFORE_WORDS 2

typedef struct tacet_context tacet_context;
typedef int64_t tacet_value;
/** Host memory allocated by the binding: a direct buffer. */
typedef void tacet_buffer;

/* About the library. */

TACET_API int tacet_abi_version(void);

/** Compilers and GPU architectures this library was built with; static. */
TACET_API const char* tacet_build_info(void);

/** Why the last failing call of this thread failed; valid until its next call. */
TACET_API const char* tacet_last_error(void);

/**
 * Writes TACET_COUNT_COUNT numbers: what this process has issued through this library so far, in
 * all contexts. Launches exclude products by cuBLAS.
 */
TACET_API int tacet_counts(tacet_value* values);

/**
 * For tests: lets one operation on any TACET_HOST context of this process fail, as a device can refuse
 * it: an allocation with TACET_OUT_OF_MEMORY, others with TACET_CUDA_ERROR.
 *
 * @param kind tacet_counter or tacet_fault
 * @param number 1 for the next of that kind; -1 for none
 */
TACET_API int tacet_host_let_fail(int kind, int64_t number);

/**
 * For tests: writes how many blocks of memory, locks of memory, streams, events and graphs of TACET_HOST
 * contexts are open in this process.
 */
TACET_API int tacet_host_open_resources(tacet_value* count);

/** Writes 1 if a CUDA runtime error code is sticky (persists until the process ends), else 0. */
TACET_API int tacet_is_sticky(int code, tacet_value* sticky);

/* Contexts and devices. */

/**
 * Writes the number of devices of the kind; TACET_UNAVAILABLE with the reason if there are none.
 */
TACET_API int tacet_device_count(int kind, tacet_value* count);

/** Writes the address of a new context on a device; ordinal is 0 for TACET_HOST. */
TACET_API int tacet_context_create(int kind, int ordinal, tacet_value* context);

/** Destroys a context; memory, streams and events made with it must be gone. */
TACET_API int tacet_context_destroy(tacet_context* context);

/** Name of the context's device; valid until this thread's next call. Null on failure. */
TACET_API const char* tacet_device_name(tacet_context* context);

/** Writes TACET_INFO_COUNT values. */
TACET_API int tacet_device_info(tacet_context* context, tacet_value* values);

/**
 * Makes the context's device current in the calling thread, for direct CUDA API calls by the
 * binding, and writes TACET_BEFORE_WORDS values for tacet_leave.
 */
TACET_API int tacet_enter(tacet_context* context, tacet_value* before);

/** Restores what was current before tacet_enter, in the same thread. */
TACET_API int tacet_leave(tacet_context* context, const tacet_value* before);

/**
 * How a TACET_HOST context executes kernels; elsewhere an error.
 *
 * @param schedule tacet_schedule
 * @param seed of the random schedule
 * @param threads OS threads that share the blocks of a launch, at least 1
 * @param architecture GPU whose shared memory limits hold: 75, 80, 86, 89, 90, 100 or 120
 */
TACET_API int tacet_host_configure(tacet_context* context, int schedule, int64_t seed, int threads,
                                   int architecture);

/* Memory. */

/**
 * Writes the address of new, uninitialised memory, aligned to 256 bytes. Allocation is
 * stream-ordered, so work on another stream has to wait for this one first.
 */
TACET_API int tacet_allocate(tacet_context* context, int64_t bytes, tacet_value* address,
                             void* stream);

/** Frees memory in stream order; the stream may differ from that of the allocation. */
TACET_API int tacet_free(tacet_context* context, void* address, void* stream);

/**
 * TACET_HOST: fills memory with the pattern of new memory, NaN as floats, so that reads of stale
 * data are detected. TACET_CUDA: does nothing.
 */
TACET_API int tacet_poison(tacet_context* context, void* address, int64_t bytes);

/**
 * TACET_CUDA: an error unless the address lies in memory of the context's device or in managed memory.
 * TACET_HOST: every address but null is one.
 */
TACET_API int tacet_check_address(tacet_context* context, const void* address);

/** Writes the address of new page-locked host memory. */
TACET_API int tacet_allocate_pinned(tacet_context* context, int64_t bytes, tacet_value* address);

TACET_API int tacet_free_pinned(tacet_context* context, void* address);

/**
 * Writes the address of a buffer of the binding, and page-locks it where the system permits, so
 * that copies from and to it do not block the host. Its pages must hold nothing else.
 */
TACET_API int tacet_lock(tacet_context* context, tacet_buffer* buffer, int64_t bytes,
                         tacet_value* address);

/** Undoes tacet_lock; no copy may be in progress. */
TACET_API int tacet_unlock(tacet_context* context, void* address);

TACET_API int tacet_fill(tacet_context* context, void* target, int byte, int64_t bytes,
                         void* stream);

/** Copies within the memory of the context. */
TACET_API int tacet_copy(tacet_context* context, void* target, const void* source, int64_t bytes,
                         void* stream);

/** Copies from host memory, which must stay valid until the stream has reached the copy. */
TACET_API int tacet_copy_from_host(tacet_context* context, void* target, const void* source,
                                   int64_t bytes, void* stream);

/** Copies to host memory, which holds the data once the stream has reached the copy. */
TACET_API int tacet_copy_to_host(tacet_context* context, void* target, const void* source,
                                 int64_t bytes, void* stream);

/* Streams and events. */

TACET_API int tacet_stream_create(tacet_context* context, tacet_value* stream);
TACET_API int tacet_stream_destroy(tacet_context* context, void* stream);

/** Writes 1 if the stream is being captured into a graph, else 0. */
TACET_API int tacet_stream_capturing(tacet_context* context, tacet_value* capturing, void* stream);

/** Returns when all work issued on the stream so far is complete. */
TACET_API int tacet_stream_synchronize(tacet_context* context, void* stream);

/** Returns when all work issued on the device so far is complete. */
TACET_API int tacet_synchronize(tacet_context* context);

TACET_API int tacet_event_create(tacet_context* context, tacet_value* event);
TACET_API int tacet_event_destroy(tacet_context* context, void* event);
TACET_API int tacet_event_record(tacet_context* context, void* event, void* stream);

/** Makes later work of the stream wait for the event. */
TACET_API int tacet_event_wait(tacet_context* context, void* event, void* stream);

/** Writes 1 if the event has completed, else 0. */
TACET_API int tacet_event_happened(tacet_context* context, tacet_value* happened, void* event);

/** Returns when the event has completed. */
TACET_API int tacet_event_synchronize(tacet_context* context, void* event);

/** Waits for both events and writes the nanoseconds from the first to the second. */
TACET_API int tacet_event_elapsed(tacet_context* context, void* first, void* second,
                                  tacet_value* nanoseconds);

/* Graphs: work recorded by an operation and launched as a whole. */

/** Launches a graph, in stream order. */
TACET_API int tacet_graph_launch(tacet_context* context, void* graph, void* stream);
TACET_API int tacet_graph_destroy(tacet_context* context, void* graph);

#ifdef __cplusplus
}
#endif

#endif
