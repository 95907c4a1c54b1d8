"""The command line ``glassplast``, with a module for each of its commands."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; see `glassplast.commands.entry.main`."""
    try:
        # The imports take long enough to be interrupted.
        from glassplast.commands.entry import main
    except KeyboardInterrupt:
        import sys

        sys.stderr.write("interrupted: nothing had begun\n")
        return 130
    return main(words)


def __dir__() -> list[str]:
    return __all__
