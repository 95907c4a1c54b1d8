"""Checks of a configuration: whether it is a sound minimum, how accurate what follows is, and what to do otherwise."""

from glassplast.verification.verdict import Check, Verification
from glassplast.verification.verifying import verify

__all__ = ["Check", "Verification", "verify"]


def __dir__() -> list[str]:
    return __all__
