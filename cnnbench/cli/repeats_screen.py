"""Several runs on the screen: a line for each that ends, under one bar for all."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cnnbench.cli.output import room
from cnnbench.experiment.progress import LiveBar, clock
from cnnbench.text import duration, percent
from cnnbench.views.layout import Line

if TYPE_CHECKING:
    from rich.console import Console

    from cnnbench.jobs.types import Ended
    from cnnbench.runs.run import Run


class RepeatsScreen(LiveBar):
    """Shows runs on a rich console; `epochs` are those of all of them, or of each by its name, 0 where time decides."""

    def __init__(self, console: Console, names: Sequence[str], epochs: int | Mapping[str, int]) -> None:
        super().__init__(console, [f"run {i}" for i in reversed(range(len(names)))])
        self._width = max(map(len, names), default=0)
        self._epochs = dict(epochs) if isinstance(epochs, Mapping) else dict.fromkeys(names, epochs)
        self._left, self._done, self._began = dict(self._epochs), 0, time.monotonic()
        self._running: dict[str, int] = {}
        self._lines = Line("validation", "seconds")

    def on_missing(self, names: Sequence[str]) -> None:
        """Leave out the runs that are there already."""
        self._left = {name: left for name, left in self._left.items() if name in names}

    def on_start(self, name: str, epochs: int) -> None:
        """Count a run in, without the epochs it has done before."""
        self._running[name] = epochs
        self._left[name] = max(0, self._epochs[name] - epochs)
        self._move()

    def on_epoch(self, name: str, epoch: int) -> None:
        """Move the bar."""
        self._running[name] = epoch
        self._left[name] = max(0, self._epochs[name] - epoch)
        self._done += 1
        self._move()

    def on_end(self, child: Run, ended: Ended) -> None:
        """Leave the run's line behind."""
        name = ended.job.key
        self._running.pop(name, None)
        self._left.pop(name, None)
        line = self._lines.of({"name": f"{name:<{self._width}}", **_outcome(child, ended)}, room(self._console))
        self._console.print(line, markup=False, emoji=False)
        self._move()

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at the speed so far, None before the first epoch and where time decides."""
        if not any(self._epochs.values()):
            return None
        return (time.monotonic() - self._began) / self._done * sum(self._left.values()) if self._done else None

    def _move(self) -> None:
        running = [
            f"{name} epoch {epoch}/{self._epochs[name]}" if self._epochs[name] else name
            for name, epoch in self._running.items()
        ]
        parts = {f"run {i}": text for i, text in enumerate(running)} | {"left": f"left {clock(self.seconds_left)}"}
        done, left = self._done, sum(self._left.values())
        self._show(f"{len(self._left)} to go", parts, completed=done, total=done + left)


def _outcome(child: Run, ended: Ended) -> dict[str, str]:
    """Return what is told of a run that is over, in parts."""
    if not child.is_done and ended.state == "interrupted":
        return {"state": f"interrupted after {len(child.history)} epoch(s)"}
    if child.metrics is None or not child.is_done:
        return {"state": f"{ended.state}: {ended.reason}"}
    held_out = child.kept.get("val_accuracy")
    return {
        "validation": "" if held_out is None else f"val_accuracy {percent(held_out)}",
        "test": f"test accuracy {percent(child.metrics['accuracy'])}",
        "seconds": duration(ended.seconds),
        "reason": "" if ended.state == "done" else f"({ended.reason})",
    }
