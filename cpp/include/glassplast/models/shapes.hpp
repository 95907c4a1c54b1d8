#pragma once

#include <cmath>

// Without this the functions would not be inlined into both the portable and the AVX2 form of a kernel.
#define GLASSPLAST_INLINE inline __attribute__((always_inline))

/// Pair potentials phi(r) = epsilon f(r / s): each shape gives f and its derivatives with respect to
/// x = r / s up to the fourth, for x < cutoff(). `derivatives<Order>(x, inverse_x, f)` fills f[0] ...
/// f[Order] without branches, so that loops over pairs vectorize.
namespace glassplast {

/// Lennard-Jones 12-6 whose tail between 2 and 2.5 is a quartic, twice continuously differentiable at both
/// ends (LAMMPS: lj/smooth, shifted). Barbot et al., Phys. Rev. E 97, 033001 (2018).
struct LennardJonesShape {
    static double cutoff() { return 2.5; }

    template <int Order>
    static GLASSPLAST_INLINE void derivatives(double x, double inverse_x, double* f) {
        constexpr double inner = 2.0;
        constexpr double shift = 0.02899169921875;
        constexpr double c0 = -0.03253173828125;
        constexpr double c1 = 0.181640625;
        constexpr double c2 = -0.30908203125;
        constexpr double c3 = 0.09765625;
        constexpr double c4 = 0.1083984375;
        // Weights instead of a choice, so that a loop over pairs has no branches and vectorizes.
        const double core = x < inner ? 1.0 : 0.0;
        const double tail = 1.0 - core;
        const double i2 = inverse_x * inverse_x;
        const double i6 = i2 * i2 * i2;
        const double t = x - inner;
        f[0] = core * (4.0 * i6 * (i6 - 1.0) + shift) + tail * (c0 + t * (c1 + t * (c2 + t * (c3 + t * c4))));
        f[1] = core * (-24.0 * i6 * (2.0 * i6 - 1.0) * inverse_x) +
               tail * (c1 + t * (2.0 * c2 + t * (3.0 * c3 + t * 4.0 * c4)));
        if constexpr (Order >= 2) {
            f[2] = core * (24.0 * i6 * (26.0 * i6 - 7.0) * i2) +
                   tail * (2.0 * c2 + t * (6.0 * c3 + t * 12.0 * c4));
        }
        if constexpr (Order >= 3) {
            f[3] =
                core * (-1344.0 * i6 * (6.5 * i6 - 1.0) * i2 * inverse_x) + tail * (6.0 * c3 + t * 24.0 * c4);
        }
        if constexpr (Order >= 4) {
            f[4] = core * (12096.0 * i6 * (10.833333333333333333 * i6 - 1.0) * i2 * i2) + tail * 24.0 * c4;
        }
    }
};

/// x^-12 with an even polynomial that takes f, f' and f'' to zero at 1.25: the polydisperse soft disks of
/// Ninarello, Berthier and Coslovich, Phys. Rev. X 7, 021039 (2017).
struct SoftDiskShape {
    static double cutoff() { return 1.25; }

    template <int Order>
    static GLASSPLAST_INLINE void derivatives(double x, double inverse_x, double* f) {
        constexpr double a2 = 0.8 * 0.8;
        constexpr double a12 = a2 * a2 * a2 * a2 * a2 * a2;
        constexpr double c0 = -28.0 * a12;
        constexpr double c1 = 48.0 * a12 * a2;
        constexpr double c2 = -21.0 * a12 * a2 * a2;
        const double x2 = x * x;
        const double i2 = inverse_x * inverse_x;
        const double i6 = i2 * i2 * i2;
        const double i12 = i6 * i6;
        f[0] = i12 + c0 + x2 * (c1 + x2 * c2);
        f[1] = -12.0 * i12 * inverse_x + x * (2.0 * c1 + x2 * 4.0 * c2);
        if constexpr (Order >= 2) {
            f[2] = 156.0 * i12 * i2 + 2.0 * c1 + x2 * 12.0 * c2;
        }
        if constexpr (Order >= 3) {
            f[3] = -2184.0 * i12 * i2 * inverse_x + x * 24.0 * c2;
        }
        if constexpr (Order >= 4) {
            f[4] = 32760.0 * i12 * i2 * i2 + 24.0 * c2;
        }
    }
};

/// x^-n plus an even polynomial of `smoothness` + 1 terms, so that f and its first `smoothness` derivatives
/// (2 or 3) vanish at the cutoff.
class InversePowerShape {
public:
    InversePowerShape(int exponent, double cutoff, int smoothness);

    double cutoff() const { return cutoff_; }

    template <int Order>
    GLASSPLAST_INLINE void derivatives(double x, double inverse_x, double* f) const {
        const double n = exponent_;
        const double power = std::pow(inverse_x, n);
        const double x2 = x * x;
        f[0] = power + c_[0] + x2 * (c_[1] + x2 * (c_[2] + x2 * c_[3]));
        f[1] = -n * power * inverse_x + x * (2.0 * c_[1] + x2 * (4.0 * c_[2] + x2 * 6.0 * c_[3]));
        if constexpr (Order >= 2) {
            f[2] = n * (n + 1.0) * power * inverse_x * inverse_x + 2.0 * c_[1] +
                   x2 * (12.0 * c_[2] + x2 * 30.0 * c_[3]);
        }
        if constexpr (Order >= 3) {
            f[3] = -n * (n + 1.0) * (n + 2.0) * power * inverse_x * inverse_x * inverse_x +
                   x * (24.0 * c_[2] + x2 * 120.0 * c_[3]);
        }
        if constexpr (Order >= 4) {
            const double i2 = inverse_x * inverse_x;
            f[4] =
                n * (n + 1.0) * (n + 2.0) * (n + 3.0) * power * i2 * i2 + 24.0 * c_[2] + x2 * 360.0 * c_[3];
        }
    }

private:
    double exponent_;
    double cutoff_;
    double c_[4] = {0.0, 0.0, 0.0, 0.0};
};

/// Harmonic spheres, f = (1 - x)^2 / 2 inside contact. O'Hern et al., Phys. Rev. E 68, 011306 (2003).
struct HarmonicShape {
    static double cutoff() { return 1.0; }

    template <int Order>
    static GLASSPLAST_INLINE void derivatives(double x, double /*inverse_x*/, double* f) {
        const double overlap = 1.0 - x;
        f[0] = 0.5 * overlap * overlap;
        f[1] = -overlap;
        if constexpr (Order >= 2) {
            f[2] = 1.0;
        }
        if constexpr (Order >= 3) {
            f[3] = 0.0;
        }
        if constexpr (Order >= 4) {
            f[4] = 0.0;
        }
    }
};

/// Hertzian spheres, f = (2/5) (1 - x)^(5/2) inside contact. Its third derivative diverges at contact.
struct HertzianShape {
    static double cutoff() { return 1.0; }

    template <int Order>
    static GLASSPLAST_INLINE void derivatives(double x, double /*inverse_x*/, double* f) {
        const double overlap = 1.0 - x;
        const double root = std::sqrt(overlap);
        f[0] = 0.4 * overlap * overlap * root;
        f[1] = -overlap * root;
        if constexpr (Order >= 2) {
            f[2] = 1.5 * root;
        }
        if constexpr (Order >= 3) {
            f[3] = -0.75 / root;
        }
        if constexpr (Order >= 4) {
            f[4] = -0.375 / (overlap * root);
        }
    }
};

}  // namespace glassplast
