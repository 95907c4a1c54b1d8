#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace glassplast {

/// Uniform and normal deviates: xoshiro256++ (Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021)).
///
/// The state is a value: a run that is stored with it continues to the same bits. A seed is the four words of
/// numpy.random.SeedSequence(...).generate_state(4, uint64). In practice these are never all zero, and if
/// they are they are changed.
class RandomStream {
public:
    using State = std::array<std::uint64_t, 4>;

    explicit RandomStream(const State& state) : state_(state) {
        if ((state_[0] | state_[1] | state_[2] | state_[3]) == 0) {
            state_[0] = 1;
        }
    }

    const State& state() const { return state_; }

    std::uint64_t next() {
        const std::uint64_t result = rotated(state_[0] + state_[3], 23) + state_[0];
        const std::uint64_t shifted = state_[1] << 17U;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotated(state_[3], 45);
        return result;
    }

    /// A number in [0, 1) with 53 random bits.
    double uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

    /// An integer in [0, bound), bound < 2^32, by a multiplication and a shift. Nothing is rejected, so that
    /// the probabilities of two integers differ, by less than a relative bound / 2^32.
    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(((next() >> 32U) * bound) >> 32U);
    }

    /// Two independent normal deviates of unit variance (Marsaglia's polar method).
    std::array<double, 2> normal_pair() {
        while (true) {
            const double u = 2.0 * uniform() - 1.0;
            const double v = 2.0 * uniform() - 1.0;
            const double square = u * u + v * v;
            if (square < 1.0 && square > 0.0) {
                const double factor = std::sqrt(-2.0 * std::log(square) / square);
                return {u * factor, v * factor};
            }
        }
    }

private:
    static std::uint64_t rotated(std::uint64_t word, unsigned by) {
        return (word << by) | (word >> (64U - by));
    }

    State state_;
};

}  // namespace glassplast
