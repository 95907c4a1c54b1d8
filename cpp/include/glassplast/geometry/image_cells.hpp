#pragma once

#include <glassplast/geometry/box.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace glassplast {

/// Particles sorted into cells together with every periodic image within `range` of the reduced cell.
///
/// A *site* is a particle or an image of one. The first size() sites are the particles themselves, in cell
/// order; the images follow. Separations between sites are plain differences, so that no loop over pairs has
/// to know of periodicity, and sums with a range beyond half the box run over all images, as they should.
template <int Dim>
class ImageCells {
public:
    ImageCells() = default;

    /// Raises GeometryError when a position is NaN or infinite, ArgumentError unless the range is positive.
    ImageCells(const Box<Dim>& box, const Positions<Dim>& positions, double range);

    std::size_t size() const { return count_; }
    std::size_t sites() const { return source_.size(); }

    /// The particle that a site is an image of.
    const std::vector<int>& source() const { return source_; }
    /// site = positions[source] + reduced_cell * image, with the positions as they were given: they may lie
    /// outside the cell.
    const std::vector<Image<Dim>>& image() const { return image_; }

    /// The coordinates of all sites, for positions and a box that have moved since the cells were made.
    void place(const Box<Dim>& box, const Positions<Dim>& positions, Positions<Dim>& sites) const;

    /// Each pair can be written as (site, site) in two ways; true for one of them. Site i is a particle, site
    /// j any site.
    bool owns(int i, int j) const {
        if (static_cast<std::size_t>(j) < count_) {
            return i < j;
        }
        if (source_[i] != source_[j]) {
            return source_[i] < source_[j];
        }
        const Image<Dim> shift = image_[j] - image_[i];
        for (int a = 0; a < Dim; ++a) {
            if (shift(a) != 0) {
                return shift(a) > 0;
            }
        }
        return false;
    }

    /// Calls visit(j) for every site j != i within the cells around site i (a superset of the range).
    template <class Visit>
    void for_candidates(int i, Visit&& visit) const {
        std::array<int, Dim> low{};
        std::array<int, Dim> high{};
        for (int a = 0; a < Dim; ++a) {
            low[a] = std::max(cell_of_[i][a] - 1, 0);
            high[a] = std::min(cell_of_[i][a] + 1, grid_[a] - 1);
        }
        if constexpr (Dim == 2) {
            for (int y = low[1]; y <= high[1]; ++y) {
                visit_row(low[0], high[0], y * grid_[0], i, visit);
            }
        } else {
            for (int z = low[2]; z <= high[2]; ++z) {
                for (int y = low[1]; y <= high[1]; ++y) {
                    visit_row(low[0], high[0], (z * grid_[1] + y) * grid_[0], i, visit);
                }
            }
        }
    }

    /// Calls visit(first, last) for contiguous, ascending ranges of sites. Together they hold every pair
    /// within the range that site i, a particle, may own: particles after it, and images.
    template <class Visit>
    void for_ranges(int i, Visit&& visit) const {
        int rows[Dim == 2 ? 3 : 9];
        int count = 0;
        const std::array<int, Dim>& cell = cell_of_[i];
        const int low = std::max(cell[0] - 1, 0);
        const int high = std::min(cell[0] + 1, grid_[0] - 1);
        const auto add = [&](int row) { rows[count++] = row * grid_[0]; };
        if constexpr (Dim == 2) {
            for (int y = std::max(cell[1] - 1, 0); y <= std::min(cell[1] + 1, grid_[1] - 1); ++y) {
                add(y);
            }
        } else {
            for (int z = std::max(cell[2] - 1, 0); z <= std::min(cell[2] + 1, grid_[2] - 1); ++z) {
                for (int y = std::max(cell[1] - 1, 0); y <= std::min(cell[1] + 1, grid_[1] - 1); ++y) {
                    add(z * grid_[1] + y);
                }
            }
        }
        // Particles are numbered in the order of their cells.
        for (int k = 0; k < count; ++k) {
            const int first = std::max(particle_start_[rows[k] + low], i + 1);
            const int last = particle_start_[rows[k] + high + 1];
            if (first < last) {
                visit(first, last);
            }
        }
        for (int k = 0; k < count; ++k) {
            const int first = image_start_[rows[k] + low];
            const int last = image_start_[rows[k] + high + 1];
            if (first < last) {
                visit(first, last);
            }
        }
    }

private:
    template <class Visit>
    void visit_row(int low, int high, int row, int i, Visit&& visit) const {
        for (int k = cell_start_[row + low]; k < cell_start_[row + high + 1]; ++k) {
            if (cell_sites_[k] != i) {
                visit(cell_sites_[k]);
            }
        }
    }

    std::size_t count_ = 0;
    std::vector<int> source_;
    std::vector<Image<Dim>> image_;
    std::array<int, Dim> grid_{};
    std::vector<std::array<int, Dim>> cell_of_;
    std::vector<int> cell_start_;
    std::vector<int> cell_sites_;
    /// First site of each cell among the particles, and among the images.
    std::vector<int> particle_start_;
    std::vector<int> image_start_;
    /// The cell in which the sites were found, and by how much they were moved to lie in it.
    Matrix<Dim> reduced_cell_ = Matrix<Dim>::Zero();
    Positions<Dim> shift_;
};

/// Every pair that is closer than a range, each once, with all images: separation = x[second] - x[first] +
/// box.cell() * image.
template <int Dim>
struct PairTable {
    std::vector<int> first;
    std::vector<int> second;
    std::vector<Image<Dim>> image;  ///< in multiples of the vectors of box.cell()
    Positions<Dim> separation;
    Eigen::VectorXd distance;
};

/// Pairs with distance < range, sorted by (first, second) with first <= second; a particle and its own image
/// count as a pair when the range exceeds the box.
template <int Dim>
PairTable<Dim> find_pairs(const Box<Dim>& box, const Positions<Dim>& positions, double range);

/// Raises GeometryError naming the first particle with a coordinate that is NaN or infinite.
template <int Dim>
void require_finite(const Positions<Dim>& positions);

extern template class ImageCells<2>;
extern template class ImageCells<3>;

}  // namespace glassplast
