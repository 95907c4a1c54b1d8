#pragma once

#include <glassplast/models/interaction.hpp>

#include <memory>
#include <string>
#include <vector>

namespace glassplast {

/// Particles interacting by Lennard-Jones with the quartic tail; `length` and `energy` are square tables over
/// the species. The 2D mixture "lj" and Kob-Andersen are two such tables.
template <int Dim>
std::unique_ptr<Interaction<Dim>> make_lennard_jones(std::vector<int> species, int species_count,
                                                     std::vector<double> length, std::vector<double> energy);

/// Polydisperse soft disks (spheres), x^-12 smoothed at 1.25.
template <int Dim>
std::unique_ptr<Interaction<Dim>> make_soft_disks(std::vector<double> diameters, double nonadditivity,
                                                  double energy);

template <int Dim>
std::unique_ptr<Interaction<Dim>> make_inverse_power(std::vector<double> diameters, double nonadditivity,
                                                     double energy, int exponent, double cutoff,
                                                     int smoothness);

template <int Dim>
std::unique_ptr<Interaction<Dim>> make_harmonic(std::vector<double> diameters, double nonadditivity,
                                                double energy);

template <int Dim>
std::unique_ptr<Interaction<Dim>> make_hertzian(std::vector<double> diameters, double nonadditivity,
                                                double energy);

}  // namespace glassplast
