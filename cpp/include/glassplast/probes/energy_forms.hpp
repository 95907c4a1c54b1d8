#pragma once

#include <glassplast/models/contact_network.hpp>
#include <glassplast/probes/homogeneous_form.hpp>

namespace glassplast {

/// The third derivative of the energy along a field, U3 . z^3: the sum over the pairs of a p^3 + 3 b p u^2,
/// with u = z_ij, p = n . u and a, b of ContactNetwork::third.
template <int Dim>
class EnergyCubic final : public HomogeneousForm<Dim> {
public:
    using typename HomogeneousForm<Dim>::Coefficients;

    /// Keeps a reference to the network, which must outlive it.
    explicit EnergyCubic(const ContactNetwork<Dim>& network);

    int degree() const override { return 3; }
    void force(const FieldBlock& z, FieldBlock& result) const override;
    Coefficients along(const FieldBlock& z, const FieldBlock& p) const override;

private:
    const ContactNetwork<Dim>& network_;
    std::vector<typename ContactNetwork<Dim>::Third> third_;
};

/// The fourth derivative, U4 . z^4: the sum of (phi'''' - (6 a + 3 b)/r) p^4 + 6 a/r p^2 u^2 + 3 b/r u^4.
template <int Dim>
class EnergyQuartic final : public HomogeneousForm<Dim> {
public:
    using typename HomogeneousForm<Dim>::Coefficients;

    /// Keeps a reference to the network, which must outlive it.
    explicit EnergyQuartic(const ContactNetwork<Dim>& network);

    int degree() const override { return 4; }
    void force(const FieldBlock& z, FieldBlock& result) const override;
    Coefficients along(const FieldBlock& z, const FieldBlock& p) const override;

private:
    const ContactNetwork<Dim>& network_;
    Eigen::VectorXd along_;   ///< of p^4
    Eigen::VectorXd mixed_;   ///< of p^2 u^2
    Eigen::VectorXd square_;  ///< of u^4
};

extern template class EnergyCubic<2>;
extern template class EnergyCubic<3>;
extern template class EnergyQuartic<2>;
extern template class EnergyQuartic<3>;

}  // namespace glassplast
