"""The command line ``glassplast``, with a module for each of its commands."""

from glassplast.commands.entry import main

__all__ = ["main"]


def __dir__() -> list[str]:
    return __all__
