"""What only the data tells of a network and its training, checked before it is built."""

from __future__ import annotations

from cnnbench.config.network.nodes import Auxiliary
from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.data.pipeline import class_weight_vector
from cnnbench.data.types import Dataset
from cnnbench.errors import ConfigError
from cnnbench.machine.runtime import Backend, has_gpu
from cnnbench.model.memory import refuse_size
from cnnbench.training.suited import copies_of_weights, refuse_training


def refuse_unsuited(config: Config, dataset: Dataset, backend: Backend) -> None:
    """Raise ConfigError where the data do not suit the network or the training.

    Raises TrainingError where the network is too large for this machine's memory.
    """
    nodes = network_of(config.model)
    if config.train.distribute is not None and any(isinstance(node, Auxiliary) for node in nodes):
        raise ConfigError("train.distribute: a network with auxiliary heads is trained on one device alone")
    layers = infer(nodes, dataset.input_shape, len(dataset.class_names))
    refuse_training(config, dataset)
    if not has_gpu(backend):  # a GPU's memory is its own, and who runs out of it is told
        refuse_size(layers, copies_of_weights(config.train), config.train.batch_size)
    class_weight_vector(config.train.class_weight, dataset.train.labels, dataset.class_names)
