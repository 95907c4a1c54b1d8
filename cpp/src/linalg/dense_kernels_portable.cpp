#define GLASSPLAST_LANES 2
#include "dense_kernels_source.hpp"

namespace glassplast::kernels {

const DenseKernels portable = {subtract_product, extend_add, factorize_panel, forward,   backward,
                               block_products,   block_add,  block_multiply,  "portable"};

}  // namespace glassplast::kernels
