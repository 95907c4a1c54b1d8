#if defined(__x86_64__)
#include <immintrin.h>
#define GLASSPLAST_LANES 8
#include "dense_kernels_source.hpp"
#include "inverse_kernels_source.hpp"

namespace glassplast::kernels {

const DenseKernels avx512 = {subtract_product, extend_add, factorize_panel, forward,       backward,
                             block_products,   block_add,  block_multiply,  begin_inverse, inverse_product,
                             end_inverse,      gather,     "avx512"};

}  // namespace glassplast::kernels
#endif
