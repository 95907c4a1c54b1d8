"""Options that are declared once, for signatures, the command line and study files.

An option is an annotated type, ``Increment = Annotated[float, Option("size of an increment", metavar="STRAIN")]``. A
function that takes the option uses this type in its signature, from which the command line reads the name, type,
default and description.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["DeclaredOption", "Option", "declared_options"]


@dataclass(frozen=True)
class Option:
    """The description of an option.

    Attributes
    ----------
    description : str
        Phrase that ``--help`` shows.
    metavar : str, optional
        Placeholder for the value in ``--help``.
    default : str, optional
        Default in words, if the default is None.
    """

    description: str
    metavar: str | None = None
    default: str | None = None


@dataclass(frozen=True)
class DeclaredOption:
    """An option as a function declares it.

    Attributes
    ----------
    name : str
        Name of the parameter.
    option : Option
        Description of the option.
    kind : type
        Type of the value, such as ``str``, ``int`` or ``float``; it is ``str`` if there are choices.
    choices : tuple of str
        Allowed values; empty if any value of the type is allowed.
    default : object
        Default of the parameter.
    """

    name: str
    option: Option
    kind: Any
    choices: tuple[str, ...]
    default: Any


def declared_options(function: Callable[..., Any]) -> dict[str, DeclaredOption]:
    """The options that a function declares in its signature, by name."""
    hints = get_type_hints(function, include_extras=True)
    declared = {}
    for name, parameter in inspect.signature(function).parameters.items():
        option, kind = _option_of(hints.get(name))
        if option is None:
            continue
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        declared[name] = DeclaredOption(name, option, str if choices else kind, choices, parameter.default)
    return declared


def _option_of(hint: Any) -> tuple[Option | None, Any]:
    """The option in an annotation, and the type of its value; None is left out of unions."""
    if get_origin(hint) is Annotated:
        kind, *extras = get_args(hint)
        option = next((extra for extra in extras if isinstance(extra, Option)), None)
        return option, _option_of(kind)[1]
    if get_origin(hint) in (Union, types.UnionType):
        inner = [part for part in get_args(hint) if part is not type(None)]
        found = [_option_of(part) for part in inner]
        option = next((known for known, _ in found if known is not None), None)
        return option, found[0][1] if found else None
    return None, hint
