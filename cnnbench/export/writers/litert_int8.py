"""`.tflite` in 8-bit integers throughout, with uint8 at both ends; Jacob et al. 2018, "Quantization and Training".

How far the values of each layer reach, which the integers are spread over, is what training images show.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnbench.export.network import Exportable
from cnnbench.export.writers import litert

FAILURES = litert.FAILURES
opened = litert.opened


def write(source: Exportable, path: Path) -> None:
    """Write the file; what has no 8-bit operation is refused."""
    import tensorflow as tf

    assert source.calibration is not None
    images = source.calibration()

    def one_by_one() -> Iterator[list[Any]]:
        for at in range(len(images)):
            yield [images[at : at + 1]]

    converter = litert.converter_of(source)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = one_by_one
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    path.write_bytes(litert.converted(converter))
