"""What a run returns to Python, and what opening its folder gives: everything in it, and its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.experiment.glance import as_html, as_text
from cnnbench.runs.run import Run

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from cnnbench.evaluation.predictor import Predictor
    from cnnbench.runs.predictions import Predictions


class Result:
    """A run's results, read from its folder as they are asked for; what it measured is of the test split.

    What a run does not have (yet) is empty or None. Raises DataError, naming the file, for one that cannot be read.
    """

    def __init__(self, path: Path, config: Config | None = None) -> None:
        """Take a run folder, and its configuration where that is known already."""
        self.path = path
        self._run, self._config = Run(path), config

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self._run.name

    @cached_property
    def config(self) -> Config:
        """The configuration as it was run; raises ConfigError where it is none any more."""
        return self._config or self._run.load_config()

    @property
    def status(self) -> Mapping[str, Any]:
        """State, why it ended, epochs, times and notes."""
        return self._run.status

    @property
    def history(self) -> Sequence[Mapping[str, float]]:
        """One mapping per epoch, column name to number."""
        return self._run.history

    @property
    def history_arrays(self) -> dict[str, NDArray[np.float64]]:
        """The history by column, (epochs,) each and NaN where an epoch has no such number, as `plot` takes it."""
        import numpy as np

        names = dict.fromkeys(name for row in self.history for name in row)
        return {name: np.array([row.get(name, np.nan) for row in self.history], dtype=np.float64) for name in names}

    @property
    def history_frame(self) -> Any:
        """The history as pandas' DataFrame, a row per epoch by its number; raises ConfigError without pandas."""
        try:
            import pandas as pd
        except ImportError:
            raise ConfigError("history_frame: needs pandas, which is not installed: pip install pandas") from None
        columns = self.history_arrays
        epochs = pd.Index(columns.pop("epoch", []), name="epoch", dtype=int)
        return pd.DataFrame(columns, index=epochs)

    @property
    def metrics(self) -> Mapping[str, Any]:
        """Everything measured on the test split, as in `metrics.json`; {} before that."""
        return self._run.metrics or {}

    @property
    def accuracy(self) -> float:
        """Accuracy on the test split; raises ConfigError where it was not measured."""
        if "accuracy" not in self.metrics:
            raise ConfigError(f"{self.path}: was not tested (state: {self.status.get('state', 'unknown')})")
        return float(self.metrics["accuracy"])

    @property
    def report(self) -> Path:
        """The page with everything to look at."""
        return self._run.folder.report

    @property
    def predictions(self) -> Predictions | None:
        """What was predicted for the n test images: `labels` and `predicted` (n,), `probabilities` (n, classes).

        These are None where the model gives none.
        """
        return self._run.predictions

    @property
    def class_names(self) -> NDArray[np.str_]:
        """Names of the classes, (classes,) in the order of the model's outputs."""
        import numpy as np

        return np.array(self._run.class_names, dtype=np.str_)

    @property
    def confusion_matrix(self) -> NDArray[np.int64] | None:
        """Counts of test images, (classes, classes): true classes in rows, predicted ones in columns."""
        return self.predictions.confusion_matrix() if self.predictions is not None else None

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The plots of the report that it has results for, by name, as matplotlib's figures."""
        from cnnbench.report.plots import figures
        from cnnbench.views.figure import on_one_canvas

        return {figure.name: on_one_canvas(figure) for figure in figures(self._run)}

    def load_model(self) -> Any:
        """Return the trained model, Keras' own where Keras trained it.

        It takes pixel values 0..255, shape (n, H, W, C), and normalises itself.
        """
        return self._run.load_model()

    @cached_property
    def model(self) -> Predictor:
        """The trained model with the preprocessing of its images: `run.model.predict("photo.jpg")`.

        Who trains a model of `load_model` on changes his own.
        """
        from cnnbench.evaluation.predictor import Predictor
        from cnnbench.learners.choose import load

        return Predictor(load(self._run.folder.model), self.config.data, self._run.class_names)

    def predict(self, images: Any, *, calibrated: bool = False) -> NDArray[np.float32]:
        """Return class probabilities, (n, classes), of images; a 1 for the predicted class where a model gives none.

        They are image files of any size, folders of them and patterns, images of Pillow's, or arrays with pixel values
        0..255, one or a list; an array may hold n images: (n, H, W, C). What does not have the model's size and
        colours is prepared as in training. `calibrated` takes them at the temperature that `cnnbench evaluate
        --calibrate` found: the same classes. Raises DataError, with a line for each that cannot be read, and
        ConfigError where no temperature was fitted.
        """
        return (self._calibrated if calibrated else self.model).predict(images)

    @property
    def _calibrated(self) -> Predictor:
        from cnnbench.evaluation.calibrated import Calibrated

        temperature = Run(self.path).temperature  # read now: it may have been fitted since
        return replace(self.model, trained=Calibrated(self.model.trained, temperature))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "path": str(self.path),
            "report": str(self.report),
            "status": dict(self.status),
            "metrics": dict(self.metrics),
        }
