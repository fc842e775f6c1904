"""A training on the screen: a live bar inside one line per epoch, or plain lines away from a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cnnbench.report.text import cut, shortest
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Progress

if TYPE_CHECKING:
    from rich.console import Console


def clock(seconds: float | None) -> str:
    """Return seconds as m:ss or h:mm:ss."""
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def epoch_line(progress: Progress, row: Row) -> str:
    """Return the line that stays when an epoch has ended."""
    width = len(str(progress.epochs))
    parts = [
        f"epoch {progress.epoch:>{width}}/{progress.epochs}",
        f"loss {row['loss']:.4f}",
        f"accuracy {_share(row['accuracy'])}",
    ]
    if "val_loss" in row:
        parts += [f"val_loss {row['val_loss']:.4f}", f"val_accuracy {_share(row['val_accuracy'])}"]
    parts += [
        f"lr {row['learning_rate']:.2e}",
        f"{row['images_per_second']:.0f} images/s",
        f"{row['seconds']:.1f} s",
        f"left {clock(progress.seconds_left)}",
    ]
    return "  ".join(parts)


def step_text(progress: Progress) -> str:
    """Return what stands beside the bar; validation is the last epoch's."""
    last = "" if progress.val_accuracy is None else f"  val_accuracy {_share(progress.val_accuracy)}"
    return (
        f"step {progress.step}/{progress.steps}  loss {progress.loss:.4f}  accuracy {_share(progress.accuracy)}{last}  "
        f"lr {progress.learning_rate:.2e}  {progress.images_per_second:.0f} images/s  "
        f"left {clock(progress.seconds_left)}"
    )


def _share(value: float) -> str:
    return cut(shortest(value))


class LiveBar:
    """One bar on a rich console, where there is a terminal to show it on; a context manager around what it shows."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Any = None
        self._task: Any = None

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
        self._show(description=text, numbers="", total=None)

    def _show(self, **fields: Any) -> None:
        if self._bar is None:
            return
        if self._task is None:
            self._task = self._bar.add_task("", numbers="")
        self._bar.update(self._task, **fields)


class Screen(LiveBar):
    """Shows a training on a rich console."""

    def on_step(self, progress: Progress) -> None:
        """Move the bar."""
        if self._bar is None:
            return  # steps are many, and their numbers would be put together for nobody
        self._show(
            completed=progress.step,
            total=progress.steps,
            description=f"epoch {progress.epoch}/{progress.epochs}",
            numbers=step_text(progress),
        )

    def on_epoch(self, progress: Progress, row: Row) -> None:
        """Leave the epoch's line behind and begin a new bar."""
        self._console.print(epoch_line(progress, row), markup=False)

    def on_note(self, text: str) -> None:
        """Leave a line behind."""
        self._console.print(text, markup=False, emoji=False)


def _new_bar(console: Console) -> Any:
    """Return a bar that is gone when it stops; its tasks have the field `numbers`."""
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[numbers]}"),
        console=console,
        transient=True,
        refresh_per_second=5,
    )
