#pragma once

#include <stdexcept>
#include <string>

namespace glassplast {

/// Base of everything the engine raises.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An argument that cannot be meant; the message names it.
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

/// An iteration that ended without reaching what was asked.
class ConvergenceError : public Error {
public:
    using Error::Error;
};

/// A state that is no minimum where a minimum is needed.
class InstabilityError : public Error {
public:
    using Error::Error;
};

/// A trajectory that its time step cannot follow, or that cannot begin.
class DynamicsError : public Error {
public:
    using Error::Error;
};

/// What would take more memory than there is.
class MemoryError : public Error {
public:
    using Error::Error;
};

}  // namespace glassplast
