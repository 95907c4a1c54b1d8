#include <glassplast/sampling/padded_cells.hpp>

#include <glassplast/geometry/image_cells.hpp>

#include <algorithm>
#include <cmath>

namespace glassplast {

namespace {

/// The coordinate of slots without a particle; its square is still finite.
constexpr double nowhere = 1e100;
/// The kind of slots without a particle: a value that every model accepts, as a species and as a diameter.
constexpr double nobody = 0.0;

/// The cells of a stencil whose place along an axis is `place` (0, 1 or 2), as bits.
constexpr unsigned layer(int axis, unsigned place) {
    unsigned cells = 0;
    for (unsigned s = 0; s < 27; ++s) {
        const unsigned index = axis == 0 ? s % 3 : (axis == 1 ? s / 3 % 3 : s / 9);
        cells |= index == place ? 1U << s : 0U;
    }
    return cells;
}

}  // namespace

template <int Dim>
PaddedCells<Dim>::PaddedCells(const Box<Dim>& box, const Positions<Dim>& positions, std::vector<double> kinds,
                              double width)
    : lattice_(box.reduced_cell()), inverse_(box.reduced_inverse()) {
    require_finite<Dim>(positions);
    const auto count = static_cast<std::size_t>(positions.cols());
    cells_ = 1;
    for (int a = 0; a < Dim; ++a) {
        // Limited, since an almost empty box would have many more cells than particles.
        const double most = std::ceil(2.0 * std::pow(static_cast<double>(count), 1.0 / Dim)) + 1.0;
        grid_[a] = static_cast<int>(std::clamp(std::floor(box.widths()(a) / width), 1.0, most));
        cell_width_[a] = box.widths()(a) / grid_[a];
        cells_ *= grid_[a];
    }
    find_surroundings();

    slot_of_.resize(count);
    cell_of_.resize(count);
    depth_.resize(count);
    image_.assign(count, Image<Dim>::Zero());
    Positions<Dim> wrapped = positions;
    std::vector<int> population(cells_, 0);
    for (std::size_t i = 0; i < count; ++i) {
        Vector<Dim> position = positions.col(static_cast<Eigen::Index>(i));
        cell_of_[i] = wrap(position, image_[i], depth_[i]);
        wrapped.col(static_cast<Eigen::Index>(i)) = position;
        ++population[cell_of_[i]];
    }
    const int fullest = *std::max_element(population.begin(), population.end());
    capacity_ = (fullest / slot_lanes + 1) * slot_lanes;
    const std::size_t slots = static_cast<std::size_t>(cells_) * static_cast<std::size_t>(capacity_);
    for (std::vector<double>& axis : coordinate_) {
        axis.assign(slots, nowhere);
    }
    kind_.assign(slots, nobody);
    particle_.assign(slots, -1.0);
    occupied_.assign(cells_, 0);
    for (std::size_t i = 0; i < count; ++i) {
        insert(static_cast<int>(i), cell_of_[i], wrapped.col(static_cast<Eigen::Index>(i)), kinds[i]);
    }
}

template <int Dim>
void PaddedCells<Dim>::find_surroundings() {
    for (int s = 0; s < stencil; ++s) {
        Vector<Dim> shift = Vector<Dim>::Zero();
        for (int a = 0, rest = s; a < Dim; ++a, rest /= 3) {
            shift += (rest % 3 - 1) * lattice_.col(a);
        }
        shifts_.push_back(shift);
    }
    neighbor_.resize(cells_);
    displaced_.resize(cells_);
    for (int cell = 0; cell < cells_; ++cell) {
        for (int s = 0; s < stencil; ++s) {
            int neighbor = 0;
            int displaced = 0;
            for (int a = 0, rest = s, here = cell, stride = 1, power = 1; a < Dim; ++a) {
                const int index = here % grid_[a] + rest % 3 - 1;
                const int image = index < 0 ? -1 : (index >= grid_[a] ? 1 : 0);
                neighbor += stride * (index - image * grid_[a]);
                displaced += power * (image + 1);
                here /= grid_[a];
                rest /= 3;
                stride *= grid_[a];
                power *= 3;
            }
            neighbor_[cell][s] = neighbor;
            displaced_[cell][s] = displaced;
        }
    }
}

template <int Dim>
int PaddedCells<Dim>::wrap(Vector<Dim>& position, Image<Dim>& image, Vector<Dim>& depth) const {
    Vector<Dim> fraction = inverse_ * position;
    if ((fraction.array() < 0.0).any() || (fraction.array() >= 1.0).any()) {
        const Vector<Dim> whole = fraction.array().floor().matrix();
        image += whole.template cast<int>();
        position -= lattice_ * whole;
        fraction = inverse_ * position;
    }
    int cell = 0;
    for (int a = Dim - 1; a >= 0; --a) {
        // Round-off may leave a fraction of -1e-17 or 1.
        const double place = fraction(a) * grid_[a];
        const int index = std::clamp(static_cast<int>(place), 0, grid_[a] - 1);
        depth(a) = (place - index) * cell_width_[a];
        cell = cell * grid_[a] + index;
    }
    return cell;
}

template <int Dim>
void PaddedCells<Dim>::insert(int particle, int cell, const Vector<Dim>& position, double kind) {
    if (occupied_[cell] == capacity_) {
        grow();
    }
    const int slot = cell * capacity_ + occupied_[cell]++;
    for (int a = 0; a < Dim; ++a) {
        coordinate_[a][slot] = position(a);
    }
    kind_[slot] = kind;
    particle_[slot] = particle;
    slot_of_[particle] = slot;
    cell_of_[particle] = cell;
}

template <int Dim>
void PaddedCells<Dim>::remove(int particle) {
    const int cell = cell_of_[particle];
    const int hole = slot_of_[particle];
    const int last = cell * capacity_ + --occupied_[cell];
    const int moved = static_cast<int>(particle_[last]);
    for (int a = 0; a < Dim; ++a) {
        coordinate_[a][hole] = coordinate_[a][last];
        coordinate_[a][last] = nowhere;
    }
    kind_[hole] = kind_[last];
    kind_[last] = nobody;
    particle_[hole] = particle_[last];
    particle_[last] = -1.0;
    slot_of_[moved] = hole;
}

template <int Dim>
void PaddedCells<Dim>::grow() {
    const int before = capacity_;
    capacity_ += slot_lanes;
    const auto spread = [&](std::vector<double>& values, double empty) {
        std::vector<double> wider(static_cast<std::size_t>(cells_) * static_cast<std::size_t>(capacity_),
                                  empty);
        for (int cell = 0; cell < cells_; ++cell) {
            std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(cell) * before, before,
                        wider.begin() + static_cast<std::ptrdiff_t>(cell) * capacity_);
        }
        values = std::move(wider);
    };
    for (std::vector<double>& axis : coordinate_) {
        spread(axis, nowhere);
    }
    spread(kind_, nobody);
    spread(particle_, -1.0);
    for (std::size_t i = 0; i < slot_of_.size(); ++i) {
        slot_of_[i] += cell_of_[i] * slot_lanes;
    }
}

