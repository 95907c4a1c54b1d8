#include <glassplast/linalg/selected_inverse.hpp>

#include <glassplast/linalg/dense_kernels.hpp>
#include <glassplast/memory.hpp>
#include <glassplast/parallel.hpp>

#include <algorithm>

namespace glassplast {

namespace {

/// Large products are shared among threads in strips of this many rows.
constexpr int strip = 96;

/// The inverse over the rows and columns of a node's panel, and of those above it that are still needed: the
/// front of a node lies behind that of its parent.
template <int Dim>
class InverseDescent {
public:
    using Node = typename Supernodes<Dim>::Node;

    InverseDescent(const Factorization<Dim>& factorization, int threads, Monitor& monitor)
        : factorization_(factorization),
          tree_(factorization.supernodes()),
          threads_(threads),
          monitor_(monitor),
          front_(tree_.nodes().size(), nullptr),
          blocks_(static_cast<std::size_t>(Dim * Dim) * tree_.slots()) {}

    std::vector<double> run() {
        // Branches begin at nodes of the trunk, so that all fronts of the trunk are kept.
        LineVector trunk(trunk_size(tree_));
        Scratch scratch(tree_, tree_.trunk());
        std::size_t top = 0;
        for (std::size_t k = tree_.trunk().size(); k-- > 0;) {
            const int index = tree_.trunk()[k];
            finish(index, trunk.data() + top, scratch, threads_);
            top += front_size(tree_.nodes()[static_cast<std::size_t>(index)]);
        }
        run_tasks(tree_.branches().size(), threads_,
                  [&](std::size_t task) { descend(tree_.branches()[task]); });
        return std::move(blocks_);
    }

    static double bytes(const Supernodes<Dim>& tree, int threads) {
        std::vector<std::size_t> branches;
        for (const int root : tree.branches()) {
            branches.push_back(branch_size(tree, root) + 2 * Scratch::size(tree, listed(tree, root)));
        }
        std::sort(branches.rbegin(), branches.rend());
        std::size_t beside = 0;
        for (std::size_t k = 0; k < branches.size() && k < static_cast<std::size_t>(std::max(threads, 1));
             ++k) {
            beside += branches[k];
        }
        const std::size_t above = trunk_size(tree) + 2 * Scratch::size(tree, tree.trunk());
        return 8.0 * static_cast<double>(above + beside + static_cast<std::size_t>(Dim * Dim) * tree.slots());
    }

private:
    struct Scratch {
        LineVector packed;
        LineVector rest;

        Scratch(const Supernodes<Dim>& tree, const std::vector<int>& nodes)
            : packed(size(tree, nodes)), rest(packed.size()) {}

        static std::size_t size(const Supernodes<Dim>& tree, const std::vector<int>& nodes) {
            int rows = 0;
            for (const int index : nodes) {
                rows = std::max(rows, Dim * tree.nodes()[static_cast<std::size_t>(index)].size());
            }
            return inverse_scratch(rows);
        }
    };

    static std::vector<int> listed(const Supernodes<Dim>& tree, int root) {
        std::vector<int> nodes;
        for (int index = root; index >= tree.subtree_begin(root); --index) {
            nodes.push_back(index);
        }
        return nodes;
    }

    /// The size includes room to begin such that the rows beyond the node's own are at a cache line.
    static std::size_t front_size(const Node& node) {
        const std::size_t rows = Dim * static_cast<std::size_t>(node.size());
        return rows * static_cast<std::size_t>(row_stride(static_cast<std::ptrdiff_t>(rows))) + 8;
    }

    static std::size_t trunk_size(const Supernodes<Dim>& tree) {
        std::size_t size = 0;
        for (const int index : tree.trunk()) {
            size += front_size(tree.nodes()[static_cast<std::size_t>(index)]);
        }
        return size;
    }

    /// Finds where the front of each node of a subtree begins; returns the size of all. The front of a node
    /// is no longer needed when another node of the same depth is reached.
    static std::size_t stack(const Supernodes<Dim>& tree, int root, std::vector<std::size_t>& begin) {
        begin.assign(static_cast<std::size_t>(root - tree.subtree_begin(root)) + 1, 0);
        std::size_t peak = 0;
        const int first = tree.subtree_begin(root);
        for (int index = root; index >= first; --index) {
            const Node& node = tree.nodes()[static_cast<std::size_t>(index)];
            std::size_t& here = begin[static_cast<std::size_t>(index - first)];
            if (index != root) {
                here = begin[static_cast<std::size_t>(node.parent - first)] +
                       front_size(tree.nodes()[static_cast<std::size_t>(node.parent)]);
            }
            peak = std::max(peak, here + front_size(node));
        }
        return peak;
    }

