#pragma once

#include <glassplast/geometry/close_pairs.hpp>
#include <glassplast/geometry/image_cells.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace glassplast {

/// Finds the sites among first ... last - 1 that are closer to `here` than the square root of `farthest`.
/// Writes them to `near` and their squared distances to `squared`, which have room for eight more, and
/// returns their number.
template <int Dim>
std::size_t sites_within(const double* place, int first, int last, const Vector<Dim>& here, double farthest,
                         int* near, double* squared);

/// A half neighbour list with a skin that stays valid while particles move and the box is sheared.
///
/// Each pair appears once, at the particle site that owns it. The pair cutoff may differ from pair to pair:
/// `cutoff(i, j)` is asked once for each candidate (particle indices).
///
/// With a margin the list keeps its close pairs as well: whoever updates the list chooses them anew when they
/// are not current.
template <int Dim>
class VerletList {
public:
    static constexpr std::size_t padding = 8;

    explicit VerletList(double skin = 0.3, double margin = 0.0) : skin_(skin), margin_(margin) {}

    /// Makes the list anew if it may have lost a pair, then places the sites. `range` is the largest cutoff.
    /// Returns whether the list was made anew.
    template <class Cutoff>
    bool update(const Box<Dim>& box, const Positions<Dim>& positions, double range, Cutoff&& cutoff) {
        if (close_pairs_cover(box, positions, range)) {
            cells_.place(box, positions, sites_);
            return false;
        }
        close_.current = false;
        double rest = slack(box, positions, range);
        // Written so that a NaN does not pass for slack.
        const bool stale = !(rest > 0.0);
        if (stale) {
            build(box, positions, range, cutoff);
            ++builds_;
            rest = capped_skin_;
        } else {
            cells_.place(box, positions, sites_);
        }
        if (margin_ > 0.0) {
            close_.margin = std::min(margin_, rest);
            close_reference_ = positions;
        }
        return stale;
    }

    std::size_t size() const { return cells_.size(); }
    const ImageCells<Dim>& cells() const { return cells_; }
    const Positions<Dim>& sites() const { return sites_; }
    /// The neighbours of particle site i are neighbor()[start()[i]] ... neighbor()[start()[i + 1] - 1].
    /// `padding` sites without a meaning follow the last one, so that eight can be read from anywhere.
    const std::vector<int>& start() const { return start_; }
    const std::vector<int>& neighbor() const { return neighbor_; }
    /// A note on each pair by whoever made the list, in the order of neighbor(); empty if there are none.
    std::vector<std::uint8_t>& kind() { return kind_; }
    const std::vector<std::uint8_t>& kind() const { return kind_; }
    /// Whether close pairs are kept. While they are current, no pair that was beyond cutoff + margin when
    /// they were chosen can be inside its cutoff.
    bool keeps_close_pairs() const { return margin_ > 0.0; }
    ClosePairs& close_pairs() { return close_; }
    const ClosePairs& close_pairs() const { return close_; }
    long builds() const { return builds_; }
    double skin() const { return skin_; }

private:
    /// How much farther particles may move until a pair that was beyond cutoff + skin when the list was made
    /// can be inside its cutoff; not positive when it can be inside already. With F the deformation since
    /// then and u, v the two largest departures from it, |r| >= smallest stretch of F * |r0| - u - v.
    double slack(const Box<Dim>& box, const Positions<Dim>& positions, double range) const;
    bool close_pairs_cover(const Box<Dim>& box, const Positions<Dim>& positions, double range) const;

    template <class Cutoff>
    void build(const Box<Dim>& box, const Positions<Dim>& positions, double range, Cutoff&& cutoff) {
        const double capped = begin(box, positions, range);
        const std::vector<int>& source = cells_.source();
        const double farthest = (range + capped) * (range + capped);
        const int particles = static_cast<int>(cells_.size());
        std::vector<int> near(cells_.sites() + padding);
        std::vector<double> squared(cells_.sites() + padding);
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            const int site = static_cast<int>(i);
            const Vector<Dim> here = sites_.col(site);
            std::size_t found = 0;
            cells_.for_ranges(site, [&](int first, int last) {
                found += sites_within<Dim>(sites_.data(), first, last, here, farthest, near.data() + found,
                                           squared.data() + found);
            });
            std::size_t end = neighbor_.size();
            neighbor_.resize(end + found);
            int* const row = neighbor_.data();
            std::size_t k = 0;
            for (; k < found && near[k] < particles; ++k) {
                const int j = near[k];
                const double reach = cutoff(source[i], source[j]) + capped;
                row[end] = j;
                end += squared[k] < reach * reach ? 1 : 0;
            }
            for (; k < found; ++k) {
                const int j = near[k];
                const double reach = cutoff(source[i], source[j]) + capped;
                if (squared[k] < reach * reach && cells_.owns(site, j)) {
                    row[end++] = j;
                }
            }
            neighbor_.resize(end);
            start_.push_back(static_cast<int>(end));
        }
        neighbor_.resize(neighbor_.size() + padding, 0);
        range_ = range;
    }

    /// Sorts the sites and caps the skin so that twice (range + skin) fits into the box. The list counts as
    /// empty until it is complete, so that no failure leaves a list behind that passes for current.
    double begin(const Box<Dim>& box, const Positions<Dim>& positions, double range);

    double skin_;
    double margin_;
    double capped_skin_ = 0.0;
    double range_ = -1.0;
    long builds_ = 0;
    Matrix<Dim> cell_ = Matrix<Dim>::Zero();
    Matrix<Dim> cell_inverse_ = Matrix<Dim>::Zero();
    Eigen::Matrix<int, Dim, Dim> reduction_ = Eigen::Matrix<int, Dim, Dim>::Zero();
    Positions<Dim> reference_;
    ImageCells<Dim> cells_;
    Positions<Dim> sites_;
    std::vector<int> start_;
    std::vector<int> neighbor_;
    std::vector<std::uint8_t> kind_;
    ClosePairs close_;
    Positions<Dim> close_reference_;
};

extern template class VerletList<2>;
extern template class VerletList<3>;

}  // namespace glassplast
