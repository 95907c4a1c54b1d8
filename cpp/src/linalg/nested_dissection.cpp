#include <glassplast/linalg/nested_dissection.hpp>

#include <algorithm>
#include <numeric>

namespace glassplast {

namespace {

constexpr int leaf_size = 10;

/// Smallest vertex cover of the edges between two sides, from a maximum matching.
class SeparatorFinder {
public:
    explicit SeparatorFinder(const Graph& graph)
        : graph_(graph), side_(graph.size(), 0), match_(graph.size(), -1), seen_(graph.size(), 0) {}

    std::vector<int> find(const std::vector<int>& left, const std::vector<int>& right) {
        mark(left, 1);
        mark(right, 2);
        std::vector<int> boundary;
        for (const int v : left) {
            if (touches(v, 2)) {
                boundary.push_back(v);
            }
        }
        for (const int v : boundary) {
            ++stamp_;
            augment(v);
        }
        // Koenig: alternating paths from the unmatched left vertices reach Z; the cover is (L - Z) + (R in
        // Z).
        ++stamp_;
        for (const int v : boundary) {
            if (match_[v] < 0) {
                reach(v);
            }
        }
        std::vector<int> cover;
        for (const int v : boundary) {
            if (seen_[v] != stamp_) {
                cover.push_back(v);
            }
        }
        for (const int v : right) {
            if (seen_[v] == stamp_) {
                cover.push_back(v);
            }
        }
        for (const auto* part : {&left, &right}) {
            for (const int v : *part) {
                side_[v] = 0;
                match_[v] = -1;
            }
        }
        return cover;
    }

private:
    void mark(const std::vector<int>& part, int side) {
        for (const int v : part) {
            side_[v] = side;
        }
    }

    bool touches(int v, int side) const {
        for (int k = graph_.start[v]; k < graph_.start[v + 1]; ++k) {
            if (side_[graph_.neighbor[k]] == side) {
                return true;
            }
        }
        return false;
    }

    bool augment(int v) {
        for (int k = graph_.start[v]; k < graph_.start[v + 1]; ++k) {
            const int w = graph_.neighbor[k];
            if (side_[w] != 2 || seen_[w] == stamp_) {
                continue;
            }
            seen_[w] = stamp_;
            if (match_[w] < 0 || augment(match_[w])) {
                match_[w] = v;
                match_[v] = w;
                return true;
            }
        }
        return false;
    }

    void reach(int v) {
        if (seen_[v] == stamp_) {
            return;
        }
        seen_[v] = stamp_;
        for (int k = graph_.start[v]; k < graph_.start[v + 1]; ++k) {
            const int w = graph_.neighbor[k];
            if (side_[w] == 2 && seen_[w] != stamp_) {
                seen_[w] = stamp_;
                reach(match_[w]);
            }
        }
    }

    const Graph& graph_;
    std::vector<int> side_;
    std::vector<int> match_;
    std::vector<int> seen_;
    int stamp_ = 0;
};

template <int Dim>
void dissect(const Positions<Dim>& points, SeparatorFinder& finder, std::vector<int> part,
             std::vector<char>& separates, std::vector<int>& order) {
    if (part.size() <= leaf_size) {
        order.insert(order.end(), part.begin(), part.end());
        return;
    }
    Vector<Dim> low = points.col(part[0]);
    Vector<Dim> high = low;
    for (const int v : part) {
        low = low.cwiseMin(points.col(v));
        high = high.cwiseMax(points.col(v));
    }
    int axis = 0;
    (high - low).maxCoeff(&axis);
    const auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
    std::nth_element(part.begin(), middle, part.end(), [&](int a, int b) {
        return points(axis, a) != points(axis, b) ? points(axis, a) < points(axis, b) : a < b;
    });
    std::vector<int> left(part.begin(), middle);
    std::vector<int> right(middle, part.end());
    const std::vector<int> separator = finder.find(left, right);
    for (const int v : separator) {
        separates[v] = 1;
    }
    const auto inside = [&](int v) { return separates[v] != 0; };
    left.erase(std::remove_if(left.begin(), left.end(), inside), left.end());
    right.erase(std::remove_if(right.begin(), right.end(), inside), right.end());
    dissect<Dim>(points, finder, std::move(left), separates, order);
    dissect<Dim>(points, finder, std::move(right), separates, order);
    order.insert(order.end(), separator.begin(), separator.end());
}

}  // namespace

template <int Dim>
std::vector<int> nested_dissection(const Positions<Dim>& points, const Graph& graph) {
    std::vector<int> all(graph.size());
    std::iota(all.begin(), all.end(), 0);
    std::vector<int> order;
    order.reserve(all.size());
    std::vector<char> separates(all.size(), 0);
    SeparatorFinder finder(graph);
    dissect<Dim>(points, finder, std::move(all), separates, order);
    return order;
}

template std::vector<int> nested_dissection<2>(const Positions<2>&, const Graph&);
template std::vector<int> nested_dissection<3>(const Positions<3>&, const Graph&);

}  // namespace glassplast
