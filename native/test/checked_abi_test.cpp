// What a build with TACET_CHECKED refuses at the C ABI: closed contexts, null, unaligned and freed
// addresses, copies beyond a block, and what was written behind one.
#include <cstring>
#include <string>

#include "float_bits.h"
#include "check.h"
#include "tacet.h"
#include "tacet_dense.h"
#include "tacet_optim.h"
#include "tacet_rewire.h"

namespace {

constexpr int64_t kBytes = 64;

bool refused(int status, const char* part) {
  return status == TACET_INVALID_ARGUMENT && tacet::test::contains(tacet_last_error(), part);
}

void* as_pointer(tacet_value value) { return reinterpret_cast<void*>(value); }

/** A context, and memory of it, for a scope. */
class Opened {
 public:
  Opened() {
    tacet_value value = 0;
    CHECK(tacet_context_create(TACET_HOST, 0, &value) == TACET_OK);
    context = reinterpret_cast<tacet_context*>(value);
    for (void*& block : blocks) {
      CHECK(tacet_allocate(context, kBytes, &value, nullptr) == TACET_OK);
      block = as_pointer(value);
      CHECK(tacet_fill(context, block, 0, kBytes, nullptr) == TACET_OK);
    }
  }

  ~Opened() {
    for (void* block : blocks) {
      CHECK(tacet_free(context, block, nullptr) == TACET_OK);
    }
    CHECK(tacet_context_destroy(context) == TACET_OK);
  }

  float* floats(int k) const { return static_cast<float*>(blocks[k]); }

  tacet_context* context;
  void* blocks[2];
};

TEST_CASE("a context that was destroyed, or never was one, is refused") {
  tacet_value value = 0;
  CHECK(tacet_context_create(TACET_HOST, 0, &value) == TACET_OK);
  auto* context = reinterpret_cast<tacet_context*>(value);
  CHECK(tacet_context_destroy(context) == TACET_OK);
  CHECK(refused(tacet_synchronize(context), "expected an open context"));
  CHECK(refused(tacet_context_destroy(context), "expected an open context"));
  CHECK(refused(tacet_scale(context, nullptr, 1, 1, nullptr), "expected an open context"));
  int other = 0;
  CHECK(refused(tacet_synchronize(reinterpret_cast<tacet_context*>(&other)), "which is none"));
}

TEST_CASE("a context whose memory is open is not destroyed") {
  const Opened o;
  CHECK(refused(tacet_context_destroy(o.context), "2 open blocks"));
  CHECK(tacet_synchronize(o.context) == TACET_OK);
}

TEST_CASE("null is refused where it stands for nothing, and taken where it does") {
  const Opened o;
  CHECK(refused(tacet_scale(o.context, nullptr, 4, 2, nullptr), "argument 1"));
  tacet_update update{o.floats(0), nullptr,          nullptr,
                      nullptr,     4,                tacet::bits_of(1),
                      0,           tacet::bits_of(-1e30f), tacet::bits_of(1e30f),
                      0};
  CHECK(refused(tacet_sgd(o.context, &update, 1, 0, nullptr),
                "argument 2: expected an address, got null"));
  update.gradient = o.floats(1);
  CHECK(tacet_sgd(o.context, &update, 1, 0, nullptr) == TACET_OK);
}

TEST_CASE("an address that is no multiple of its elements is refused") {
  const Opened o;
  auto* between = reinterpret_cast<float*>(static_cast<char*>(o.blocks[0]) + 2);
  CHECK(refused(tacet_scale(o.context, between, 4, 2, nullptr), "expected a multiple of 4"));
}

TEST_CASE("memory that was freed is refused, in a structure too") {
  const Opened o;
  tacet_value value = 0;
  CHECK(tacet_allocate(o.context, kBytes, &value, nullptr) == TACET_OK);
  void* gone = as_pointer(value);
  CHECK(tacet_free(o.context, gone, nullptr) == TACET_OK);
  CHECK(refused(tacet_free(o.context, gone, nullptr), "expected open memory of this context"));
  CHECK(refused(tacet_scale(o.context, static_cast<float*>(gone), 4, 2, nullptr), "was freed"));
  CHECK(refused(tacet_fill(o.context, gone, 0, 4, nullptr), "was freed"));
  tacet_wiring wiring{1, 2, 1, 0, 2, static_cast<int32_t*>(o.blocks[0]), gone, 2};
  CHECK(refused(tacet_rewire_mark_bytes(o.context, &wiring, &value), "was freed"));
}

TEST_CASE("memory of another context is not freed") {
  const Opened one;
  const Opened other;
  CHECK(refused(tacet_free(one.context, other.blocks[0], nullptr), "memory of this context"));
}

TEST_CASE("a fill or copy beyond its block is refused") {
  const Opened o;
  char bytes[2 * kBytes] = {};
  CHECK(refused(tacet_fill(o.context, o.blocks[0], 0, kBytes + 1, nullptr), "at most 64 bytes"));
  CHECK(refused(tacet_copy(o.context, o.blocks[0], o.floats(1) + 8, 40, nullptr), "source"));
  CHECK(refused(tacet_copy_from_host(o.context, o.floats(0) + 8, bytes, 40, nullptr), "target"));
  CHECK(refused(tacet_copy_to_host(o.context, bytes, o.blocks[0], 65, nullptr), "source"));
  CHECK(refused(tacet_copy_to_host(o.context, nullptr, o.blocks[0], 8, nullptr), "got null"));
}

#ifndef __SANITIZE_ADDRESS__
TEST_CASE("an operation that writes behind a block is found out") {
  const Opened o;
  CHECK(tacet_scale(o.context, o.floats(0), 17, 2, nullptr) == TACET_MISUSE);
  CHECK(tacet::test::contains(tacet_last_error(), "behind a block of 64 bytes"));
  // The pattern again, so that the block can be freed.
  std::memset(o.floats(0) + 16, 0xA5, sizeof(float));
}
#endif

}  // namespace

int main() { return tacet::test::run_all(); }
