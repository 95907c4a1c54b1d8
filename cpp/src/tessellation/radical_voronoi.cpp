#include <glassplast/tessellation/radical_voronoi.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/geometry/image_cells.hpp>
#include <glassplast/tessellation/power_cell.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <tuple>

namespace glassplast {

namespace {

using Shift = Image<2>;

int floor_divide(int value, int divisor) {
    const int quotient = value / divisor;
    return quotient - static_cast<int>(value % divisor < 0);
}

void require_sensible(const Positions<2>& positions, const std::vector<double>& weights) {
    const auto count = static_cast<std::size_t>(positions.cols());
    if (count == 0) {
        throw GeometryError("a tessellation needs at least one particle");
    }
    if (weights.size() != count) {
        std::ostringstream message;
        message << "there are " << weights.size() << " weights for " << count << " particles";
        throw GeometryError(message.str());
    }
    require_finite<2>(positions);
    for (std::size_t i = 0; i < count; ++i) {
        if (!std::isfinite(weights[i])) {
            std::ostringstream message;
            message << "particle " << i << " has a weight that is NaN or infinite";
            throw GeometryError(message.str());
        }
    }
}

/// The particles in the reduced cell, on a grid of numbers so coarse that every difference between two images
/// in reach is exact in doubles, sorted into cells.
///
/// The numbers are the multiples of a power of two that is at most 2^-50 of the box. A double cannot resolve
/// a position in the box much better anyway.
class Lattice {
public:
    Lattice(const Box<2>& box, const Positions<2>& positions, const std::vector<double>& weights);

    std::size_t size() const { return particle_.size(); }
    int particle(std::size_t site) const { return particle_[site]; }
    /// positions[i] lies in the image home(i) of the reduced cell; i is the index of a particle.
    const Shift& home(int i) const { return home_[static_cast<std::size_t>(i)]; }

    /// The exact power cell of a site; throws when another particle coincides with it.
    void cut(std::size_t site, PowerCell& cell) const;

private:
    struct Block {
        std::array<int, 2> inner;  ///< done before: -inner ... inner; -1 when nothing is
        std::array<int, 2> outer;
        bool nearest;  ///< the block that any coincident particle must be in
    };

    void cut_by_block(std::size_t site, const Block& block, PowerCell& cell) const;
    void cut_by_cells(std::size_t site, int row, int from, int to, bool nearest, PowerCell& cell) const;

