"""Check what the documentation says that a machine can check.

Links must lead to a file and a heading, files that are named must exist, and `make x` must have a target. Commands must
parse as the command line parses them, and the options of programs of this repository must be known to them. In
Python every name must exist, and every call must fit the function. Figures of timings must be those of
bench/results.json.
"""

import argparse
import ast
import contextlib
import importlib
import inspect
import io
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from glassplast.commands.entry import joined_words, make_parser
from glassplast.commands.options import CommandParser

ROOT = Path(__file__).resolve().parent.parent
#: Pages that say how it is now. CHANGELOG.md also says how it was: only its links are checked.
PAGES = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "bench/README.md", "studies/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
HISTORY = ROOT / "CHANGELOG.md"
#: Where sources are that name pages.
PROGRAMS = ("bench", "examples", "python", "studies", "tests")
SHELLS = ("sh", "bash", "shell", "console")
FENCE = r"^```(\w*)\n(.*?)^```"


def blocks(text: str, *languages: str) -> list[str]:
    """Fenced blocks of given languages."""
    found = re.findall(FENCE, text, flags=re.MULTILINE | re.DOTALL)
    return [body for language, body in found if language in languages]


def inline(text: str) -> list[str]:
    """Inline code outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(FENCE, "", text, flags=re.MULTILINE | re.DOTALL))


# --- links, files, targets -------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ +(.+?) *$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            yield f"link {target}"


@cache
def sources() -> tuple[str, ...]:
    """Files of the repository, from its root."""
    folders = ("bench", "cmake", "cpp", "docs", "examples", "python", "studies", "tests")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if "__pycache__" not in file.parts]
    return tuple(f"/{file.relative_to(ROOT)}" for file in [*files, *ROOT.glob("*.*")])


def missing_files(page: Path, text: str) -> Iterator[str]:
    """Sources and pages that are named with a folder, wherever they stand; NAME.py stands for any."""
    named = re.findall(r"(?<![\w./-])((?:[\w.-]+/)+[\w-]+\.(?:py|md|cpp|hpp|css))\b", text)
    for name in [*named, *re.findall(r"tests/data/[\w./-]+\w", text)]:
        there = (page.parent / name).exists() or any(file.endswith(f"/{name}") for file in sources())
        if not there and not Path(name).stem.isupper():
            yield f"file {name}"


# --- commands --------------------------------------------------------------------------------------------------------


def parse_error(words: list[str]) -> str | None:
    """What the command line says of these words; None if it takes them."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            make_parser().parse_args(joined_words(words))
    except SystemExit as stopped:
        return said.getvalue().strip().splitlines()[-1] if stopped.code else None
    return None


def unknown_words(words: list[str]) -> list[str]:
    """Commands and options that the command line does not have, of a command that is not given in full."""
    parser: argparse.ArgumentParser = make_parser()
    unknown = []
    for word in words:
        children = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        if children and not word.startswith("-"):
            if word not in children[0]:
                return [word]
            parser = children[0][word]
            if isinstance(parser, CommandParser) and parser.add_options:
                # A command gets its options only when it parses.
                parser.add_options(parser)
        elif word.startswith("-") and word != "-" and word.split("=")[0] not in parser._option_string_actions:
            unknown.append(word)
    return unknown


def source_of(module: str) -> Path:
    """The file that `python -m` runs."""
    path = ROOT / module.replace(".", "/")
    return path / "__main__.py" if path.is_dir() else path.with_suffix(".py")


def broken_program(words: list[str]) -> Iterator[str]:
    """What does not exist of a program of this repository, and of its options."""
    module = words[0] == "-m"
    file = source_of(words[1]) if module else ROOT / words[0]
    if not file.exists():
        yield f"no {words[1] if module else words[0]}"
        return
    text = file.read_text()
    # What it imports may parse its options.
    for imported in re.findall(r"^from ((?:bench|studies)\.\w+) import", text, flags=re.MULTILINE):
        text += source_of(imported).read_text()
    for word in words[1:]:
        if word.startswith("--") and f'"{word.split("=")[0]}"' not in text:
            yield word
    if words[:2] == ["-m", "bench"]:
        for subject in words[2:]:
            if not subject.startswith("-") and not (ROOT / f"bench/bench_{subject}.py").exists():
                yield f"no subject {subject}"


def problems_of_command(command: str, targets: set[str], *, whole: bool) -> Iterator[str]:
    # An ellipsis, and brackets as in a usage, are no words of the command.
    words = shlex.split(re.sub(r"[\[\]]|\.\.\.|…", " ", command), comments=True)
    if len(words) < 2:
        return
    if words[0] == "make":
        yield from (word for word in words[1:] if "=" not in word and word not in targets)
    elif words[0] == "python" and words[1:3] != ["-m", "glassplast"] and not words[1].startswith("-c"):
        yield from broken_program(words[1:])
    elif words[0] == "glassplast" or words[:3] == ["python", "-m", "glassplast"]:
        given = words[1:] if words[0] == "glassplast" else words[3:]
        error = parse_error(given) if whole else None
        yield from ([error] if error else []) if whole else unknown_words(given)


