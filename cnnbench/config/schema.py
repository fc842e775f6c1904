"""The configuration as frozen pydantic models: every key, its type, its default and what it means.

Checks that need more than one key live in `cnnbench.config.checks`; the arguments of Keras objects are checked
against `cnnbench.catalogue.signatures`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, WithJsonSchema

from cnnbench.catalogue.applications import APPLICATIONS
from cnnbench.catalogue.sources import Facts, sources
from cnnbench.config import losses, schedules
from cnnbench.config.calls import augment_in_full, check_calls
from cnnbench.config.optimizer import Optimizer
from cnnbench.config.published import Published
from cnnbench.config.section import AboveZero, Between, Fraction, Listed, Monitor, Positive, Section, by_name
from cnnbench.config.source_options import section_of, with_sections

LARGEST_SEED = 2**31 - 1  # what every backend takes
MOST_MINUTES = 1e6  # two years
WITHOUT_END = 10**9  # epochs, where minutes end a training
MOST_THREADS = 1_024  # a bound far beyond use: what is mistyped must not take all memory or all day


class Subset(Section):
    """How many images to keep of each split, drawn stratified: a count, a fraction below 1, or null for all."""

    train: Positive | Annotated[float, Field(gt=0, lt=1)] | None = None
    test: Positive | Annotated[float, Field(gt=0, lt=1)] | None = None


class Fold(Section):
    """One of the stratified folds of the training images, drawn by split_seed; it is the validation split."""

    index: Positive = Field(description="which fold, counted from 1")
    of: Annotated[int, Field(ge=2)] = Field(description="how many folds there are")


class Constants(Section):
    """Normalisation constants per channel, on the 0..1 scale: (pixel / 255 - mean) / std."""

    mean: list[float] = Field(min_length=1, max_length=3)
    std: list[Annotated[float, Field(gt=0)]] = Field(min_length=1, max_length=3)


_NAMES = {"enum": list(sources()), "type": "string"}


def _known_source(name: str) -> str:
    if name not in sources():
        raise ValueError(f"no source {name}")
    return name


@with_sections
class Data(Section):
    """Where the images come from and how they are brought to the network's input."""

    source: Annotated[str, AfterValidator(_known_source), WithJsonSchema(_NAMES)] = Field(
        default="digits", description="which data set"
    )
    path: str | None = Field(
        default=None, description="folder or file of the data, relative to this file; named sets also look elsewhere"
    )
    classes: Annotated[list[str], Field(min_length=2)] | None = Field(
        default=None, description="only the images of these classes, in this order; null takes all"
    )
    validation: Fraction = Field(default=0.2, description="share of the training images held out, stratified by seed")
    fold: Fold | None = Field(default=None, description="one of k folds to validate on, in place of `validation`")
    test: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None,
        description="share held out as test split where the source has none of its own (default 0.2); 1 trains nothing",
    )
    split_seed: int = Field(
        default=0, ge=0, le=LARGEST_SEED, description="draws subsets, folds and a missing test split"
    )
    subset: Subset = Subset()
    image_size: Positive | Annotated[tuple[Positive, Positive], Listed] | None = Field(
        default=None, description="size or [height, width] of the network's input; null keeps the source's"
    )
    fit: Literal["stretch", "crop", "pad", "center"] = Field(
        default="crop",
        description="crop or pad to the target's shape before scaling; center crops and pads without scaling",
    )
    color: Literal["rgb", "luminance", "mean"] | None = Field(
        default=None, description="null keeps the source's channels; luminance and mean make one grey channel"
    )
    normalize: Literal["none", "unit", "standardize", "imagenet", "pretrained"] | Constants = Field(
        default="standardize",
        description="inside the model: none, /255, training statistics, ImageNet's, constants, or, the default with "
        "model.weights, what the weights were trained with",
    )
    grey_bits: Literal["auto"] | Annotated[int, Field(ge=8, le=16)] = Field(
        default="auto", description="image files: bits in use of 16-bit grey files; auto: measured over them, recorded"
    )
    on_bad_image: Literal["refuse", "skip"] = Field(default="refuse", description="image files: one that is broken")
    in_memory: Literal["auto"] | bool = Field(default="auto", description="image files: decode once; auto: below 1 GiB")

    @property
    def options(self) -> Any:
        """The keys of the source itself with its defaults, None for a source that has none."""
        defaults, given = sources()[self.source].defaults(), getattr(self, self.source, None)
        return defaults if given is None else replace(defaults, **{key: getattr(given, key) for key in vars(defaults)})

    def in_full(self) -> Data:
        """Return this with the keys of the source itself written out, those not given with their defaults."""
        options = self.options
        return self.model_copy(update={self.source: section_of(self.source)(**vars(options))}) if options else self

    @property
    def facts(self) -> Facts:
        """What is known of the source's images before a file is opened."""
        return sources()[self.source].known(self.options)

    @property
    def class_names(self) -> Sequence[str]:
        """The classes in order, empty where only the files can tell."""
        return self.classes or self.facts.class_names


