"""What is said of an option once, for signatures, the command line and study files alike.

An option is an annotated type, ``Increment = Annotated[float, Option("size of an increment", metavar="STRAIN")]``. A
function that takes it states it in its signature; the command line reads name, type, default and description there.
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
    """What is said of an option.

    Attributes
    ----------
    description : str
        A phrase, as ``--help`` shows it.
    metavar : str, optional
        What stands for its value there.
    default : str, optional
        What None stands for, in words.
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
        Of the parameter.
    option : Option
        What is said of it.
    kind : type
        ``str``, ``int``, ``float`` or another; ``str`` where there are choices.
    choices : tuple of str
        What is allowed; empty where anything of the kind is.
    default : object
        Of the parameter.
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
    """The option in an annotation, and the type that it is said of; None is left out of unions."""
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
