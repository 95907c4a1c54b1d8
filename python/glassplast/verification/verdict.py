"""What is found by checks of a configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassplast.errors import GlassplastError
from glassplast.foundation import notebook
from glassplast.foundation.one_line import constructor_like
from glassplast.foundation.tables import structured

__all__ = ["Check", "Verification", "at_least", "at_most", "counted_out", "not_found"]


@dataclass(frozen=True)
class Check:
    """One check of a configuration.

    Attributes
    ----------
    name : str
        What is checked.
    value, limit : float
        The number that was found, and the one that it is held against; `limit` is NaN if the number only informs.
    passed : bool
        Whether the check is passed.
    sentence : str
        What was found, in words.
    advice : str
        What to do, in words; empty if there is nothing to do.
    """

    name: str
    value: float
    limit: float
    passed: bool
    sentence: str
    advice: str = ""


@dataclass(frozen=True, repr=False)
class Verification:
    """The checks of one configuration.

    Attributes
    ----------
    particles, dimension : int
        Number of particles and of dimensions.
    model : str or None
        Name of the model, if the configuration has one.
    checks : tuple of Check
        The checks that were made, in the order of their making.
    fit, unfit : tuple of str
        Keys of the indicators for which the configuration is fit, and of those for which it is not. Indicators that do
        not exist in this dimension are in neither.
    """

    particles: int
    dimension: int
    model: str | None
    checks: tuple[Check, ...]
    fit: tuple[str, ...]
    unfit: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all checks are passed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that are not passed."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do, one sentence or more for each check that asks for something, without repetition."""
        return tuple(dict.fromkeys(check.advice for check in self.checks if check.advice))

    @property
    def fitness(self) -> str:
        """For which indicators the configuration is fit, in words."""
        if not self.unfit:
            return f"The configuration is fit for all {len(self.fit)} indicators."
        if not self.fit:
            return "The configuration is fit for no indicator."
        return f"The configuration is fit for {', '.join(self.fit)}; it is not fit for {', '.join(self.unfit)}."

    def __getitem__(self, name: str) -> Check:
        """The check of a name; a `KeyError` if it was not made."""
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(check.name == name for check in self.checks)

    def __repr__(self) -> str:
        # A line has room for three names.
        names = [check.name for check in self.failed]
        return constructor_like(
            "Verification",
            N=self.particles,
            dimension=self.dimension,
            model=repr(self.model),
            passed=f"{len(self.checks) - len(self.failed)} of {len(self.checks)}",
            failed=", ".join(names[:3] + ["…"] * (len(names) > 3)) or None,
        )

    def _repr_html_(self) -> str:
        facts = {
            "particles": self.particles,
            "dimension": self.dimension,
            "model": self.model or "none",
            "fit for": f"{len(self.fit)} of {len(self.fit) + len(self.unfit)} indicators",
        }
        rows = [("✓" if check.passed else "✗", check.name, check.sentence) for check in self.checks]
        advice = [("to do", "", words) for words in self.advice]
        return notebook.card(self, "Verification", facts, notebook.table([*rows, *advice]))

    def table(self) -> NDArray[np.void]:
        """One row for each check, a structured array with name, value, limit, passed and sentence.

        ``pandas.DataFrame(verification.table())`` takes it as it is.
        """
        return structured(
            {
                column: [getattr(check, column) for check in self.checks]
                for column in ("name", "value", "limit", "passed", "sentence")
            }
        )


def at_most(name: str, value: float, limit: float, sentence: str, advice: str) -> Check:
    """A check that a number is at most a limit."""
    passed = bool(value <= limit)
    return Check(name, float(value), float(limit), passed, sentence, "" if passed else advice)


def at_least(name: str, value: float, limit: float, sentence: str, advice: str) -> Check:
    """A check that a number is at least a limit."""
    passed = bool(value >= limit)
    return Check(name, float(value), float(limit), passed, sentence, "" if passed else advice)


def counted_out(count: int, thing: str) -> str:
    """A number of things in words, in the singular or the plural."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def not_found(name: str, error: GlassplastError, advice: str) -> Check:
    """A check that ended with an error."""
    return Check(name, math.nan, math.nan, False, f"{str(error)[0].upper()}{str(error)[1:]}.", advice)
