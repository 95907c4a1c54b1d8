#pragma once

#include <glassplast/geometry/box.hpp>
#include <glassplast/models/local_energy.hpp>

#include <array>
#include <vector>

namespace glassplast {

/// Particles in the cells of a periodic box, where each cell has room for more than it holds. All that a
/// particle can interact with lies in a few contiguous arrays, which are updated as particles move one by
/// one.
template <int Dim>
class PaddedCells {
public:
    /// Cells are at least `width` wide. As long as the range of a particle and its displacement together are
    /// less than that, it interacts with none outside the cells around its own.
    PaddedCells(const Box<Dim>& box, const Positions<Dim>& positions, std::vector<double> kinds,
                double width);

    std::size_t size() const { return cell_of_.size(); }

    Probe<Dim> probe(int particle) const {
        const int slot = slot_of_[particle];
        Probe<Dim> probe;
        for (int a = 0; a < Dim; ++a) {
            probe.position(a) = coordinate_[a][slot];
        }
        probe.kind = kind_[slot];
        return probe;
    }

    double kind(int particle) const { return kind_[slot_of_[particle]]; }
    void set_kind(int particle, double kind) { kind_[slot_of_[particle]] = kind; }

    /// What lies within `range` of a particle; valid until one moves.
    Surroundings<Dim> around(int particle, double range, int partner = -1);

    /// Moves a particle to a position, which is wrapped into the box.
    void move(int particle, Vector<Dim> position);

    /// Where the particles are, on a path without jumps from the positions at the start.
    Positions<Dim> positions() const;
    std::vector<double> kinds() const;

private:
    static constexpr int stencil = Dim == 2 ? 9 : 27;

    /// The cell of a position, which is wrapped into the box.
    int wrap(Vector<Dim>& position, Image<Dim>& image, Vector<Dim>& depth) const;
    void find_surroundings();
    void insert(int particle, int cell, const Vector<Dim>& position, double kind);
    void remove(int particle);
    void grow();

    Matrix<Dim> lattice_;
    Matrix<Dim> inverse_;
    std::array<int, Dim> grid_{};
    std::array<double, Dim> cell_width_{};
    int cells_ = 0;
    int capacity_ = 0;
    std::array<std::vector<double>, Dim> coordinate_;
    std::vector<double> kind_;
    std::vector<double> particle_;
    std::vector<int> occupied_;
    std::vector<int> slot_of_;
    std::vector<int> cell_of_;
    /// Where in its cell a particle is: distances from the lower faces.
    std::vector<Vector<Dim>> depth_;
    std::vector<Image<Dim>> image_;
    std::vector<Vector<Dim>> shifts_;
    /// For each cell the cells around it, and the lattice vectors by which they are displaced.
    std::vector<std::array<int, stencil>> neighbor_;
    std::vector<std::array<int, stencil>> displaced_;
    std::array<SlotRange, stencil> ranges_{};
};

extern template class PaddedCells<2>;
extern template class PaddedCells<3>;

}  // namespace glassplast
