"""`cnnbench data`: what data sets there are, getting one, checking one, looking at one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli import complete
from cnnbench.cli.options import Json, Offline, Overrides, Quiet
from cnnbench.cli.output import console, emit, one_line, room, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import DataError
from cnnbench.views.layout import aligned

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.data.check import Check, SplitCheck

app = typer.Typer(no_args_is_help=True, help="List, get, check and preview data sets.")

Target = Annotated[
    str,
    typer.Argument(
        help="A configuration, a source's name, or your own folder or file.",
        autocompletion=complete.targets,
    ),
]


@app.command("list")
def list_(json: Json = False, quiet: Quiet = False) -> None:
    """List the sources, their size and where their files are."""
    from cnnbench.data.catalogue import overview

    sources = overview()
    if json:
        emit(sources)
        return
    rows = [[s["name"], s["images"], s["shape"], s["classes"], s["where"], s["about"]] for s in sources]
    if quiet:
        rows = [row[:1] for row in rows]
    header = ["source", "train+test", "shape", "classes", "where", "about"]
    print_table(header[: len(rows[0])], rows, least=(2, 3, 1), fold=(4, 5))


@app.command()
def get(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...", help="Named data sets, as `data list` has them.", autocompletion=complete.downloads
        ),
    ],
    path: Annotated[str | None, typer.Option("--path", help="Look here first, as data.path does.")] = None,
    offline: Offline = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Download named data sets that are not there yet and check them against their published SHA-256."""
    from cnnbench.data.catalogue import downloadable
    from cnnbench.data.download import obtain

    wanted = {name: downloadable(name) for name in names}
    folders = {name: str(obtain(name, files, path, offline=offline, quiet=quiet)) for name, files in wanted.items()}
    if json:
        emit(folders)
    else:
        print_table(["source", "where"], [[name, folder] for name, folder in folders.items()])


@app.command()
def check(
    target: Target,
    overrides: Overrides = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors too.")] = False,
    offline: Offline = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Read every image and report shape, type, range, class balance and duplicates."""
    from cnnbench.data.check import check as check_data

    data = config_for(target, overrides or []).data
    with Waiting(quiet) as waiting:
        waiting(f"reading every image of {data.path or data.source}")
        result = check_data(data, offline=offline, quiet=quiet)
    if json:
        emit(asdict(result))
    else:
        show(result, quiet)
    wrong = [*result.problems, *(result.warnings if strict else [])]
    if wrong:
        raise DataError(*wrong)


@app.command()
def preview(
    target: Target,
    overrides: Overrides = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The PNG file to write.")] = Path("preview.png"),
    classes: Annotated[bool, typer.Option("--classes", help="Some images of every class instead.")] = False,
    offline: Offline = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw training images before and after augmentation."""
    from cnnbench.report import preview as drawing

    config = config_for(target, overrides or [])
    told: dict[str, object] = {"output": str(output)}
    with Waiting(quiet) as waiting:
        if classes:
            waiting("drawing")
            told["classes_left_out"] = drawing.preview_classes(config, output, offline=offline, quiet=quiet)
        else:
            waiting("augmenting and drawing")
            drawing.preview(config, output, offline=offline, quiet=quiet)
            told["augment"] = config.augment
    if left_out := told.get("classes_left_out"):
        console(json=True, quiet=quiet).print(f"note: {left_out} more classes are not in the picture")
    if json:
        emit(told)
    else:
        say(f"{output}\n")


def config_for(target: str, overrides: list[str]) -> Config:
    """Return the configuration that `target` names, or a plain one for a source, or data of one's own."""
    from cnnbench.catalogue.sources import sources
    from cnnbench.config.load import load_config

    path = Path(target).expanduser()
    owned = {end: name for name, source in sources().items() if source.own for end in source.own.suffixes or ("",)}
    suffix = "" if path.is_dir() else path.suffix.lower()
    if target in sources():
        data = {"source": target}
    elif suffix in owned and (suffix or path.is_dir()):
        data = {"source": owned[suffix], "path": target}
    else:
        return load_config(target, overrides)
    plain = {"name": "check", "data": data, "model": {"layers": ["Flatten", "classifier"]}}
    return load_config(plain, overrides)


def show(result: Check, quiet: bool) -> None:
    """Print a check as tables."""
    splits = result.splits
    if not quiet:
        for note in result.notes:
            say(f"{one_line(note)}\n")
        rows = [
            [name, s.images, "x".join(map(str, s.shape)), s.dtype, *_values(s), s.duplicates]
            for name, s in splits.items()
        ]
        print_table(["split", "images", "shape", "type", "pixels", "levels", "duplicates"], rows, least=(3, 5, 4))
        print_table(
            ["class", *splits],
            [[name, *(s.per_class[name] for s in splits.values())] for name in result.classes],
            fold=(0,),
        )
    for warning in result.warnings:
        say(f"warning: {one_line(warning)}\n")
    say(f"{len(result.problems)} problem(s), {len(result.warnings)} warning(s)\n")


def _values(split: SplitCheck) -> tuple[str, str]:
    """Return the range of a split's pixels and how many different values they have."""
    return f"{split.pixels[0]:g}..{split.pixels[1]:g}", "" if split.levels is None else str(split.levels)


def print_table(
    header: list[str], rows: Sequence[Sequence[object]], least: Sequence[int] = (), fold: Sequence[int] = ()
) -> None:
    """Print left-aligned columns; those in `fold` go on in the next line, those in `least` are left out at need."""
    screen = console()
    cells = [header, *([one_line(str(value)) for value in row] for row in rows)]
    screen.print(aligned(cells, (), room(screen), least, fold), end="", markup=False, emoji=False, soft_wrap=True)
