"""ARCHITECTURE.md against the sources: no module imports one of a storey above its own."""

import ast
import importlib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import glassplast as gp

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "ARCHITECTURE.md"
PYTHON = ROOT / "python" / "glassplast"
CPP = ROOT / "cpp"
LONGEST = 500


# --- the storeys, from the page ---------------------------------------------------------------------------------------


@cache
def storeys(heading):
    """Rooms in the first column of the table below a heading, lowest first, with the numbers of their storeys."""
    section = re.search(rf"^## {re.escape(heading)}.*?(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert section, f"{PAGE.name} has no section {heading!r}"
    cells = re.findall(r"^\| (`[^|]*) \|", section[0], re.MULTILINE)
    rooms = [room.removesuffix(".py").rstrip("/") for cell in cells for room in re.findall(r"`([^`]+)`", cell)]
    assert rooms and len(set(rooms)) == len(rooms), f"{PAGE.name}, {heading}: no rooms, or one of them twice"
    return {room: number for number, room in enumerate(rooms)}


def ways_up(imports, known):
    """Each import of a storey above the importer's own, as a line for the message."""
    return [
        f"{file.relative_to(ROOT)}:{line}: {what} reaches from {here} (storey {known[here]}) up to {there} "
        f"(storey {known[there]} of {PAGE.name})"
        for file, line, what, here, there in imports
        if known[there] > known[here]
    ]


# --- the package ------------------------------------------------------------------------------------------------------


def module_name(file):
    parts = file.relative_to(PYTHON.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in sorted(PYTHON.rglob("*.py"))}
PACKAGES = [name for name, file in MODULES.items() if file.name == "__init__.py"]
PUBLIC = [name for name in MODULES if name != "glassplast" and not name.rpartition(".")[2].startswith("_")]


def room_of(module):
    """The room of a module of the package, by its dotted name."""
    return "__init__" if module == "glassplast" else module.split(".")[1]


def module_of(dotted):
    """The module that a dotted name leads to: itself, or what it is taken from."""
    while dotted not in MODULES and dotted != "glassplast._engine":
        dotted = dotted.rpartition(".")[0]
    return dotted


def imported_names(node, module, is_package):
    """Dotted names that a statement or call imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = module.split(".")
            above = above[: len(above) + is_package - node.level]
            base = ".".join([*above, base] if base else above)
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("import_module", "__import__"):
        # Of an f-string, what stands before the first field says the room.
        text = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
        assert isinstance(text, ast.Constant), f"{module}, line {node.lineno}: imports something whose name is computed"
        return [text.value.rstrip(".")]
    return []


@cache
def imports_of(file):
    """Line, statement and imported module of each import of glassplast in a file, wherever in it."""
    module, found = module_name(file), []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for dotted in imported_names(node, module, file.name.startswith("__init__.")):
            if dotted.split(".")[0] == "glassplast":
                found.append((node.lineno, f"import of {dotted}", module_of(dotted)))
    return found


def test_every_room_of_the_package_has_its_storey():
    there = {path.stem for path in PYTHON.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert set(storeys("The package")) == there | {"_engine"}


def test_no_module_of_the_package_imports_from_above():
    known = storeys("The package")
    imports = [
        (file, line, what, room_of(module), room_of(target))
        for module, file in MODULES.items()
        for line, what, target in imports_of(file)
    ]
    imports += [
        (PYTHON / "__init__.pyi", line, what, "__init__", room_of(target))
        for line, what, target in imports_of(PYTHON / "__init__.pyi")
    ]
    assert len(imports) > 300
    assert not (found := ways_up(imports, known)), "\n".join(found)


def test_a_way_up_is_found_wherever_it_hides(tmp_path):
    text = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from glassplast.report import html
def inside():
    import glassplast.plot.curves
    from ..scores import score
    from glassplast import shear, relax
    importlib.import_module(f"glassplast.indicators.{key}")
"""
    nodes = list(ast.walk(ast.parse(text)))
    found = [name for node in nodes for name in imported_names(node, "glassplast.fields.nonaffine", False)]
    rooms = {room_of(module_of(name)) for name in found if name.startswith("glassplast")}
    assert rooms == {"report", "plot", "scores", "__init__", "relax", "indicators"}
    file = PYTHON / "fields" / "nonaffine.py"
    (message,) = ways_up([(file, 7, "import of glassplast.scores.score", "fields", "scores")], storeys("The package"))
    assert message.startswith("python/glassplast/fields/nonaffine.py:7: import of glassplast.scores.score reaches from")
    assert re.search(r"from fields \(storey \d+\) up to scores \(storey \d+ of ARCHITECTURE.md\)", message)


def circle(ways):
    """Names along a circle of ways, or None."""
    done, path = set(), []

    def follow(name):
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            path.append(name)
            for other in sorted(ways.get(name, ())):
                if (found := follow(other)) is not None:
                    return found
            path.pop()
            done.add(name)
        return None

    return next((found for name in ways if (found := follow(name)) is not None), None)


def test_no_imports_go_in_a_circle():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"] and circle({"a": {"b"}}) is None
    ways = {module: {target for _, _, target in imports_of(file)} - {module} for module, file in MODULES.items()}
    assert (found := circle(ways)) is None, " imports ".join(found)


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLIC)
def test_what_a_module_offers_is_there(name):
    module = importlib.import_module(name)
    offered = getattr(module, "__all__", None)
    assert offered is not None, f"{name} has no __all__"
    assert len(set(offered)) == len(offered)
    missing = [key for key in offered if not hasattr(module, key)]
    assert not missing, f"__all__ of {name} names what is not there: {missing}"


