#if defined(__x86_64__)
#include "wave_kernels_source.hpp"

namespace glassplast::kernels {

const WaveKernels waves_avx2 = {step_plane, step_space};

}  // namespace glassplast::kernels
#endif
