"""A line for each key of an experiment, by the path that an override takes; and what people call them elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cnnbench.catalogue.sources import option_keys, sources

KEYS: Mapping[str, str] = {
    "name": "the folder its runs go to",
    "description": "a line of your own",
    "seed": "draws weights, batches, augmentation and the validation split",
    "data.source": "which data set",
    "data.path": "folder or file of the data",
    "data.validation": "share of the training images held out",
    "data.fold": "one of k folds to validate on, in place of data.validation",
    "data.fold.index": "which fold, counted from 1",
    "data.fold.of": "how many folds there are",
    "data.test": "share held out as test split where the source has none",
    "data.split_seed": "draws subsets, folds and a missing test split",
    "data.classes": "which classes of the data set, by name",
    "data.subset.train": "how many training images to keep: a count or a share",
    "data.subset.test": "how many test images to keep: a count or a share",
    "data.image_size": "size of the network's input",
    "data.fit": "how images come to that size",
    "data.color": "colour or grey, whatever the source has",
    "data.normalize": "how pixels are scaled, inside the model",
    "data.normalize.mean": "constants of your own, per channel",
    "data.normalize.std": "constants of your own, per channel",
    "data.grey_bits": "bits in use of 16-bit grey files, measured where auto",
    "data.on_bad_image": "what to do about a file that is broken",
    "data.in_memory": "whether image files are decoded once",
    "augment": "augmentations, in order, on training images",
    "model.architecture": "a shipped network or a file",
    "model.application": "a network of keras.applications",
    "model.application.name": "which of them, as NASNetMobile",
    "model.application.pooling": "of the maps before its last layer: avg or max",
    "model.name": "what layers in place are called",
    "model.parameters": "values of the network's own parameters",
    "model.blocks": "named blocks with parameters",
    "model.layers": "layers in place, in order",
    "model.without": "kinds of layers that are left out, as Dropout",
    "model.weights": "what the network starts from: imagenet, a run folder or a file",
    "model.head": "whether the weights' last layer is kept or made anew",
    "model.allow_skew": "whether pixels may be scaled otherwise than the weights know them",
    "model.estimator": "in place of a network: an estimator of scikit-learn by name, with its arguments",
    "model.features": "what the estimator sees of an image: pixels, hog, pca, or several in order",
    "model.published": "what model.weights: imagenet may be; an architecture brings it",
    "model.freeze": "layers that do not learn: base, or names and patterns",
    "train.epochs": "how often all training images are seen",
    "train.budget_minutes": "minutes of training in place of epochs; the schedule is drawn over them",
    "train.batch_size": "images per step",
    "train.optimizer": "an optimizer by name, or with its arguments",
    "train.optimizer.name": "the optimizer",
    "train.optimizer.learning_rate": "the step size it begins with",
    "train.optimizer.weight_decay": "how much weights shrink at each step",
    "train.optimizer.momentum": "how much of the last step goes on (SGD, RMSprop, Muon, ConvMuon)",
    "train.optimizer.clipnorm": "the largest norm of a gradient",
    "train.schedule": "how the learning rate moves, by name or with its arguments",
    "train.schedule.name": "the schedule",
    "train.schedule.warmup_epochs": "epochs in which the rate rises from zero",
    "train.schedule.warmup_fraction": "share of the training in which it does, in place of epochs",
    "train.schedule.step_epochs": "StepDecay: after which epochs",
    "train.schedule.factor": "StepDecay and ReduceLROnPlateau: multiplied by",
    "train.schedule.decay_epochs": "ExponentialDecay: epochs per factor",
    "train.schedule.decay_rate": "ExponentialDecay: the factor",
    "train.schedule.end_learning_rate": "PolynomialDecay: the last rate",
    "train.schedule.power": "PolynomialDecay: the power",
    "train.schedule.alpha": "CosineDecay: the last rate as a share of the first",
    "train.schedule.peak_fraction": "OneCycle: where the peak is",
    "train.schedule.start_divisor": "OneCycle: the peak divided by the first rate",
    "train.schedule.end_divisor": "OneCycle: the first rate divided by the last",
    "train.schedule.monitor": "ReduceLROnPlateau: what is watched",
    "train.schedule.patience": "ReduceLROnPlateau: epochs without improvement",
    "train.schedule.min_delta": "ReduceLROnPlateau: what counts as improvement",
    "train.schedule.cooldown": "ReduceLROnPlateau: epochs to wait after lowering",
    "train.schedule.min_learning_rate": "ReduceLROnPlateau: never below",
    "train.loss": "what is minimised, by name or with its arguments",
    "train.loss.name": "the loss",
    "train.loss.label_smoothing": "cross-entropies: share of the label spread over all classes",
    "train.loss.gamma": "focal loss: how much it looks at hard images",
    "train.loss.alpha": "focal loss: its weight",
    "train.class_weight": "balanced, or a weight per class",
    "train.unfreeze": "when frozen layers begin to learn",
    "train.unfreeze.after_epochs": "how many epochs end before",
    "train.unfreeze.layers": "names and patterns of layers that learn from then on",
    "train.unfreeze.learning_rate": "the rate from then on",
    "train.cache_features": "let images go through a frozen base once",
    "train.augment_draws": "augmented versions of each image that are kept",
    "train.learning_rate_factors": "factors of the learning rate by layer",
    "train.dense_sparse_dense": "pruned for some epochs in between",
    "train.dense_sparse_dense.sparsity": "share of each kernel that is pruned",
    "train.dense_sparse_dense.dense_epochs": "epochs before the pruning",
    "train.dense_sparse_dense.sparse_epochs": "epochs with pruned weights held at zero",
    "train.dense_sparse_dense.final_learning_rate": "the rate of the epochs that are left",
    "train.early_stopping": "when to stop before the last epoch",
    "train.early_stopping.monitor": "what is watched",
    "train.early_stopping.patience": "epochs without improvement",
    "train.early_stopping.min_delta": "what counts as improvement",
    "train.early_stopping.restore_best": "whether the best epoch's weights are kept",
    "train.ema": "momentum of a moving average of the weights",
    "train.precision": "in which precision is computed",
    "train.watch_dead_units": "count dead relu units after every epoch",
    "train.max_minutes": "wall-time limit",
    "train.distribute": "several GPUs or machines",
    "train.backend": "what computes",
    "train.threads": "CPU threads",
    "evaluation.top_k": "k of each top-k accuracy",
    "evaluation.calibration_bins": "bins of the calibration error",
    "evaluation.test_time_augmentation": "also measure images averaged with their mirror images, stated apart",
}

ALIASES: Mapping[str, str] = {
    "tta": "evaluation.test_time_augmentation",
    "lr": "train.optimizer.learning_rate",
    "rate": "train.optimizer.learning_rate",
    "learn_rate": "train.optimizer.learning_rate",
    "batch": "train.batch_size",
    "bs": "train.batch_size",
    "batchsize": "train.batch_size",
    "epoch": "train.epochs",
    "num_epochs": "train.epochs",
    "max_epochs": "train.epochs",
    "n_epochs": "train.epochs",
    "wd": "train.optimizer.weight_decay",
    "opt": "train.optimizer",
    "scheduler": "train.schedule",
    "lr_scheduler": "train.schedule",
    "criterion": "train.loss",
    "dataset": "data.source",
    "arch": "model.architecture",
    "network": "model.architecture",
    "img_size": "data.image_size",
    "imgsz": "data.image_size",
    "input_size": "data.image_size",
    "augmentation": "augment",
    "augmentations": "augment",
    "val_split": "data.validation",
    "validation_split": "data.validation",
    "random_state": "seed",
    "amp": "train.precision",
    "mixed_precision": "train.precision",
}


WORDS: Mapping[str, str] = {  # values, as other programs call them
    "crossentropy": "categorical_crossentropy",
    "cross_entropy": "categorical_crossentropy",
    "cross-entropy": "categorical_crossentropy",
    "sparse_categorical_crossentropy": "categorical_crossentropy",
    "ce": "categorical_crossentropy",
    "nll": "categorical_crossentropy",
    "bce": "binary_crossentropy",
    "focal": "categorical_focal_crossentropy",
    "focal_loss": "categorical_focal_crossentropy",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "plateau": "ReduceLROnPlateau",
    "fp32": "float32",
    "bf16": "mixed_bfloat16",
    "fp16": "mixed_float16",
    "half": "mixed_float16",
    "grey": "luminance",
    "gray": "luminance",
}


_FOREMOST = {"learning_rate": "train.optimizer.learning_rate"}  # of several keys of a name


def all_keys() -> Mapping[str, str]:
    """Return the line of every key, those of the sources' own among them."""
    return {**KEYS, **option_keys()}


