"""
The compiled engine of glassplast. Its users are the modules of the package.
"""

from __future__ import annotations
import collections.abc
import numpy
import numpy.typing
import typing

__all__: list[str] = [
    "ArgumentError",
    "Box2D",
    "Box3D",
    "Branch2D",
    "Branch3D",
    "BranchOptions",
    "ContactNetwork2D",
    "ContactNetwork3D",
    "ConvergenceError",
    "DynamicsError",
    "DynamicsOptions",
    "DynamicsRun2D",
    "DynamicsRun3D",
    "DynamicsState2D",
    "DynamicsState3D",
    "ElasticSolver2D",
    "ElasticSolver3D",
    "FixedYieldOptions",
    "GeometryError",
    "GlassplastError",
    "InstabilityError",
    "Interaction2D",
    "Interaction3D",
    "MemoryLimitError",
    "Method",
    "ModelError",
    "MonteCarloOptions",
    "MoveCounts",
    "PatchRelaxer",
    "PotentialEnergy2D",
    "PotentialEnergy3D",
    "QuasistaticStepper2D",
    "QuasistaticStepper3D",
    "RadicalTessellation",
    "RelaxOptions",
    "Relaxation2D",
    "Relaxation3D",
    "SaddleSearch",
    "ShearedState2D",
    "ShearedState3D",
    "Stop",
    "SwapMonteCarlo2D",
    "SwapMonteCarlo3D",
    "YieldOptions",
    "affine_gradient",
    "angular_features",
    "bin_features",
    "bond_orientational_order",
    "born_constants",
    "born_curvature",
    "coarse_grained_vectors",
    "coordination",
    "energy",
    "excess_entropy",
    "find_pairs",
    "fixed_yield",
    "follow_branch",
    "forces",
    "fourth_contraction",
    "harmonic_2d",
    "harmonic_3d",
    "hertzian_2d",
    "hertzian_3d",
    "hessian",
    "hessian_times",
    "inverse_power_2d",
    "inverse_power_3d",
    "lennard_jones_2d",
    "lennard_jones_3d",
    "load_bearing",
    "local_radial_distribution",
    "local_stress",
    "local_stress_rate",
    "local_yield",
    "maxwell_velocities_2d",
    "maxwell_velocities_3d",
    "minimize",
    "nonlinear_modes",
    "pair_elongations",
    "pair_histogram",
    "particle_energies",
    "pseudo_harmonic_modes",
    "radial_distribution",
    "radial_features",
    "relative_covariance",
    "release_branch",
    "residual_strength",
    "run_dynamics",
    "saddle_points",
    "soft_disks_2d",
    "soft_disks_3d",
    "steric_order",
    "susceptible_pairs",
    "tessellate",
    "third_contraction",
    "third_contraction_squares",
    "third_covariance_contraction",
    "triangle_features",
    "typical_force",
    "virial",
]

class GlassplastError(RuntimeError):
    """
    The base of every error that glassplast raises.
    """

class ArgumentError(GlassplastError, ValueError):
    """
    An argument whose value makes no sense; the message names it.
    """

class GeometryError(GlassplastError, ValueError):
    """
    Positions, boxes or shapes that make no sense.
    """

class ModelError(GlassplastError, ValueError):
    """
    Unknown models, species out of range, diameters that are not positive.
    """

class ConvergenceError(GlassplastError):
    """
    An iteration that ended before it reached the accuracy that was asked for.
    """

class InstabilityError(GlassplastError):
    """
    A state that is not a minimum where a minimum is needed.
    """

class DynamicsError(GlassplastError):
    """
    A trajectory whose time step is too large, or whose start makes no sense.
    """

class MemoryLimitError(GlassplastError, MemoryError):
    """
    A computation that would take more memory than the machine has.
    """

