"""Checkpoints: every variable of model and optimizer with the history so far, in one file that appears whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnnbench.errors import DataError, first_line
from cnnbench.files.npz import read_arrays
from cnnbench.files.whole import own_folder, whole_file
from cnnbench.numbers import is_number
from cnnbench.training.monitor import Row

Arrays = dict[str, NDArray[Any]]
HISTORY = "history"  # the array beside the variables


@dataclass(frozen=True)
class Checkpoint:
    """State at the end of an epoch: `history` has one row per finished epoch."""

    history: list[Row]
    variables: Arrays


def variables_of(model: Any, *, optimizer: bool) -> dict[str, Any]:
    """Return the model's variables (and the optimizer's) under names that do not depend on what ran before."""
    named = {f"model/{i}/{v.name}": v for i, v in enumerate(model.weights)}
    if optimizer:
        named |= {f"optimizer/{i}": v for i, v in enumerate(model.optimizer.variables)}
    return named


def averaged_weights(model: Any) -> Mapping[str, Any]:
    """Return the moving averages the optimizer keeps, by the path of the variable they average; {} without them."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not optimizer.use_ema:
        return {}
    return {
        v.path: average
        for v, average in zip(model.trainable_variables, optimizer._model_variables_moving_average, strict=True)
    }


def save(path: Path, arrays: Mapping[str, NDArray[Any]], history: list[Row]) -> None:
    """Write arrays and the history so far; raises OutputError."""
    own_folder(path.parent.parent, path.parent.name)
    with whole_file(path) as part:
        np.savez(part, allow_pickle=False, **{HISTORY: np.array(json.dumps(history))}, **arrays)


def state_of(model: Any) -> Arrays:
    """Return the values of everything a resumed run needs."""
    return {name: _array(v) for name, v in variables_of(model, optimizer=True).items()}


def weights_in(state: Arrays, model: Any) -> Arrays:
    """Return those values of the model's `state` to evaluate with: the averaged weights where averaging is on."""
    averages = averaged_weights(model)
    names = {id(v): name for name, v in variables_of(model, optimizer=True).items()}
    named = variables_of(model, optimizer=False)
    return {name: state[names[id(averages.get(v.path, v))]] for name, v in named.items()}


def load(path: Path, file: BinaryIO | None = None) -> Checkpoint:
    """Read a checkpoint, from `file` where its content is not at `path`; raises DataError where it is not one.

    Nothing in it is executed.
    """
    arrays = read_arrays(path, file=file, what="checkpoint")
    history = _history(path, arrays)
    return Checkpoint(history, {name: value for name, value in arrays.items() if name != HISTORY})


def epochs_in(path: Path) -> int:
    """Return after how many epochs the checkpoint at `path` was taken; raises DataError where it is not one."""
    return len(_history(path, read_arrays(path, [HISTORY], what="checkpoint")))


def _history(path: Path, arrays: Arrays) -> list[Row]:
    try:
        history = json.loads(str(arrays[HISTORY]))
    except (KeyError, ValueError, RecursionError) as e:
        raise DataError(f"{path}: not a readable checkpoint ({HISTORY}: {first_line(e)})") from None
    if not isinstance(history, list) or not all(map(_is_row, history)):
        raise DataError(f"{path}: not a readable checkpoint ({HISTORY}: expected numbers of epochs)")
    return history


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and all(map(is_number, row.values()))


def restore(model: Any, checkpoint: Checkpoint, path: Path, *, optimizer: bool) -> None:
    """Put a checkpoint's values into `model`; raises DataError where they do not fit."""
    for name, variable in variables_of(model, optimizer=optimizer).items():
        variable.assign(fitting(checkpoint, path, name, tuple(variable.shape)))


def fitting(checkpoint: Checkpoint, path: Path, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return a value of the checkpoint that was read from `path`; raises DataError where it is not of this shape."""
    value = checkpoint.variables.get(name)
    if value is None or value.shape != shape or value.dtype.kind in "USOmMc":
        found = "missing" if value is None else f"{value.dtype.name} of shape {value.shape}"
        raise DataError(f"{path}: {name}: expected shape {shape}, found {found}")
    return value


def _array(variable: Any) -> NDArray[Any]:
    from keras import ops

    return np.asarray(ops.convert_to_numpy(variable))