def meant_key(name: str, allowed: Collection[str]) -> str:
    """Return the hint at the key of a section that is called otherwise elsewhere, an empty string for none."""
    key = ALIASES.get(name.lower(), "").rpartition(".")[2]
    return f"; did you mean {key}?" if key in allowed else ""


def meant_path(name: str) -> str:
    """Return the hint at the key of another section that a name is meant for, an empty string for none."""
    path = full_path(name)
    return f"; did you mean {path}?" if path else ""


def meant_word(value: str, allowed: Collection[str]) -> str:
    """Return the hint at a value that is called otherwise elsewhere, an empty string for none."""
    also = {other: name for name, source in sources().items() for other in source.also}
    word = {**WORDS, **also}.get(value.lower(), "")
    return f"; did you mean {word}?" if word in allowed else ""


def full_path(name: str) -> str | None:
    """Return the path of the key that a name is meant for, None where none or several end in it."""
    alias = ALIASES.get(name.lower().replace("-", "_")) or _FOREMOST.get(name)
    ending = [path for path in all_keys() if path.rpartition(".")[2] == name]
    shortest = min((path.count(".") for path in ending), default=0)
    nearest = [path for path in ending if path.count(".") == shortest]
    return alias or (nearest[0] if len(nearest) == 1 else None)
