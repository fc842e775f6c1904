"""`.pth`, `.pt`, `.bin`: PyTorch's files, read by its loader that takes nothing but tensors and plain containers."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.errors import ConfigError, DataError, first_line
from cnnbench.files.npz import BROKEN
from cnnbench.files.swollen import refuse_swollen, refuse_swollen_archive
from cnnbench.model.weights.stored import IGNORED, Stored, as_float32, layout_of

PARALLEL = "module."  # what torch.nn.DataParallel puts before every name


def read_torch(path: Path) -> Stored:
    """Return the state of a network in the order of its modules; raises DataError, ConfigError without PyTorch."""
    tensors = _state(path, _loaded(path))
    refuse_swollen(path, ((tensor.shape, tensor.element_size()) for tensor in tensors.values()))
    prefix = PARALLEL if all(name.startswith(PARALLEL) for name in tensors) else ""
    kept = {name.removeprefix(prefix): value for name, value in tensors.items() if not name.endswith(IGNORED)}
    try:
        arrays = {name: value.detach().float().numpy() for name, value in kept.items()}
    except BROKEN as e:
        raise DataError(f"{path}: holds tensors without numbers ({first_line(e)})") from None
    arrays = {name: as_float32(path, name, value) for name, value in arrays.items()}
    return Stored(path, arrays, layout_of(path, list(arrays)))


def _loaded(path: Path) -> Any:
    try:
        import torch
    except ModuleNotFoundError:
        raise ConfigError(f"{path}: PyTorch's files need pip install 'cnnbench[torch]'") from None
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                refuse_swollen_archive(path, archive)
                if (damaged := archive.testzip()) is not None:
                    raise ValueError(f"{damaged} in it is damaged")
        with warnings.catch_warnings(action="ignore"):  # what it says of a file that it then refuses
            return torch.load(path, map_location="cpu", weights_only=True)
    except DataError:
        raise
    except pickle.UnpicklingError as e:
        raise DataError(
            f"{path}: not weights alone: it is damaged, or holds code, which is not run ({_why(e)})"
        ) from None
    except (*BROKEN, AttributeError, AssertionError) as e:  # a legacy file is a pickle of anything
        raise DataError(f"{path}: not a PyTorch file that can be read ({_why(e)})") from None


def _why(error: BaseException) -> str:
    """Return the sentence of PyTorch's long advice that says what is wrong."""
    _, _, reason = str(error).rpartition("WeightsUnpickler error: ")
    return first_line(ValueError(reason or error))


def _state(path: Path, loaded: Any) -> Mapping[str, Any]:
    """Return the one mapping of names to tensors: what was loaded, or one of its values."""
    import torch

    def is_state(value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and bool(value)
            and all(isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in value.items())
        )

    if is_state(loaded):
        return dict(loaded)
    inside = (
        {str(key): value for key, value in loaded.items() if is_state(value)} if isinstance(loaded, Mapping) else {}
    )
    if len(inside) == 1:
        return dict(next(iter(inside.values())))
    found = f"several: {', '.join(inside)}" if inside else f"a {type(loaded).__name__} without one"
    raise DataError(f"{path}: expected one mapping of names to tensors (a state dict), found {found}")
