"""A run that is also reported to sinks: what fails there never fails the run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from textwrap import shorten
from typing import TYPE_CHECKING

from cnnbench.errors import InterruptedRun, first_line
from cnnbench.experiment.options import Watch
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.runs.status import STATUS
from cnnbench.sinks.choose import sinks_of
from cnnbench.text import printable
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Observer, Progress

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.sinks.types import Sink

PAUSE = 60.0  # seconds without another try after a failure
LONGEST = 300  # characters of a note
PASSWORD = re.compile(r"(?<=://)[^/@\s]*@")  # and user, in an address


@dataclass
class Guarded:
    """A sink whose failures become one note; it is told again later, at the latest when the run ends."""

    sink: Sink
    show: Callable[[str], None]
    note: str | None = None
    _not_before: float = field(default=0.0)

    def update(self, history: list[Row]) -> None:
        """Tell what is new, unless it has just failed."""
        if time.monotonic() >= self._not_before:
            self._attempt(lambda: self.sink.update(history))

    def finish(self, history: list[Row]) -> None:
        """Tell the end."""
        if self._attempt(lambda: self.sink.finish(history)) and self.note:
            self.note += "; in the end it got everything"

    def _attempt(self, tell: Callable[[], None]) -> bool:
        try:
            tell()
        except Exception as e:  # whatever a library, a disk or a server comes up with
            self._not_before = time.monotonic() + PAUSE
            self._failed(e)
            return False
        return True

    def _failed(self, error: Exception) -> None:
        if self.note is None:
            told = PASSWORD.sub("", printable(first_line(error)))
            why = shorten(told, LONGEST, placeholder=" ...")
            self.note = f"{self.sink.name}: {self.sink.failure} ({why})"
            self.show(self.note)


class Tracked:
    """An observer that passes everything on and tells the sinks of every epoch."""

    def __init__(self, run: RunDir, sinks: list[Sink], observer: Observer) -> None:
        self._run, self._observer = run, observer
        self._sinks = [Guarded(sink, observer.on_note) for sink in sinks]

    @property
    def notes(self) -> list[str]:
        """What went wrong."""
        return [guarded.note for guarded in self._sinks if guarded.note]

    def on_stage(self, text: str) -> None:
        """Pass it on."""
        self._observer.on_stage(text)

    def on_step(self, progress: Progress) -> None:
        """Pass it on."""
        self._observer.on_step(progress)

    def on_epoch(self, progress: Progress, row: Row) -> None:
        """Pass it on and tell the sinks."""
        self._observer.on_epoch(progress, row)
        self.update()

    def on_note(self, text: str) -> None:
        """Pass it on."""
        self._observer.on_note(text)

    def update(self) -> None:
        """Tell every sink what is new."""
        for guarded in self._sinks:
            self.on_stage(f"telling {guarded.sink.name}")
            guarded.update(Run(self._run.path).history)

    def finish(self) -> None:
        """Tell every sink how the run has ended, and status.json what went wrong."""
        try:
            for guarded in self._sinks:
                self.on_stage(f"telling {guarded.sink.name}")
                guarded.finish(Run(self._run.path).history)
        finally:
            self._write_notes()

    def _write_notes(self) -> None:
        if self.notes and self._run.status.exists():
            status = Run(self._run.path).status
            others = [note for note in status.get("notes") or [] if not self._is_ours(note)]
            STATUS.write(self._run.status, {**status, "notes": [*others, *self.notes]})

    def _is_ours(self, note: str) -> bool:
        return any(note.startswith(f"{guarded.sink.name}: {guarded.sink.failure}") for guarded in self._sinks)


def tracking(names: Sequence[str]) -> Watch:
    """Return what reports a run to the sinks of these names, and to those it was reported to before it was stopped."""
    return partial(tracked, tuple(names))


@contextmanager
def tracked(names: Sequence[str], run: RunDir, config: Config, observer: Observer) -> Iterator[Tracked]:
    """Report a run to the sinks of these names, from its begin to whatever end it takes.

    Raises InterruptedRun where all is done and only the sinks are interrupted.
    """
    found = Tracked(run, sinks_of(run, config, names), observer)
    found.update()
    try:
        yield found
    except BaseException:
        found.finish()
        raise
    try:
        found.finish()
    except KeyboardInterrupt:
        raise InterruptedRun(f"interrupted while telling the sinks; the run is written down in {run.path}") from None
