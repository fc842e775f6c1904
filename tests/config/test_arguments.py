"""Values from Python: sections are merged, and mistakes name the argument they came in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnbench.config.arguments import assigned, texts
from cnnbench.config.load import load_config
from cnnbench.errors import ConfigError


def test_a_mapping_changes_what_it_holds_and_leaves_the_rest() -> None:
    before = load_config("lenet5-digits")
    merged = load_config("lenet5-digits", assigned({"train": {"epochs": 1}, "data": {"subset": {"train": 100}}}))
    assert merged.train == before.train.model_copy(update={"epochs": 1})
    assert merged.data.subset.train == 100 and merged.data.source == before.data.source
    assert merged.model == before.model


def test_another_choice_drops_what_belongs_to_the_old_one() -> None:
    base = {
        "name": "x",
        "data": {"source": "digits"},
        "model": {"layers": ["Flatten", "classifier"]},
        "train": {"optimizer": {"name": "SGD", "learning_rate": 0.5, "momentum": 0.9}},
    }
    kept = load_config(base, assigned({"train": {"optimizer": {"momentum": 0.5}}})).train.optimizer
    assert (kept.name, kept.learning_rate, kept.momentum) == ("SGD", 0.5, 0.5)
    other = load_config(base, assigned({"train": {"optimizer": {"name": "Adam"}}})).train.optimizer
    assert other.name == "Adam" and other.learning_rate != 0.5
    network = load_config(base, assigned({"model": {"layers": ["Flatten", {"Dense": {"units": 3}}, "classifier"]}}))
    assert len(network.model.layers or ()) == 3


def test_two_underscores_stand_for_a_dot_and_text_is_yaml() -> None:
    found = load_config("lenet5-digits", assigned({"train__optimizer__learning_rate": "1e-3", "train__epochs": 2}))
    assert (found.train.optimizer.learning_rate, found.train.epochs) == (0.001, 2)


def test_what_was_given_is_told_as_on_the_command_line() -> None:
    given = {"train": {"epochs": 1, "optimizer": {"name": "SGD"}}, "data__path": Path("photos"), "augment": []}
    assert texts(assigned(given)) == ["train.epochs=1", "train.optimizer.name=SGD", "data.path=photos", "augment=[]"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"train__epohcs": 1}, "train__epohcs=1: train.epohcs: unknown key; did you mean epochs?"),
        ({"train": {"epohcs": 1}}, "train={'epohcs': 1}: train.epohcs: unknown key; did you mean epochs?"),
        ({"augment__7": {"RandomFlip": {}}}, "augment__7={'RandomFlip': {}}: augment.7: augment is a list"),
        ({"train____epochs": 1}, "train____epochs=1: expected names of keys with two underscores for a dot"),
        ({"train__epochs": "[1"}, "train__epochs='[1': not valid YAML"),
    ],
)
def test_a_mistake_names_its_argument(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as e:
        load_config("lenet5-digits", assigned(arguments))
    assert len(e.value.problems) == 1 and str(e.value).startswith(said)


def test_a_mistake_in_the_file_still_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("name: x\ndata: {source: digits}\nmodel: {layers: [Flatten]}\ntrain:\n  batch_sise: 3\n")
    with pytest.raises(ConfigError, match=rf"(?m)^{path}:5: train\.batch_sise: unknown key"):
        load_config(path, assigned({"train": {"epochs": 1}}))
