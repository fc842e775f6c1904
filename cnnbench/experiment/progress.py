"""A training on the screen: a live bar inside one line per epoch, or plain lines away from a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cnnbench.text import percent, significant, width
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Progress
from cnnbench.views.layout import Line

if TYPE_CHECKING:
    from rich.console import Console

# What a line leaves out where a terminal has no room for it, the first ones first.
EPOCH_LEAST = ("images/s", "lr", "val_loss", "accuracy", "seconds", "loss")
STEP_LEAST = ("lr", "images/s", "val_accuracy", "accuracy", "loss", "step")
BAR = 20  # columns of the bar where there is room


def clock(seconds: float | None) -> str:
    """Return seconds as m:ss or h:mm:ss."""
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def epoch_parts(progress: Progress, row: Row) -> dict[str, str]:
    """Return what is told of an epoch that has ended, by the names in EPOCH_LEAST."""
    wide = len(str(progress.epochs))
    return {
        "epoch": f"epoch {progress.epoch:>{wide}}/{progress.epochs}",
        **{name: f"{name} {write(row[name])}" for name, write in MEASURED.items() if name in row},
        "lr": f"lr {progress.learning_rate:.2e}",
        "images/s": f"{row['images_per_second']:.0f} images/s",
        "seconds": f"{row['seconds']:.1f} s",
    }


def step_parts(progress: Progress) -> dict[str, str]:
    """Return what stands beside the bar, by the names in STEP_LEAST; validation is the last epoch's."""
    last = {} if progress.val_accuracy is None else {"val_accuracy": f"val_accuracy {percent(progress.val_accuracy)}"}
    return {
        "step": f"step {progress.step}/{progress.steps}",
        "loss": f"loss {significant(progress.loss)}",
        "accuracy": f"accuracy {percent(progress.accuracy)}",
        **last,
        "lr": f"lr {progress.learning_rate:.2e}",
        "images/s": f"{progress.images_per_second:.0f} images/s",
        "left": f"left {clock(progress.seconds_left)}",
    }


MEASURED: Mapping[str, Callable[[float | None], str]] = {
    "loss": significant,
    "accuracy": percent,
    "val_loss": significant,
    "val_accuracy": percent,
}


class LiveBar:
    """One bar on a rich console, where there is a terminal to show it on; a context manager around what it shows."""

    def __init__(self, console: Console, least: Sequence[str] = ()) -> None:
        """Take what may be left out beside the bar, the first ones first."""
        self._console, self._line = console, Line(*least)
        self._bar: Any = None
        self._task: Any = None
        self._description = ""

    def __enter__(self) -> Self:
        """Start the live line."""
        if self._console.is_terminal and not self._console.quiet:
            self._bar = _new_bar(self._console)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def on_stage(self, text: str) -> None:
        """Show what is going on where the bar will be."""
        self._show(text, {}, total=None)

    def _show(self, description: str, parts: Mapping[str, str], **fields: Any) -> None:
        """Move the bar, with as many of the parts behind it as there is room for.

        What begins is drawn at once: a short epoch would be over before the bar's clock comes to draw it.
        """
        if self._bar is None:
            return
        left = self._console.width - width(description) - _bar_width(self._console) - 2  # a blank before and behind it
        shown = {"description": description, "numbers": self._line.of(parts, left), **fields}
        if self._task is None:
            self._task = self._bar.add_task(**shown)
        else:
            self._bar.update(self._task, refresh=description != self._description, **shown)
        self._description = description


class Screen(LiveBar):
    """Shows a training on a rich console."""

    notes: Sequence[str] = ()

    def __init__(self, console: Console) -> None:
        super().__init__(console, STEP_LEAST)
        self._epochs = Line(*EPOCH_LEAST)

    def on_step(self, progress: Progress) -> None:
        """Move the bar."""
        if self._bar is None:
            return  # steps are many, and their numbers would be put together for nobody
        self._show(
            f"epoch {progress.epoch}/{progress.epochs}",
            step_parts(progress),
            completed=progress.step,
            total=progress.steps,
        )

    def on_epoch(self, progress: Progress, row: Row) -> None:
        """Leave the epoch's line behind and begin a new bar."""
        room = self._console.width if self._console.is_terminal else None
        self._console.print(self._epochs.of(epoch_parts(progress, row), room), markup=False)

    def on_note(self, text: str) -> None:
        """Leave a line behind."""
        self._console.print(text, markup=False, emoji=False)


def _bar_width(console: Console) -> int:
    return min(BAR, console.width // 8)


def _new_bar(console: Console) -> Any:
    """Return a bar that is gone when it stops; its tasks have the field `numbers`."""
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description}"),
        BarColumn(bar_width=_bar_width(console)),
        TextColumn("{task.fields[numbers]}"),
        console=console,
        transient=True,
        refresh_per_second=5,
    )
