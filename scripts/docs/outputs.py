"""Run the commands that pages of the manual show, and write what they print below them.

    python -m scripts.docs.outputs [PAGE...]

runs every page, or those that are named, each in an empty folder of its own, or one with what `<!-- given: photos -->`
names. Commands are run that stand in a block of `console` below `<!-- run -->`; behind a colon it may say `slow`, which
tests leave out, `exit 2`, with what a command ends if not with 0, and `first 12`, so many lines of it are shown. A
block with a title is a file that commands find.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.docs.given import GIVEN

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(
    r"(?:^<!-- run(?:: (?P<how>[^>]*))? -->\n)?"
    r"^```\w+(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$",
    flags=re.MULTILINE | re.DOTALL,
)
_GIVEN = re.compile(r"^<!-- given: ([^>]*) -->$", flags=re.MULTILINE)
_STAMP = re.compile(r"\d{8}-\d{6}-[0-9a-f]+")
_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
HOME = "/home/you"  # shown in place of the folder that commands run in
Runner = Callable[[Sequence[str], Path], tuple[int, str]]


@dataclass(frozen=True)
class Block:
    """A block of a page: a file where it has a title, else commands where it is to be run."""

    body: str
    start: int
    end: int
    title: str = ""
    runs: bool = False
    slow: bool = False
    code: int = 0
    first: int | None = None

    def commands(self) -> Iterator[tuple[str, str]]:
        """Yield every command with what the page shows of its output."""
        for part in re.split(r"^\$ ", self.body, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown

    def shown(self, output: str) -> str:
        """Return as much of an output as the page shows."""
        lines = [line.rstrip() for line in output.strip("\n").splitlines()]
        if self.first is not None and len(lines) > self.first:
            lines = [*lines[: self.first], "..."]
        return "".join(f"{line}\n" for line in lines)


def pages() -> list[Path]:
    """Return the pages that show what commands print."""
    return [path for path in sorted(DOCS.glob("*.md")) if "<!-- run" in path.read_text(encoding="utf-8")]


def blocks(text: str) -> Iterator[Block]:
    """Yield the files and commands of a page in order."""
    for match in _BLOCK.finditer(text):
        marked = match.group().startswith("<!-- run")
        if marked or match["title"]:
            yield Block(match["body"], *match.span("body"), match["title"] or "", marked, **_said(match["how"] or ""))


def _said(how: str) -> dict[str, Any]:
    """Return what stands behind `run:` by the fields of a block."""
    found: dict[str, Any] = {}
    for word in filter(None, map(str.strip, how.split(","))):
        name, _, number = word.partition(" ")
        found[{"slow": "slow", "exit": "code", "first": "first"}[name]] = int(number) if number else True
    return found


def prepare(text: str, folder: Path) -> None:
    """Make what a page takes as there."""
    for names in _GIVEN.findall(text):
        for name in names.split(", "):
            GIVEN[name](folder)


def run_block(block: Block, folder: Path, cnnbench: Runner) -> list[tuple[str, str]]:
    """Write a block's file, or run its commands and return each with its output; raises RuntimeError if one fails."""
    if block.title:
        (folder / block.title).write_text(block.body, encoding="utf-8")
        return []
    found = []
    for command, _ in block.commands():
        words = shlex.split(command, comments=True)
        code, output = cnnbench(words[1:], folder) if words[0] == "cnnbench" else _shell(command, folder)
        if code != block.code:
            raise RuntimeError(f"{command}: ended with {code} in place of {block.code}\n{output}")
        found.append((command, block.shown(output.replace(str(folder), HOME))))
    return found


def masked(text: str) -> str:
    """Return an output without what differs from machine to machine: numbers, times, widths of columns."""
    text = _NUMBER.sub("#", _STAMP.sub("#", text))
    return re.sub(r"[ -]{2,}", " ", re.sub(r"# (?:ms|min # s|min|h # min)\b", "# s", text))


def as_process(arguments: Sequence[str], folder: Path) -> tuple[int, str]:
    """Run `cnnbench` as who reads the page does."""
    environment = {**os.environ, "PYTHONPATH": str(DOCS.parent)}
    done = subprocess.run(
        [sys.executable, "-m", "cnnbench", *arguments], cwd=folder, capture_output=True, text=True, env=environment
    )
    return done.returncode, done.stdout + done.stderr


def _shell(command: str, folder: Path) -> tuple[int, str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, shell=True)
    return done.returncode, done.stdout + done.stderr


def renewed(text: str, folder: Path, cnnbench: Runner = as_process) -> str:
    """Return a page with what its commands print now."""
    prepare(text, folder)
    parts, done = [], 0
    for block in blocks(text):
        outputs = run_block(block, folder, cnnbench)
        if block.runs:
            body = "".join(f"$ {command}\n{output}" for command, output in outputs)
            parts += [text[done : block.start], body]
            done = block.end
    return "".join([*parts, text[done:]])


def main(names: Sequence[str]) -> None:
    """Renew the named pages, all without a name."""
    for path in [Path(name) for name in names] or pages():
        print(path)
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(renewed(path.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
