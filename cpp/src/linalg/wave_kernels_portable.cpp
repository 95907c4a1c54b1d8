#include "wave_kernels_source.hpp"

namespace glassplast::kernels {

const WaveKernels waves_portable = {step_plane, step_space};

}  // namespace glassplast::kernels
