// One fuzzer: libFuzzer's main and the target ANNALS_FUZZ_TARGET.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/targets.h"

// Small inputs are read by one thread anyway; then nobody asks each time how many there are.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  return setenv("ANNALS_THREADS", "1", 0);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  annals::fuzz::ANNALS_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
