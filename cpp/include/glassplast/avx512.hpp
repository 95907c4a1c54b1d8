#pragma once

#if defined(__x86_64__)

#define GLASSPLAST_AVX512_FEATURES "avx512f,avx512dq,avx512vl"
#define GLASSPLAST_AVX512 __attribute__((target(GLASSPLAST_AVX512_FEATURES)))

namespace glassplast {

/// Whether the processor can run what is marked GLASSPLAST_AVX512.
inline bool avx512_available() {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0;
}

}  // namespace glassplast

#endif
