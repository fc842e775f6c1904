"""Steps by number of threads, each number in a process of its own: TensorFlow keeps the first it is given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from select import select

from cnnbench.config.dump import dump_yaml
from cnnbench.config.schema import Config
from cnnbench.machine.cpu import available_cores
from cnnbench.profiling.clock import Spread, values_in_turns
from cnnbench.profiling.found import Suggestion

CHILD = "cnnbench.profiling.child"
GRACE = 2.0  # seconds over the time that a step may take
START = 12.0  # seconds that are needed at least: each process imports its backend


@dataclass
class _Child:
    """A process that takes a step whenever it is asked to."""

    process: subprocess.Popen[str]

    def answer(self, deadline: float) -> str | None:
        """Return its next line, None where there is none in time."""
        assert self.process.stdout is not None
        ready, _, _ = select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        return self.process.stdout.readline() or None if ready else None

    def step(self, deadline: float) -> float:
        """Return the seconds of a step; raises TimeoutError."""
        assert self.process.stdin is not None
        self.process.stdin.write("step\n")
        self.process.stdin.flush()
        said = self.answer(deadline)
        if said is None:
            raise TimeoutError
        return float(said)


def candidates(configured: int | None) -> list[int]:
    """Return the numbers of threads that are tried: all cores, half of them, one, and the configured number."""
    cores = available_cores()
    return sorted({1, max(1, cores // 2), cores, configured or cores})


def by_threads(config: Config, backend: str, deadline: float) -> Mapping[str, Spread]:
    """Return the seconds of a step for each number of threads; {} where there is no time for it.

    The processes take turns: those that are not asked wait.
    """
    if time.monotonic() + START > deadline:
        return {}
    with _children(config, backend, candidates(config.train.threads)) as children:
        ready = {name: child for name, child in children.items() if child.answer(deadline) == "ready\n"}
        if len(ready) < len(children):
            return {}
        try:
            return values_in_turns({name: _asked(child, deadline) for name, child in ready.items()}, deadline)
        except TimeoutError:
            return {}


def fewer_or_more(times: Mapping[str, Spread], configured: int | None) -> Suggestion | None:
    """Return the fastest number of threads where it is measurably faster than the configured one."""
    own = times.get(str(configured or available_cores()))
    if own is None:
        return None
    best = min(times, key=lambda name: times[name].median)
    if not times[best].is_below(own):
        return None
    gain = own.median / times[best].median
    return Suggestion(f"train.threads={best}", f"a step takes 1/{gain:.2f} of its time")


def _asked(child: _Child, deadline: float) -> Callable[[], float]:
    return lambda: child.step(deadline + GRACE)


@contextmanager
def _children(config: Config, backend: str, numbers: Sequence[int]) -> Iterator[Mapping[str, _Child]]:
    text = dump_yaml(config)
    children = {}
    try:
        for number in numbers:
            process = subprocess.Popen(
                [sys.executable, "-m", CHILD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "KERAS_BACKEND": backend},
            )
            children[str(number)] = _Child(process)
            assert process.stdin is not None
            process.stdin.write(json.dumps({"config": text, "threads": number}) + "\n")
            process.stdin.flush()
        yield children
    finally:
        for child in children.values():
            child.process.kill()
            child.process.wait()
            for pipe in (child.process.stdin, child.process.stdout):
                if pipe is not None:
                    pipe.close()