class Application(Section):
    """A network of keras.applications, its last layer in exchange for one of the classes of the data."""

    name: Literal[tuple(APPLICATIONS)] = Field(description="which of them, as NASNetMobile")  # type: ignore[valid-type]
    pooling: Literal["avg", "max"] = Field(default="avg", description="of the maps before its last layer")


class Model(Section):
    """The network: an architecture by name, layers in place, or one of keras.applications; or else an estimator."""

    architecture: str | None = Field(default=None, description="a file of configs/architectures, or a path")
    application: Application | None = Field(
        default=None, description="a network of keras.applications; becomes `layers` when it is resolved"
    )
    name: str | None = Field(default=None, description="what `layers` is called; set when an architecture is resolved")
    parameters: dict[str, Any] | None = Field(default=None, description="values of the network's own parameters")
    blocks: dict[str, Any] | None = Field(default=None, description="named blocks with parameters")
    layers: list[Any] | None = Field(default=None, description="the layers in order")
    without: list[str] | None = Field(
        default=None,
        description="kinds of layers that are left out, as Dropout; `layers` lacks them when it is resolved",
    )
    weights: str | None = Field(
        default=None, description="imagenet, a run folder, or a .keras, .h5, .npz, .safetensors or .pth file"
    )
    head: Literal["keep", "replace"] | None = Field(
        default=None, description="the weights' last layer; null replaces it where the number of classes differs"
    )
    allow_skew: bool | None = Field(
        default=None, description="whether data.normalize may differ from what the weights were trained with"
    )
    published: list[Published] | None = Field(
        default=None, description="what `weights: imagenet` may be; set when an architecture is resolved"
    )
    freeze: Literal["base"] | Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None,
        description="what does not learn: base, all but the head, or names and patterns of layers; "
        "frozen layers compute as in inference, batch normalisation and dropout too",
    )
    estimator: dict[str, Any] | None = Field(default=None, description="in place of a network: scikit-learn's, by name")
    features: str | dict[str, Any] | list[Any] | None = Field(
        default=None, description="what the estimator sees of an image: pixels, hog, pca, or several of them in order"
    )

    @property
    def title(self) -> str | None:
        """What is trained is called, None for layers in place without a name."""
        return self.name or next(iter(self.estimator or ()), None)

    def in_full(self) -> Model:
        """Return this without the published weights that came along with an architecture, where none are asked for."""
        return self if self.weights is not None else self.model_copy(update={"published": None})


class Unfreeze(Section):
    """Frozen layers that learn from some epoch on."""

    after_epochs: Positive = Field(description="how many epochs end before these layers learn")
    layers: list[str] = Field(min_length=1, description="names and patterns of layers that are frozen until then")
    learning_rate: AboveZero | None = Field(
        default=None, description="rate from then on, for all that learns; null goes on with the one before"
    )


class DenseSparseDense(Section):
    """Train all weights, then without the smallest of them, then all again; Han et al., 2017, "DSD"."""

    sparsity: Between = Field(description="share of each kernel's weights, the smallest, that are zero in between")
    dense_epochs: Positive = Field(description="epochs before the pruning")
    sparse_epochs: Positive = Field(description="epochs with the pruned weights held at zero")
    final_learning_rate: AboveZero = Field(description="rate of the epochs that are left, pruned weights from zero on")


class EarlyStopping(Section):
    """Stop when the monitored value has not improved for `patience` epochs."""

    monitor: Monitor = "val_loss"
    patience: Positive = 5
    min_delta: Annotated[float, Field(ge=0)] = 0.0
    restore_best: bool = True


