"""Batches in the form that the running backend is fastest with."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import keras  # noqa: TID253 - reached only once Keras is up

from cnnbench.data.pipeline import AHEAD, Batch, Failure, TrainingBatches, evaluation_batch, evaluation_steps
from cnnbench.data.types import Split

T = TypeVar("T")


def for_training(batches: TrainingBatches, first_epoch: int, failure: Failure | None = None) -> Any:
    """Return the training stream in the form the running backend is fastest with; `failure` is told of an error.

    On PyTorch no thread runs ahead: Keras draws MixUp's, CutMix's and AugMix's shares there from the generator that the
    whole process has in common, which PyTorch's own data loader draws from as well, at a moment that no seed decides.
    """
    if keras.backend.backend() == "tensorflow":
        from cnnbench.data.tensorflow_pipeline import training_dataset

        return training_dataset(batches, first_epoch, failure or Failure())
    if keras.backend.backend() == "torch":
        return (batches.finish(*raw) for raw in batches.raw(first_epoch))
    from cnnbench.data.jax_pipeline import compiled

    finish = compiled(batches.finish)
    return prefetched(lambda: (finish(*raw) for raw in batches.raw(first_epoch)))


def for_validation(split: Split, classes: int, failure: Failure | None = None) -> Any:
    """Return a validation split in a form that `fit` can read once per epoch; `failure` is told of an error."""
    if keras.backend.backend() == "tensorflow":
        from cnnbench.data.tensorflow_pipeline import evaluation_dataset

        return evaluation_dataset(split, classes, failure or Failure())
    return _Batches(split, classes)


class _Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types
    """A split in order, batch by batch."""

    def __init__(self, split: Split, classes: int) -> None:
        super().__init__()
        self._split, self._classes = split, classes

    def __len__(self) -> int:
        return evaluation_steps(self._split)

    def __getitem__(self, index: int) -> Batch:
        return evaluation_batch(self._split, self._classes, index)


def prefetched(start: Callable[[], Iterator[T]]) -> Iterator[T]:
    """Yield from `start()`, which a thread runs ahead of the reader by a few items.

    An error in the thread is raised at the reader; closing the generator ends the thread, and waits for its end: a
    process that ends while JAX computes in another thread is aborted.
    """
    items: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(AHEAD)
    stopped = threading.Event()

    def put(item: T | None, error: BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                items.put((item, error), timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def produce() -> None:
        try:
            for item in start():
                if not put(item, None):
                    return
            put(None, _Exhausted())
        except BaseException as e:  # raised again where the reader is
            put(None, e)

    thread = threading.Thread(target=produce, name="batches", daemon=True)
    thread.start()
    try:
        while True:
            item, error = items.get()
            if isinstance(error, _Exhausted):
                return
            if error is not None:
                raise error
            assert item is not None
            yield item
    finally:
        stopped.set()
        thread.join()


class _Exhausted(Exception):
    """The thread has come to the end of its items."""
