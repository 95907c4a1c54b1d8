#include <glassplast/relax/conjugate_gradient.hpp>

namespace glassplast {

template bool conjugate_gradient<2>(PotentialEnergy<2>&, Descent<2>&, double, long, Monitor&);
template bool conjugate_gradient<3>(PotentialEnergy<3>&, Descent<3>&, double, long, Monitor&);

}  // namespace glassplast
