"""What pages of the manual show is what their commands print; slow ones are left to `make docs-outputs`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from cnnbench.cli.main import app
from scripts.docs import outputs
from scripts.docs.commands import commands
from scripts.docs.outputs import Block, blocks, masked, prepare, renewed, run_block
from tests.tools import ROOT, cnnbench


def fast(page: Path) -> list[Block]:
    """Return what of a page is run again."""
    return [block for block in blocks(page.read_text(encoding="utf-8")) if not block.slow]


def tried(page: Path) -> Any:
    """Mark a page that trains."""
    trains = any("$ cnnbench train " in block.body for block in fast(page))
    return pytest.param(page, marks=pytest.mark.slow if trains else (), id=page.stem)


PAGES = [tried(page) for page in outputs.pages() if any(block.runs for block in fast(page))]
EVERY_PAGE = sorted((ROOT / "docs").glob("*.md"))


def in_process(arguments: Sequence[str], folder: Path) -> tuple[int, str]:
    done = cnnbench(*arguments, cwd=folder)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    prepare(page.read_text(encoding="utf-8"), tmp_path)
    for block in fast(page):
        for (command, printed), (_, shown) in zip(
            run_block(block, tmp_path, in_process), block.commands(), strict=False
        ):
            assert masked(printed) == masked(shown), command


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.stem)
def test_a_page_shows_commands_that_there_are(page: Path) -> None:
    known = dict(commands(typer.main.get_command(app)))
    for line in re.findall(r"^\$ cnnbench (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        words = shlex.split(line.partition(" | ")[0], comments=True)
        name = " ".join(words[:2]) if words[0] == "data" else words[0]
        assert name in known, line
        options = {option for each in known[name].params for option in (*each.opts, *each.secondary_opts)}
        given = {word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)}
        assert given <= {*options, "--help"}, line


PAGE = """<!-- run: first 1 -->
```console
$ printf 'one\\ntwo 3\\n'
```

```yaml title="there.yaml"
name: there
```

<!-- run: exit 1 -->
```console
$ cat there.yaml
$ false
```
"""


def test_what_is_printed_is_written_below_the_command(tmp_path: Path) -> None:
    page = PAGE.replace("$ false\n", "").replace(": exit 1", "")
    made = renewed(page, tmp_path)
    assert "$ printf 'one\\ntwo 3\\n'\none\n...\n```" in made and "$ cat there.yaml\nname: there\n```" in made
    assert renewed(made, tmp_path) == made


def test_a_command_that_ends_otherwise_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"cat there\.yaml: ended with 0 in place of 1"):
        renewed(PAGE, tmp_path)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("accuracy  98.3 %, 4.2 s", "accuracy 97.25 %, 1 min 3 s", True),
        ("outputs/a/20261126-143407-3e36efec", "outputs/a/20270101-000000-00000000", True),
        ("layer  output\n-----  ------", "layer    output\n------- ---", True),
        ("1e-3 of 1,000", "2 of 3", True),
        ("better", "worse", False),
        ("3 images", "3 classes", False),
    ],
)
def test_numbers_are_no_difference_and_words_are(first: str, second: str, same: bool) -> None:
    assert (masked(first) == masked(second)) is same


def test_a_block_says_how_it_is_run() -> None:
    one, file, two = blocks(PAGE.replace("exit 1", "slow, exit 1"))
    assert (one.first, one.slow, file.title, two.slow, two.code) == (1, False, "there.yaml", True, 1)
    assert [command for command, _ in two.commands()] == ["cat there.yaml", "false"]
    assert Block("", 0, 0).shown("a  \n\n") == "a\n"
