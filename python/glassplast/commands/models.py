"""The command ``glassplast models``."""

from __future__ import annotations

from typing import Any

from glassplast.commands.options import add_command
from glassplast.commands.session import Session

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add_command(commands, "models", "list the models", "glassplast models", run)


def run(session: Session) -> int:
    """List the models."""
    from glassplast.commands.tables import model_table

    session.out.print(model_table())
    return 0