def broken_commands(_page: Path, text: str) -> Iterator[str]:
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    lines = [line for block in blocks(text, *SHELLS) for line in block.replace("\\\n", " ").splitlines()]
    for snippets, whole in ((lines, True), (inline(text), False)):
        for snippet in snippets:
            for command in re.split(r"\s*(?:\||&&|;|(?<!\S)>(?!\S))\s*", snippet.removeprefix("$ ").split(" #")[0]):
                if re.match(r"(make|glassplast|python)\s", command):
                    for problem in problems_of_command(command, targets, whole=whole):
                        yield f"`{command}`: {problem}"


# --- Python ----------------------------------------------------------------------------------------------------------


def resolved(dotted: str) -> object:
    """What a dotted name that begins with a module of this package or repository stands for.

    Raises
    ------
    AttributeError, ImportError
    """
    first, *rest = dotted.split(".")
    found: object = importlib.import_module("glassplast" if first == "gp" else first)
    for position, name in enumerate(rest, 2):
        if isinstance(found, ModuleType) and not hasattr(found, name):
            found = importlib.import_module(".".join(["glassplast" if first == "gp" else first, *rest][:position]))
        else:
            found = getattr(found, name)
    return found


def problem_of_name(dotted: str) -> str | None:
    try:
        resolved(dotted)
    except (AttributeError, ImportError):
        return f"no {dotted}"
    return None


def dotted_name(node: ast.expr) -> str | None:
    """``gp.x.y`` of an expression that is nothing but that."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) and node.id == "gp" else None


def problem_of_call(call: ast.Call) -> str | None:
    """Whether a call of ``gp.something`` fits its signature."""
    name = dotted_name(call.func)
    if name is None or problem_of_name(name):
        return None
    if any(isinstance(argument, ast.Starred) for argument in call.args) or any(k.arg is None for k in call.keywords):
        return None
    function: Callable[..., object] = resolved(name)  # type: ignore[assignment]
    try:
        inspect.signature(function).bind(*call.args, **{str(k.arg): None for k in call.keywords})
    except TypeError as error:
        return f"{name}: {error}"
    return None


def problems_of_python(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"Python: {error.msg}: {(error.text or '').strip()}"
        return
    for node in ast.walk(tree):
        problem = None
        if isinstance(node, ast.Attribute) and (name := dotted_name(node)):
            problem = problem_of_name(name)
        elif isinstance(node, ast.Call):
            problem = problem_of_call(node)
        elif isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "glassplast":
            missing = [problem_of_name(f"{node.module}.{alias.name}") for alias in node.names]
            problem = next((found for found in missing if found), None)
        if problem:
            yield problem


def broken_python(_page: Path, text: str) -> Iterator[str]:
    for block in blocks(text, "python"):
        yield from problems_of_python(block)
    for snippet in inline(text):
        if re.match(r"(gp|glassplast)\.\w", snippet):
            name = re.match(r"[\w.]+\w", snippet)
            assert name is not None
            problem = problem_of_name(name[0])
            if problem:
                yield problem
            elif snippet.startswith("gp.") and snippet.endswith(")") and "..." not in snippet:
                yield from problems_of_python(snippet)


# --- figures ---------------------------------------------------------------------------------------------------------


def stale_figures(_page: Path, text: str) -> Iterator[str]:
    from bench.figures import stale

    yield from stale(text)


def main() -> int:
    sys.path.insert(0, str(ROOT))
    of_today = (broken_links, broken_commands, missing_files, broken_python, stale_figures)
    checks = dict.fromkeys(PAGES, of_today) | {HISTORY: (broken_links,)}
    failures = [
        f"{page.relative_to(ROOT)}: {problem}"
        for page, of_page in checks.items()
        for check in of_page
        for problem in dict.fromkeys(check(page, page.read_text()))
    ]
    for program in sorted(file for folder in PROGRAMS for file in (ROOT / folder).rglob("*.py")):
        named = dict.fromkeys(re.findall(r"docs/[\w-]+\.md", program.read_text()))
        failures += [f"{program.relative_to(ROOT)}: file {name}" for name in named if not (ROOT / name).exists()]
    for example in sorted((ROOT / "examples").glob("*.py")):
        text = example.read_text()
        problems = [*problems_of_python(text), *missing_files(example, text)]
        failures += [f"{example.relative_to(ROOT)}: {problem}" for problem in problems]
    print("\n".join([*failures, f"{len(checks)} pages, {len(failures)} things that are not so"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
