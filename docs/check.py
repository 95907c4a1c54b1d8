"""Check what the documentation says that a machine can check.

Every relative link of README.md, CHANGELOG.md and docs/ must lead to a file (and heading) of the repository,
every `make x` to a target, and every `glassplast x --option` to something that the command's help shows.
"""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = Path(sys.executable).parent / "glassplast"


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ +(.+?) *$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> list[str]:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(f"link {target}")
    return broken


def snippets(text: str) -> list[str]:
    """Lines of shell blocks and inline code."""
    lines = [
        line
        for block in re.findall(r"^```(?:sh|bash|shell|console)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        for line in block.replace("\\\n", " ").splitlines()
    ]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return lines + re.findall(r"`([^`\n]+)`", prose)


@cache
def help_of(*command: str) -> str:
    """Help of a subcommand, empty when there is none."""
    result = subprocess.run([COMMAND, *command, "--help"], capture_output=True, text=True, check=False)
    return result.stdout if result.returncode == 0 else ""


def broken_commands(text: str) -> list[str]:
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    broken = []
    for snippet in snippets(text):
        for command in re.split(r"\s*(?:\||&&|;)\s*", snippet.removeprefix("$ ").split(" #")[0]):
            words = command.split()
            if len(words) > 1 and words[0] == "make":
                broken += [f"`{command}`" for word in words[1:] if "=" not in word and word not in targets]
            if len(words) > 1 and words[0] == "glassplast" and re.fullmatch(r"[a-z]+", words[1]):
                text_of_help = help_of(words[1])
                if len(words) > 2 and re.fullmatch(r"[a-z_]+", words[2]):
                    # A command of a command; else a file.
                    text_of_help += help_of(words[1], words[2]) if words[1] in ("prepare", "softness") else ""
                options = [word.split("=")[0] for word in words[2:] if word.startswith("--")]
                broken += [f"`{command}`: {words[1]}"] if not text_of_help else []
                broken += [f"`{command}`: {option}" for option in options if option not in text_of_help]
    return broken


def main() -> int:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    failures = [
        f"{page.relative_to(ROOT)}: {problem}"
        for page in pages
        for problem in broken_links(page, page.read_text()) + broken_commands(page.read_text())
    ]
    print("\n".join([*failures, f"{len(pages)} pages, {len(failures)} broken links or commands"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
