#pragma once

#include <stdexcept>
#include <string>

namespace glassplast {

/// The base of everything that the engine raises.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An argument whose value makes no sense; the message names it.
class ArgumentError : public Error {
public:
    using Error::Error;
};

/// Positions, boxes or shapes that make no sense.
class GeometryError : public Error {
public:
    using Error::Error;
};

/// Unknown models, species out of range, diameters that are not positive.
class ModelError : public Error {
public:
    using Error::Error;
};

/// An iteration that ended before it reached the accuracy that was asked for.
class ConvergenceError : public Error {
public:
    using Error::Error;
};

/// A state that is not a minimum where a minimum is needed.
class InstabilityError : public Error {
public:
    using Error::Error;
};

/// A trajectory whose time step is too large, or whose start makes no sense.
class DynamicsError : public Error {
public:
    using Error::Error;
};

/// A computation that would take more memory than the machine has.
class MemoryError : public Error {
public:
    using Error::Error;
};

}  // namespace glassplast
