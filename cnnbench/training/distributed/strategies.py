"""The strategies of tf.distribute: in one process, or in several once all of them are there."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf  # noqa: TID253 - reached only when TensorFlow is the backend and training is distributed

from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError, first_line
from cnnbench.machine.interrupt import SIGNALS
from cnnbench.machine.standard_streams import lasting
from cnnbench.training.distributed.cluster import meet, place_of
from cnnbench.training.distributed.replicas import Replicas

CONNECTING_SECONDS = 120  # from the meeting to TensorFlow's own connections, which take one or two


def mirrored() -> Replicas:
    """Return one replica per GPU of this process, or per logical CPU device where there is no GPU."""
    strategy = _mirrored_strategy()
    count = strategy.num_replicas_in_sync
    alone = "; with one device distribute: mirrored works and gains nothing" if count == 1 else ""
    return Replicas(strategy, worker=0, workers=1, note=f"trained on {count} replica(s){alone}")


@functools.cache  # the collective operations of a second one would meet those of the first
def _mirrored_strategy() -> Any:
    return tf.distribute.MirroredStrategy()


def multi_worker(config: Config, show: Callable[[str], None]) -> Replicas:
    """Return the replicas of all processes that TF_CONFIG names, once all of them are there; see `cluster.meet`."""
    place = place_of(os.environ.get("TF_CONFIG"))
    meet(place, config, show)
    try:
        with _connecting():
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as e:
        raise ConfigError(f"train.distribute: multi_worker needs a process of its own ({first_line(e)})") from None
    _mute_tensorflow()
    workers = len(place.addresses)
    note = f"trained on {strategy.num_replicas_in_sync} replica(s) in {workers} process(es)"
    return Replicas(strategy, worker=place.index, workers=workers, note=note)


@contextmanager
def _connecting() -> Iterator[None]:
    """End the process where connecting takes too long: TensorFlow waits with all signals and threads held up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.alarm(CONNECTING_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)  # TensorFlow puts a handler of its own in place of SIGTERM's


def _mute_tensorflow() -> None:
    """Send what C++ writes to standard error nowhere, until exit: of a lost worker it says a dozen lines."""
    try:
        shown = sys.stderr.fileno() == 2
    except (AttributeError, OSError):
        return  # a notebook's, which C++ does not write to
    if shown:
        sys.stderr.flush()
        sys.stderr = lasting(os.dup(2), sys.stderr)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
