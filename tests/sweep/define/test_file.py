"""What a sweep file means."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnnbench.config.dump import dump_plain
from cnnbench.config.load import load_config
from cnnbench.config.shipped import sweep_names
from cnnbench.errors import ConfigError
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.define.sections import Budget, Execution, Objective, Pruning
from cnnbench.sweep.define.space import config_of, points, points_given
from cnnbench.sweep.define.sweep import Choice, Choices, Range, Sweep
from cnnbench.sweep.run.study import signature
from tests.tools import tiny

EXAMPLE = """\
base: thesis-cnn-cifar10
search: {method: grid}            # grid | random | tpe | gp | cmaes | list (a CSV of trials)
space:
  train.epochs: [1, 3, 5, 7, 10, 15, 20, 40, 80]
  train.optimizer.learning_rate: {low: 1e-5, high: 1e-1, log: true}
objective: {metric: val_accuracy, direction: maximize}     # several objectives: a Pareto front
pruning: {method: asha, min_epochs: 2}                     # none | median | asha | hyperband
repeats: 3                                                 # seeds per point; mean and interval reported
budget: {trials: 60, hours: 8}
execution: {engine: local, slots: auto}                    # local | ray
"""
RATE = "train.optimizer.learning_rate"


def written(folder: Path, content: str | dict[str, Any], name: str = "sweep.yaml") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else dump_plain(content), encoding="utf-8")
    return path


def of_space(folder: Path, space: dict[str, Any], **keys: Any) -> Sweep:
    return load_sweep(written(folder, {"base": tiny(), "space": space, **keys}))


def test_the_documented_example(tmp_path: Path) -> None:
    sweep = load_sweep(written(tmp_path, EXAMPLE, "epochs-and-rate.yaml"))
    assert (sweep.name, sweep.method, sweep.repeats) == ("epochs-and-rate", "grid", 3)
    epochs, rate = sweep.space
    assert epochs == Choices("train.epochs", tuple(Choice(n, n) for n in (1, 3, 5, 7, 10, 15, 20, 40, 80)))
    assert rate == Range(path=RATE, low=1e-5, high=0.1, log=True, grid=(1e-5, 1e-4, 1e-3, 1e-2, 1e-1))
    assert sweep.objectives == (Objective(metric="val_accuracy"),)
    assert sweep.pruning == Pruning(method="asha", min_epochs=2)
    assert sweep.budget == Budget(trials=60, hours=8)
    assert sweep.execution == Execution()
    assert points_given(sweep) == 45
    first, second, *_, last = points(sweep)
    assert first == {"train.epochs": 1, RATE: 1e-5}
    assert second == {"train.epochs": 1, RATE: 1e-4}
    assert last == {"train.epochs": 80, RATE: 0.1}
    config = config_of(sweep, last)
    assert (config.train.epochs, config.train.optimizer.arguments["learning_rate"]) == (80, 0.1)
    assert config.model == load_config("thesis-cnn-cifar10").model


@pytest.mark.parametrize("name", sweep_names())
def test_shipped_sweeps_load(name: str) -> None:
    assert load_sweep(name).name == name


SWEEPS: list[dict[str, Any]] = [
    {"space": {RATE: {"low": 3e-5, "high": 0.05, "log": True}, "train.batch_size": {"low": 8, "high": 64, "step": 8}}},
    {"space": {"train.epochs": {"low": 1, "high": 5}, RATE: {"low": 0.1, "high": 0.3, "points": 3}}, "repeats": 2},
    {
        "space": {
            "augment": [[], [{"RandomFlip": {"mode": "vertical"}}]],
            "model.architecture": {"choices": {"small": "mlp", "mine": "net.yaml"}},
            "data.subset.train": [None, 100],
        },
        "fixed": {"train.optimizer": "SGD"},
    },
    {"space": {"model": [{"architecture": "net.yaml"}, {"architecture": "mlp"}], "train.ema": [None, 0.9]}},
    {"search": {"method": "list", "file": "trials.csv"}},
    {"search": {"method": "list", "rows": [{"train.epochs": 3}, {"train.epochs": 4}]}, "budget": {"trials": 1}},
    {
        "name": "pareto",
        "description": "1e-3",
        "search": {"method": "tpe", "seed": 4},
        "space": {RATE: {"low": 1e-4, "high": 0.1, "log": True}},
        "objective": ["val_loss", {"metric": "macs", "direction": "minimize"}],
        "budget": {"hours": 0.5, "trial_minutes": 2},
        "execution": {"engine": "local", "slots": 2, "threads": 1},
    },
]
LIST = 'train.epochs,augment,train.ema\n3,[],0.5\n4,"[AutoContrast, {RandomFlip: {mode: vertical}}]",\n'


@pytest.mark.parametrize("keys", SWEEPS, ids=lambda keys: ",".join(keys.get("space", ["list"])))
def test_its_text_describes_the_same_sweep_from_any_folder(keys: dict[str, Any], tmp_path: Path) -> None:
    written(tmp_path, {"layers": ["Flatten", "classifier"]}, "net.yaml")
    written(tmp_path, LIST, "trials.csv")
    written(tmp_path, tiny(), "base.yaml")
    sweep = load_sweep(written(tmp_path, {"base": "base.yaml", **keys}))
    elsewhere = tmp_path / "a" / "b"
    elsewhere.mkdir(parents=True)
    again = load_sweep(written(elsewhere, sweep.text, "other.yaml"))
    assert replace(again, text="") == replace(sweep, text="")
    assert again.text == sweep.text
    for point in points(again):
        values = {axis.path: axis.value_of(point[axis.path]) for axis in again.space}
        assert config_of(again, values) == config_of(sweep, values)


def test_values_are_laid_over_the_base_and_what_is_fixed(tmp_path: Path) -> None:
    space = {"train.batch_size": [8, 16], "model.layers.0.Conv2D.filters": [4, 6]}
    sweep = of_space(tmp_path, space, fixed={"train.optimizer.learning_rate": 0.5, "train.epochs": 2})
    config = config_of(sweep, {"train.batch_size": 16, "model.layers.0.Conv2D.filters": 6})
    assert (config.train.epochs, config.train.batch_size) == (2, 16)
    assert config.train.optimizer.arguments["learning_rate"] == 0.5
    assert config.model.layers is not None
    assert config.model.layers[0]["Conv2D"]["filters"] == 6


def test_wrong_values_are_refused_when_a_configuration_is_made(tmp_path: Path) -> None:
    sweep = of_space(tmp_path, {"train.epochs": [1, 2]})
    with pytest.raises(ConfigError) as raised:
        config_of(sweep, {"train.epochs": 0, "train.epohcs": 3})
    assert raised.value.problems == (
        "train.epochs: expected an integer >= 1, found 0: only model.weights can be tested without training",
        "train.epohcs: unknown key; did you mean epochs?",
    )


@pytest.mark.parametrize(
    ("path", "entry", "grid"),
    [
        (RATE, {"low": 1e-6, "high": 0.1, "log": True}, (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)),
        (RATE, {"low": 3e-4, "high": 0.05, "log": True}, (3e-4, 1e-3, 1e-2, 0.05)),
        (RATE, {"low": 1e-4, "high": 1e-2, "log": True, "points": 5}, (1e-4, 0.000316228, 1e-3, 0.00316228, 1e-2)),
        (RATE, {"low": 0.1, "high": 0.4, "step": 0.1}, (0.1, 0.2, 0.3, 0.4)),
        (RATE, {"low": 0.1, "high": 0.3, "points": 3}, (0.1, 0.2, 0.3)),
        (RATE, {"low": 1, "high": 2, "points": 3}, (1.0, 1.5, 2.0)),
        ("train.epochs", {"low": 2, "high": 5}, (2, 3, 4, 5)),
        ("train.epochs", {"low": 2, "high": 8, "step": 3}, (2, 5, 8)),
        ("train.epochs", {"low": 2, "high": 8, "points": 3}, (2, 5, 8)),
        ("train.batch_size", {"low": 8, "high": 200, "log": True}, (8, 10, 100, 200)),
        ("train.batch_size", {"low": 8, "high": 128, "log": True, "points": 5}, (8, 16, 32, 64, 128)),
    ],
    ids=str,
)
def test_what_a_grid_takes_from_a_range(
    path: str, entry: dict[str, Any], grid: tuple[float, ...], tmp_path: Path
) -> None:
    (axis,) = of_space(tmp_path, {path: entry}).space
    assert isinstance(axis, Range)
    assert axis.grid == grid
    assert [type(x) for x in axis.grid] == [type(x) for x in grid]


@pytest.mark.parametrize(
    ("path", "low", "high", "whole"),
    [
        ("train.epochs", 3, 9, True),
        (RATE, 1, 2, False),
        (RATE, 0.5, 2, False),
        ("data.subset.train", 100, 500, True),
        ("data.subset.train", 0.1, 0.5, False),
        ("model.layers.0.Conv2D.filters", 2, 9, True),
        ("model.layers.4.Dropout.rate", 0, 0.5, False),
        ("augment.1.RandomTranslation.height_factor", 0.1, 0.5, False),
        ("train.schedule.patience", 2, 3, True),
        ("train.schedule.min_delta", 2, 3, False),
    ],
)
def test_whole_numbers_where_the_key_takes_no_others(
    path: str, low: float, high: float, whole: bool, tmp_path: Path
) -> None:
    fixed = {"train.schedule.name": "ReduceLROnPlateau", "train.schedule.patience": 1, "train.epochs": 20}
    fixed = {key: value for key, value in fixed.items() if key != path}
    keys = {"search": "random", "budget": {"trials": 3}, "fixed": fixed}
    (axis,) = of_space(tmp_path, {path: {"low": low, "high": high}}, **keys).space
    assert isinstance(axis, Range)
    assert axis.integer is whole
    assert (axis.low, axis.high) == (low, high)
    assert type(axis.low) is (int if whole else float)
    assert axis.grid == ()


def test_labels_are_the_values_or_short_and_unique(tmp_path: Path) -> None:
    long = [{"RandomFlip": {"mode": "horizontal"}}, {"RandomRotation": {"factor": 0.03}}, "AutoContrast"]
    space: dict[str, Any] = {
        "augment": [[], long, [*long, "Equalization"]],
        "train.optimizer": ["Adam", {"name": "SGD"}],
        "train.ema": [None, 0.9],
    }
    augment, optimizer, ema = of_space(tmp_path, space, fixed={"data.color": "rgb"}).space
    assert isinstance(augment, Choices) and isinstance(optimizer, Choices) and isinstance(ema, Choices)
    first, second, third = (choice.label for choice in augment.choices)
    assert first == "[]"
    assert str(second).startswith('[{"RandomFlip"') and len(str(second)) == 60
    assert third == f"{second} #2"
    assert [choice.label for choice in optimizer.choices] == ["Adam", '{"name": "SGD"}']
    assert [choice.label for choice in ema.choices] == [None, 0.9]
    assert augment.value_of(third) == [*long, "Equalization"]
    assert augment.label_of(long) == second


def test_named_choices_are_labelled_by_their_names(tmp_path: Path) -> None:
    flipped = [{"RandomFlip": {"mode": "horizontal"}}]
    sweep = of_space(tmp_path, {"augment": {"choices": {"plain": [], "flipped": flipped}}})
    assert list(points(sweep)) == [{"augment": "plain"}, {"augment": "flipped"}]
    assert sweep.space[0].value_of("flipped") == flipped


def test_the_rows_of_a_list(tmp_path: Path) -> None:
    written(tmp_path, "train.epochs, train.ema\n3,0.5\n4,\n3,\n", "trials.csv")
    sweep = load_sweep(written(tmp_path, {"base": tiny(), "search": {"method": "list", "file": "trials.csv"}}))
    assert sweep.rows == (
        {"train.epochs": 3, "train.ema": 0.5},
        {"train.epochs": 4, "train.ema": None},
        {"train.epochs": 3, "train.ema": None},
    )
    assert [axis.path for axis in sweep.space] == ["train.epochs", "train.ema"]
    assert list(points(sweep)) == list(sweep.rows)
    assert points_given(sweep) == 3


def test_architectures_are_found_beside_the_sweep_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nets").mkdir()
    written(tmp_path / "nets", {"layers": ["Flatten", "classifier"]}, "flat.yaml")
    sweep = of_space(tmp_path, {"model.architecture": ["mlp", "nets/flat.yaml"]})
    monkeypatch.chdir("/")
    assert [point["model.architecture"] for point in points(sweep)] == ["mlp", "nets/flat.yaml"]
    config = config_of(sweep, {"model.architecture": sweep.space[0].value_of("nets/flat.yaml")})
    assert config.model.layers == ["Flatten", "classifier"]


@pytest.mark.parametrize("how", ["base", "mapping", "fixed", "space", "choices", "section", "rows", "csv"])
def test_data_are_found_beside_the_file_that_names_them(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tiny(data={"source": "npz", "path": "a.npz"})
    written(tmp_path, own, "base.yaml")
    (tmp_path / "points.csv").write_text("data.path\na.npz\n")
    content: dict[str, Any] = {
        "base": {"base": "base.yaml"},
        "mapping": {"base": own},
        "fixed": {"base": tiny(), "fixed": {"data": {"source": "npz", "path": "a.npz"}}},
        "space": {"base": own, "space": {"data.path": ["a.npz", "b.npz"]}},
        "choices": {"base": own, "space": {"data.path": {"choices": {"a": "a.npz", "b": "b.npz"}}}},
        "section": {"base": tiny(), "space": {"data": [{"source": "npz", "path": "a.npz"}, {"source": "digits"}]}},
        "rows": {"base": own, "search": {"method": "list", "rows": [{"data.path": "a.npz"}]}},
        "csv": {"base": own, "search": {"method": "list", "file": "points.csv"}},
    }[how]
    if "search" not in content:
        content = {"space": {"train.epochs": [1, 2]}} | content
    path = written(tmp_path, content)
    found = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        sweep = load_sweep("../sweep.yaml")
        again = load_sweep(written(tmp_path / folder, sweep.text), checked=True)
        for each in (sweep, again, load_sweep(path)):
            first = next(points(each))
            config = config_of(each, {axis.path: axis.value_of(first[axis.path]) for axis in each.space})
            found.append(config.data.path)
    assert set(found) == {str(tmp_path / "a.npz")}


def test_data_named_on_the_command_line_are_found_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tiny(data={"source": "npz", "path": "a.npz"})
    path = written(tmp_path, {"base": own, "space": {"train.epochs": [1, 2]}})
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    sweep = load_sweep(path, ["data.path=a.npz"])
    assert config_of(sweep, {"train.epochs": 1}).data.path == str(tmp_path / "here" / "a.npz")
    assert signature(sweep) != signature(load_sweep(path))  # no trial of one is one of the other


def test_arguments_of_a_swept_choice_go_with_it(tmp_path: Path) -> None:
    """Momentum means nothing to the base's Adam, but the space never asks it of Adam."""
    sweep = of_space(tmp_path, {"train.optimizer.name": ["SGD", "RMSprop"], "train.optimizer.momentum": [0.0, 0.9]})
    config = config_of(sweep, {"train.optimizer.name": "RMSprop", "train.optimizer.momentum": 0.9})
    assert config.train.optimizer.told() == {"name": "RMSprop", "momentum": 0.9}


