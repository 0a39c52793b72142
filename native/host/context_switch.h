// Switching between stacks within one OS thread: what makes a fiber per CUDA thread affordable.
// x86-64 has its own switch (about 8 ns); other processors use ucontext (about 600 ns).
#pragma once

#include <cstddef>

#if !defined(TACET_UCONTEXT) && !defined(__x86_64__)
#define TACET_UCONTEXT 1
#endif

#if TACET_UCONTEXT
#include <ucontext.h>
#endif

namespace tacet::emulator {

/** Where a suspended fiber, or the scheduler that started it, continues. */
struct Context {
#if TACET_UCONTEXT
  ucontext_t machine;
#else
  void* stack_pointer = nullptr;
#endif
  // Bounds of the stack and the sanitizer's shadow of it; used in sanitizer builds only.
  void* stack_low = nullptr;
  size_t stack_size = 0;
  void* fake_stack = nullptr;
};

/** Describes the stack the calling OS thread runs on, before it first switches away. */
void adopt_current_stack(Context* context);

/**
 * Makes the context start entry on the given stack; entry never returns.
 *
 * @param abandoned whether a fiber on this stack may have been left somewhere in its middle
 */
void prepare(Context* context, void* stack_low, size_t stack_size, bool abandoned,
             void (*entry)());

/** Suspends from and continues to. A fiber stays on the OS thread that prepared it. */
void switch_context(Context* from, Context* to);

/** First thing an entry does. */
void arrived();

}  // namespace tacet::emulator
