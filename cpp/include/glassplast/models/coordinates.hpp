#pragma once

#include <glassplast/models/shapes.hpp>

namespace glassplast::kernel {

/// Coordinates in registers. In the plane both are in one register, which no compiler makes of plain loops.
template <int Dim>
struct Coordinates {
    double value[Dim];

    static GLASSPLAST_INLINE Coordinates zero() { return {}; }
    static GLASSPLAST_INLINE Coordinates load(const double* from) {
        Coordinates result;
        for (int a = 0; a < Dim; ++a) {
            result.value[a] = from[a];
        }
        return result;
    }
    GLASSPLAST_INLINE void store(double* to) const {
        for (int a = 0; a < Dim; ++a) {
            to[a] = value[a];
        }
    }
    GLASSPLAST_INLINE Coordinates operator-(const Coordinates& other) const {
        Coordinates result;
        for (int a = 0; a < Dim; ++a) {
            result.value[a] = value[a] - other.value[a];
        }
        return result;
    }
    GLASSPLAST_INLINE Coordinates operator*(double factor) const {
        Coordinates result;
        for (int a = 0; a < Dim; ++a) {
            result.value[a] = value[a] * factor;
        }
        return result;
    }
    GLASSPLAST_INLINE void operator+=(const Coordinates& other) {
        for (int a = 0; a < Dim; ++a) {
            value[a] += other.value[a];
        }
    }
    GLASSPLAST_INLINE double squared() const {
        double sum = 0.0;
        for (int a = 0; a < Dim; ++a) {
            sum += value[a] * value[a];
        }
        return sum;
    }
};

template <>
struct Coordinates<2> {
    using Register = double __attribute__((vector_size(16)));
    Register value;

    static GLASSPLAST_INLINE Coordinates zero() { return {Register{0.0, 0.0}}; }
    static GLASSPLAST_INLINE Coordinates load(const double* from) {
        Coordinates result;
        __builtin_memcpy(&result.value, from, sizeof(Register));
        return result;
    }
    GLASSPLAST_INLINE void store(double* to) const { __builtin_memcpy(to, &value, sizeof(Register)); }
    GLASSPLAST_INLINE Coordinates operator-(const Coordinates& other) const { return {value - other.value}; }
    GLASSPLAST_INLINE Coordinates operator*(double factor) const { return {value * factor}; }
    GLASSPLAST_INLINE void operator+=(const Coordinates& other) { value += other.value; }
    GLASSPLAST_INLINE double squared() const {
        const Register squares = value * value;
        return squares[0] + squares[1];
    }
};

}  // namespace glassplast::kernel
