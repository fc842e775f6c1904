"""Kinds of layers that are left out of a network."""

from __future__ import annotations

import pytest
import yaml

from cnnbench.config.load import dump_yaml, load_config
from cnnbench.config.network.nodes import walk
from cnnbench.config.network.spec import network_of
from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError
from cnnbench.sweep.define.identity import identity
from tests.tools import tiny

FORMS = {
    "parameters": {"rate": 0.5, "depth": 2},
    "blocks": {"conv": {"parameters": ["filters"], "layers": [{"Conv2D": {"filters": "$filters", "kernel_size": 1}}]}},
    "layers": [
        {"repeat": {"times": "$depth", "layers": [{"conv": {"filters": 4}}, "BatchNormalization"]}},
        {
            "residual": {
                "layers": [{"conv": {"filters": 4}}, "BatchNormalization", "ReLU"],
                "shortcut": [{"Conv2D": {"filters": 4, "kernel_size": 1, "use_bias": False}}, "BatchNormalization"],
                "activation": "relu",
            }
        },
        {"branches": {"merge": "Add", "paths": [["BatchNormalization"], [{"Dropout": {"rate": "$rate"}}]]}},
        {"auxiliary": {"weight": 0.3, "layers": ["BatchNormalization", "Flatten", "classifier"]}},
        {"Flatten": {"name": "flat"}},
        {"Dense": {"units": "$classes", "name": "last"}},
        "classifier",
    ],
}


def names(config: Config) -> list[str]:
    return [layer.name for layer in walk(network_of(config.model))]


def test_what_is_left_keeps_its_form_and_its_names_and_runs_by_itself() -> None:
    whole, left = load_config(tiny(model=FORMS)), load_config(tiny(model={**FORMS, "without": ["BatchNormalization"]}))
    assert names(left) == [name for name in names(whole) if not name.startswith("batch_normalization")]
    assert left.model.without is None and "$" not in dump_yaml(left).replace("$classes", "")
    residual, branches, auxiliary = left.model.layers[2:5]  # type: ignore[index]  # it has layers
    assert residual == {
        "residual": {
            "layers": [{"Conv2D": {"filters": 4, "kernel_size": 1}}, "ReLU"],
            "shortcut": [{"Conv2D": {"filters": 4, "kernel_size": 1}}],  # the bias that the normalisation was
            "activation": "relu",
        }
    }
    assert branches == {"branches": {"merge": "Add", "paths": [[], [{"Dropout": {"rate": 0.5}}]]}}
    assert auxiliary == {"auxiliary": {"weight": 0.3, "layers": ["Flatten", "classifier"]}}
    again = load_config(yaml.safe_load(dump_yaml(left)))
    assert identity(again) == identity(left) != identity(whole)


def test_a_shipped_network_without_its_techniques_is_the_plain_one() -> None:
    plain = load_config("thesis-cnn-cifar10", ["model.without=[Dropout, BatchNormalization]"])
    kinds = [layer.kind for layer in walk(network_of(plain.model))]
    block = ["Conv2D", "Conv2D", "MaxPooling2D"]
    assert kinds == [*block, *block, *block, "Flatten", "Dense", "classifier"]


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (["Dropuot"], 'model.without[0]: has no effect: the network has no layer "Dropuot"; did you mean Dropout?'),
        (["Conv3D"], "model.without[0]: has no effect"),
        (["Dropout", "Dropout"], "model.without[1]: Dropout is given twice"),
        (["classifier"], "model.without[0]: every network needs its classifier"),
        ("Dropout", 'model.without: expected a list (text each) or null, found "Dropout"'),
        (["Flatten"], "classifier"),  # what is left must still be a network
    ],
)
def test_mistakes_are_told_where_they_stand(kinds: object, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(tiny(model__without=kinds))
    assert said in "\n".join(raised.value.problems)
