"""Who trains together: one device alone, or several replicas of the network; see `train.distribute`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cnnbench.config.schema import Config
from cnnbench.data.feed import for_training, for_validation
from cnnbench.data.pipeline import Failure, TrainingBatches
from cnnbench.data.types import Dataset, Split
from cnnbench.errors import ConfigError
from cnnbench.machine.interrupt import StopRequest
from cnnbench.training import checkpoint
from cnnbench.training.checkpoint import Checkpoint
from cnnbench.training.watch import alone

if TYPE_CHECKING:
    from cnnbench.machine.runtime import Backend


class Team(Protocol):
    """What the training loop asks of whoever trains.

    `chief` is False in a process that computes along and writes nothing. `notes` is told in the run's status.
    """

    chief: bool
    notes: Sequence[str]

    def refuse_unsuited(self, config: Config, dataset: Dataset) -> None:
        """Raise ConfigError where batches or splits are too small to be shared."""

    def losses_told(self) -> AbstractContextManager[None]:
        """Within it a member of the team that is lost is a TrainingError."""

    def replica_of(self, model: Any) -> Any:
        """Return the model to train, with the weights of `model`."""

    def compile(self, trained: Any, compile_model: Callable[[Any], None]) -> None:
        """Let the model to train be compiled where its optimizer is to be; it may have been before."""

    def hand_back(self, trained: Any, model: Any) -> None:
        """Bring the weights of the trained model into `model`."""

    def training(self, batches: TrainingBatches, first_epoch: int, failure: Failure) -> Any:
        """Return the training stream for `fit`."""

    def validation(self, split: Split, classes: int, failure: Failure) -> tuple[Any, int | None]:
        """Return the validation batches for `fit`, and how many of them to take where they have no end."""

    def callbacks(self, seed: int, steps: int) -> list[Any]:
        """Return Keras callbacks that keep the replicas in step."""

    def load(self, path: Path | None) -> Checkpoint | None:
        """Return the checkpoint at the chief's `path`, None where that is None; raises DataError."""

    def agree(self, stop: StopRequest, late: bool) -> tuple[str | None, bool]:
        """Make a stop that anybody was asked for everybody's; return its signal, and whether anybody's time is up."""

    def of_chief(self, seconds: float) -> float:
        """Return what the chief gives; all ask for it at the same moment of the training."""


class Alone:
    """One device: nothing to share and nobody to wait for."""

    chief = True
    notes: Sequence[str] = ()

    def refuse_unsuited(self, config: Config, dataset: Dataset) -> None:
        """Every batch suits."""

    def losses_told(self) -> AbstractContextManager[None]:
        """Nobody can be lost."""
        return nullcontext()

    def replica_of(self, model: Any) -> Any:
        """Return the model itself."""
        return model

    def compile(self, trained: Any, compile_model: Callable[[Any], None]) -> None:
        """Compile it here."""
        compile_model(trained)

    def hand_back(self, trained: Any, model: Any) -> None:
        """They are the same."""

    def training(self, batches: TrainingBatches, first_epoch: int, failure: Failure) -> Any:
        """Return whole batches."""
        return for_training(batches, first_epoch, failure)

    def validation(self, split: Split, classes: int, failure: Failure) -> tuple[Any, int | None]:
        """Return whole batches."""
        return for_validation(split, classes, failure), None

    def callbacks(self, seed: int, steps: int) -> list[Any]:
        """None are needed."""
        return []

    def load(self, path: Path | None) -> Checkpoint | None:
        """Read the file."""
        return None if path is None else checkpoint.load(path)

    def agree(self, stop: StopRequest, late: bool) -> tuple[str | None, bool]:
        """Nobody else was asked."""
        return alone(stop, late)

    def of_chief(self, seconds: float) -> float:
        """Return what was given."""
        return seconds


def assemble(config: Config, backend: Backend, show: Callable[[str], None]) -> Team:
    """Return who trains; called before the backend has computed anything.

    Raises ConfigError where `train.distribute` cannot be, TrainingError where a worker stays away.
    """
    wanted = config.train.distribute
    if wanted is None:
        return Alone()
    if backend != "tensorflow":
        raise ConfigError(f"train.distribute: {wanted} is TensorFlow's; --backend {backend} trains on one device")
    from cnnbench.training.distributed.strategies import mirrored, multi_worker

    return mirrored() if wanted == "mirrored" else multi_worker(config, show)