    static std::size_t branch_size(const Supernodes<Dim>& tree, int root) {
        std::vector<std::size_t> begin;
        return stack(tree, root, begin);
    }

    void descend(int root) {
        std::vector<std::size_t> begin;
        LineVector fronts(stack(tree_, root, begin));
        Scratch scratch(tree_, listed(tree_, root));
        const int first = tree_.subtree_begin(root);
        for (int index = root; index >= first; --index) {
            finish(index, fronts.data() + begin[static_cast<std::size_t>(index - first)], scratch, 1);
        }
    }

    void finish(int index, double* place, Scratch& scratch, int threads) {
        monitor_(static_cast<double>(tree_.nodes().size()) - index, 0.0);
        const DenseKernels& kernels = dense_kernels();
        const Node& node = tree_.nodes()[static_cast<std::size_t>(index)];
        const int columns = Dim * node.width;
        const int rows = Dim * node.size();
        const std::ptrdiff_t stride = row_stride(rows);
        double* const front = place + (8 - columns % 8) % 8;
        front_[static_cast<std::size_t>(index)] = front;
        if (rows > columns) {
            const auto parent = static_cast<std::size_t>(node.parent);
            kernels.gather(front + columns * (stride + 1), stride, front_[parent],
                           row_stride(Dim * tree_.nodes()[parent].size()), node.runs.data(),
                           static_cast<int>(node.runs.size()));
        }
        const double* const panel = factorization_.panel(node);
        const double* const sign = factorization_.sign(node.first);
        for (int end = columns; end > 0; end -= inverse_block) {
            const int first = std::max(end - inverse_block, 0);
            const int size = end - first;
            const int below = rows - end;
            double* const corner = front + first * (stride + 1);
            kernels.begin_inverse(corner, panel + first * (stride + 1), stride, sign + first, rows - first,
                                  size, scratch.packed.data(), scratch.rest.data());
            if (below == 0) {
                continue;
            }
            const auto multiply = [&](int from, int to) {
                kernels.inverse_product(corner + size, front + end * (stride + 1), stride,
                                        scratch.packed.data(), size, below, from, to);
            };
            if (threads > 1 && static_cast<double>(below) * below * size > shared_work) {
                run_tasks(static_cast<std::size_t>((below + strip - 1) / strip), threads,
                          [&](std::size_t task) {
                              const int from = strip * static_cast<int>(task);
                              multiply(from, std::min(below, from + strip));
                          });
            } else {
                multiply(0, below);
            }
            kernels.end_inverse(corner, stride, rows - first, size, scratch.packed.data(),
                                scratch.rest.data());
        }
        keep(node, front, stride);
    }

    void keep(const Node& node, const double* front, std::ptrdiff_t stride) {
        const int end = tree_.slots_begin(node.first + node.width);
        for (int slot = tree_.slots_begin(node.first); slot < end; ++slot) {
            const double* const source = front + tree_.slot_offset(slot);
            double* const block = blocks_.data() + static_cast<std::ptrdiff_t>(Dim * Dim) * slot;
            for (int b = 0; b < Dim; ++b) {
                for (int a = 0; a < Dim; ++a) {
                    block[a + b * Dim] = source[a + b * stride];
                }
            }
        }
    }

