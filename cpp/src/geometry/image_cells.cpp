#include <glassplast/geometry/image_cells.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/require_positive.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <tuple>

namespace glassplast {

namespace {

// Having more cells than sites would only cost memory and time.
template <int Dim>
std::array<int, Dim> choose_grid(const Box<Dim>& box, double range, const Vector<Dim>& margin,
                                 std::size_t count) {
    std::array<int, Dim> grid{};
    const double limit = std::max(1.0, std::ceil(2.0 * std::pow(static_cast<double>(count), 1.0 / Dim)));
    for (int a = 0; a < Dim; ++a) {
        const double length = (1.0 + 2.0 * margin(a)) * box.widths()(a);
        grid[a] = static_cast<int>(std::clamp(std::floor(length / (range * (1.0 + 1e-9))), 1.0, limit));
    }
    return grid;
}

}  // namespace

template <int Dim>
void require_finite(const Positions<Dim>& positions) {
    if (positions.allFinite()) {
        return;
    }
    for (Eigen::Index i = 0; i < positions.cols(); ++i) {
        if (!positions.col(i).allFinite()) {
            std::ostringstream message;
            message << "particle " << i << " has a position that is NaN or infinite: ("
                    << positions.col(i).transpose() << ")";
            throw GeometryError(message.str());
        }
    }
}

template <int Dim>
ImageCells<Dim>::ImageCells(const Box<Dim>& box, const Positions<Dim>& positions, double range)
    : count_(static_cast<std::size_t>(positions.cols())) {
    require_finite<Dim>(positions);
    require_positive(range, "range");
    const double copies = ((2.0 * range / box.widths().array() + 1.0).prod()) * static_cast<double>(count_);
    if (copies > 1e8) {
        std::ostringstream message;
        message << "a range of " << range << " in a box of width " << box.smallest_width() << " needs about "
                << copies << " periodic images; choose a shorter range";
        throw GeometryError(message.str());
    }
    const Positions<Dim> fraction = box.reduced_inverse() * (positions.colwise() - box.origin());
    const Vector<Dim> margin = (range * (1.0 + 1e-12) / box.widths().array()).matrix();

    // Sites are found in this order: first the particles, then the images that reach into the margin.
    std::vector<int> source(count_);
    std::iota(source.begin(), source.end(), 0);
    std::vector<Image<Dim>> image(count_);
    std::vector<Vector<Dim>> place(count_);
    for (std::size_t i = 0; i < count_; ++i) {
        const Vector<Dim> cell = fraction.col(i).array().floor();
        if ((cell.array().abs() > 1e9).any()) {
            std::ostringstream message;
            message << "particle " << i << " lies more than a billion boxes away";
            throw GeometryError(message.str());
        }
        image[i] = -cell.template cast<int>();
        place[i] = fraction.col(i) - cell;
    }
    for (std::size_t i = 0; i < count_; ++i) {
        Image<Dim> low;
        Image<Dim> high;
        for (int a = 0; a < Dim; ++a) {
            low(a) = static_cast<int>(std::ceil(-margin(a) - place[i](a)));
            high(a) = static_cast<int>(std::ceil(1.0 + margin(a) - place[i](a))) - 1;
        }
        Image<Dim> shift = low;
        while (true) {
            if (!shift.isZero()) {
                source.push_back(static_cast<int>(i));
                image.push_back(image[i] + shift);
                place.push_back(place[i] + shift.template cast<double>());
            }
            int a = 0;
            while (a < Dim && ++shift(a) > high(a)) {
                shift(a) = low(a);
                ++a;
            }
            if (a == Dim) {
                break;
            }
        }
    }

    grid_ = choose_grid<Dim>(box, range, margin, source.size());
    const std::size_t sites = source.size();
    std::size_t cells = 1;
    for (int a = 0; a < Dim; ++a) {
        cells *= static_cast<std::size_t>(grid_[a]);
    }
    std::vector<int> cell_index(sites);
    std::vector<std::array<int, Dim>> cell_of(sites);
    for (std::size_t k = 0; k < sites; ++k) {
        int index = 0;
        for (int a = Dim - 1; a >= 0; --a) {
            const double scaled = (place[k](a) + margin(a)) / (1.0 + 2.0 * margin(a)) * grid_[a];
            cell_of[k][a] = std::clamp(static_cast<int>(scaled), 0, grid_[a] - 1);
            index = index * grid_[a] + cell_of[k][a];
        }
        cell_index[k] = index;
    }

    // Particles come first, and both groups are in cell order, so that neighbours in space are neighbours in
    // memory. This is a counting sort that keeps the order of discovery within a cell.
    std::vector<int> order(sites);
    const auto in_cell_order = [&](std::size_t begin, std::size_t end) {
        std::vector<int> first(cells + 1, 0);
        for (std::size_t k = begin; k < end; ++k) {
            ++first[static_cast<std::size_t>(cell_index[k]) + 1];
        }
        first[0] = static_cast<int>(begin);
        std::partial_sum(first.begin(), first.end(), first.begin());
        std::vector<int> next = first;
        for (std::size_t k = begin; k < end; ++k) {
            order[static_cast<std::size_t>(next[static_cast<std::size_t>(cell_index[k])]++)] =
                static_cast<int>(k);
        }
        return first;
    };
    particle_start_ = in_cell_order(0, count_);
    image_start_ = in_cell_order(count_, sites);
    source_.resize(sites);
    image_.resize(sites);
    cell_of_.resize(sites);
    cell_start_.assign(cells + 1, 0);
    for (std::size_t k = 0; k < sites; ++k) {
        const auto found = static_cast<std::size_t>(order[k]);
        source_[k] = source[found];
        image_[k] = image[found];
        cell_of_[k] = cell_of[found];
        ++cell_start_[static_cast<std::size_t>(cell_index[found]) + 1];
    }
    std::partial_sum(cell_start_.begin(), cell_start_.end(), cell_start_.begin());
    cell_sites_.resize(sites);
    std::vector<int> next(cell_start_.begin(), cell_start_.end() - 1);
    for (std::size_t k = 0; k < sites; ++k) {
        const auto cell = static_cast<std::size_t>(cell_index[static_cast<std::size_t>(order[k])]);
        cell_sites_[static_cast<std::size_t>(next[cell]++)] = static_cast<int>(k);
    }
    reduced_cell_ = box.reduced_cell();
    shift_.resize(Dim, static_cast<Eigen::Index>(sites));
    for (std::size_t k = 0; k < sites; ++k) {
        shift_.col(static_cast<Eigen::Index>(k)) = reduced_cell_ * image_[k].template cast<double>();
    }
}

template <int Dim>
void ImageCells<Dim>::place(const Box<Dim>& box, const Positions<Dim>& positions,
                            Positions<Dim>& sites) const {
    sites.resize(Dim, static_cast<Eigen::Index>(source_.size()));
    const Matrix<Dim>& cell = box.reduced_cell();
    if (cell == reduced_cell_) {
        for (std::size_t k = 0; k < source_.size(); ++k) {
            const auto column = static_cast<Eigen::Index>(k);
            sites.col(column) = positions.col(source_[k]) + shift_.col(column);
        }
        return;
    }
    for (std::size_t k = 0; k < source_.size(); ++k) {
        sites.col(k) = positions.col(source_[k]) + cell * image_[k].template cast<double>();
    }
}

template <int Dim>
PairTable<Dim> find_pairs(const Box<Dim>& box, const Positions<Dim>& positions, double range) {
    const ImageCells<Dim> cells(box, positions, range);
    Positions<Dim> sites;
    cells.place(box, positions, sites);

    struct Found {
        int first;
        int second;
        Image<Dim> image;
        Vector<Dim> separation;
    };
    std::vector<Found> found;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const int site = static_cast<int>(i);
        cells.for_candidates(site, [&](int j) {
            if (!cells.owns(site, j)) {
                return;
            }
            const Vector<Dim> separation = sites.col(j) - sites.col(site);
            if (separation.squaredNorm() >= range * range) {
                return;
            }
            const Image<Dim> image = box.reduction() * (cells.image()[j] - cells.image()[site]);
            const int a = cells.source()[site];
            const int b = cells.source()[j];
            if (a <= b) {
                found.push_back({a, b, image, separation});
            } else {
                found.push_back({b, a, -image, -separation});
            }
        });
    }
    const auto key = [](const Found& pair) {
        std::array<int, Dim> image{};
        Image<Dim>::Map(image.data()) = pair.image;
        return std::make_tuple(pair.first, pair.second, image);
    };
    std::sort(found.begin(), found.end(), [&](const Found& a, const Found& b) { return key(a) < key(b); });

    PairTable<Dim> table;
    const auto count = static_cast<Eigen::Index>(found.size());
    table.first.reserve(found.size());
    table.second.reserve(found.size());
    table.image.reserve(found.size());
    table.separation.resize(Dim, count);
    table.distance.resize(count);
    for (Eigen::Index k = 0; k < count; ++k) {
        const Found& pair = found[static_cast<std::size_t>(k)];
        table.first.push_back(pair.first);
        table.second.push_back(pair.second);
        table.image.push_back(pair.image);
        table.separation.col(k) = pair.separation;
        table.distance(k) = pair.separation.norm();
    }
    return table;
}

template class ImageCells<2>;
template class ImageCells<3>;
template void require_finite<2>(const Positions<2>&);
template void require_finite<3>(const Positions<3>&);
template PairTable<2> find_pairs<2>(const Box<2>&, const Positions<2>&, double);
template PairTable<3> find_pairs<3>(const Box<3>&, const Positions<3>&, double);

}  // namespace glassplast