class Train(Section):
    """How the network is trained."""

    epochs: Annotated[int, Field(ge=0)] = Field(
        default=20,
        description="0 trains nothing and tests model.weights as they are; budget_minutes takes its place",
    )
    budget_minutes: Annotated[float, Field(gt=0, le=MOST_MINUTES)] | None = Field(
        default=None,
        description="in place of epochs: how long is trained on this machine, from the end of the first step on and "
        "with all validations; the schedule is drawn over it; does not repeat to the bit",
    )
    batch_size: Positive = 64
    optimizer: Annotated[Optimizer, by_name()] = Optimizer()
    schedule: Annotated[schedules.ByName | None, by_name()] = None
    loss: Annotated[losses.ByName, by_name(default="categorical_crossentropy")] = losses.CategoricalCrossentropy()
    class_weight: Literal["balanced"] | dict[str, Annotated[float, Field(ge=0)]] | None = Field(
        default=None, description="null, balanced, or a weight per class name; classes not named weigh 1"
    )
    unfreeze: Unfreeze | Annotated[list[Unfreeze], Field(min_length=1)] | None = Field(
        default=None, description="a step, or several in order, in which frozen layers begin to learn"
    )
    learning_rate_factors: Annotated[dict[str, AboveZero], Field(min_length=1)] | None = Field(
        default=None, description="factor of the learning rate by names and patterns of layers; the last match counts"
    )
    dense_sparse_dense: DenseSparseDense | None = None
    early_stopping: EarlyStopping | None = None
    cache_features: Literal["auto"] | bool = Field(
        default="auto",
        description="let images go through a frozen base once and keep what it makes of them for all epochs and runs; "
        "auto: where the base stays frozen and nothing is augmented",
    )
    augment_draws: Positive | None = Field(
        default=None, description="with cached features: how many augmented versions of each image take turns"
    )
    ema: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="momentum of an exponential moving average of the weights, used to evaluate and kept"
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16", "auto"] = Field(
        default="float32", description="auto measures bfloat16 on this machine once and records what it chose"
    )
    watch_dead_units: bool = Field(
        default=False,
        description="count after every epoch the units of each relu that gave 0 for all of 256 training images",
    )
    max_minutes: Annotated[float, Field(gt=0)] | None = Field(default=None, description="wall-time limit of training")
    distribute: Literal["mirrored", "multi_worker"] | None = Field(
        default=None,
        description="share each batch between this machine's GPUs, or between the processes that TF_CONFIG names; "
        "float32 weights stay those of one device to 5e-6, but batch normalisation sees its part of a batch only",
    )
    backend: Literal["tensorflow", "jax", "torch", "numpy"] | None = Field(
        default=None,
        description="what computes: Keras on tensorflow, jax or torch, or a network in plain numpy; null takes "
        "$KERAS_BACKEND or tensorflow; --backend wins",
    )
    threads: Annotated[int, Field(ge=1, le=MOST_THREADS)] | None = Field(
        default=None, description="CPU threads; null takes all this process may use"
    )

    @property
    def known_epochs(self) -> int | None:
        """How many epochs there are, where nothing ends the training before; None where minutes decide."""
        return self.epochs if self.budget_minutes is None else None

    @property
    def most_epochs(self) -> int:
        """A number of epochs that there are not more of."""
        return WITHOUT_END if self.known_epochs is None else self.known_epochs

    @property
    def unfreeze_steps(self) -> Sequence[Unfreeze]:
        """The steps of `unfreeze` as a list."""
        return [self.unfreeze] if isinstance(self.unfreeze, Unfreeze) else self.unfreeze or []


class Evaluation(Section):
    """What is computed on the test split."""

    top_k: list[Annotated[int, Field(ge=2)]] = Field(default=[5], description="k of each top-k accuracy")
    calibration_bins: Annotated[int, Field(ge=2, le=10_000)] = 15
    test_time_augmentation: Literal["flip"] | None = Field(
        default=None, description="flip: also measure each image averaged with its mirror image, stated apart"
    )


class Config(Section):
    """One experiment."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        max_length=100,
        description="names the folder its runs go to",
        json_schema_extra={"expected": "up to 100 letters, digits, '.', '_' or '-', a letter or digit first"},
    )
    description: str | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 0
    data: Data = Data()
    augment: list[Any] = Field(default=[], description="Keras augmentation layers by name, in order, for training")
    model: Model
    train: Train = Train()
    evaluation: Evaluation = Evaluation()


def in_full(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a written configuration with every default, which versions before did not all write.

    A section with mistakes stays as it is.
    """
    full = dict(config)
    with suppress(ValidationError):
        full["train"] = Train.model_validate(config.get("train", {})).model_dump(mode="json", exclude_none=True)
    if not any(check_calls({"augment": config.get("augment", [])})):
        full["augment"] = augment_in_full(config.get("augment", []))
    return full