    const Factorization<Dim>& factorization_;
    const Supernodes<Dim>& tree_;
    int threads_;
    Monitor& monitor_;
    std::vector<const double*> front_;
    std::vector<double> blocks_;
};

}  // namespace

template <int Dim>
double selected_inverse_bytes(const Supernodes<Dim>& supernodes, int threads) {
    return InverseDescent<Dim>::bytes(supernodes, threads);
}

template <int Dim>
std::vector<double> selected_inverse(const Factorization<Dim>& factorization, int threads, Monitor& monitor) {
    const Supernodes<Dim>& supernodes = factorization.supernodes();
    require_memory(supernodes.bytes() + selected_inverse_bytes(supernodes, threads),
                   "the selected inverse of the Hessian with its factorization", "Use a smaller sample");
    return InverseDescent<Dim>(factorization, threads, monitor).run();
}

template <int Dim>
InverseBlocks<Dim> inverse_blocks(const ElasticSolver<Dim>& solver, double missing, Monitor& monitor) {
    solver.require_regular();
    const RigidCore<Dim>& core = solver.core();
    const Supernodes<Dim>& tree = solver.supernodes();
    const std::vector<double> blocks = selected_inverse(solver.grounded(), solver.threads(), monitor);
    const auto particles = static_cast<Eigen::Index>(core.index.size());
    const auto at = [&](int i) { return core.index[static_cast<std::size_t>(i)]; };

    std::vector<char> held(core.index.size(), 0);
    for (const int i : solver.held()) {
        held[static_cast<std::size_t>(i)] = 1;
    }
    // Sums over the clusters. Particles that are decoupled stay zero.
    Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(Dim * particles, Dim);
    for (const int i : core.particles) {
        if (held[static_cast<std::size_t>(i)] == 0) {
            sums.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * i).setIdentity();
        }
    }
    solver.grounded().solve(sums);
    std::vector<int> members(static_cast<std::size_t>(core.clusters), 0);
    std::vector<Matrix<Dim>> mean(static_cast<std::size_t>(core.clusters), Matrix<Dim>::Zero());
    std::vector<Matrix<Dim>> shift(core.size());
    for (std::size_t m = 0; m < core.size(); ++m) {
        ++members[static_cast<std::size_t>(core.cluster[m])];
    }
    for (std::size_t m = 0; m < core.size(); ++m) {
        const auto cluster = static_cast<std::size_t>(core.cluster[m]);
        shift[m] =
            sums.middleRows<Dim>(static_cast<Eigen::Index>(Dim) * core.particles[m]) / members[cluster];
        mean[cluster] += shift[m] / members[cluster];
    }
    const auto projected = [&](int i, int j, const Matrix<Dim>& block) {
        const auto m = static_cast<std::size_t>(at(i));
        const auto n = static_cast<std::size_t>(at(j));
        return Matrix<Dim>(block - shift[m] - shift[n].transpose() +
                           mean[static_cast<std::size_t>(core.cluster[m])]);
    };
    const std::vector<int>& place = tree.place();
    const auto found = [&](int i, int j, int slot) {
        if (held[static_cast<std::size_t>(i)] != 0 || held[static_cast<std::size_t>(j)] != 0) {
            return Matrix<Dim>(Matrix<Dim>::Zero());
        }
        const Matrix<Dim> block =
            Eigen::Map<const Matrix<Dim>>(blocks.data() + static_cast<std::ptrdiff_t>(Dim * Dim) * slot);
        const bool later = place[static_cast<std::size_t>(i)] >= place[static_cast<std::size_t>(j)];
        return later ? block : Matrix<Dim>(block.transpose());
    };

    InverseBlocks<Dim> result;
    result.diagonal.setConstant(Dim * Dim, particles, missing);
    for (const int i : core.particles) {
        Eigen::Map<Matrix<Dim>>(result.diagonal.col(i).data()) =
            projected(i, i, found(i, i, tree.slot(i, i)));
    }
    const StiffnessNetwork<Dim>& network = solver.network();
    std::vector<std::size_t> bearing;
    for (std::size_t k = 0; k < network.size(); ++k) {
        if (solver.bears(k)) {
            bearing.push_back(k);
        }
    }
    result.pairs.resize(Dim * Dim, static_cast<Eigen::Index>(bearing.size()));
    for (std::size_t k = 0; k < bearing.size(); ++k) {
        const int i = network.first[bearing[k]];
        const int j = network.second[bearing[k]];
        Eigen::Map<Matrix<Dim>>(result.pairs.col(static_cast<Eigen::Index>(k)).data()) =
            projected(i, j, found(i, j, solver.slot(bearing[k])));
    }
    return result;
}

#define GLASSPLAST_INSTANTIATE(Dim)                                                               \
    template double selected_inverse_bytes<Dim>(const Supernodes<Dim>&, int);                     \
    template std::vector<double> selected_inverse<Dim>(const Factorization<Dim>&, int, Monitor&); \
    template InverseBlocks<Dim> inverse_blocks<Dim>(const ElasticSolver<Dim>&, double, Monitor&);

GLASSPLAST_INSTANTIATE(2)
GLASSPLAST_INSTANTIATE(3)

}  // namespace glassplast
