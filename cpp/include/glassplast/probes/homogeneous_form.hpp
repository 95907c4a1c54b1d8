#pragma once

#include <glassplast/linalg/field_block.hpp>
#include <glassplast/models/stiffness_network.hpp>

#include <array>

namespace glassplast {

/// A homogeneous function T(z) of a displacement field, summed over the pairs of a network. It is computed
/// for blocks of fields, because the pairs then cost hardly more for eight fields than for one.
template <int Dim>
class HomogeneousForm {
public:
    /// The coefficients of t^0, t^1, ...
    using Coefficients = std::array<BlockRow, 5>;

    HomogeneousForm() = default;
    HomogeneousForm(const HomogeneousForm&) = delete;
    HomogeneousForm& operator=(const HomogeneousForm&) = delete;
    virtual ~HomogeneousForm() = default;

    /// T(c z) = c^degree T(z). The degree is at most 4.
    virtual int degree() const = 0;
    /// The gradient of T divided by the degree, so that z . force = T(z).
    virtual void force(const FieldBlock& z, FieldBlock& result) const = 0;
    /// T(z + t p) as a polynomial of t.
    virtual Coefficients along(const FieldBlock& z, const FieldBlock& p) const = 0;
};

/// The sum over pairs of (z_ij . z_ij)^2, large where a field is localized.
template <int Dim>
class PairQuartic final : public HomogeneousForm<Dim> {
public:
    using typename HomogeneousForm<Dim>::Coefficients;

    /// Keeps a reference to the network, which must outlive it.
    explicit PairQuartic(const StiffnessNetwork<Dim>& network) : network_(network) {}

    int degree() const override { return 4; }
    void force(const FieldBlock& z, FieldBlock& result) const override;
    Coefficients along(const FieldBlock& z, const FieldBlock& p) const override;

private:
    const StiffnessNetwork<Dim>& network_;
};

extern template class PairQuartic<2>;
extern template class PairQuartic<3>;

}  // namespace glassplast
