#include <glassplast/linalg/factorization.hpp>

#include <glassplast/errors.hpp>
#include <glassplast/linalg/dense_kernels.hpp>
#include <glassplast/memory.hpp>
#include <glassplast/parallel.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <sstream>

namespace glassplast {

namespace {

/// A pivot smaller than this fraction of the largest one is a zero mode.
constexpr double vanishing_pivot = 1e-13;
/// Large updates are shared among threads in strips of this many rows.
constexpr int strip = 96;
/// The number of columns of an update that are subtracted at once.
constexpr int depth_block = 256;

constexpr std::size_t huge_page = 2097152;

std::align_val_t alignment(std::size_t bytes) {
    constexpr std::size_t line = 64;
    return std::align_val_t{bytes < 2 * huge_page ? line : huge_page};
}

}  // namespace

void* allocate_lines(std::size_t bytes) {
    void* const memory = ::operator new(bytes, alignment(bytes));
#if defined(MADV_HUGEPAGE)
    if (bytes >= 2 * huge_page) {
        // This is only a request: everything works as well where the system refuses it.
        madvise(memory, bytes / huge_page * huge_page, MADV_HUGEPAGE);
    }
#endif
    return memory;
}

void deallocate_lines(void* memory, std::size_t bytes) {
    ::operator delete(memory, alignment(bytes));
}

template <int Dim>
std::size_t Factorization<Dim>::Arena::size(const Node& node) {
    const std::size_t rows = Dim * node.rows.size();
    return rows * static_cast<std::size_t>(row_stride(static_cast<std::ptrdiff_t>(rows)));
}

template <int Dim>
void Factorization<Dim>::Arena::reserve(const Supernodes<Dim>& supernodes, const std::vector<int>& listed) {
    std::array<std::size_t, 2> now{};
    std::array<std::size_t, 2> peak{};
    std::vector<char> mine(supernodes.nodes().size(), 0);
    std::size_t widest = 0;
    for (const int k : listed) {
        const Node& node = supernodes.nodes()[static_cast<std::size_t>(k)];
        mine[static_cast<std::size_t>(k)] = 1;
        const auto parity = static_cast<std::size_t>(node.depth % 2);
        now[parity] += size(node);
        peak[parity] = std::max(peak[parity], now[parity]);
        for (const int child : node.children) {
            if (mine[static_cast<std::size_t>(child)] != 0) {
                now[1 - parity] -= size(supernodes.nodes()[static_cast<std::size_t>(child)]);
            }
        }
        widest =
            std::max(widest, product_scratch(Dim * node.size(), std::min(Dim * node.width, depth_block)));
    }
    for (std::size_t parity = 0; parity < 2; ++parity) {
        stack[parity].resize(peak[parity]);
    }
    scratch.resize(widest);
}

template <int Dim>
void Factorization<Dim>::begin(std::shared_ptr<const Supernodes<Dim>> supernodes) {
    if (supernodes != supernodes_) {
        require_memory(supernodes->bytes(), "the factorization of the Hessian",
                       "Minimize with polish=False and use a smaller sample for responses");
        supernodes_ = std::move(supernodes);
        const std::vector<int>& branches = supernodes_->branches();
        arenas_.assign(branches.size() + 1, Arena{});
        std::vector<int> listed;
        for (std::size_t k = 0; k < branches.size(); ++k) {
            const int begin = supernodes_->subtree_begin(branches[k]);
            listed.resize(static_cast<std::size_t>(branches[k]) + 1 - static_cast<std::size_t>(begin));
            std::iota(listed.begin(), listed.end(), begin);
            arenas_[k].reserve(*supernodes_, listed);
        }
        arenas_.back().reserve(*supernodes_, supernodes_->trunk());
        panels_.resize(static_cast<std::size_t>(supernodes_->panel_size()));
        largest_ = 0;
        for (const Node& node : supernodes_->nodes()) {
            largest_ = std::max(largest_, node.size());
        }
    }
    blocks_.assign(static_cast<std::size_t>(Dim * Dim) * supernodes_->slots(), 0.0);
}

template <int Dim>
void Factorization<Dim>::factorize(int threads) {
    const Supernodes<Dim>& tree = *supernodes_;
    pivot_.assign(Dim * tree.vertices(), 0.0);
    sign_.assign(Dim * tree.vertices(), 1.0);
    update_.assign(tree.nodes().size(), nullptr);
    const std::vector<int>& branches = tree.branches();
    for (Arena& arena : arenas_) {
        arena.top = {};
    }
    run_tasks(branches.size(), threads, [&](std::size_t task) {
        for (int k = tree.subtree_begin(branches[task]); k <= branches[task]; ++k) {
            eliminate(k, arenas_[task], 1);
        }
    });
    for (const int k : tree.trunk()) {
        eliminate(k, arenas_.back(), threads);
    }

    double largest = 0.0;
    bool regular = true;
    for (const double pivot : pivot_) {
        largest = std::max(largest, std::abs(pivot));
        regular = regular && std::isfinite(pivot) && pivot != 0.0;
    }
    if (!regular) {
        throw InstabilityError(
            "the Hessian is singular beyond its translations: a zero pivot appeared in its factorization");
    }
    negative_ = 0;
    vanishing_ = 0;
    for (const double pivot : pivot_) {
        negative_ += pivot < 0.0 ? 1 : 0;
        vanishing_ += std::abs(pivot) < vanishing_pivot * largest ? 1 : 0;
    }
}

template <int Dim>
void Factorization<Dim>::scatter(const Node& node, double* panel) const {
    const std::ptrdiff_t stride = row_stride(Dim * node.size());
    std::fill_n(panel, Dim * node.width * stride, 0.0);
    const int end = supernodes_->slots_begin(node.first + node.width);
    for (int slot = supernodes_->slots_begin(node.first); slot < end; ++slot) {
        const double* const block = blocks_.data() + static_cast<std::ptrdiff_t>(Dim * Dim) * slot;
        double* const target = panel + supernodes_->slot_offset(slot);
        for (int b = 0; b < Dim; ++b) {
            for (int a = 0; a < Dim; ++a) {
                target[a + b * stride] = block[a + b * Dim];
            }
        }
    }
}

template <int Dim>
void Factorization<Dim>::eliminate(int index, Arena& arena, int threads) {
    const DenseKernels& kernels = dense_kernels();
    const std::vector<Node>& nodes = supernodes_->nodes();
    const Node& node = nodes[static_cast<std::size_t>(index)];
    const auto parity = static_cast<std::size_t>(node.depth % 2);
    const int columns = Dim * node.width;
    const int below = static_cast<int>(Dim * node.rows.size());
    const std::ptrdiff_t stride = row_stride(columns + below);
    const std::ptrdiff_t update_stride = row_stride(below);
    double* const panel = panels_.data() + node.panel;
    double* const target = arena.stack[parity].data() + arena.top[parity];
    double* const sign = sign_.data() + static_cast<std::ptrdiff_t>(Dim) * node.first;
    // The updates of the children that fall into the panel are added before it is factorized. The others are
    // added once the update of the node itself is computed, which saves setting that to zero first.
    scatter(node, panel);
    for (const int child : node.children) {
        const Node& from = nodes[static_cast<std::size_t>(child)];
        kernels.extend_add(panel, stride, 0, update_[static_cast<std::size_t>(child)],
                           row_stride(static_cast<std::ptrdiff_t>(Dim * from.rows.size())), from.runs.data(),
                           0, from.inside, static_cast<int>(from.runs.size()));
    }
    kernels.factorize_panel(panel, stride, columns + below, columns,
                            pivot_.data() + static_cast<std::ptrdiff_t>(Dim) * node.first, sign,
                            arena.scratch.data());
    const bool shared = threads > 1 && static_cast<double>(below) * below * columns > shared_work;
    for (int from = 0; below > 0 && from < columns; from += depth_block) {
        const int depth = std::min(depth_block, columns - from);
        const double* const lower = panel + from * stride + columns;
        if (!shared) {
            kernels.subtract_product(target, update_stride, lower, stride, lower, sign + from, below, depth,
                                     0, below, from == 0, arena.scratch.data());
            continue;
        }
        const auto strips = static_cast<std::size_t>((below + strip - 1) / strip);
        run_tasks(strips, threads, [&](std::size_t task) {
            // Begin with the longest rows.
            const int first = strip * static_cast<int>(strips - 1 - task);
            const int last = std::min(below, first + strip);
            LineVector scratch(product_scratch(last, depth));
            kernels.subtract_product(target, update_stride, lower, stride, lower, sign + from, last, depth,
                                     first, last, from == 0, scratch.data());
        });
    }
    for (const int child : node.children) {
        const Node& from = nodes[static_cast<std::size_t>(child)];
        const double* const update = update_[static_cast<std::size_t>(child)];
        kernels.extend_add(target, update_stride, columns, update,
                           row_stride(static_cast<std::ptrdiff_t>(Dim * from.rows.size())), from.runs.data(),
                           from.inside, static_cast<int>(from.runs.size()),
                           static_cast<int>(from.runs.size()));
        const LineVector& other = arena.stack[1 - parity];
        if (update >= other.data() && update < other.data() + other.size()) {
            arena.top[1 - parity] -= Arena::size(from);
        }
    }
    arena.top[parity] += Arena::size(node);
    update_[static_cast<std::size_t>(index)] = target;
}

template <int Dim>
void Factorization<Dim>::solve_group(Eigen::Ref<Eigen::MatrixXd> right, int width) const {
    const std::vector<int>& order = supernodes_->order();
    const auto count = static_cast<int>(right.cols());
    // In the order of elimination, with the right-hand sides of a row beside each other.
    std::vector<double> x(Dim * order.size() * static_cast<std::size_t>(width), 0.0);
    for (std::size_t p = 0; p < order.size(); ++p) {
        for (int a = 0; a < Dim; ++a) {
            for (int c = 0; c < count; ++c) {
                x[(Dim * p + static_cast<std::size_t>(a)) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(c)] = right(Dim * order[p] + a, c);
            }
        }
    }
    solve_places(x.data(), width);
    for (std::size_t p = 0; p < order.size(); ++p) {
        for (int a = 0; a < Dim; ++a) {
            for (int c = 0; c < count; ++c) {
                right(Dim * order[p] + a, c) =
                    x[(Dim * p + static_cast<std::size_t>(a)) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(c)];
            }
        }
    }
}

template <int Dim>
void Factorization<Dim>::solve_places(double* x, int width) const {
    if (width == 1) {
        solve_places<1>(x);
    } else {
        solve_places<solve_width>(x);
    }
}

template <int Dim>
template <int Width>
void Factorization<Dim>::solve_places(double* x) const {
    const DenseKernels& kernels = dense_kernels();
    constexpr int block = Dim * Width;
    const auto at = [x](int place) { return x + static_cast<std::ptrdiff_t>(block) * place; };
    // The rows of a node, copied so that they lie beside each other.
    LineVector local(static_cast<std::size_t>(block * largest_ + row_slack * Width));
    const auto fetch = [&](const Node& node) {
        double* here = std::copy_n(at(node.first), block * node.width, local.data());
        for (const int q : node.rows) {
            here = std::copy_n(at(q), block, here);
        }
    };
    const std::vector<Node>& nodes = supernodes_->nodes();
    for (const Node& node : nodes) {
        fetch(node);
        kernels.forward(panels_.data() + node.panel, row_stride(Dim * node.size()), Dim * node.size(),
                        Dim * node.width, local.data(), Width);
        const double* here = local.data();
        std::copy_n(here, block * node.width, at(node.first));
        here += static_cast<std::ptrdiff_t>(block) * node.width;
        for (const int q : node.rows) {
            std::copy_n(here, block, at(q));
            here += block;
        }
    }
    for (std::size_t k = 0; negative_ > 0 && k < sign_.size(); ++k) {
        if (sign_[k] < 0.0) {
            for (int c = 0; c < Width; ++c) {
                x[k * Width + static_cast<std::size_t>(c)] *= -1.0;
            }
        }
    }
    for (std::size_t k = nodes.size(); k-- > 0;) {
        const Node& node = nodes[k];
        fetch(node);
        kernels.backward(panels_.data() + node.panel, row_stride(Dim * node.size()), Dim * node.size(),
                         Dim * node.width, local.data(), Width);
        std::copy_n(local.data(), block * node.width, at(node.first));
    }
}

template <int Dim>
void Factorization<Dim>::solve(Eigen::Ref<Eigen::MatrixXd> right) const {
    for (Eigen::Index c = 0; c < right.cols();) {
        const Eigen::Index left = right.cols() - c;
        const Eigen::Index width = left > 2 ? std::min<Eigen::Index>(left, solve_width) : 1;
        solve_group(right.middleCols(c, width), width > 1 ? solve_width : 1);
        c += width;
    }
}

template class Factorization<2>;
template class Factorization<3>;

}  // namespace glassplast