def test_the_command_line_changes_the_sweep_and_its_base(tmp_path: Path) -> None:
    path = written(tmp_path, {"base": tiny(), "space": {"train.batch_size": {"low": 8, "high": 9}, RATE: [0.1]}})
    overrides = [
        "repeats=2",
        "space.train.batch_size.high=10",
        f"space.{RATE}=[0.2, 0.3]",
        "train.epochs=7",
        "budget.hours=1",
    ]
    sweep = load_sweep(path, overrides)
    assert (sweep.repeats, sweep.budget, points_given(sweep)) == (2, Budget(hours=1), 6)
    assert next(points(sweep)) == {"train.batch_size": 8, RATE: 0.2}
    assert config_of(sweep, {}).train.epochs == 7
    assert replace(load_sweep(written(tmp_path, sweep.text)), text="") == replace(sweep, text="")


def test_one_sweep_extends_another(tmp_path: Path) -> None:
    written(tmp_path, {"base": tiny(), "space": {RATE: [0.1, 0.2]}, "repeats": 3}, "parent.yaml")
    sweep = load_sweep(written(tmp_path, {"extends": "parent.yaml", "space": {RATE: [0.3]}, "name": "child"}))
    assert (sweep.name, sweep.repeats, list(points(sweep))) == ("child", 3, [{RATE: 0.3}])