template <int Dim>
Surroundings<Dim> PaddedCells<Dim>::around(int particle, double range, int partner) {
    const int cell = cell_of_[particle];
    // Find which of the three layers of cells along each axis lie within the range.
    unsigned near = ~0U;
    for (int a = 0; a < Dim; ++a) {
        const double depth = depth_[particle](a);
        near &= depth < range ? ~0U : ~layer(a, 0);
        near &= cell_width_[a] - depth < range ? ~0U : ~layer(a, 2);
    }
    int count = 0;
    for (unsigned s = 0; s < stencil; ++s) {
        const int neighbor = neighbor_[cell][s];
        const int whole = (occupied_[neighbor] + slot_lanes - 1) / slot_lanes * slot_lanes;
        ranges_[count] = {neighbor * capacity_, whole, displaced_[cell][s]};
        // Written without a branch: a processor cannot predict which cells are near.
        count += static_cast<int>((near >> s) & static_cast<unsigned>(whole > 0));
    }
    Surroundings<Dim> around;
    for (int a = 0; a < Dim; ++a) {
        around.slots.coordinate[a] = coordinate_[a].data();
    }
    around.slots.kind = kind_.data();
    around.slots.particle = particle_.data();
    around.ranges = ranges_.data();
    around.range_count = count;
    around.shifts = shifts_.data();
    around.particle = particle;
    around.partner = partner;
    return around;
}

template <int Dim>
void PaddedCells<Dim>::move(int particle, Vector<Dim> position) {
    const int cell = wrap(position, image_[particle], depth_[particle]);
    if (cell != cell_of_[particle]) {
        const double kind = kind_[slot_of_[particle]];
        remove(particle);
        insert(particle, cell, position, kind);
        return;
    }
    for (int a = 0; a < Dim; ++a) {
        coordinate_[a][slot_of_[particle]] = position(a);
    }
}

template <int Dim>
Positions<Dim> PaddedCells<Dim>::positions() const {
    Positions<Dim> positions(Dim, static_cast<Eigen::Index>(size()));
    for (std::size_t i = 0; i < size(); ++i) {
        for (int a = 0; a < Dim; ++a) {
            positions(a, static_cast<Eigen::Index>(i)) = coordinate_[a][slot_of_[i]];
        }
        positions.col(static_cast<Eigen::Index>(i)) += lattice_ * image_[i].template cast<double>();
    }
    return positions;
}

template <int Dim>
std::vector<double> PaddedCells<Dim>::kinds() const {
    std::vector<double> kinds(size());
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        kinds[i] = kind_[slot_of_[i]];
    }
    return kinds;
}

template class PaddedCells<2>;
template class PaddedCells<3>;

}  // namespace glassplast
