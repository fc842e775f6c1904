"""`.onnx`: by Keras' exporter, with names that say what goes in and out and the classes in its metadata."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from cnnbench.config.network import naming
from cnnbench.export.network import Ask, Exportable
from cnnbench.machine.cpu import available_cores

FAILURES: tuple[type[Exception], ...] = (ValueError, TypeError, KeyError, RuntimeError, NotImplementedError)
BATCH = "batch"
ONE = "one"
_SPELT = {"Erfc": ("Erf", True), "Expm1": ("Exp", False)}  # erfc(x) = 1 - erf(x), expm1(x) = exp(x) - 1


def write(source: Exportable, path: Path) -> None:
    """Write the file: `pixels` (batch, H, W, C) float32 in, `probabilities` (batch, classes) out."""
    import onnx

    source.model.export(str(path), format="onnx", verbose=False, input_signature=source.signature)
    found = onnx.load(path)
    _spell_out(found.graph)
    _name(found.graph)
    entry = found.metadata_props.add()
    entry.key, entry.value = "class_names", json.dumps(list(source.class_names), ensure_ascii=False)
    try:
        onnx.checker.check_model(found)
    except onnx.checker.ValidationError as e:
        raise ValueError(str(e)) from e
    onnx.save(found, path)


def _spell_out(graph: Any) -> None:
    """Put operations of ONNX in place of TensorFlow's that the converter passes on as they are: gelu, celu."""
    from onnx import helper, numpy_helper

    nodes = []
    for node in map(deepcopy, graph.node):
        if node.op_type not in _SPELT:
            nodes.append(node)
            continue
        inner, from_one = _SPELT[node.op_type]
        between = f"{node.output[0]}/{inner}"
        nodes.append(helper.make_node(inner, node.input, [between], name=f"{node.name}/{inner}"))
        nodes.append(helper.make_node("Sub", [ONE, between] if from_one else [between, ONE], node.output, node.name))
    if len(nodes) > len(graph.node):
        graph.initializer.append(numpy_helper.from_array(np.array(1, np.float32), ONE))
    del graph.node[:]
    graph.node.extend(nodes)


def _name(graph: Any) -> None:
    """Name the output, and the first axis of what goes in and out; inside of the graph names are the converter's."""
    [output] = graph.output
    before, output.name = output.name, naming.PROBABILITIES
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [naming.PROBABILITIES if name == before else name for name in names]
    for value in (*graph.input, output):
        value.type.tensor_type.shape.dim[0].dim_param = BATCH
    del graph.value_info[:]


def opened(path: Path) -> Ask:
    """Return what asks the network in the file, in ONNX Runtime on the processor.

    Raises RuntimeError where that does not have one of its operations.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = available_cores()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except (state.Fail, state.InvalidGraph, state.NotImplemented, state.InvalidArgument) as e:
        raise RuntimeError(str(e)) from e
    return lambda images: np.asarray(session.run(None, {naming.INPUT: images})[0], np.float32)
