"""A study as its TOML file states it: protocols, shear and indicators."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from glassplast import indicators
from glassplast.errors import FileError, GlassplastError, MissingExtraError
from glassplast.models import names
from glassplast.quasistatic.options import Criterion, Increment, MaxEvents, Method, Stepping, StopName, To, Tolerance
from glassplast.quasistatic.shearing import check_stepping

try:
    from pydantic import (
        AfterValidator,
        BaseModel,
        ConfigDict,
        Field,
        ValidationError,
        field_validator,
        model_validator,
    )
except ImportError as error:
    raise MissingExtraError("a study", "study") from error
if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "AlongPlan",
    "BeforeEventsPlan",
    "EventsPlan",
    "FilesPlan",
    "IndicatorPlan",
    "KobAndersenPlan",
    "LennardJonesPlan",
    "MovedPlan",
    "ProtocolPlan",
    "QuestionsPlan",
    "ShearPlan",
    "SoftDisksPlan",
    "StabilityPlan",
    "StatesPart",
    "StatesPlan",
    "StudyPlan",
    "YieldingPlan",
    "load_plan",
]

Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class _Plan(BaseModel):
    """What all parts of a plan have in common: nothing but what is known, and nothing that changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SoftDisksPlan(_Plan):
    """Polydisperse soft disks from two equilibrated chains, see `glassplast.prepare.poly_chains`."""

    model: Literal["poly"]
    size: Annotated[int, Field(ge=17)] = 1024
    samples: Count = 10
    temperature: Positive
    spacing: Positive = 2.0
    most_sweeps: Count = 10_000_000
    annealing_sweeps: Annotated[int, Field(ge=0)] = 20_000
    tempering: Positive | None = None


class LennardJonesPlan(_Plan):
    """Lennard-Jones glasses, each from a liquid of its own, see `glassplast.prepare.lj`."""

    model: Literal["lj"]
    size: Annotated[int, Field(ge=60)] = 1024
    samples: Count = 10
    protocol: Literal["HTL", "ESL", "GQ"]
    duration: NotNegative = 1e6
    equilibration: NotNegative = 1e4


class KobAndersenPlan(_Plan):
    """Kob-Andersen glasses, each from a liquid of its own, see `glassplast.prepare.kob_andersen`."""

    model: Literal["kob_andersen"]
    size: Count = 1000
    samples: Count = 10
    dimension: Literal[2, 3] = 3
    temperature: Positive = 0.5
    final_temperature: Positive = 0.05
    duration: NotNegative = 0.0
    equilibration: NotNegative = 1e3


class FilesPlan(_Plan):
    """Configurations of the user's: the files of a pattern, in alphabetical order, or frames of trajectories in them.

    The frames are the last one, all, or a slice such as ``"100::10"``.
    """

    files: str
    model: str | None = None
    samples: Count | None = None
    frames: Annotated[str, Field(pattern=r"^(last|all|-?\d*:-?\d*(:-?[1-9]\d*)?)$")] = "last"

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str | None) -> str | None:
        if value is not None and value not in names():
            raise ValueError(f"unknown model {value!r}; known: {', '.join(names())}")
        return value


ProtocolPlan = SoftDisksPlan | LennardJonesPlan | KobAndersenPlan | FilesPlan
_MADE: dict[str, type[_Plan]] = {"poly": SoftDisksPlan, "lj": LennardJonesPlan, "kob_andersen": KobAndersenPlan}


class ShearPlan(_Plan):
    """How every sample is sheared: the options of `glassplast.shear`, with `to` counted from the sample's strain."""

    to: Annotated[To, Field(allow_inf_nan=False)] = 0.12
    stepping: Stepping = "exact"
    max_events: Annotated[MaxEvents, Field(ge=1)] | None = None
    stop: StopName | None = None
    loading: float | list[list[float]] | None = None
    method: Method | None = None
    increment: Annotated[Increment, Field(gt=0.0, allow_inf_nan=False)] | None = None
    criterion: Criterion | None = None
    tolerance: Annotated[Tolerance, Field(gt=0.0, allow_inf_nan=False)] = 1e-10

    @model_validator(mode="after")
    def _of_one_stepping(self) -> ShearPlan:
        foreign: dict[str, object] = {"increment": self.increment, "criterion": self.criterion}
        try:
            check_stepping(self.stepping, of_exact={"loading": self.loading}, of_fixed=foreign)
        except GlassplastError as error:
            raise ValueError(str(error)) from None
        return self


