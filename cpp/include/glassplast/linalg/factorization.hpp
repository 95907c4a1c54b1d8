#pragma once

#include <glassplast/linalg/supernodes.hpp>

#include <array>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace glassplast {

/// Allocates memory that begins at a cache line. Large pieces are in huge pages where the system has them,
/// since the first touch of millions of small pages takes longer than a factorization.
void* allocate_lines(std::size_t bytes);
void deallocate_lines(void* memory, std::size_t bytes);

/// An allocator whose memory begins at a cache line, so that no vector of the processor lies across two.
template <typename T>
struct LineAllocator {
    using value_type = T;
    LineAllocator() = default;
    template <typename U>
    explicit LineAllocator(const LineAllocator<U>& /*other*/) {}

    T* allocate(std::size_t count) { return static_cast<T*>(allocate_lines(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t count) { deallocate_lines(memory, count * sizeof(T)); }
    /// Leaves new numbers uninitialized: every number that is used is written first.
    template <typename U>
    void construct(U* place) {
        ::new (static_cast<void*>(place)) U;
    }
    template <typename U, typename First, typename... Rest>
    void construct(U* place, First&& first, Rest&&... rest) {
        ::new (static_cast<void*>(place)) U(std::forward<First>(first), std::forward<Rest>(rest)...);
    }
    friend bool operator==(const LineAllocator& /*a*/, const LineAllocator& /*b*/) { return true; }
    friend bool operator!=(const LineAllocator& /*a*/, const LineAllocator& /*b*/) { return false; }
};
using LineVector = std::vector<double, LineAllocator<double>>;

/// Signed Cholesky factorization L S L^T, S = diag(+-1), of a sparse symmetric matrix of Dim x Dim blocks,
/// without pivoting: multifrontal on the supernodes of a nested dissection.
///
/// Fill in the blocks, then factorize. Independent subtrees are factorized at the same time, and so are parts
/// of the updates above them. The result does not depend on the number of threads.
template <int Dim>
class Factorization {
public:
    Factorization() = default;

    /// Adopts the symbolic half and sets all blocks to zero. Raises MemoryError before allocating more
    /// than the machine has.
    void begin(std::shared_ptr<const Supernodes<Dim>> supernodes);

    /// Adds to the block of two vertices, which must be in the pattern, as entries of a symmetric matrix; the
    /// block itself must be symmetric. Returns whether the pattern has it.
    bool add(int v, int w, const Matrix<Dim>& block) {
        const int slot = supernodes_->slot(v, w);
        if (slot < 0) {
            return false;
        }
        add(slot, block);
        return true;
    }
    /// The same for a slot that is known.
    void add(int slot, const Matrix<Dim>& block) {
        double* const target = blocks_.data() + static_cast<std::ptrdiff_t>(Dim * Dim) * slot;
        for (int k = 0; k < Dim * Dim; ++k) {
            target[k] += block.data()[k];
        }
    }

    /// Raises InstabilityError when a pivot is exactly zero or not a number.
    void factorize(int threads);

    /// Solves in place; each column holds Dim entries for each vertex.
    void solve(Eigen::Ref<Eigen::MatrixXd> right) const;

    /// The same for `width` right-hand sides (1 or solve_width) beside each other, in the order of
    /// elimination: x[(Dim * place + component) * width + side].
    void solve_places(double* x, int width) const;

    /// The number of negative pivots, which is that of negative eigenvalues of the matrix (Sylvester's law of
    /// inertia).
    int negative() const { return negative_; }
    /// The number of pivots that are zero to round-off, relative to the largest.
    int vanishing() const { return vanishing_; }
    const Supernodes<Dim>& supernodes() const { return *supernodes_; }
    /// The columns of L that belong to the places of a node; the strict upper triangle is undefined.
    const double* panel(const typename Supernodes<Dim>::Node& node) const {
        return panels_.data() + node.panel;
    }
    /// The signs S, from a place on.
    const double* sign(int place) const { return sign_.data() + static_cast<std::ptrdiff_t>(Dim) * place; }

private:
    using Node = typename Supernodes<Dim>::Node;

    /// Storage for the updates of one subtree. Those of even and of odd depth have separate stacks: when a
    /// node is eliminated, the updates of its children lie on top of one stack and its own goes onto the
    /// other.
    struct Arena {
        std::array<LineVector, 2> stack;
        std::array<std::size_t, 2> top{};
        LineVector scratch;

        /// Makes the stacks as large as these nodes will need; their memory does not move until the next
        /// call.
        void reserve(const Supernodes<Dim>& supernodes, const std::vector<int>& listed);
        static std::size_t size(const Node& node);
    };

    void eliminate(int index, Arena& arena, int threads);
    void scatter(const Node& node, double* panel) const;
    template <int Width>
    void solve_places(double* x) const;
    void solve_group(Eigen::Ref<Eigen::MatrixXd> right, int width) const;

    std::shared_ptr<const Supernodes<Dim>> supernodes_;
    std::vector<double> blocks_;  ///< of the matrix, by their slots
    LineVector panels_;
    std::vector<double> pivot_;
    std::vector<double> sign_;
    std::vector<Arena> arenas_;  ///< one for each branch of the tree, then one for the trunk
    /// The update matrix of each node while its parent waits for it.
    std::vector<const double*> update_;
    int largest_ = 0;  ///< places in the panel of one node
    int negative_ = 0;
    int vanishing_ = 0;
};

extern template class Factorization<2>;
extern template class Factorization<3>;

}  // namespace glassplast
