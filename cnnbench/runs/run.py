"""A run as its folder tells of it, each file read when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cnnbench.config.load import load_run_config
from cnnbench.errors import ConfigError
from cnnbench.files.checked import checked
from cnnbench.runs.calibration import CALIBRATION
from cnnbench.runs.config import parse_config, read_config_text
from cnnbench.runs.dead_units import read_dead_units
from cnnbench.runs.environment import ENVIRONMENT
from cnnbench.runs.folder import RunDir
from cnnbench.runs.history import read_history, read_rates
from cnnbench.runs.label_errors import LABEL_ERRORS
from cnnbench.runs.layers import LAYERS
from cnnbench.runs.metrics import MEASURED, METRICS
from cnnbench.runs.robustness import ROBUSTNESS
from cnnbench.runs.stages import STAGES
from cnnbench.runs.status import STATUS
from cnnbench.runs.weights import WEIGHTS

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.runs.augmentation import Augmentation
    from cnnbench.runs.explained import Explained
    from cnnbench.runs.exports import Exported
    from cnnbench.runs.gallery import Gallery
    from cnnbench.runs.predictions import Predictions
    from cnnbench.runs.samples import Samples


@dataclass(frozen=True)
class Run:
    """What a run folder holds; parts that are not there yet are empty or None.

    Each file is read once, when it is first asked for: who wants to know how a run has gone on meanwhile makes another
    one. Every part raises DataError, naming the file, where it cannot be read. What was measured is that of the images
    of the split `of`: metrics, predictions and samples.
    """

    path: Path
    of: str = "test"

    @property
    def folder(self) -> RunDir:
        """The paths of its files."""
        return RunDir(self.path, self.of)

    def on(self, split: str) -> Self:
        """Return the same run with what was measured on the images of another split."""
        return type(self)(self.path, split)

    @property
    def name(self) -> str:
        """The name of its experiment."""
        return str(self.config.get("name") or self.path.parent.name)

    @property
    def is_done(self) -> bool:
        """Whether it was trained and tested to the end."""
        return self.status.get("state") == "done" and self.folder.metrics.exists()

    @cached_property
    def config_text(self) -> str:
        """The configuration as it stands in `config.yaml`."""
        return read_config_text(self.folder.config)

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The keys of `config.yaml`, as they stand there."""
        return parse_config(self.folder.config, self.config_text)

    @cached_property
    def status(self) -> Mapping[str, Any]:
        """State, epoch and why the run ended."""
        return STATUS.read(self.folder.status)

    @cached_property
    def environment(self) -> Mapping[str, Any]:
        """Versions, devices, git commit and command."""
        return ENVIRONMENT.read(self.folder.environment)

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """One mapping per epoch, column name to number."""
        return read_history(self.folder.history)

    @property
    def kept(self) -> Mapping[str, float]:
        """The row of the history whose weights were kept and tested, or what was fitted without; {} where none was."""
        row = next((row for row in self.history if row["epoch"] == self.status.get("kept_epoch")), None)
        return self._fitted() if row is None else row

    def _fitted(self) -> Mapping[str, float]:
        fitted: Mapping[str, float] | None = (self.metrics or {}).get("fit")
        validated = self.on("validation").metrics if fitted else None
        return {**(fitted or {}), **({"val_accuracy": validated["accuracy"]} if validated else {})}

    @cached_property
    def rates(self) -> Sequence[tuple[float, float]]:
        """Epochs gone and learning rate, of a schedule that moves it within epochs, as far as the history goes."""
        return [point for point in read_rates(self.folder.learning_rate) if point[0] <= len(self.history)]

    @cached_property
    def dead_units(self) -> Sequence[Mapping[str, float]]:
        """The share of dead units of each watched layer after each epoch, as far as the history goes."""
        return read_dead_units(self.folder.dead_units)[: len(self.history)]

    @cached_property
    def metrics(self) -> Mapping[str, Any] | None:
        """Everything measured on the split; None before that."""
        return METRICS.read(self.folder.metrics) if self.folder.metrics.exists() else None

    @cached_property
    def layers(self) -> Mapping[str, Any]:
        """Layer, output shape, parameters and MACs."""
        return LAYERS.read(self.folder.layers)

    @cached_property
    def weights(self) -> Mapping[str, Any]:
        """Where the weights came from that it began with; {} where it drew its own."""
        return WEIGHTS.read(self.folder.weights)

    @cached_property
    def stages(self) -> Sequence[Mapping[str, Any]]:
        """What was frozen or pruned when; [] where all layers learn all the time."""
        found: Sequence[Mapping[str, Any]] = STAGES.read(self.folder.stages).get("stages", [])
        return found

    @cached_property
    def robustness(self) -> Mapping[str, Any]:
        """What corrupted and wrongly prepared test images gave; {} where nobody asked for it."""
        return ROBUSTNESS.read(self.folder.robustness) if self.of == "test" else {}

    @cached_property
    def split(self) -> Mapping[str, Any]:
        """Which images were held out."""
        from cnnbench.runs.split import SPLIT

        return SPLIT.read(self.folder.split)

    @cached_property
    def predictions(self) -> Predictions | None:
        """What it predicted for every image of the split."""
        from cnnbench.runs.predictions import read_predictions

        return read_predictions(self.folder.predictions, self.class_names)

    @cached_property
    def samples(self) -> Samples | None:
        """Images of the split that the report shows."""
        from cnnbench.runs.samples import read_samples

        return read_samples(self.folder.samples, self.predictions)

    @cached_property
    def gallery(self) -> Gallery | None:
        """Small pictures of its mistakes and close answers."""
        from cnnbench.runs.gallery import read_gallery

        return read_gallery(self.folder.gallery, self.predictions)

    @cached_property
    def label_errors(self) -> Mapping[str, Any]:
        """Which labels are likely wrong, or why that is not known; {} where nobody asked."""
        return LABEL_ERRORS.read(self.folder.label_errors)

    @cached_property
    def calibration(self) -> Mapping[str, Any]:
        """The temperature and what it changes on test images; {} where it was not calibrated."""
        return CALIBRATION.read(self.folder.calibration)

    @property
    def temperature(self) -> float:
        """What its logits are to be divided by; raises ConfigError where it was not calibrated."""
        if not self.calibration:
            raise ConfigError(f"{self.path}: has no temperature yet; cnnbench evaluate {self.path} --calibrate fits it")
        return float(self.calibration["temperature"])

    @cached_property
    def augmentation(self) -> Augmentation | None:
        """Training images before and after augmentation."""
        from cnnbench.runs.augmentation import read_augmentation

        return read_augmentation(self.folder.augmentation)

    @cached_property
    def exports(self) -> Sequence[Exported]:
        """What was found of files that it was exported as."""
        from cnnbench.runs.exports import read_exports

        return read_exports(self.folder)

    @cached_property
    def explained(self) -> Explained | None:
        """What its model looked at in some images; None where that was not asked for."""
        from cnnbench.runs.explained import read_explained

        return read_explained(self.folder.explained, self.folder.explained_pictures)

    @property
    def class_names(self) -> Sequence[str]:
        """The classes that it was tested on, in the order of the model's outputs; [] before that."""
        return [str(row["class"]) for row in (self.metrics or {}).get("per_class", [])]

    def load_config(self) -> Config:
        """Return the configuration, checked; raises ConfigError."""
        return load_run_config(self.folder.config)

    def load_model(self) -> Any:
        """Return the trained model as its learner has it; raises DataError where it cannot be read."""
        from cnnbench.learners.choose import load

        return load(self.folder.model).model

    def whole(self) -> Self:
        """Return itself with every file read and found sound; raises DataError, also where a measure is missing."""
        for part in PARTS:
            getattr(self, part)
        if self.metrics is not None:
            checked(self.folder.metrics, self.metrics, MEASURED)
        return self


PARTS = (
    *("config", "status", "environment", "history", "rates", "dead_units", "metrics", "layers", "weights", "stages"),
    *("split", "predictions", "samples", "gallery", "label_errors", "calibration", "augmentation", "exports"),
    *("explained", "robustness"),
)