    std::array<int, 2> grid_{};      ///< cells along each reduced vector
    std::array<double, 2> width_{};  ///< distance between opposite faces of a grid cell
    double spacing_ = 0.0;           ///< by how much the searched block grows
    double reach_ = 0.0;             ///< no bisector of a site farther away can cut a cell
    double largest_weight_ = 0.0;
    Vector<2> first_;
    Vector<2> second_;
    std::vector<Shift> home_;
    std::vector<int> cell_start_;
    // One entry for each site, in the order of the cells.
    std::vector<int> particle_;
    std::vector<double> x_;
    std::vector<double> y_;
    std::vector<double> weight_;
    std::vector<std::array<double, 2>> place_;  ///< in units of the grid cells
};

Lattice::Lattice(const Box<2>& box, const Positions<2>& positions, const std::vector<double>& weights) {
    const auto count = static_cast<std::size_t>(positions.cols());
    const Matrix<2>& lattice = box.reduced_cell();
    // The cell of a site lies inside the cell of the lattice of its own images. No point of the latter is
    // farther from the centre than half of this reach, and any site that matters has an image within the same
    // distance of the point.
    reach_ = lattice.col(0).norm() + lattice.col(1).norm();
    const double unit = std::ldexp(1.0, std::ilogb(1.01 * reach_) + 1 - 52);
    const auto snap = [unit](double value) { return std::round(value / unit) * unit; };
    const auto snapped = [&](const Vector<2>& vector) { return Vector<2>(snap(vector(0)), snap(vector(1))); };
    first_ = snapped(lattice.col(0));
    second_ = snapped(lattice.col(1));
    largest_weight_ = *std::max_element(weights.begin(), weights.end());

    // Measurements show no difference between 1.5 and 2.5; beyond, the time grows.
    constexpr double particles_per_cell = 2.0;
    spacing_ = std::sqrt(box.volume() * particles_per_cell / static_cast<double>(count));
    for (std::size_t a = 0; a < 2; ++a) {
        const double width = box.widths()(static_cast<Eigen::Index>(a));
        grid_[a] = std::max(1, static_cast<int>(width / spacing_));
        width_[a] = width / grid_[a];
    }

    home_.resize(count);
    std::vector<Vector<2>> snapped_position(count);
    std::vector<std::array<double, 2>> place(count);
    std::vector<int> cell_of(count);
    cell_start_.assign(static_cast<std::size_t>(grid_[0]) * static_cast<std::size_t>(grid_[1]) + 1, 0);
    for (std::size_t i = 0; i < count; ++i) {
        const Vector<2> position = positions.col(static_cast<Eigen::Index>(i)) - box.origin();
        const Vector<2> fraction = box.reduced_inverse() * position;
        const Vector<2> home = fraction.array().floor();
        if ((home.array().abs() > 1e6).any()) {
            std::ostringstream message;
            message << "particle " << i << " lies more than a million boxes away; wrap the positions";
            throw GeometryError(message.str());
        }
        home_[i] = home.cast<int>();
        snapped_position[i] = snapped(position - lattice * home);
        std::array<int, 2> cell{};
        for (std::size_t a = 0; a < 2; ++a) {
            const auto axis = static_cast<Eigen::Index>(a);
            place[i][a] = (fraction(axis) - home(axis)) * grid_[a];
            cell[a] = std::min(static_cast<int>(place[i][a]), grid_[a] - 1);
        }
        cell_of[i] = cell[1] * grid_[0] + cell[0];
        ++cell_start_[static_cast<std::size_t>(cell_of[i]) + 1];
    }
    std::partial_sum(cell_start_.begin(), cell_start_.end(), cell_start_.begin());
    std::vector<int> next(cell_start_.begin(), cell_start_.end() - 1);
    particle_.resize(count);
    x_.resize(count);
    y_.resize(count);
    weight_.resize(count);
    place_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto site = static_cast<std::size_t>(next[static_cast<std::size_t>(cell_of[i])]++);
        particle_[site] = static_cast<int>(i);
        x_[site] = snapped_position[i](0);
        y_[site] = snapped_position[i](1);
        weight_[site] = weights[i];
        place_[site] = place[i];
    }
}

void Lattice::cut(std::size_t site, PowerCell& cell) const {
    cell.begin(weight_[site], particle_[site], first_, second_);
    const double excess = largest_weight_ - weight_[site];
    Block block{{-1, -1}, {1, 1}, true};
    for (int round = 1;; ++round) {
        // Sites beyond the block are at least this far away; the margin covers round-off in their places.
        double searched = std::numeric_limits<double>::infinity();
        for (std::size_t a = 0; a < 2; ++a) {
            block.outer[a] = std::max(1, static_cast<int>(std::ceil(round * spacing_ / width_[a])));
            const double inside = place_[site][a] - std::floor(place_[site][a]);
            searched =
                std::min(searched, (block.outer[a] + std::min(inside, 1.0 - inside) - 1e-9) * width_[a]);
        }
        cut_by_block(site, block, cell);
        // A bisector passes the centre at a distance of at least (r^2 - excess) / 2r, and outside the cell
        // when that is more than the radius of the cell.
        const double radius_squared = cell.radius_squared();
        const double needed = std::sqrt(radius_squared) + std::sqrt(radius_squared + excess);
        if (cell.empty() || searched > std::min(needed, reach_)) {
            return;
        }
        block.inner = block.outer;
        block.nearest = false;
    }
}

void Lattice::cut_by_block(std::size_t site, const Block& block, PowerCell& cell) const {
    const int column = std::min(static_cast<int>(place_[site][0]), grid_[0] - 1);
    const int row = std::min(static_cast<int>(place_[site][1]), grid_[1] - 1);
    for (int dy = -block.outer[1]; dy <= block.outer[1]; ++dy) {
        if (std::abs(dy) > block.inner[1]) {
            cut_by_cells(site, row + dy, column - block.outer[0], column + block.outer[0], block.nearest,
                         cell);
        } else {
            cut_by_cells(site, row + dy, column - block.outer[0], column - block.inner[0] - 1, block.nearest,
                         cell);
            cut_by_cells(site, row + dy, column + block.inner[0] + 1, column + block.outer[0], block.nearest,
                         cell);
        }
    }
}

void Lattice::cut_by_cells(std::size_t site, int row, int from, int to, bool nearest, PowerCell& cell) const {
    const double own_weight = weight_[site];
    const double far = reach_ * reach_ * (1.0 + 1e-9);
    Shift shift(0, floor_divide(row, grid_[1]));
    const int row_start = (row - shift(1) * grid_[1]) * grid_[0];
    for (int column = from; column <= to; ++column) {
        shift(0) = column >= 0 && column < grid_[0] ? 0 : floor_divide(column, grid_[0]);
        const auto index = static_cast<std::size_t>(row_start + column - shift(0) * grid_[0]);
        const Vector<2> translation = shift(0) * first_ + shift(1) * second_;
        for (auto other = static_cast<std::size_t>(cell_start_[index]);
             other < static_cast<std::size_t>(cell_start_[index + 1]); ++other) {
            // This is exact: all terms are multiples of the unit, and the result is below 2^53 units where it
            // is used.
            const double x = (x_[other] - x_[site]) + translation(0);
            const double y = (y_[other] - y_[site]) + translation(1);
            const double distance_squared = x * x + y * y;
            if (other == site && std::abs(shift(0)) + std::abs(shift(1)) <= 1) {
                continue;  // the site itself, or an image that the cell began with
            }
            if (nearest && distance_squared == 0.0) {
                std::ostringstream message;
                message << "particles " << std::min(particle_[site], particle_[other]) << " and "
                        << std::max(particle_[site], particle_[other])
                        << " coincide (up to the periodic images); move or remove one of them";
                throw GeometryError(message.str());
            }
            const double height = distance_squared - (weight_[other] - own_weight);
            if (distance_squared <= far && !cell.empty() && cell.may_cut(distance_squared, height)) {
                cell.cut(Bisector(x, y, weight_[other], own_weight, particle_[other], shift));
            }
        }
    }
}

double cross(const Vector<2>& a, const Vector<2>& b) {
    return a(0) * b(1) - a(1) * b(0);
}

std::size_t first_of(const std::vector<Bisector>& bisectors) {
    const auto key = [](const Bisector& edge) {
        return std::make_tuple(edge.particle, edge.image(0), edge.image(1));
    };
    const auto first = std::min_element(bisectors.begin(), bisectors.end(),
                                        [&](const auto& a, const auto& b) { return key(a) < key(b); });
    return static_cast<std::size_t>(first - bisectors.begin());
}

/// Collects the cells in the order of the sites, then lays them out in the order of the particles.
class Assembly {
public:
    Assembly(const Box<2>& box, const Lattice& lattice) : box_(box), lattice_(lattice) {
        const std::size_t count = lattice.size();
        result_.area.assign(count, 0.0);
        result_.centroid.setConstant(2, static_cast<Eigen::Index>(count),
                                     std::numeric_limits<double>::quiet_NaN());
        result_.hidden.setConstant(static_cast<Eigen::Index>(count), true);
        edge_range_.resize(count);
        triangle_range_.resize(count);
        edges_.reserve(6 * count);
        triangles_.reserve(2 * count);
    }