def test_an_experiment_and_a_sweep_are_told_apart(tmp_path: Path) -> None:
    path = written(tmp_path, {"base": "lenet5-digits", "space": {RATE: [0.3]}})
    for source in (path, "tpe-digits"):
        with pytest.raises(ConfigError, match="a sweep, not an experiment; `cnnbench sweep` runs it"):
            load_config(source)
    with pytest.raises(ConfigError, match="lenet5-digits: an experiment, not a sweep; `cnnbench train` runs it"):
        load_sweep("lenet5-digits")
    with pytest.raises(ConfigError, match="neither a shipped sweep nor a file; did you mean tpe-digits"):
        load_sweep("tpe-digit")


def test_a_large_grid_is_checked_quickly_and_lightly(tmp_path: Path) -> None:
    """168 points of a ResNet: the network is looked at once, and neither Keras nor Optuna is imported."""
    keys = {
        "base": "resnet18-cifar100",
        "space": {"train.epochs": [2, 3, 5, 7, 10, 15, 20], "train.batch_size": [8, 16, 32, 64]},
    }
    keys["space"][RATE] = {"low": 1e-6, "high": 0.1, "log": True}
    path = written(tmp_path, keys)
    code = (
        "import sys, time; from cnnbench.sweep.define.file import load_sweep\n"
        "from cnnbench.sweep.define.space import points_given; start = time.process_time()\n"
        f"sweep = load_sweep({str(path)!r})\n"
        "assert points_given(sweep) == 168; assert time.process_time() - start < 3\n"
        "print([name for name in ('tensorflow', 'keras', 'optuna', 'torch', 'ray', 'sklearn') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("[]\n", "")


def test_a_sweep_checked_before_is_read_without_what_it_needs_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report of a finished sweep is drawn where its architectures and Ray are not."""
    net = written(tmp_path, {"layers": ["Flatten", "classifier"]}, "net.yaml")
    space = {"model.architecture": ["net.yaml", "mlp"], "train.epochs": {"low": 2, "high": 3}}
    sweep = of_space(tmp_path, space, execution={"engine": "ray", "address": "auto"})
    text = written(tmp_path, sweep.text, "kept.yaml")
    net.unlink()
    monkeypatch.setattr("cnnbench.sweep.define.rules.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="no such file"):
        load_sweep(text)
    assert replace(load_sweep(text, checked=True), text="") == replace(sweep, text="")