class _OfSomeSamples(_Plan):
    """A part that is for the first so many samples of each protocol, or for all."""

    samples: Count | None = None

    def is_for(self, sample: int) -> bool:
        """Tell whether it is for a sample.

        Parameters
        ----------
        sample : int
            Number of the sample, from 0.

        Returns
        -------
        bool
        """
        return self.samples is None or sample < self.samples


class IndicatorPlan(_OfSomeSamples):
    """How an indicator is computed: its options, and for how many samples of each protocol."""

    options: dict[str, Any] = Field(default_factory=dict)


def _known_keys(keys: list[str] | None) -> list[str] | None:
    for key in keys or ():
        try:
            indicators.find(key)
        except GlassplastError as error:
            raise ValueError(str(error)) from None
    return keys


class StatesPart(_OfSomeSamples):
    """States of one kind: of how many samples of each protocol, and which indicators are computed there.

    By default these are the indicators of the start, of all samples.
    """

    indicators: Annotated[list[str], Field(min_length=1), AfterValidator(_known_keys)] | None = None


class BeforeEventsPlan(StatesPart):
    """States at given strains before each of the first so many events; the ranks of its core are kept."""

    distances: Annotated[list[Positive], Field(min_length=1)]
    events: Count | None = None


class AlongPlan(StatesPart):
    """States at given distances in strain from the start."""

    strains: Annotated[list[Positive], Field(min_length=1)]


class YieldingPlan(StatesPart):
    """The states before and after the first spanning or the largest stress drop, and the last state of the run."""

    drop: Literal["spanning", "largest"] = "spanning"


class MovedPlan(StatesPart):
    """The start moved to the first event affinely, and along the nonaffine velocity as well, and the onset itself."""


class StatesPlan(_Plan):
    """The states at which indicators are computed in addition to the start."""

    before_events: BeforeEventsPlan | None = None
    along: AlongPlan | None = None
    yielding: YieldingPlan | None = None
    moved: MovedPlan | None = None

    def parts(self) -> list[StatesPart]:
        """List the parts that are asked for.

        Returns
        -------
        list of StatesPart
        """
        return [part for part in (self.before_events, self.along, self.yielding, self.moved) if part is not None]


class StabilityPlan(_OfSomeSamples):
    """How stable the glass is, see `glassplast.stability.measure`."""

    frequency: Positive | None = None


class EventsPlan(_OfSomeSamples):
    """A question to the first so many events of a run."""

    events: Count = 1


class QuestionsPlan(_Plan):
    """What else is asked of each sample."""

    stability: StabilityPlan | None = None
    reversals: EventsPlan | None = None
    mode_convergence: EventsPlan | None = None

    def parts(self) -> list[StabilityPlan | EventsPlan]:
        """List the questions that are asked.

        Returns
        -------
        list of StabilityPlan or EventsPlan
        """
        return [part for part in (self.stability, self.reversals, self.mode_convergence) if part is not None]


