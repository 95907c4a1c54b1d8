"""Docstrings: their examples run, and they describe the parameters of the signatures."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import glassplast as gp

# What a user reaches: the names of the package, and those of the rooms and modules that it lists.
ROOMS = [name for name in gp.__all__ if inspect.ismodule(getattr(gp, name))]
MODULES = ["glassplast", *(f"glassplast.{name}" for name in ROOMS)]


def public_objects() -> Iterator[tuple[str, Any]]:
    """Each public function and class once, by the first name that leads to it."""
    seen: set[int] = set()
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name in getattr(module, "__all__", []):
            found = getattr(module, name)
            defined_here = getattr(found, "__module__", "").startswith("glassplast")
            if (inspect.isfunction(found) or inspect.isclass(found)) and defined_here and id(found) not in seen:
                seen.add(id(found))
                yield f"{module_name}.{name}", found


def public_callables() -> Iterator[tuple[str, Any]]:
    """Public functions and classes, and the public methods that these classes define."""
    for name, found in public_objects():
        yield name, found
        if not inspect.isclass(found):
            continue
        for method_name, method in vars(found).items():
            function = method.__func__ if isinstance(method, classmethod | staticmethod) else method
            if inspect.isfunction(function) and not method_name.startswith("_"):
                yield f"{name}.{method_name}", function


def section_names(docstring: str, *titles: str) -> list[str]:
    """The names that the entries of numpydoc sections describe, in their order."""
    names: list[str] = []
    lines = inspect.cleandoc(docstring).splitlines()
    for title in titles:
        starts = [
            number + 2 for number in range(len(lines) - 1) if lines[number] == title and set(lines[number + 1]) == {"-"}
        ]
        for start in starts:
            for number in range(start, len(lines)):
                following = lines[number + 1] if number + 1 < len(lines) else ""
                if following and set(following) == {"-"}:
                    break
                if re.match(r"[*\w]", lines[number]):
                    names += [name.strip(" *") for name in lines[number].split(" : ")[0].split(",")]
    return names


def parameter_names(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in {"self", "cls"}]


PUBLIC = dict(public_callables())
FUNCTIONS = [name for name in gp.__all__ if inspect.isfunction(getattr(gp, name))]
EXAMPLES = [name for name, found in PUBLIC.items() if ">>>" in (inspect.getdoc(found) or "")]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_docstring_describes_the_parameters_of_the_signature(name: str) -> None:
    found = PUBLIC[name]
    documented = inspect.getdoc(found)
    assert documented, f"{name} has no docstring"
    if inspect.isclass(found) and (issubclass(found, BaseException) or getattr(found, "_is_protocol", False)):
        return
    expected = parameter_names(found)
    described = section_names(documented, "Parameters")
    if inspect.isclass(found) and not described:
        # The fields of a record are described as its attributes.
        described = [attribute for attribute in section_names(documented, "Attributes") if attribute in expected]
    # One entry may describe several parameters, so that the order can differ.
    assert sorted(described) == sorted(expected)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_the_package_has_an_example_and_says_what_it_returns(name: str) -> None:
    documented = inspect.getdoc(getattr(gp, name)) or ""
    assert "\nExamples\n--------\n" in documented
    if inspect.signature(getattr(gp, name)).return_annotation != "None":
        assert "\nReturns\n-------\n" in documented or "\nYields\n------\n" in documented


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_a_docstring_run(name: str) -> None:
    examples = doctest.DocTestParser().get_doctest(inspect.getdoc(PUBLIC[name]) or "", {}, name, None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    printed: list[str] = []
    assert runner.run(examples, out=printed.append).failed == 0, "".join(printed)