@pytest.mark.parametrize("name", PACKAGES)
def test_no_module_is_named_like_what_its_package_exports(name):
    """Otherwise ``package.name`` is the module or the thing, whichever was imported last."""
    package = importlib.import_module(name)
    modules = {other.rpartition(".")[2]: other for other in MODULES if other.rpartition(".")[0] == name}
    for key in modules.keys() & set(package.__all__):
        assert getattr(package, key) is sys.modules[modules[key]], f"{modules[key]} hides what {name} exports"


def test_completion_shows_what_is_meant_to_be_seen():
    public = [gp, *(value for key in gp.__all__ if isinstance(value := getattr(gp, key), type(gp)))]
    for module in [*public, *map(importlib.import_module, PACKAGES)]:
        assert sorted(dir(module)) == sorted(module.__all__), module.__name__
        assert not [key for key in dir(module) if key.startswith("_") and key != "__version__"], module.__name__


def test_the_foundation_offers_its_modules():
    there = {module.removeprefix("glassplast.foundation.") for module in PUBLIC if "foundation." in module}
    assert set(gp.foundation.__all__) == there


def test_every_name_of_the_stub_can_be_reached():
    tree = ast.parse((PYTHON / "__init__.pyi").read_text(encoding="utf-8"))
    imported = [alias.asname or alias.name for n in tree.body if isinstance(n, ast.ImportFrom) for alias in n.names]
    listed = next(ast.literal_eval(n.value) for n in tree.body if ast.unparse(n).startswith("__all__"))
    assert sorted(listed) == sorted([*imported, "__version__"]) and set(listed) == set(gp.__all__)
    for name in listed:
        assert getattr(gp, name) is not None


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, glassplast; assert glassplast.__version__; "
        "print([m for m in ('matplotlib', 'scipy', 'h5py', 'rich', 'numpy') if m in sys.modules]); "
        "glassplast.plot.field; print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False"]


def test_nothing_that_is_read_can_run_code():
    """No module unpickles or evaluates: files of strangers are data."""
    running = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "runpy"}
    found = []
    for file in MODULES.values():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
            packed = isinstance(node, ast.keyword) and node.arg == "allow_pickle"
            if called or packed or running & {name.partition(".")[0] for name in names}:
                found.append(f"{file}:{getattr(node, 'lineno', '?')}")
    assert not found


# --- the engine -------------------------------------------------------------------------------------------------------


def engine_room(file):
    """The room of a file of the engine: its folder, or ``*.hpp`` for what belongs to none."""
    parts = file.relative_to(CPP).parts
    if parts[0] == "bindings":
        return "bindings"
    inner = parts[2:] if parts[0] == "include" else parts[1:]
    return inner[0] if len(inner) > 1 else "*.hpp"


def includes():
    """File, line, statement and both rooms of each include of the engine's own files."""
    for file in sorted([*CPP.rglob("*.hpp"), *CPP.rglob("*.cpp")]):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if found := re.match(r'\s*#\s*include\s*(?:<(glassplast/[^>]+)>|"([^"]+)")', line):
                target = CPP / "include" / found[1] if found[1] else file.parent / found[2]
                assert target.exists(), f"{file}:{number} includes {target}, which is not there"
                yield file, number, line.strip(), engine_room(file), engine_room(target)


def test_every_folder_of_the_engine_has_its_storey():
    there = {engine_room(file) for file in [*CPP.rglob("*.hpp"), *CPP.rglob("*.cpp")]}
    assert set(storeys("The engine")) == there


def test_no_file_of_the_engine_includes_from_above():
    found = list(includes())
    assert len(found) > 300
    assert not (wrong := ways_up(found, storeys("The engine"))), "\n".join(wrong)


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_no_file_is_too_long_to_be_read():
    suffixes = (".py", ".pyi", ".hpp", ".cpp", ".css")
    files = [file for folder in ("python", "cpp") for file in (ROOT / folder).rglob("*") if file.suffix in suffixes]
    # Generated from the engine.
    files.remove(PYTHON / "_engine.pyi")
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    long = {str(file.relative_to(ROOT)): length for file, length in lengths.items() if length > LONGEST}
    assert not long