    void add(int particle, const PowerCell& cell);
    RadicalTessellation finish();

private:
    struct Edge {
        int neighbor;
        Shift shift;
        double length;
        Vector<2> vertex;
    };
    struct Range {
        std::size_t first = 0;
        std::size_t last = 0;
    };
    struct Triangle {
        std::array<int, 3> corner;
        std::array<Shift, 3> shift;
        double area;
    };

    /// Turns images in the reduced cell into multiples of the vectors of the box, for positions as they were
    /// given.
    Shift given(int i, int j, const Shift& image) const {
        return box_.reduction() * (image - lattice_.home(j) + lattice_.home(i));
    }
    void measure(int particle, const PowerCell& cell);
    void add_triangles(int particle, const PowerCell& cell);

    const Box<2>& box_;
    const Lattice& lattice_;
    RadicalTessellation result_;
    std::vector<Edge> edges_;
    std::vector<Triangle> triangles_;
    // One entry for each particle.
    std::vector<Range> edge_range_;
    std::vector<Range> triangle_range_;
};

void Assembly::add(int particle, const PowerCell& cell) {
    const auto i = static_cast<std::size_t>(particle);
    const std::vector<Bisector>& bisectors = cell.edges();
    if (cell.empty()) {
        return;
    }
    edge_range_[i].first = edges_.size();
    // Begin with the same edge whatever the order of the cuts was, so that equal cells are equal to the last
    // bit.
    const std::size_t first = first_of(bisectors);
    Vector<2> previous = cell.corner((first + bisectors.size() - 1) % bisectors.size());
    for (std::size_t step = 0; step < bisectors.size(); ++step) {
        const std::size_t k = (first + step) % bisectors.size();
        const Vector<2> vertex = cell.corner(k);
        edges_.push_back({bisectors[k].particle, given(particle, bisectors[k].particle, bisectors[k].image),
                          (vertex - previous).norm(), vertex});
        previous = vertex;
    }
    edge_range_[i].last = edges_.size();
    measure(particle, cell);
    triangle_range_[i].first = triangles_.size();
    add_triangles(particle, cell);
    triangle_range_[i].last = triangles_.size();
}

void Assembly::measure(int particle, const PowerCell& cell) {
    const auto i = static_cast<std::size_t>(particle);
    const Edge* const edges = edges_.data() + edge_range_[i].first;
    const std::size_t count = cell.edges().size();
    // Measure from one of the vertices, because the particle can lie far outside its cell.
    const Vector<2>& corner = edges[0].vertex;
    double twice_area = 0.0;
    double perimeter = 0.0;
    Vector<2> moment = Vector<2>::Zero();
    Vector<2> mean = Vector<2>::Zero();
    for (std::size_t k = 0; k < count; ++k) {
        const Vector<2> from = edges[k].vertex - corner;
        const Vector<2> to = edges[(k + 1) % count].vertex - corner;
        const double part = cross(from, to);
        twice_area += part;
        moment += part * (from + to);
        mean += from / static_cast<double>(count);
        perimeter += edges[k].length;
    }
    result_.hidden(particle) = false;
    result_.area[i] = std::max(0.5 * twice_area, 0.0);
    // For a cell that has shrunk to round-off the centroid is that of its vertices.
    const bool flat = twice_area <= 1e-14 * perimeter * perimeter;
    result_.centroid.col(particle) = corner + (flat ? mean : Vector<2>(moment / (3.0 * twice_area)));
}

// Each triangle is met at its three corners and taken at the first of them in the order of particles, and of
// images in boxes so small that a particle meets its own. The order of images depends on their differences
// only, so that it is the same seen from each corner.
void Assembly::add_triangles(int particle, const PowerCell& cell) {
    const std::vector<Bisector>& bisectors = cell.edges();
    const auto follows = [particle](const Bisector& other) {
        if (other.particle != particle) {
            return other.particle > particle;
        }
        return other.image(0) != 0 ? other.image(0) > 0 : other.image(1) > 0;
    };
    const std::size_t first = first_of(bisectors);
    for (std::size_t step = 0; step < bisectors.size(); ++step) {
        const std::size_t k = (first + step) % bisectors.size();
        const Bisector& second = bisectors[k];
        const Bisector& third = bisectors[(k + 1) % bisectors.size()];
        if (follows(second) && follows(third)) {
            triangles_.push_back({{particle, second.particle, third.particle},
                                  {Shift::Zero(), given(particle, second.particle, second.image),
                                   given(particle, third.particle, third.image)},
                                  0.5 * (second.x * third.y - second.y * third.x)});
        }
    }
}

RadicalTessellation Assembly::finish() {
    result_.start.reserve(lattice_.size() + 1);
    result_.start.push_back(0);
    const auto total = static_cast<Eigen::Index>(edges_.size());
    result_.neighbor.reserve(edges_.size());
    result_.edge_length.reserve(edges_.size());
    result_.neighbor_shift.resize(2, total);
    result_.vertex.resize(2, total);
    for (const Range& range : edge_range_) {
        for (std::size_t k = range.first; k < range.last; ++k) {
            const auto column = static_cast<Eigen::Index>(result_.neighbor.size());
            result_.neighbor.push_back(edges_[k].neighbor);
            result_.edge_length.push_back(edges_[k].length);
            result_.neighbor_shift.col(column) = edges_[k].shift;
            result_.vertex.col(column) = edges_[k].vertex;
        }
        result_.start.push_back(static_cast<int>(result_.neighbor.size()));
    }
    const auto triangle_count = static_cast<Eigen::Index>(triangles_.size());
    result_.triangle.resize(3, triangle_count);
    result_.triangle_shift.resize(6, triangle_count);
    result_.triangle_area.reserve(triangles_.size());
    for (const Range& range : triangle_range_) {
        for (std::size_t k = range.first; k < range.last; ++k) {
            const auto column = static_cast<Eigen::Index>(result_.triangle_area.size());
            for (std::size_t corner = 0; corner < 3; ++corner) {
                const auto row = static_cast<Eigen::Index>(corner);
                result_.triangle(row, column) = triangles_[k].corner[corner];
                result_.triangle_shift.col(column).segment<2>(2 * row) = triangles_[k].shift[corner];
            }
            result_.triangle_area.push_back(triangles_[k].area);
        }
    }
    return std::move(result_);
}

}  // namespace

RadicalTessellation tessellate(const Box<2>& box, const Positions<2>& positions,
                               const std::vector<double>& weights) {
    require_sensible(positions, weights);
    const Lattice lattice(box, positions, weights);
    Assembly assembly(box, lattice);
    PowerCell cell;
    for (std::size_t site = 0; site < lattice.size(); ++site) {
        lattice.cut(site, cell);
        assembly.add(lattice.particle(site), cell);
    }
    return assembly.finish();
}

}  // namespace glassplast
