// Lets a library built with a new glibc load on one from 2.34 on. The static libstdc++ and libgcc
// refer to two functions that came later; hidden definitions here are found first.
#include <dlfcn.h>
#include <link.h>
#include <sys/random.h>

#include <cstdint>
#include <cstdlib>

#define TACET_HIDDEN extern "C" __attribute__((visibility("hidden")))

#if __GLIBC_PREREQ(2, 36)

/** Used by std::random_device only. */
TACET_HIDDEN uint32_t arc4random(void) noexcept {
  uint32_t value;
  if (getrandom(&value, sizeof(value), 0) != sizeof(value)) {
    abort();
  }
  return value;
}

#endif

#if __GLIBC_PREREQ(2, 35)

namespace {

struct Search {
  uintptr_t address;
  dl_find_object* found;
};

int examine(dl_phdr_info* object, size_t, void* argument) {
  auto* search = static_cast<Search*>(argument);
  bool covers = false;
  const ElfW(Phdr)* frames = nullptr;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    const uintptr_t start = object->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD && search->address - start < header.p_memsz) {
      covers = true;
      search->found->dlfo_map_start = reinterpret_cast<void*>(start);
      search->found->dlfo_map_end = reinterpret_cast<void*>(start + header.p_memsz);
    } else if (header.p_type == PT_GNU_EH_FRAME) {
      frames = &header;
    }
  }
  if (!covers || frames == nullptr) {
    return 0;
  }
  search->found->dlfo_eh_frame = reinterpret_cast<void*>(object->dlpi_addr + frames->p_vaddr);
  return 1;
}

}  // namespace

/** Finds the unwind tables of the object that holds an address, as libgcc did before 2.35. */
TACET_HIDDEN int _dl_find_object(void* address, dl_find_object* result) noexcept {
  Search search{reinterpret_cast<uintptr_t>(address), result};
  return dl_iterate_phdr(examine, &search) == 1 ? 0 : -1;
}

#endif
