"""The process of one job: `python -m cnnbench.jobs.worker`, or a fork of `cnnbench.jobs.server`.

It reads the job from standard input, one JSON document on a line, and writes an event per line to standard output;
a judged job then reads "go" or "stop" after each epoch. Everything else it prints goes to standard error, which its
parent sends to the job's log. The end of standard input means that the parent is gone, and ends the process.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import sys
import threading
import time
import traceback
import warnings
from pathlib import Path
from typing import Any, TextIO

from cnnbench.config.dump import load_plain
from cnnbench.config.load import load_config, load_run_config
from cnnbench.errors import CnnbenchError, InterruptedRun, OutputError, PrunedRun, explained
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.resume import resumed
from cnnbench.files.lock import holder
from cnnbench.jobs.outside import outside
from cnnbench.machine.runtime import checked
from cnnbench.machine.sparing import alone_in_process
from cnnbench.machine.standard_streams import make_standard_streams_last
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.sinks.tracked import tracking
from cnnbench.training.monitor import Row
from cnnbench.training.observer import Progress, Silent

GO, STOP = "go", "stop"
ENDING = 30.0  # seconds that a killed process may take to be gone


class Parent:
    """The two pipes to the process that started this one."""

    def __init__(self, read: TextIO, write: TextIO) -> None:
        self._read, self._write = read, write
        self._verdicts: queue.Queue[str] = queue.Queue()
        self.job: dict[str, Any] = json.loads(read.readline())
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, event: str, **values: Any) -> None:
        """Write one event."""
        self._write.write(json.dumps({"event": event, **values}) + "\n")
        self._write.flush()

    def verdict(self) -> str:
        """Wait for what the parent says of the last epoch."""
        return self._verdicts.get()

    def _listen(self) -> None:
        for line in self._read:
            self._verdicts.put(line.strip())
        os.kill(os.getpid(), signal.SIGKILL)  # checkpoints are whole at any moment, and nobody waits for this one


class Relay(Silent):
    """Tells the parent of every epoch and obeys its verdict."""

    def __init__(self, parent: Parent, judged: bool) -> None:
        self._parent, self._judged = parent, judged

    def on_epoch(self, progress: Progress, row: Row) -> None:
        """Raise PrunedRun where the parent has had enough."""
        self._parent.tell("epoch", row=row, epochs=progress.epochs)
        if self._judged and self._parent.verdict() == STOP:
            raise PrunedRun(f"pruned after epoch {progress.epoch} of {progress.epochs}")


def main() -> None:
    """Run the job and tell how it ended."""
    signal.signal(signal.SIGTERM, _interrupt)
    make_standard_streams_last()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not stand between events
    parent = Parent(os.fdopen(os.dup(0), encoding="utf-8"), events)
    state, reason = _outcome(parent)
    parent.tell("ended", state=state, reason=reason)
    sys.stderr.flush()
    os._exit(0)  # the run is written down; what TensorFlow's threads still do at exit takes time and tells nothing


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _outcome(parent: Parent) -> tuple[str, str]:
    try:
        return _run(parent)
    except PrunedRun as e:
        return "pruned", str(e)
    except (InterruptedRun, KeyboardInterrupt):
        return "interrupted", "interrupted"
    except CnnbenchError as e:
        traceback.print_exc()
        told = e.__cause__ if isinstance(e.__cause__, OutputError) else e  # how to go on is said for the whole sweep
        return outside(e) or "failed", "; ".join(told.problems)
    except Exception as e:
        traceback.print_exc()
        return outside(e) or "failed", str(explained(e) or f"unexpected {type(e).__name__}: {e}")


def _run(parent: Parent) -> tuple[str, str]:
    job = parent.job
    folder = Path(job["folder"])
    config, resume = _configuration(job, folder)
    if resume is not None and (told := Run(resume).status).get("state") == "done":
        return "done", str(told["reason"])
    result = execute(
        config,
        Options(
            folder=folder,
            resume=resume,
            smoke=job["smoke"],
            offline=job["offline"],
            backend=checked(job["backend"]),
            command=job["command"],
            report=job["report"],
            like=None if job["like"] is None else Path(job["like"]),
            observer=Relay(parent, job["judged"]),
            watch=tracking(job["track"]),
        ),
    )
    return "done", str(result.status["reason"])


def _configuration(job: dict[str, Any], folder: Path) -> tuple[Any, Path | None]:
    """Return what to run, and the folder to go on in where one of this job's is there."""
    run = RunDir(folder)
    if run.config.exists() and run.status.exists():
        _wait_for_the_last(run)
        return resumed(folder, [])
    if run.config.exists():  # stopped before it could say so
        return load_run_config(run.config), folder
    config = load_config(load_plain(job["config"]))
    if config.train.threads is None and job["threads"] is not None:
        config = config.model_copy(update={"train": config.train.model_copy(update={"threads": job["threads"]})})
    return config, None


def _wait_for_the_last(run: RunDir) -> None:
    """Wait for the process that worked in this folder before: without its parent it is ending."""
    deadline = time.monotonic() + ENDING
    while holder(run.path) is not None and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    alone_in_process()
    main()
