"""The run folder: the only file that knows the names of the files in it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from cnnbench.errors import OutputError
from cnnbench.files.whole import appears, new_folder, unwritable

CONFIG = "config.yaml"
MODELS = (".keras", ".npz", ".skops")  # what learners save, by the ending of the file
SPLITS = ("test", "validation", "train")  # those that can be measured


@dataclass(frozen=True)
class RunDir:
    """Paths of one run folder; what was measured is that of the images of the split `of`."""

    path: Path
    of: str = "test"

    def measured_on(self, split: str) -> RunDir:
        """Return the same folder with the paths of what was measured on the images of another split."""
        return RunDir(self.path, split)

    def _measured(self, name: str, suffix: str) -> Path:
        return self.path / (f"{name}{suffix}" if self.of == "test" else f"{name}_{self.of}{suffix}")

    @property
    def config(self) -> Path:
        """The resolved configuration; runs again as it is."""
        return self.path / CONFIG

    @property
    def environment(self) -> Path:
        """Versions, devices, git commit and command."""
        return self.path / "environment.json"

    @property
    def status(self) -> Path:
        """State, epoch and why the run ended."""
        return self.path / "status.json"

    @property
    def history(self) -> Path:
        """One row per epoch."""
        return self.path / "history.csv"

    @property
    def learning_rate(self) -> Path:
        """Learning rate by epochs gone, of a schedule that moves it within epochs; no file of others."""
        return self.path / "learning_rate.csv"

    @property
    def dead_units(self) -> Path:
        """Share of dead units by epoch and layer; no file of a run in which they were not watched."""
        return self.path / "dead_units.csv"

    @property
    def metrics(self) -> Path:
        """Everything measured on the split."""
        return self._measured("metrics", ".json")

    @property
    def predictions(self) -> Path:
        """Index, true class, predicted class and probabilities of every image of the split."""
        return self._measured("predictions", ".csv")

    @property
    def confusion_matrix(self) -> Path:
        """Counts; rows are true classes, columns predicted ones."""
        return self._measured("confusion_matrix", ".csv")

    @property
    def classification_report(self) -> Path:
        """Precision, recall, F1 and support per class as text."""
        return self._measured("classification_report", ".txt")

    @property
    def split(self) -> Path:
        """Which images were held out."""
        return self.path / "split.json"

    @property
    def layers(self) -> Path:
        """Layer, output shape, parameters and MACs."""
        return self.path / "layers.json"

    @property
    def weights(self) -> Path:
        """Where the weights came from that it began with; no file of a run that drew its own."""
        return self.path / "weights.json"

    @property
    def stages(self) -> Path:
        """What was frozen or pruned when; no file of a run in which all layers learn all the time."""
        return self.path / "stages.json"

    @property
    def model(self) -> Path:
        """The trained model with its preprocessing, as its learner saved it; Keras' where there is none (yet)."""
        places = [self.model_of(suffix) for suffix in MODELS]
        return next((place for place in places if place.exists()), places[0])

    def model_of(self, suffix: str) -> Path:
        """Return where a learner saves its model whose files end like this."""
        return self.path / f"model{suffix}"

    @property
    def samples(self) -> Path:
        """Images of the split that the report shows (`samples.npz`: images, indices, kinds)."""
        return self._measured("samples", ".npz")

    @property
    def gallery(self) -> Path:
        """Small pictures of mistakes and close answers (`gallery.npz`: images, rows of the predictions)."""
        return self._measured("gallery", ".npz")

    @property
    def label_errors(self) -> Path:
        """Which labels are likely wrong; no file of a run that was not asked for them."""
        return self._measured("label_errors", ".json")

    @property
    def calibration(self) -> Path:
        """The temperature and what it changes; no file of a run that was not calibrated."""
        return self.path / "calibration.json"

    @property
    def robustness(self) -> Path:
        """Accuracy on corrupted and wrongly prepared test images; no file where nobody asked for it."""
        return self.path / "robustness.json"

    @property
    def augmentation(self) -> Path:
        """Training images before and after augmentation (`augmentation.npz`: before, after)."""
        return self.path / "augmentation.npz"

    @property
    def explained(self) -> Path:
        """What the model looked at in some images; no file of a run that was not explained."""
        return self.path / "explain.json"

    @property
    def explained_pictures(self) -> Path:
        """Maps and images of what was explained, as arrays."""
        return self.path / "explain.npz"

    @property
    def last_checkpoint(self) -> Path:
        """State after the last finished epoch; what `--resume` needs."""
        return self.path / "checkpoints" / "last.npz"

    @property
    def best_checkpoint(self) -> Path:
        """State after the best epoch."""
        return self.path / "checkpoints" / "best.npz"

    @property
    def exports(self) -> Path:
        """Folder of what was found of exported files, by their format."""
        return self.path / "exports"

    @property
    def plots(self) -> Path:
        """Folder of PNG files."""
        return self.path / "plots"

    @property
    def report(self) -> Path:
        """The self-contained page."""
        return self._measured("report", ".html")

    @property
    def results(self) -> tuple[Path, ...]:
        """What was measured on the split and drawn of it, but for the plots."""
        tables = (self.confusion_matrix, self.classification_report)
        looked_into = (self.samples, self.gallery, self.label_errors, self.calibration, self.robustness)
        return (self.metrics, self.predictions, *looked_into, *tables, self.report)

    def remove_results(self) -> None:
        """Remove what was measured and drawn, which going on will replace, and what a kill left half-written."""
        results = (path for split in SPLITS for path in self.measured_on(split).results)
        exports = (*self.exports.glob("*.json"), *self.exports.glob("*.npz"))
        found = (*exports, self.explained, self.explained_pictures)
        for path in (*results, *found, *self.path.rglob(".*.part*")):
            try:
                path.unlink(missing_ok=True)
            except OSError as e:
                raise OutputError(f"{path}: cannot be removed ({e.strerror})") from e


def create(root: Path, name: str, config_text: str) -> RunDir:
    """Create `root/name/<time>-<hash>/` holding `config.yaml` atomically and return it.

    The folder appears with its configuration inside or not at all; runs started in the same second differ in the
    hash, which is drawn from the configuration and a random number. Raises OutputError.
    """
    return RunDir(new_folder(root / name, {CONFIG: config_text}))


def create_at(path: Path, config_text: str) -> RunDir:
    """Create the run folder `path` holding `config.yaml`, atomically; raises OutputError, also where it is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not appears(path, {CONFIG: config_text}):
            raise FileExistsError(errno.EEXIST, "it is there already")
    except OSError as e:
        raise unwritable(path, e) from e
    return RunDir(path)
