"""`cnnbench evaluate RUN --corrupt` and `--skew`: the test images made worse, or prepared wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.cli.found import Found, not_written, tell
from cnnbench.cli.output import console, room
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError, DataError, OutputError
from cnnbench.files.whole import refuse_gone
from cnnbench.runs.robustness import add, images
from cnnbench.text import count, percent

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.data.prepare import Filter
    from cnnbench.data.types import Dataset, Split
    from cnnbench.learners.learner import Trained
    from cnnbench.machine.runtime import Backend
    from cnnbench.runs.run import Run

    Read = Callable[[Run, Config, str, bool], Dataset]


@dataclass(frozen=True)
class Worse:
    """What is asked for; `accuracy` is one to explain, `images` how many test images are taken, None for all.

    What was found of more images before stays unless it is to `overwrite`.
    """

    corrupt: bool
    skew: bool
    accuracy: float | None
    images: int | None
    overwrite: bool = False

    @property
    def idle(self) -> list[tuple[str, str]]:
        """The options that have no effect, each with what it needs."""
        either = self.corrupt or self.skew
        asked = [
            ("--accuracy", "--skew", self.accuracy is not None and not self.skew),
            ("--images", "--corrupt", self.images is not None and not either),
            ("--overwrite", "--corrupt", self.overwrite and not either),
        ]
        return [(name, needed) for name, needed, idle in asked if idle]


def refuse_idle(asked: Worse, split: str, others: Mapping[str, object]) -> None:
    """Raise ConfigError for options that would have no effect together."""
    if asked.idle:
        name, needed = asked.idle[0]
        raise ConfigError(f"{name}: has no effect without {needed}")
    if not asked.corrupt and not asked.skew:
        return
    if asked.accuracy is not None and not 0 <= asked.accuracy <= 1:
        raise ConfigError(f"--accuracy {asked.accuracy:g}: allowed is a share from 0 to 1, as in 0.53")
    what = "--corrupt" if asked.corrupt else "--skew"
    if split != "test":
        raise ConfigError(f"--split {split}: {what} takes the test images")
    if idle := [name for name, value in others.items() if value]:
        raise ConfigError(f"{idle[0]}: has no effect with {what}")


def made_worse(
    folder: Path, asked: Worse, read: Read, offline: bool, backend: Backend | None, json: bool, quiet: bool
) -> None:
    """Measure what is asked for, write it into the run folder, print it and draw the page again."""
    from cnnbench.learners.choose import load
    from cnnbench.runs.named import open_finished

    with Waiting(quiet) as show:
        show("looking for the run")
        run = open_finished(folder)
        config = run.load_config()
        show(f"reading {config.data.source}")
        dataset = read(run, config, "test", offline)
        split = _some(dataset.test, asked.images)
        resampled = _resampled(run, config, asked, offline) if asked.skew else {}
        trained = load(run.folder.model, backend, show)
        found = _measured(trained, split, asked, resampled, show)
    written, unwritten = _written(run, found, asked.overwrite)

    def text() -> str:
        return _quiet_text(found) if quiet else _text(run, found, asked, room(console()))

    told = Found(run.path, _as_dict(found, asked), text, dataset.changes, unwritten)
    tell(told, partial(_drawn, run) if written else None, json, quiet, shown="" if quiet else "\n{page}\n")


def _some(split: Split, images: int | None) -> Split:
    """Return so many images of a split, drawn alike for every run, or all of them."""
    from cnnbench.evaluation.metrics import random_sample

    return split if images is None else split.pick(random_sample(len(split), images, seed=0))


def _resampled(run: Run, config: Config, asked: Worse, offline: bool) -> dict[Filter, Split]:
    """Return the test images scaled by other filters, nothing where the data say nothing of scaling."""
    from cnnbench.data.load import load_dataset
    from cnnbench.robustness.skews import SKEWS
    from cnnbench.runs.split import recorded

    if config.data.image_size is None or config.data.fit == "center":
        return {}
    record = recorded(run.path)
    return {
        skew.resample: _some(
            load_dataset(config, record=record, offline=offline, resample=skew.resample).test, asked.images
        )
        for skew in SKEWS
        if skew.resample != "bilinear"
    }


def _measured(
    trained: Trained, split: Split, asked: Worse, resampled: Mapping[Filter, Split], show: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """Return the parts of `robustness.json` that are asked for."""
    from cnnbench.robustness import corrupt, skew

    corruptions = {"corruptions": corrupt.measure(trained, split, show)} if asked.corrupt else {}
    return {**corruptions, **({"skews": skew.measure(trained, split, resampled, show)} if asked.skew else {})}


def _written(run: Run, found: Mapping[str, Mapping[str, Any]], overwrite: bool) -> tuple[bool, list[str]]:
    """Write the parts of what was found; return whether one was written, and of the others why not."""
    written, unwritten = False, []
    try:
        refuse_gone(run.path)
        for part, each in found.items():
            before = images(run.folder.robustness, part)
            if before > each["images"] and not overwrite:
                unwritten.append(_kept(run, part, before, each["images"]))
            else:
                add(run.folder.robustness, part, each)
                written = True
    except (DataError, OutputError) as e:
        unwritten.append(not_written(e))
    return written, unwritten


def _kept(run: Run, part: str, before: int, now: int) -> str:
    return (
        f"{run.folder.robustness.name} keeps the {part} of {count(before)} images that it has, these are of "
        f"{count(now)}; --overwrite replaces them"
    )


def _drawn(run: Run) -> Path:
    from cnnbench.report.write import write_report

    write_report(run.folder)
    return run.folder.report


def _text(run: Run, found: Mapping[str, Mapping[str, Any]], asked: Worse, room: int | None) -> str:
    from cnnbench.report import robustness

    parts = [f"test images of {run.path}"]
    if "corruptions" in found:
        parts += [robustness.corruptions(found).text(room), *robustness.of_corruptions(found)]
    if "skews" in found:
        parts += [robustness.skews(found).text(room), *robustness.of_skews(found)]
        parts += [_explanation(found["skews"], asked.accuracy)] if asked.accuracy is not None else []
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _explanation(found: Mapping[str, Any], accuracy: float) -> str:
    """Say which wrong preprocessings give an accuracy, or how far the closest is from it."""
    from cnnbench.robustness.skew import explains

    low, high = found["clean"]["interval"]
    right = f" So would the right one: {_told(found['clean'])}." if low <= accuracy <= high else ""
    if told := "; ".join(f"{row['title']}: {_told(row)}" for row in explains(found, accuracy)):
        return f"{percent(accuracy)} would be explained by {told}.{right}"
    closest = min(found["kinds"], key=lambda row: abs(row["accuracy"] - accuracy), default=None)
    nearest = "" if closest is None else f"; the closest is {closest['title']}: {_told(closest)}"
    return f"None of these explains {percent(accuracy)}{nearest}.{right}"


def _told(scored: Mapping[str, Any]) -> str:
    low, high = scored["interval"]
    return f"{percent(scored['accuracy'])} ({percent(low)} to {percent(high)})"


def _quiet_text(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a line for each part."""
    lines = []
    if "corruptions" in found:
        corruptions = found["corruptions"]
        lines.append(f"corrupted {percent(corruptions['mean_accuracy'])}, {_images(corruptions)}")
    if "skews" in found:
        lines += [f"{row['title']} {percent(row['accuracy'])}" for row in found["skews"]["kinds"]]
        lines.append(f"prepared rightly {percent(found['skews']['clean']['accuracy'])}, {_images(found['skews'])}")
    return "".join(f"{line}\n" for line in lines)


def _images(found: Mapping[str, Any]) -> str:
    return f"{count(found['images'])} test images"


def _as_dict(found: Mapping[str, Mapping[str, Any]], asked: Worse) -> dict[str, Any]:
    """Return what was found without who was right, and what explains a given accuracy."""
    from cnnbench.robustness.skew import explains

    told: dict[str, Any] = {part: _without_bits(each) for part, each in found.items()}
    if asked.accuracy is not None:
        told["explained_by"] = [row["kind"] for row in explains(found["skews"], asked.accuracy)]
    return told


def _without_bits(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_bits(each) for key, each in value.items() if key != "right"}
    return [_without_bits(each) for each in value] if isinstance(value, list) else value