class Box2D:
    """
    A periodic cell. The columns of `cell` are the cell vectors.
    """

    __hash__: typing.ClassVar[None] = None
    dimension: typing.ClassVar[int] = 2
    def __eq__(self, arg0: Box2D) -> bool: ...
    def __getstate__(self) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]: ...
    def __init__(
        self, cell: typing.Annotated[numpy.typing.ArrayLike, numpy.float64], origin: typing.Any = None
    ) -> None: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple) -> None: ...
    def deformed(self, deformation: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]) -> Box2D:
        """
        The box after the deformation x -> deformation @ x.
        """
    def fractional(
        self, positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Coordinates in units of the cell vectors, not wrapped.
        """
    def minimum_image(
        self, separations: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The shortest images; exact for lengths below half the smallest width.
        """
    def require_range(self, range: typing.SupportsFloat | typing.SupportsIndex) -> None:
        """
        Raise GeometryError unless two ranges fit into the smallest width.
        """
    def sheared(self, strain: typing.SupportsFloat | typing.SupportsIndex) -> Box2D:
        """
        The box after the simple shear x -> x + strain * y.
        """
    def wrap(
        self, positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The images of the positions inside the cell as it was given.
        """
    @property
    def cell(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def origin(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def reduced_cell(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The shortest vectors of the same lattice: cell @ reduction.
        """
    @property
    def reduction(self) -> numpy.typing.NDArray[numpy.int32]: ...
    @property
    def smallest_width(self) -> float: ...
    @property
    def volume(self) -> float: ...
    @property
    def widths(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Distances between opposite faces of the reduced cell.
        """

class Box3D:
    """
    A periodic cell. The columns of `cell` are the cell vectors.
    """

    __hash__: typing.ClassVar[None] = None
    dimension: typing.ClassVar[int] = 3
    def __eq__(self, arg0: Box3D) -> bool: ...
    def __getstate__(self) -> tuple[numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]: ...
    def __init__(
        self, cell: typing.Annotated[numpy.typing.ArrayLike, numpy.float64], origin: typing.Any = None
    ) -> None: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple) -> None: ...
    def deformed(self, deformation: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]) -> Box3D:
        """
        The box after the deformation x -> deformation @ x.
        """
    def fractional(
        self, positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        Coordinates in units of the cell vectors, not wrapped.
        """
    def minimum_image(
        self, separations: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The shortest images; exact for lengths below half the smallest width.
        """
    def require_range(self, range: typing.SupportsFloat | typing.SupportsIndex) -> None:
        """
        Raise GeometryError unless two ranges fit into the smallest width.
        """
    def sheared(self, strain: typing.SupportsFloat | typing.SupportsIndex) -> Box3D:
        """
        The box after the simple shear x -> x + strain * y.
        """
    def wrap(
        self, positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The images of the positions inside the cell as it was given.
        """
    @property
    def cell(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def origin(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def reduced_cell(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The shortest vectors of the same lattice: cell @ reduction.
        """
    @property
    def reduction(self) -> numpy.typing.NDArray[numpy.int32]: ...
    @property
    def smallest_width(self) -> float: ...
    @property
    def volume(self) -> float: ...
    @property
    def widths(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        Distances between opposite faces of the reduced cell.
        """

class ContactNetwork2D:
    """
    Every interacting pair once, sorted, with the derivatives of its energy.
    """
    def __len__(self) -> int: ...
    @property
    def direction(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def distance(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def first(self) -> numpy.typing.NDArray[numpy.int32]: ...
    @property
    def image(self) -> numpy.typing.NDArray[numpy.int32]: ...
    @property
    def length(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def particles(self) -> int: ...
    @property
    def phi(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def phi1(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def phi2(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def phi3(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def phi4(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def second(self) -> numpy.typing.NDArray[numpy.int32]: ...
    @property
    def separation(self) -> numpy.typing.NDArray[numpy.float64]: ...

class ContactNetwork3D:
    """
    Every interacting pair once, sorted, with the derivatives of its energy.
    """
    def __len__(self) -> int: ...
    @property
    def direction(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def distance(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def first(self) -> numpy.typing.NDArray[numpy.int32]: ...
    @property
    def image(self) -> numpy.typing.NDArray[numpy.int32]: ...
    @property
    def length(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def particles(self) -> int: ...
    @property
    def phi(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def phi1(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def phi2(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def phi3(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def phi4(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def second(self) -> numpy.typing.NDArray[numpy.int32]: ...
    @property
    def separation(self) -> numpy.typing.NDArray[numpy.float64]: ...

class Interaction2D:
    """
    A pair potential together with the species or diameters of the particles.
    """
    def __len__(self) -> int: ...
    def pair_derivatives(
        self,
        i: typing.SupportsInt | typing.SupportsIndex,
        j: typing.SupportsInt | typing.SupportsIndex,
        distance: typing.SupportsFloat | typing.SupportsIndex,
    ) -> typing.Annotated[list[float], "FixedSize(5)"]: ...
    def pair_energy(
        self, i: typing.SupportsInt | typing.SupportsIndex, j: typing.SupportsInt | typing.SupportsIndex
    ) -> float: ...
    def pair_length(
        self, i: typing.SupportsInt | typing.SupportsIndex, j: typing.SupportsInt | typing.SupportsIndex
    ) -> float: ...
    @property
    def range(self) -> float: ...

class Interaction3D:
    """
    A pair potential together with the species or diameters of the particles.
    """
    def __len__(self) -> int: ...
    def pair_derivatives(
        self,
        i: typing.SupportsInt | typing.SupportsIndex,
        j: typing.SupportsInt | typing.SupportsIndex,
        distance: typing.SupportsFloat | typing.SupportsIndex,
    ) -> typing.Annotated[list[float], "FixedSize(5)"]: ...
    def pair_energy(
        self, i: typing.SupportsInt | typing.SupportsIndex, j: typing.SupportsInt | typing.SupportsIndex
    ) -> float: ...
    def pair_length(
        self, i: typing.SupportsInt | typing.SupportsIndex, j: typing.SupportsInt | typing.SupportsIndex
    ) -> float: ...
    @property
    def range(self) -> float: ...

class PotentialEnergy2D:
    """
    The potential energy and its forces as functions of the positions in a given box.
    """

    box: Box2D
    def __init__(
        self, interaction: Interaction2D, box: Box2D, skin: typing.SupportsFloat | typing.SupportsIndex = 0.3
    ) -> None: ...
    def evaluate(
        self, positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> tuple[float, numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
        """
        Energy, forces (N, d) and stress (d, d).
        """
    def network(self, positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]) -> ContactNetwork2D: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def list_builds(self) -> int: ...

class PotentialEnergy3D:
    """
    The potential energy and its forces as functions of the positions in a given box.
    """

    box: Box3D
    def __init__(
        self, interaction: Interaction3D, box: Box3D, skin: typing.SupportsFloat | typing.SupportsIndex = 0.3
    ) -> None: ...
    def evaluate(
        self, positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> tuple[float, numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
        """
        Energy, forces (N, d) and stress (d, d).
        """
    def network(self, positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]) -> ContactNetwork3D: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def list_builds(self) -> int: ...

class RadicalTessellation:
    """
    Radical Voronoi cells and their dual triangles; all arrays are read-only views.
    """
    @property
    def areas(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (N,)
        """
    @property
    def centroids(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (N, 2), vectors from the particle to the centroid of its cell; NaN when hidden.
        """
    @property
    def edge_length(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (E,)
        """
    @property
    def hidden(self) -> numpy.typing.NDArray[numpy.bool]:
        """
        (N,), true where the cell is empty.
        """
    @property
    def neighbor_index(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        (E,)
        """
    @property
    def neighbor_shift(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        (E, 2): the neighbour is positions[index] + cell @ shift.
        """
    @property
    def neighbor_start(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        (N + 1,): the edges of i are start[i] ... start[i + 1] - 1, counterclockwise.
        """
    @property
    def triangle_areas(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (T,)
        """
    @property
    def triangle_shifts(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        (T, 3, 2), of the image of each corner; zero for the first.
        """
    @property
    def triangles(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        (T, 3), the corners, counterclockwise.
        """
    @property
    def vertex_start(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        (N + 1,), the same as neighbor_start: vertex k ends edge k.
        """
    @property
    def vertices(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (E, 2), vectors from the particle.
        """

class ElasticSolver2D:
    """
    The factorized Hessian of the rigid core and its pseudo-inverse.
    """
    def __init__(
        self,
        network: ContactNetwork2D,
        box: Box2D,
        positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        threads: typing.SupportsInt | typing.SupportsIndex = 1,
    ) -> None: ...
    def count_below(self, sigma: typing.SupportsFloat | typing.SupportsIndex) -> int:
        """
        Eigenvalues below sigma > 0, translations not counted.
        """
    def inverse_blocks(self, callback: typing.Any = None) -> tuple:
        """
        Blocks of the pseudo-inverse: of the particles, NaN on rattlers, and of the load-bearing pairs.
        """
    def lowest_modes(
        self,
        count: typing.SupportsInt | typing.SupportsIndex,
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
        callback: typing.Any = None,
        slice_size: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> tuple: ...
    def mode_sums(
        self,
        first: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        second: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        accuracy: typing.SupportsFloat | typing.SupportsIndex,
        most_steps: typing.SupportsInt | typing.SupportsIndex,
        callback: typing.Any = None,
    ) -> tuple:
        """
        The sum over all modes of (Psi . first) (Psi . second) |Psi|_i^2 by dephasing; how far the sums from both halves of the steps lie apart, the median relative error, the steps, and whether the accuracy was reached.
        """
    def modes_between(
        self,
        lower: typing.SupportsFloat | typing.SupportsIndex,
        upper: typing.SupportsFloat | typing.SupportsIndex,
        expected: typing.SupportsInt | typing.SupportsIndex | None = None,
        tolerance: typing.SupportsFloat | typing.SupportsIndex = 1e-10,
        callback: typing.Any = None,
    ) -> tuple:
        """
        Eigenvalues, vectors and largest residual of all modes between two numbers, which are no eigenvalues; as many as the inertia counts unless another number is expected.
        """
    def nonaffine_sums(
        self,
        loads: collections.abc.Sequence[typing.Annotated[numpy.typing.ArrayLike, numpy.float64]],
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
        callback: typing.Any = None,
        slice_size: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> tuple:
        """
        All eigenvalues, the sums over all modes for each pair of loads, and the largest residual.
        """
    def refactorize(self) -> None:
        """
        Repeat the numeric factorization.
        """
    def solve(
        self, right: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The pseudo-inverse of H applied to a field; NaN on the rattlers.
        """
    def spectra_modes(
        self,
        count: typing.SupportsInt | typing.SupportsIndex,
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
        callback: typing.Any = None,
    ) -> tuple:
        """
        The same as `lowest_modes` finds, by the library Spectra.
        """
    @property
    def clusters(self) -> int: ...
    @property
    def core_index(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        Place of each particle in the rigid core, -1 for a rattler.
        """
    @property
    def factor_bytes(self) -> float:
        """
        Bytes that a numeric factorization takes, known before they are allocated.
        """
    @property
    def factor_entries(self) -> int:
        """
        How many numbers the factor has.
        """
    @property
    def factor_operations(self) -> float:
        """
        Multiplications, each with an addition, of a numeric factorization.
        """
    @property
    def further_zero_modes(self) -> int: ...
    @property
    def inverse_bytes(self) -> float:
        """
        Bytes that `inverse_blocks` takes besides the factor, known before they are allocated.
        """
    @property
    def negative(self) -> int:
        """
        Number of negative eigenvalues.
        """
    @property
    def translations(self) -> int: ...

class ElasticSolver3D:
    """
    The factorized Hessian of the rigid core and its pseudo-inverse.
    """
    def __init__(
        self,
        network: ContactNetwork3D,
        box: Box3D,
        positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        threads: typing.SupportsInt | typing.SupportsIndex = 1,
    ) -> None: ...
    def count_below(self, sigma: typing.SupportsFloat | typing.SupportsIndex) -> int:
        """
        Eigenvalues below sigma > 0, translations not counted.
        """
    def inverse_blocks(self, callback: typing.Any = None) -> tuple:
        """
        Blocks of the pseudo-inverse: of the particles, NaN on rattlers, and of the load-bearing pairs.
        """
    def lowest_modes(
        self,
        count: typing.SupportsInt | typing.SupportsIndex,
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
        callback: typing.Any = None,
        slice_size: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> tuple: ...
    def mode_sums(
        self,
        first: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        second: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        accuracy: typing.SupportsFloat | typing.SupportsIndex,
        most_steps: typing.SupportsInt | typing.SupportsIndex,
        callback: typing.Any = None,
    ) -> tuple:
        """
        The sum over all modes of (Psi . first) (Psi . second) |Psi|_i^2 by dephasing; how far the sums from both halves of the steps lie apart, the median relative error, the steps, and whether the accuracy was reached.
        """
    def modes_between(
        self,
        lower: typing.SupportsFloat | typing.SupportsIndex,
        upper: typing.SupportsFloat | typing.SupportsIndex,
        expected: typing.SupportsInt | typing.SupportsIndex | None = None,
        tolerance: typing.SupportsFloat | typing.SupportsIndex = 1e-10,
        callback: typing.Any = None,
    ) -> tuple:
        """
        Eigenvalues, vectors and largest residual of all modes between two numbers, which are no eigenvalues; as many as the inertia counts unless another number is expected.
        """
    def nonaffine_sums(
        self,
        loads: collections.abc.Sequence[typing.Annotated[numpy.typing.ArrayLike, numpy.float64]],
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
        callback: typing.Any = None,
        slice_size: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> tuple:
        """
        All eigenvalues, the sums over all modes for each pair of loads, and the largest residual.
        """
    def refactorize(self) -> None:
        """
        Repeat the numeric factorization.
        """
    def solve(
        self, right: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
    ) -> numpy.typing.NDArray[numpy.float64]:
        """
        The pseudo-inverse of H applied to a field; NaN on the rattlers.
        """
    def spectra_modes(
        self,
        count: typing.SupportsInt | typing.SupportsIndex,
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
        callback: typing.Any = None,
    ) -> tuple:
        """
        The same as `lowest_modes` finds, by the library Spectra.
        """
    @property
    def clusters(self) -> int: ...
    @property
    def core_index(self) -> numpy.typing.NDArray[numpy.int32]:
        """
        Place of each particle in the rigid core, -1 for a rattler.
        """
    @property
    def factor_bytes(self) -> float:
        """
        Bytes that a numeric factorization takes, known before they are allocated.
        """
    @property
    def factor_entries(self) -> int:
        """
        How many numbers the factor has.
        """
    @property
    def factor_operations(self) -> float:
        """
        Multiplications, each with an addition, of a numeric factorization.
        """
    @property
    def further_zero_modes(self) -> int: ...
    @property
    def inverse_bytes(self) -> float:
        """
        Bytes that `inverse_blocks` takes besides the factor, known before they are allocated.
        """
    @property
    def negative(self) -> int:
        """
        Number of negative eigenvalues.
        """
    @property
    def translations(self) -> int: ...

class Method:
    """
    Members:

      conjugate_gradient

      fire
    """

    __members__: typing.ClassVar[dict[str, Method]]
    conjugate_gradient: typing.ClassVar[Method]
    fire: typing.ClassVar[Method]
    @typing.overload
    def __eq__(self, other: Method) -> bool: ...
    @typing.overload
    def __eq__(self, other: typing.Any) -> bool: ...
    def __getstate__(self) -> int: ...
    def __hash__(self) -> int: ...
    def __index__(self) -> int: ...
    def __init__(self, value: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __int__(self) -> int: ...
    @typing.overload
    def __ne__(self, other: Method) -> bool: ...
    @typing.overload
    def __ne__(self, other: typing.Any) -> bool: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, state: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __str__(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> int: ...

class Stop:
    """
    Members:

      converged

      round_off

      budget
    """

    __members__: typing.ClassVar[dict[str, Stop]]
    budget: typing.ClassVar[Stop]
    converged: typing.ClassVar[Stop]
    round_off: typing.ClassVar[Stop]
    @typing.overload
    def __eq__(self, other: Stop) -> bool: ...
    @typing.overload
    def __eq__(self, other: typing.Any) -> bool: ...
    def __getstate__(self) -> int: ...
    def __hash__(self) -> int: ...
    def __index__(self) -> int: ...
    def __init__(self, value: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __int__(self) -> int: ...
    @typing.overload
    def __ne__(self, other: Stop) -> bool: ...
    @typing.overload
    def __ne__(self, other: typing.Any) -> bool: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, state: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __str__(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> int: ...

class RelaxOptions:
    def __init__(
        self,
        method: Method,
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
        evaluation_budget: typing.SupportsInt | typing.SupportsIndex,
        polish: bool,
    ) -> None: ...

class Relaxation2D:
    """
    Where a minimization ended, and why.
    """
    @property
    def energy(self) -> float: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def factorizations(self) -> int: ...
    @property
    def first_force(self) -> float: ...
    @property
    def forces(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def largest_displacement(self) -> float: ...
    @property
    def largest_force(self) -> float: ...
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def stop(self) -> Stop: ...
    @property
    def stress(self) -> numpy.typing.NDArray[numpy.float64]: ...

class Relaxation3D:
    """
    Where a minimization ended, and why.
    """
    @property
    def energy(self) -> float: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def factorizations(self) -> int: ...
    @property
    def first_force(self) -> float: ...
    @property
    def forces(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def largest_displacement(self) -> float: ...
    @property
    def largest_force(self) -> float: ...
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def stop(self) -> Stop: ...
    @property
    def stress(self) -> numpy.typing.NDArray[numpy.float64]: ...

class MonteCarloOptions:
    def __init__(
        self,
        temperature: typing.SupportsFloat | typing.SupportsIndex,
        step: typing.SupportsFloat | typing.SupportsIndex,
        swap_probability: typing.SupportsFloat | typing.SupportsIndex,
        swap_window: typing.SupportsFloat | typing.SupportsIndex,
    ) -> None: ...
    @property
    def step(self) -> float: ...
    @property
    def swap_probability(self) -> float: ...
    @property
    def swap_window(self) -> float: ...
    @property
    def temperature(self) -> float: ...

class MoveCounts:
    """
    How many Monte Carlo moves were tried and accepted.
    """
    @property
    def accepted_swaps(self) -> int: ...
    @property
    def accepted_translations(self) -> int: ...
    @property
    def idle_swaps(self) -> int:
        """
        Swaps refused before any energy was computed: the kinds were equal or too different.
        """
    @property
    def swaps(self) -> int: ...
    @property
    def translations(self) -> int: ...

class SwapMonteCarlo2D:
    """
    Metropolis Monte Carlo of displacements and exchanges of diameters or species.
    """

    options: MonteCarloOptions
    def __init__(
        self,
        interaction: Interaction2D,
        box: Box2D,
        positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        random_state: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        options: MonteCarloOptions,
    ) -> None: ...
    def run(self, moves: typing.SupportsInt | typing.SupportsIndex, callback: typing.Any = None) -> None:
        """
        Make this many moves and call callback(moves, energy) now and then; if it raises, nothing changes.
        """
    @property
    def counts(self) -> MoveCounts:
        """
        The counts of the last call of run.
        """
    @property
    def energy(self) -> float: ...
    @property
    def kinds(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (N,) diameters, or species as floating-point numbers.
        """
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (N, d), on paths without jumps: not wrapped into the box.
        """
    @property
    def random_state(self) -> numpy.typing.NDArray[numpy.uint64]: ...

class SwapMonteCarlo3D:
    """
    Metropolis Monte Carlo of displacements and exchanges of diameters or species.
    """

    options: MonteCarloOptions
    def __init__(
        self,
        interaction: Interaction3D,
        box: Box3D,
        positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        random_state: typing.Annotated[numpy.typing.ArrayLike, numpy.uint64],
        options: MonteCarloOptions,
    ) -> None: ...
    def run(self, moves: typing.SupportsInt | typing.SupportsIndex, callback: typing.Any = None) -> None:
        """
        Make this many moves and call callback(moves, energy) now and then; if it raises, nothing changes.
        """
    @property
    def counts(self) -> MoveCounts:
        """
        The counts of the last call of run.
        """
    @property
    def energy(self) -> float: ...
    @property
    def kinds(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (N,) diameters, or species as floating-point numbers.
        """
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        (N, d), on paths without jumps: not wrapped into the box.
        """
    @property
    def random_state(self) -> numpy.typing.NDArray[numpy.uint64]: ...

class DynamicsOptions:
    def __init__(
        self,
        time_step: typing.SupportsFloat | typing.SupportsIndex,
        thermostat: bool,
        friction: typing.SupportsFloat | typing.SupportsIndex,
        thermostat_interval: typing.SupportsInt | typing.SupportsIndex,
        first_temperature: typing.SupportsFloat | typing.SupportsIndex,
        last_temperature: typing.SupportsFloat | typing.SupportsIndex,
        ramp_steps: typing.SupportsInt | typing.SupportsIndex,
        sample_interval: typing.SupportsInt | typing.SupportsIndex,
        average_interval: typing.SupportsInt | typing.SupportsIndex,
        skin: typing.SupportsFloat | typing.SupportsIndex,
    ) -> None: ...
    def temperature(self, step: typing.SupportsInt | typing.SupportsIndex) -> float: ...

class DynamicsState2D:
    """
    The state from which a trajectory goes on.
    """
    def __init__(
        self,
        positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        velocities: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        random: typing.Annotated[collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], "FixedSize(4)"],
        step: typing.SupportsInt | typing.SupportsIndex,
        position_sum: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        averaged: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    @property
    def averaged(self) -> int: ...
    @property
    def position_sum(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def random(self) -> typing.Annotated[list[int], "FixedSize(4)"]: ...
    @property
    def step(self) -> int: ...
    @property
    def velocities(self) -> numpy.typing.NDArray[numpy.float64]: ...

class DynamicsState3D:
    """
    The state from which a trajectory goes on.
    """
    def __init__(
        self,
        positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        velocities: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        random: typing.Annotated[collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], "FixedSize(4)"],
        step: typing.SupportsInt | typing.SupportsIndex,
        position_sum: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        averaged: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    @property
    def averaged(self) -> int: ...
    @property
    def position_sum(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def random(self) -> typing.Annotated[list[int], "FixedSize(4)"]: ...
    @property
    def step(self) -> int: ...
    @property
    def velocities(self) -> numpy.typing.NDArray[numpy.float64]: ...

class DynamicsRun2D:
    """
    The end of a trajectory, and the measurements along it.
    """
    @property
    def kinetic(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def list_builds(self) -> int: ...
    @property
    def potential(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def state(self) -> DynamicsState2D: ...
    @property
    def stress(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def temperature(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def time(self) -> numpy.typing.NDArray[numpy.float64]: ...

class DynamicsRun3D:
    """
    The end of a trajectory, and the measurements along it.
    """
    @property
    def kinetic(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def list_builds(self) -> int: ...
    @property
    def potential(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def state(self) -> DynamicsState3D: ...
    @property
    def stress(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def temperature(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def time(self) -> numpy.typing.NDArray[numpy.float64]: ...

class ShearedState2D:
    """
    A relaxed state along a quasistatic path.
    """
    @property
    def energy(self) -> float: ...
    @property
    def largest_force(self) -> float: ...
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def strain(self) -> float: ...
    @property
    def stress(self) -> numpy.typing.NDArray[numpy.float64]: ...

class QuasistaticStepper2D:
    """
    Quasistatic simple shear in finite steps.
    """
    def __init__(
        self,
        interaction: Interaction2D,
        reference: Box2D,
        strain: typing.SupportsFloat | typing.SupportsIndex,
        positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        options: RelaxOptions,
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
    ) -> None: ...
    def restore(self, state: ShearedState2D) -> None: ...
    def step_to(
        self, strain: typing.SupportsFloat | typing.SupportsIndex, follow: bool = True, callback: typing.Any = None
    ) -> None: ...
    @property
    def box(self) -> Box2D: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def factorizations(self) -> int: ...
    @property
    def fell_back(self) -> bool: ...
    @property
    def nonaffine_displacement(self) -> float: ...
    @property
    def state(self) -> ShearedState2D:
        """
        A copy of the present state.
        """

class ShearedState3D:
    """
    A relaxed state along a quasistatic path.
    """
    @property
    def energy(self) -> float: ...
    @property
    def largest_force(self) -> float: ...
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def strain(self) -> float: ...
    @property
    def stress(self) -> numpy.typing.NDArray[numpy.float64]: ...

class QuasistaticStepper3D:
    """
    Quasistatic simple shear in finite steps.
    """
    def __init__(
        self,
        interaction: Interaction3D,
        reference: Box3D,
        strain: typing.SupportsFloat | typing.SupportsIndex,
        positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        options: RelaxOptions,
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
    ) -> None: ...
    def restore(self, state: ShearedState3D) -> None: ...
    def step_to(
        self, strain: typing.SupportsFloat | typing.SupportsIndex, follow: bool = True, callback: typing.Any = None
    ) -> None: ...
    @property
    def box(self) -> Box3D: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def factorizations(self) -> int: ...
    @property
    def fell_back(self) -> bool: ...
    @property
    def nonaffine_displacement(self) -> float: ...
    @property
    def state(self) -> ShearedState3D:
        """
        A copy of the present state.
        """

class BranchOptions:
    def __init__(
        self,
        tolerance: typing.SupportsFloat | typing.SupportsIndex = 1e-10,
        step_tolerance: typing.SupportsFloat | typing.SupportsIndex = 0.002,
        energy_tolerance: typing.SupportsFloat | typing.SupportsIndex = 1e-07,
        largest_step: typing.SupportsFloat | typing.SupportsIndex = 0.01,
    ) -> None: ...
    @property
    def energy_tolerance(self) -> float: ...
    @property
    def largest_step(self) -> float: ...
    @property
    def step_tolerance(self) -> float: ...
    @property
    def tolerance(self) -> float: ...

class Branch2D:
    """
    An elastic branch, and the instability that ends it.
    """
    @property
    def before_energy(self) -> float: ...
    @property
    def before_positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def before_strain(self) -> float: ...
    @property
    def before_stress(self) -> float: ...
    @property
    def box(self) -> Box2D: ...
    @property
    def critical_mode(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def critical_strain(self) -> float: ...
    @property
    def critical_strain_uncertainty(self) -> float: ...
    @property
    def eigenvalue(self) -> float: ...
    @property
    def end_energy(self) -> float: ...
    @property
    def end_strain(self) -> float: ...
    @property
    def ended(self) -> bool: ...
    @property
    def energy(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def factorizations(self) -> int: ...
    @property
    def largest_residual(self) -> float: ...
    @property
    def mode(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def overlap(self) -> float: ...
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def rejected(self) -> int: ...
    @property
    def residual(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def slope(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def strain(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def stress(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def stress_maximum(self) -> float: ...
    @property
    def stress_tensor(self) -> numpy.typing.NDArray[numpy.float64]: ...

class Branch3D:
    """
    An elastic branch, and the instability that ends it.
    """
    @property
    def before_energy(self) -> float: ...
    @property
    def before_positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def before_strain(self) -> float: ...
    @property
    def before_stress(self) -> float: ...
    @property
    def box(self) -> Box3D: ...
    @property
    def critical_mode(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def critical_strain(self) -> float: ...
    @property
    def critical_strain_uncertainty(self) -> float: ...
    @property
    def eigenvalue(self) -> float: ...
    @property
    def end_energy(self) -> float: ...
    @property
    def end_strain(self) -> float: ...
    @property
    def ended(self) -> bool: ...
    @property
    def energy(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def factorizations(self) -> int: ...
    @property
    def largest_residual(self) -> float: ...
    @property
    def mode(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def overlap(self) -> float: ...
    @property
    def positions(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def rejected(self) -> int: ...
    @property
    def residual(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def slope(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def strain(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def stress(self) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def stress_maximum(self) -> float: ...
    @property
    def stress_tensor(self) -> numpy.typing.NDArray[numpy.float64]: ...

class YieldOptions:
    def __init__(
        self,
        radius: typing.SupportsFloat | typing.SupportsIndex = 5.0,
        skin: typing.SupportsFloat | typing.SupportsIndex = 0.4,
        largest_strain: typing.SupportsFloat | typing.SupportsIndex = 0.5,
        to_instability: bool = False,
        step_tolerance: typing.SupportsFloat | typing.SupportsIndex = 0.002,
        energy_tolerance: typing.SupportsFloat | typing.SupportsIndex = 1e-07,
    ) -> None: ...

class PatchRelaxer:
    """
    Members:

      conjugate_gradient

      newton
    """

    __members__: typing.ClassVar[dict[str, PatchRelaxer]]
    conjugate_gradient: typing.ClassVar[PatchRelaxer]
    newton: typing.ClassVar[PatchRelaxer]
    @typing.overload
    def __eq__(self, other: PatchRelaxer) -> bool: ...
    @typing.overload
    def __eq__(self, other: typing.Any) -> bool: ...
    def __getstate__(self) -> int: ...
    def __hash__(self) -> int: ...
    def __index__(self) -> int: ...
    def __init__(self, value: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __int__(self) -> int: ...
    @typing.overload
    def __ne__(self, other: PatchRelaxer) -> bool: ...
    @typing.overload
    def __ne__(self, other: typing.Any) -> bool: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, state: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def __str__(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> int: ...

class FixedYieldOptions:
    def __init__(
        self,
        relaxer: PatchRelaxer,
        radius: typing.SupportsFloat | typing.SupportsIndex = 5.0,
        skin: typing.SupportsFloat | typing.SupportsIndex = 0.4,
        increment: typing.SupportsFloat | typing.SupportsIndex = 0.0001,
        tolerance: typing.SupportsFloat | typing.SupportsIndex = 1e-08,
        largest_strain: typing.SupportsFloat | typing.SupportsIndex = 0.5,
    ) -> None: ...

class SaddleSearch:
    def __init__(
        self,
        push: typing.SupportsFloat | typing.SupportsIndex,
        tolerance: typing.SupportsFloat | typing.SupportsIndex,
        coarse_tolerance: typing.SupportsFloat | typing.SupportsIndex,
        cluster_radius: typing.SupportsFloat | typing.SupportsIndex,
        patch_radius: typing.SupportsFloat | typing.SupportsIndex,
        events: typing.SupportsInt | typing.SupportsIndex,
        attempts: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

@typing.overload
def affine_gradient(
    network: ContactNetwork2D, loading: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def affine_gradient(
    network: ContactNetwork3D, loading: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def angular_features(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    species: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    species_count: typing.SupportsInt | typing.SupportsIndex,
    functions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    cutoff: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Sums of angular functions (xi, lambda, zeta) over pairs of neighbours of each pair of species: (N, pairs of species * M).
    """

@typing.overload
def angular_features(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    species: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    species_count: typing.SupportsInt | typing.SupportsIndex,
    functions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    cutoff: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Sums of angular functions (xi, lambda, zeta) over pairs of neighbours of each pair of species: (N, pairs of species * M).
    """

@typing.overload
def bin_features(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    species: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    lengths: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    edges: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Numbers of neighbours of each species in half-open bins of r / s_ij: (N, species * bins).
    """

@typing.overload
def bin_features(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    species: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    lengths: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    edges: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Numbers of neighbours of each species in half-open bins of r / s_ij: (N, species * bins).
    """

@typing.overload
def bond_orientational_order(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    interaction: Interaction2D,
    factor: typing.SupportsFloat | typing.SupportsIndex,
    m: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    |mean of exp(i m theta)| over neighbours closer than factor times the contact distance: (N,).
    """

@typing.overload
def bond_orientational_order(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    factor: typing.SupportsFloat | typing.SupportsIndex,
    m: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    |mean of exp(i m theta)| over neighbours closer than factor times the contact distance: (N,).
    """

@typing.overload
def born_constants(network: ContactNetwork2D) -> numpy.typing.NDArray[numpy.float64]:
    """
    V times the Born constants C_abcd: (d d, d d).
    """

@typing.overload
def born_constants(network: ContactNetwork3D) -> numpy.typing.NDArray[numpy.float64]:
    """
    V times the Born constants C_abcd: (d d, d d).
    """

@typing.overload
def born_curvature(
    network: ContactNetwork2D, loading: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> float: ...
@typing.overload
def born_curvature(
    network: ContactNetwork3D, loading: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> float: ...
@typing.overload
def coarse_grained_vectors(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    vectors: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    affine: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    radius: typing.SupportsFloat | typing.SupportsIndex,
) -> tuple[
    numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]
]:
    """
    Sum of the kernels (P,), weighted mean of the vectors (P, d) and its gradient (P, d, d).
    """

@typing.overload
def coarse_grained_vectors(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    vectors: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    affine: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    radius: typing.SupportsFloat | typing.SupportsIndex,
) -> tuple[
    numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]
]:
    """
    Sum of the kernels (P,), weighted mean of the vectors (P, d) and its gradient (P, d, d).
    """

@typing.overload
def coordination(network: ContactNetwork2D) -> numpy.typing.NDArray[numpy.int32]: ...
@typing.overload
def coordination(network: ContactNetwork3D) -> numpy.typing.NDArray[numpy.int32]: ...
@typing.overload
def energy(network: ContactNetwork2D) -> float: ...
@typing.overload
def energy(network: ContactNetwork3D) -> float: ...
@typing.overload
def excess_entropy(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    r_max: typing.SupportsFloat | typing.SupportsIndex,
    delta: typing.SupportsFloat | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Pair excess entropy of each particle: (N,).
    """

@typing.overload
def excess_entropy(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    r_max: typing.SupportsFloat | typing.SupportsIndex,
    delta: typing.SupportsFloat | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Pair excess entropy of each particle: (N,).
    """

@typing.overload
def find_pairs(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    range: typing.SupportsFloat | typing.SupportsIndex,
) -> tuple[
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.float64],
    numpy.typing.NDArray[numpy.float64],
]:
    """
    Every pair closer than a range, each once, over all images: first, second (P,), image (P, d), separation (P, d) = positions[second] - positions[first] + cell @ image, distance (P,).
    """

@typing.overload
def find_pairs(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    range: typing.SupportsFloat | typing.SupportsIndex,
) -> tuple[
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.int32],
    numpy.typing.NDArray[numpy.float64],
    numpy.typing.NDArray[numpy.float64],
]:
    """
    Every pair closer than a range, each once, over all images: first, second (P,), image (P, d), separation (P, d) = positions[second] - positions[first] + cell @ image, distance (P,).
    """

def fixed_yield(
    interaction: Interaction2D,
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nodes: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    angles: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    options: FixedYieldOptions,
    progress: typing.Any = None,
) -> dict: ...
@typing.overload
def follow_branch(
    interaction: Interaction2D,
    box: Box2D,
    strain: typing.SupportsFloat | typing.SupportsIndex,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    loading: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    to: typing.SupportsFloat | typing.SupportsIndex,
    options: BranchOptions,
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
    callback: typing.Any = None,
) -> Branch2D: ...
@typing.overload
def follow_branch(
    interaction: Interaction3D,
    box: Box3D,
    strain: typing.SupportsFloat | typing.SupportsIndex,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    loading: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    to: typing.SupportsFloat | typing.SupportsIndex,
    options: BranchOptions,
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
    callback: typing.Any = None,
) -> Branch3D: ...
@typing.overload
def forces(network: ContactNetwork2D) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def forces(network: ContactNetwork3D) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def fourth_contraction(
    network: ContactNetwork2D,
    a: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    b: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    c: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def fourth_contraction(
    network: ContactNetwork3D,
    a: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    b: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    c: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]: ...
def harmonic_2d(
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    energy: typing.SupportsFloat | typing.SupportsIndex,
) -> Interaction2D: ...
def harmonic_3d(
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    energy: typing.SupportsFloat | typing.SupportsIndex,
) -> Interaction3D: ...
def hertzian_2d(
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    energy: typing.SupportsFloat | typing.SupportsIndex,
) -> Interaction2D: ...
def hertzian_3d(
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    energy: typing.SupportsFloat | typing.SupportsIndex,
) -> Interaction3D: ...
@typing.overload
def hessian(network: ContactNetwork2D) -> tuple: ...
@typing.overload
def hessian(network: ContactNetwork3D) -> tuple: ...
@typing.overload
def hessian_times(
    network: ContactNetwork2D, displacement: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def hessian_times(
    network: ContactNetwork3D, displacement: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> numpy.typing.NDArray[numpy.float64]: ...
def inverse_power_2d(
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    energy: typing.SupportsFloat | typing.SupportsIndex,
    exponent: typing.SupportsInt | typing.SupportsIndex,
    cutoff: typing.SupportsFloat | typing.SupportsIndex,
    smoothness: typing.SupportsInt | typing.SupportsIndex,
) -> Interaction2D: ...
def inverse_power_3d(
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    energy: typing.SupportsFloat | typing.SupportsIndex,
    exponent: typing.SupportsInt | typing.SupportsIndex,
    cutoff: typing.SupportsFloat | typing.SupportsIndex,
    smoothness: typing.SupportsInt | typing.SupportsIndex,
) -> Interaction3D: ...
def lennard_jones_2d(
    species: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    species_count: typing.SupportsInt | typing.SupportsIndex,
    length: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    energy: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
) -> Interaction2D: ...
def lennard_jones_3d(
    species: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    species_count: typing.SupportsInt | typing.SupportsIndex,
    length: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    energy: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
) -> Interaction3D: ...
@typing.overload
def load_bearing(network: ContactNetwork2D) -> ContactNetwork2D:
    """
    The network without the contacts of rattlers.
    """

@typing.overload
def load_bearing(network: ContactNetwork3D) -> ContactNetwork3D:
    """
    The network without the contacts of rattlers.
    """

@typing.overload
def local_radial_distribution(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    r: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    delta: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Smoothed g_i(r): (N, R).
    """

@typing.overload
def local_radial_distribution(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    r: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    delta: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Smoothed g_i(r): (N, R).
    """

@typing.overload
def local_stress(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    network: ContactNetwork2D,
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    radius: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Coarse-grained stress: (P, d, d).
    """

@typing.overload
def local_stress(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    network: ContactNetwork3D,
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    radius: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Coarse-grained stress: (P, d, d).
    """

@typing.overload
def local_stress_rate(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    network: ContactNetwork2D,
    loading: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonaffine: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    point_velocity: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    radius: typing.SupportsFloat | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Derivative of the coarse-grained stress with gamma at moving points: (P, d, d).
    """

@typing.overload
def local_stress_rate(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    network: ContactNetwork3D,
    loading: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonaffine: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    point_velocity: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    radius: typing.SupportsFloat | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Derivative of the coarse-grained stress with gamma at moving points: (P, d, d).
    """

def local_yield(
    interaction: Interaction2D,
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nodes: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    angles: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    options: YieldOptions,
    progress: typing.Any = None,
) -> dict: ...
def maxwell_velocities_2d(
    count: typing.SupportsInt | typing.SupportsIndex,
    temperature: typing.SupportsFloat | typing.SupportsIndex,
    random: typing.Annotated[collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], "FixedSize(4)"],
) -> tuple[numpy.typing.NDArray[numpy.float64], typing.Annotated[list[int], "FixedSize(4)"]]:
    """
    Velocities (N, d), and the state of the random stream afterwards.
    """

def maxwell_velocities_3d(
    count: typing.SupportsInt | typing.SupportsIndex,
    temperature: typing.SupportsFloat | typing.SupportsIndex,
    random: typing.Annotated[collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], "FixedSize(4)"],
) -> tuple[numpy.typing.NDArray[numpy.float64], typing.Annotated[list[int], "FixedSize(4)"]]:
    """
    Velocities (N, d), and the state of the random stream afterwards.
    """

@typing.overload
def minimize(
    potential: PotentialEnergy2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    options: RelaxOptions,
    callback: typing.Any = None,
) -> Relaxation2D: ...
@typing.overload
def minimize(
    potential: PotentialEnergy3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    options: RelaxOptions,
    callback: typing.Any = None,
) -> Relaxation3D: ...
@typing.overload
def nonlinear_modes(
    solver: ElasticSolver2D,
    network: ContactNetwork2D,
    pairs: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    order: typing.SupportsInt | typing.SupportsIndex,
    tolerance: typing.SupportsFloat | typing.SupportsIndex,
    iterations: typing.SupportsInt | typing.SupportsIndex,
    overlap: typing.SupportsFloat | typing.SupportsIndex,
    neighbourhood: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
    callback: typing.Any = None,
) -> dict:
    """
    Extrema of (z.Hz)^n / (U^(n).z^n)^2 from dipole responses.
    """

@typing.overload
def nonlinear_modes(
    solver: ElasticSolver3D,
    network: ContactNetwork3D,
    pairs: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    order: typing.SupportsInt | typing.SupportsIndex,
    tolerance: typing.SupportsFloat | typing.SupportsIndex,
    iterations: typing.SupportsInt | typing.SupportsIndex,
    overlap: typing.SupportsFloat | typing.SupportsIndex,
    neighbourhood: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
    callback: typing.Any = None,
) -> dict:
    """
    Extrema of (z.Hz)^n / (U^(n).z^n)^2 from dipole responses.
    """

@typing.overload
def pair_elongations(
    network: ContactNetwork2D, displacement: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> numpy.typing.NDArray[numpy.float64]:
    """
    n . (u_second - u_first) of each pair, an array (P,).
    """

@typing.overload
def pair_elongations(
    network: ContactNetwork3D, displacement: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> numpy.typing.NDArray[numpy.float64]:
    """
    n . (u_second - u_first) of each pair, an array (P,).
    """

@typing.overload
def pair_histogram(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    r_max: typing.SupportsFloat | typing.SupportsIndex,
    bins: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    g(r) in equal shells: (bins,).
    """

@typing.overload
def pair_histogram(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    r_max: typing.SupportsFloat | typing.SupportsIndex,
    bins: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    g(r) in equal shells: (bins,).
    """

@typing.overload
def particle_energies(network: ContactNetwork2D) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def particle_energies(network: ContactNetwork3D) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def pseudo_harmonic_modes(
    solver: ElasticSolver2D,
    network: ContactNetwork2D,
    pairs: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    tolerance: typing.SupportsFloat | typing.SupportsIndex,
    iterations: typing.SupportsInt | typing.SupportsIndex,
    overlap: typing.SupportsFloat | typing.SupportsIndex,
    neighbourhood: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
    callback: typing.Any = None,
) -> dict:
    """
    Minima of (z.Hz)^2 / sum over pairs of (z_ij.z_ij)^2 from dipole responses.
    """

@typing.overload
def pseudo_harmonic_modes(
    solver: ElasticSolver3D,
    network: ContactNetwork3D,
    pairs: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    tolerance: typing.SupportsFloat | typing.SupportsIndex,
    iterations: typing.SupportsInt | typing.SupportsIndex,
    overlap: typing.SupportsFloat | typing.SupportsIndex,
    neighbourhood: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
    callback: typing.Any = None,
) -> dict:
    """
    Minima of (z.Hz)^2 / sum over pairs of (z_ij.z_ij)^2 from dipole responses.
    """

@typing.overload
def radial_distribution(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    r: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    delta: typing.SupportsFloat | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The mean over the particles of the smoothed g_i(r): (R,).
    """

@typing.overload
def radial_distribution(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    r: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    delta: typing.SupportsFloat | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The mean over the particles of the smoothed g_i(r): (R,).
    """

@typing.overload
def radial_features(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    species: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    species_count: typing.SupportsInt | typing.SupportsIndex,
    centers: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    width: typing.SupportsFloat | typing.SupportsIndex,
    cutoff: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Sums of Gaussians of r over the neighbours of each species: (N, species * centers).
    """

@typing.overload
def radial_features(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    species: typing.Annotated[numpy.typing.ArrayLike, numpy.int32],
    species_count: typing.SupportsInt | typing.SupportsIndex,
    centers: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    width: typing.SupportsFloat | typing.SupportsIndex,
    cutoff: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Sums of Gaussians of r over the neighbours of each species: (N, species * centers).
    """

@typing.overload
def relative_covariance(
    network: ContactNetwork2D,
    diagonal: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    pairs: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def relative_covariance(
    network: ContactNetwork3D,
    diagonal: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    pairs: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def release_branch(
    interaction: Interaction2D, branch: Branch2D, options: RelaxOptions, callback: typing.Any = None
) -> Relaxation2D: ...
@typing.overload
def release_branch(
    interaction: Interaction3D, branch: Branch3D, options: RelaxOptions, callback: typing.Any = None
) -> Relaxation3D: ...
def residual_strength(
    interaction: Interaction2D,
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nodes: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    angles: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    cosines: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    options: YieldOptions,
    progress: typing.Any = None,
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def run_dynamics(
    interaction: Interaction2D,
    box: Box2D,
    start: DynamicsState2D,
    options: DynamicsOptions,
    steps: typing.SupportsInt | typing.SupportsIndex,
    callback: typing.Any = None,
) -> DynamicsRun2D: ...
@typing.overload
def run_dynamics(
    interaction: Interaction3D,
    box: Box3D,
    start: DynamicsState3D,
    options: DynamicsOptions,
    steps: typing.SupportsInt | typing.SupportsIndex,
    callback: typing.Any = None,
) -> DynamicsRun3D: ...
@typing.overload
def saddle_points(
    interaction: Interaction2D,
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    centre: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.Annotated[collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], "FixedSize(4)"],
    search: SaddleSearch,
    displacements: bool,
    callback: typing.Any = None,
) -> dict:
    """
    Saddle points around a particle of a minimum, by activation.
    """

@typing.overload
def saddle_points(
    interaction: Interaction3D,
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    centre: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.Annotated[collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex], "FixedSize(4)"],
    search: SaddleSearch,
    displacements: bool,
    callback: typing.Any = None,
) -> dict:
    """
    Saddle points around a particle of a minimum, by activation.
    """

def soft_disks_2d(
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    energy: typing.SupportsFloat | typing.SupportsIndex,
) -> Interaction2D: ...
def soft_disks_3d(
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    energy: typing.SupportsFloat | typing.SupportsIndex,
) -> Interaction3D: ...
@typing.overload
def steric_order(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    interaction: Interaction2D,
    factor: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Mean deviation of the angles between neighbours from those of touching particles: (N,).
    """

@typing.overload
def steric_order(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    factor: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Mean deviation of the angles between neighbours from those of touching particles: (N,).
    """

@typing.overload
def susceptible_pairs(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    network: ContactNetwork2D,
    velocity: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    spacing: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.int32]:
    """
    Of each part of the box the pair whose energy changes fastest with the velocity.
    """

@typing.overload
def susceptible_pairs(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    network: ContactNetwork3D,
    velocity: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    spacing: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.int32]:
    """
    Of each part of the box the pair whose energy changes fastest with the velocity.
    """

def tessellate(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> RadicalTessellation:
    """
    The radical Voronoi tessellation of the periodic plane; weights are squared radii.
    """

@typing.overload
def third_contraction(
    network: ContactNetwork2D,
    a: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    b: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def third_contraction(
    network: ContactNetwork3D,
    a: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    b: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def third_contraction_squares(
    network: ContactNetwork2D,
    fields: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The sum over fields (n, N, d) of weight |U3 : a a|_i^2, an array (N,).
    """

@typing.overload
def third_contraction_squares(
    network: ContactNetwork3D,
    fields: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    The sum over fields (n, N, d) of weight |U3 : a a|_i^2, an array (N,).
    """

@typing.overload
def third_covariance_contraction(
    network: ContactNetwork2D, covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def third_covariance_contraction(
    network: ContactNetwork3D, covariance: typing.Annotated[numpy.typing.ArrayLike, numpy.float64]
) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def triangle_features(
    box: Box2D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    knots: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Sums of triangular functions of r / d_ij with their tops at the inner knots: (N, knots - 2).
    """

@typing.overload
def triangle_features(
    box: Box3D,
    positions: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    diameters: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    nonadditivity: typing.SupportsFloat | typing.SupportsIndex,
    knots: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Sums of triangular functions of r / d_ij with their tops at the inner knots: (N, knots - 2).
    """

@typing.overload
def typical_force(network: ContactNetwork2D) -> float:
    """
    The median of |phi'|; 0 without pairs.
    """

@typing.overload
def typical_force(network: ContactNetwork3D) -> float:
    """
    The median of |phi'|; 0 without pairs.
    """

@typing.overload
def virial(network: ContactNetwork2D) -> numpy.typing.NDArray[numpy.float64]: ...
@typing.overload
def virial(network: ContactNetwork3D) -> numpy.typing.NDArray[numpy.float64]: ...
