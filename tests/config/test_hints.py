"""What was meant is told with its full path, a name of the wrong kind with the right one, and all mistakes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.command import cnnbench


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "lenet5"], "lenet5: a network, not an experiment; lenet5-digits, lenet5-mnist train it"),
        (["data", "check", "lenet5"], "lenet5: a network, not an experiment; lenet5-digits, lenet5-mnist train it"),
        (["train", "vgg19"], "vgg19: a network, not an experiment; an experiment trains it that says `model: {"),
        (["train", "net.yaml"], "net.yaml: a network, not an experiment; an experiment trains it that says `model: {"),
        (["train", "tpe-digits"], "tpe-digits: a sweep, not an experiment; `cnnbench sweep` runs it"),
        (
            ["sweep", "lenet5"],
            "lenet5: a network, not a sweep; a sweep's base is an experiment that trains it; lenet5-d",
        ),
        (["sweep", "net.yaml"], "net.yaml: a network, not a sweep; a sweep's base is an experiment that trains it"),
        (["sweep", "lenet5-digits"], "lenet5-digits: an experiment, not a sweep; `cnnbench train` runs it"),
        (["inspect", "tpe-digits"], "tpe-digits: a sweep, not an experiment or architecture; `cnnbench sweep` runs it"),
    ],
)
def test_a_name_of_the_wrong_kind(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text("layers: [Flatten, classifier]\n")
    code, out, err = cnnbench(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"error: {said}")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("epochs=3", "epochs: unknown key; did you mean train.epochs?"),
        ("batch_size=3", "batch_size: unknown key; did you mean train.batch_size?"),
        ("lr=3", "lr: unknown key; did you mean train.optimizer.learning_rate?"),
        ("train.lr=3", "train.lr: unknown key; did you mean train.optimizer.learning_rate?"),
        ("train.optimizer.lr=3", "train.optimizer.lr: unknown key; did you mean learning_rate?"),
        ("optimizer=SGD", "optimizer: unknown key; did you mean train.optimizer?"),
        ("train.source=mnist", "train.source: unknown key; did you mean data.source?"),
        ("train.epoch=3", "train.epoch: unknown key; did you mean epochs?"),
        ("train.loss=crossentropy", 'found "crossentropy"; did you mean categorical_crossentropy?'),
        ("train.loss=mse", 'found "mse"; did you mean mean_squared_error?'),
        ("train.precision=bf16", 'found "bf16"; did you mean mixed_bfloat16?'),
        ("data.source=fmnist", 'found "fmnist"; did you mean fashion_mnist?'),
    ],
)
def test_what_was_meant_has_its_path(override: str, said: str) -> None:
    code, out, err = cnnbench("train", "lenet5-digits", override)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: command line: ") and err.endswith(f"{said}\n")


FILES = {
    "experiment.yaml": (
        """\
name: a b
epochs: 3
data: {source: digitz}
augment: [RandomFlipp]
model:
  layers:
    - repeat: {times: 0, layers: [Flatten]}
    - Conv2D: {filters: 0, kernel_size: 3}
    - Dens
train: {loss: mse, optimizer: {name: Adam, lr: 1}}
""",
        [
            "1: name",
            "2: epochs",
            "3: data.source",
            "4: augment[0]",
            "7: model.layers[0].repeat.times",
            "8: model.layers[1].Conv2D.filters",
            "9: model.layers[2].Dens",
            "10: train.loss.name",
            "10: train.optimizer.lr",
        ],
    ),
    "network.yaml": (
        """\
input: [8, 8]
classes: 1
layers:
  - Dens
  - Conv2D: {filters: 0, kernel_size: 3}
""",
        ["1: input", "2: classes", "4: model.layers[0].Dens", "5: model.layers[1].Conv2D.filters"],
    ),
    "sweep.yaml": (
        """\
base: lenet5-digits
search: {method: grid, seed: x}
space:
  train.epoch: [1, 2]
  train.batch_size: [0, 16]
  lr: [1, 2]
fixed: {epochs: 3}
budget: {trials: 0}
""",
        ["2: search.seed", "4: train.epoch", "5: train.batch_size", "6: lr", "7: epochs", "8: budget.trials"],
    ),
    "based.yaml": (
        "base: lenet5-digit\nsearch: {method: tpee}\nspace: {train.epochs: [1, 2]}\nbudget: {trials: 0}\n",
        ["1: base", "2: search.method", "4: budget.trials"],
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_all_mistakes_are_told_in_one_pass(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, places = FILES[name]
    Path(name).write_text(text)
    code, out, err = cnnbench("validate", name)
    assert (code, out) == (2, "")
    told = [line.removeprefix(f"error: {name}:") for line in err.splitlines()]
    assert len(told) == len(places)
    for place in places:
        assert sum(line.startswith(f"{place}: ") for line in told) == 1, place