class StudyPlan(_Plan):
    """A study.

    Attributes
    ----------
    name : str
        Its title in reports.
    seed : int
        Decides everything that is random.
    protocols : dict
        What is compared, by the names under which it stands in tables.
    shear : ShearPlan
        How every sample is sheared.
    indicators : dict
        What is computed of every sample, by the keys of indicators; by default all that come unasked.
    states : StatesPlan
        Further states at which indicators are computed.
    questions : QuestionsPlan
        What else is asked of each sample.
    """

    name: str = "study"
    seed: Annotated[int, Field(ge=0)]
    protocols: dict[str, ProtocolPlan] = Field(min_length=1)
    shear: ShearPlan = ShearPlan()
    indicators: dict[str, IndicatorPlan] = Field(default_factory=dict)
    states: StatesPlan = StatesPlan()
    questions: QuestionsPlan = QuestionsPlan()

    @model_validator(mode="before")
    @classmethod
    def _named_and_of_a_kind(cls, values: Any) -> Any:
        """Check the names of protocols, and that each tells what it is."""
        protocols = values.get("protocols") if isinstance(values, dict) else None
        if not isinstance(protocols, dict):
            return values
        for name, given in protocols.items():
            if not _names_a_folder(name):
                raise ValueError(f"the protocol name {name!r} cannot be the name of a folder")
            if isinstance(given, dict) and "files" not in given and not _is_made(given):
                raise ValueError(
                    f"protocol {name!r} needs model = one of {', '.join(map(repr, _MADE))}, or files = a pattern"
                )
        return values

    @field_validator("indicators")
    @classmethod
    def _known_indicators(cls, value: dict[str, IndicatorPlan]) -> dict[str, IndicatorPlan]:
        for key, plan in value.items():
            try:
                indicators.find(key).check_options(plan.options)
            except GlassplastError as error:
                raise ValueError(str(error)) from None
        return value

    @model_validator(mode="after")
    def _within_the_run(self) -> StudyPlan:
        along = self.states.along
        if along is not None and max(along.strains) > abs(self.shear.to):
            raise ValueError(
                f"states.along.strains: {max(along.strains)} lies beyond the end of the run at shear.to = "
                f"{self.shear.to}; strains are counted from the start"
            )
        if self.questions.mode_convergence is not None and self.shear.stepping != "exact":
            raise ValueError("questions.mode_convergence needs shear.stepping = 'exact'")
        return self


def _names_a_folder(name: str) -> bool:
    """Whether a protocol can have this name, which a folder in the directory of the study bears."""
    forbidden = any(mark in name for mark in "/\\,") or not name.isprintable() or name.startswith(".")
    return bool(name) and not forbidden and len(name.encode()) <= 200


def _is_made(given: dict[str, Any]) -> bool:
    """Whether a protocol names a model of which samples are made; a file may hold anything in its place."""
    model = given.get("model")
    return isinstance(model, str) and model in _MADE


def _protocol(name: str, given: Any) -> ProtocolPlan:
    kind = FilesPlan if "files" in given else _MADE[given["model"]]
    plan: ProtocolPlan = kind.model_validate(given)  # type: ignore[assignment] # one of the four kinds
    return plan


def load_plan(source: str | os.PathLike[str] | dict[str, Any]) -> StudyPlan:
    """Read the plan of a study.

    Parameters
    ----------
    source : path-like or dict
        A TOML file, or what it holds.

    Returns
    -------
    StudyPlan

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If the file is not TOML, or a key or value in it is invalid; the message names the key, the value and what
        is allowed.
    """
    where, given = ("the plan", source) if isinstance(source, dict) else (os.fspath(source), _read(Path(source)))
    problems: list[str] = []
    protocols = given.get("protocols")
    if isinstance(protocols, dict):
        made: dict[str, Any] = {}
        for name, values in protocols.items():
            made[name] = values
            if isinstance(values, dict) and ("files" in values or _is_made(values)):
                try:
                    made[name] = _protocol(name, values)
                except ValidationError as error:
                    problems += _problems(error, f"protocols.{name}")
        given = {**given, "protocols": made}
    if problems:
        raise FileError(f"{where}: {'; '.join(problems)}")
    try:
        return StudyPlan.model_validate(given)
    except ValidationError as error:
        raise FileError(f"{where}: {'; '.join(_problems(error, ''))}") from None


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{path} is not valid TOML: {error}") from None
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from error


def _problems(error: ValidationError, prefix: str) -> list[str]:
    """What is wrong, one phrase a key."""
    told = []
    for entry in error.errors(include_url=False):
        key = ".".join([prefix, *map(str, entry["loc"])] if prefix else map(str, entry["loc"]))
        value = "" if entry["type"] in ("missing", "extra_forbidden") else f", not {entry['input']!r}"
        message = entry["msg"].removeprefix("Value error, ")
        if entry["type"] == "extra_forbidden":
            message = "there is no such key"
        told.append(f"{key or 'the file'}: {message[0].lower()}{message[1:]}{value if key else ''}")
    return told
