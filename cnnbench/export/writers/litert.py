"""`.tflite` in float32, of operations that every LiteRT interpreter has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnbench.export.network import Ask, Exportable
from cnnbench.machine.cpu import available_cores

FAILURES: tuple[type[Exception], ...] = (ValueError, TypeError, RuntimeError, NotImplementedError)


def write(source: Exportable, path: Path) -> None:
    """Write the file."""
    path.write_bytes(converted(converter_of(source)))


def converter_of(source: Exportable) -> Any:
    """Return TensorFlow's converter for the network."""
    import tensorflow as tf

    return tf.lite.TFLiteConverter.from_keras_model(source.model)


def converted(converter: Any) -> bytes:
    """Return what the converter makes; raises RuntimeError where it cannot."""
    from tensorflow.lite.python.convert_phase import ConverterError

    try:
        return bytes(converter.convert())
    except ConverterError as e:
        raise RuntimeError(str(e)) from e


def opened(path: Path) -> Ask:
    """Return what asks the network in the file, in LiteRT's interpreter.

    Integers at its ends stand for numbers by the scale and zero point of the file.
    """
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=available_cores())
    [given], [said] = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.allocate_tensors()

    def ask(images: NDArray[np.float32]) -> NDArray[np.float32]:
        if tuple(interpreter.get_input_details()[0]["shape"]) != images.shape:
            interpreter.resize_tensor_input(given["index"], images.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], _rounded(images, given))
        interpreter.invoke()
        return _number(interpreter.get_tensor(said["index"]), said)

    return ask


def _rounded(values: NDArray[np.float32], tensor: Any) -> NDArray[Any]:
    scale, zero = tensor["quantization"]
    if not scale:
        return values
    limits = np.iinfo(tensor["dtype"])
    steps = np.rint(values / np.float32(scale)) + zero
    return np.asarray(np.clip(steps, limits.min, limits.max), tensor["dtype"])


def _number(values: NDArray[Any], tensor: Any) -> NDArray[np.float32]:
    scale, zero = tensor["quantization"]
    numbers: NDArray[np.float32] = values.astype(np.float32)
    if scale:
        numbers = np.multiply(numbers - zero, scale, dtype=np.float32)
    return numbers
