"""Errors of libraries that are told in a line."""

from __future__ import annotations

import tensorflow as tf

from cnnbench.errors import TrainingError, explained


def test_a_shape_that_onednn_refuses_is_told_with_the_way_around() -> None:
    """One channel and a kernel of one pixel, as TensorFlow 2.21 ends such a training."""
    found = explained(
        tf.errors.AbortedError(
            None,
            None,
            "Graph execution error:\nOperation received an exception:Status: 2, message: could not create a primitive "
            "descriptor for the reorder primitive.\n\t [[{{node StatefulPartitionedCall/net/separable_conv2d_1/Add}}]]",
        )
    )
    assert isinstance(found, TrainingError)
    assert str(found) == (
        "oneDNN cannot compute a layer of this network on images of this size (separable_conv2d_1); "
        "with TF_ENABLE_ONEDNN_OPTS=0 in the environment TensorFlow computes it without"
    )


def test_memory_that_ran_out_is_told_and_nothing_else_is_explained() -> None:
    assert "out of memory" in str(explained(tf.errors.ResourceExhaustedError(None, None, "")))
    assert explained(tf.errors.AbortedError(None, None, "stopped")) is None and explained(ValueError("x")) is None
