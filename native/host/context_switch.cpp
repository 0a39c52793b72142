#include "host/context_switch.h"

#include <algorithm>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if !TACET_UCONTEXT

extern "C" void tacet_switch_stack(void** save, void* load);

// Saves what a callee must preserve, exchanges the stacks and leaves by a jump: a ret would be
// predicted to the wrong caller and cost four times as much.
asm(R"(
  .pushsection .text
  .p2align 4
  .globl tacet_switch_stack
  .hidden tacet_switch_stack
  .type tacet_switch_stack, @function
tacet_switch_stack:
  .cfi_startproc
  endbr64
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmp *%rcx
  .cfi_endproc
  .size tacet_switch_stack, .-tacet_switch_stack
  .popsection
)");

#endif

namespace tacet::emulator {

namespace {

/** What the outermost frames of a fiber take, those it never returns from. */
[[maybe_unused]] constexpr size_t kOutermost = 16 * 1024;

}  // namespace

void adopt_current_stack([[maybe_unused]] Context* context) {
#if defined(__SANITIZE_ADDRESS__)
  // Asked for once: for a program's first thread the answer lies among all that is mapped.
  static thread_local void* low = nullptr;
  static thread_local size_t size = 0;
  pthread_attr_t attributes;
  if (low == nullptr && pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
  }
  context->stack_low = low;
  context->stack_size = size;
#endif
}

void prepare(Context* context, void* stack_low, size_t stack_size, bool abandoned,
             void (*entry)()) {
  context->stack_low = stack_low;
  context->stack_size = stack_size;
  context->fake_stack = nullptr;
#if defined(__SANITIZE_ADDRESS__)
  // A fiber leaves its frames poisoned: the outermost ones if it has ended.
  const size_t poisoned = abandoned ? stack_size : std::min(stack_size, kOutermost);
  __asan_unpoison_memory_region(static_cast<char*>(stack_low) + stack_size - poisoned, poisoned);
#else
  (void)abandoned;
#endif
#if TACET_UCONTEXT
  getcontext(&context->machine);
  context->machine.uc_stack.ss_sp = stack_low;
  context->machine.uc_stack.ss_size = stack_size;
  context->machine.uc_link = nullptr;
  makecontext(&context->machine, entry, 0);
#else
  // Six registers, the address jumped to, and a null return address that ends back traces. The
  // stack is aligned as if entry had been called.
  auto top = reinterpret_cast<uintptr_t>(stack_low) + stack_size;
  auto* slot = reinterpret_cast<uintptr_t*>(top & ~uintptr_t{15});
  *--slot = 0;
  *--slot = reinterpret_cast<uintptr_t>(entry);
  for (int i = 0; i < 6; i++) {
    *--slot = 0;
  }
  context->stack_pointer = slot;
#endif
}

void switch_context(Context* from, Context* to) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&from->fake_stack, to->stack_low, to->stack_size);
#endif
#if TACET_UCONTEXT
  swapcontext(&from->machine, &to->machine);
#else
  tacet_switch_stack(&from->stack_pointer, to->stack_pointer);
#endif
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(from->fake_stack, nullptr, nullptr);
#endif
}

void arrived() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
}

}  // namespace tacet::emulator
