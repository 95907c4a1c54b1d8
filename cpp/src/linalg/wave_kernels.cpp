#include <glassplast/linalg/wave_kernels.hpp>

namespace glassplast {

const WaveKernels& wave_kernels() {
#if defined(__x86_64__)
    static const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    if (avx2) {
        return kernels::waves_avx2;
    }
#endif
    return kernels::waves_portable;
}

}  // namespace glassplast
