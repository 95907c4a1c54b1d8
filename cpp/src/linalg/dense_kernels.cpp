#include <glassplast/linalg/dense_kernels.hpp>

namespace glassplast {

const DenseKernels& dense_kernels() {
#if defined(__x86_64__)
    static const bool avx512 = __builtin_cpu_supports("avx512f") != 0;
    static const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    if (avx512) {
        return kernels::avx512;
    }
    if (avx2) {
        return kernels::avx2;
    }
#endif
    return kernels::portable;
}

}  // namespace glassplast
