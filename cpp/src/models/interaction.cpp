#include <glassplast/models/interaction.hpp>

#include <glassplast/errors.hpp>

#include <sstream>

namespace glassplast {

template <int Dim>
void Interaction<Dim>::require_size(const Positions<Dim>& positions) const {
    if (static_cast<std::size_t>(positions.cols()) != size()) {
        std::ostringstream message;
        message << "there are " << positions.cols() << " positions, but the model describes " << size()
                << " particles";
        throw GeometryError(message.str());
    }
}

template class Interaction<2>;
template class Interaction<3>;

}  // namespace glassplast
