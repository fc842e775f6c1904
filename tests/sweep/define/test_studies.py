"""What sweep files of one key after another and of ablations mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cnnbench.errors import ConfigError
from cnnbench.sweep.define.ablation import NOTHING
from cnnbench.sweep.define.file import load_sweep
from cnnbench.sweep.define.identity import identity
from cnnbench.sweep.define.space import config_at, points, points_given
from cnnbench.sweep.define.sweep import Sweep
from cnnbench.sweep.run.study import signature
from tests.tools import tiny

RATE, EPOCHS = "train.optimizer.learning_rate", "train.epochs"
SCHEDULES = [None, {"name": "CosineDecay"}]
FULL = tiny(
    train__schedule="CosineDecay",
    train__early_stopping={"patience": 2},
    train__loss={"name": "categorical_crossentropy", "label_smoothing": 0.1},
    train__ema=0.9,
    train__optimizer={"name": "AdamW", "learning_rate": 0.01},  # whose decay is a default
)


def loaded(folder: Path, **keys: Any) -> Sweep:
    path = folder / "sweep.yaml"
    path.write_text(yaml.safe_dump({"base": tiny(), **keys}, sort_keys=False))
    return load_sweep(path)


def in_turn(folder: Path, space: dict[str, Any], **search: Any) -> Sweep:
    return loaded(folder, search={"method": "one_factor", **search}, space=space)


def ablation(folder: Path, base: dict[str, Any] | None = None, **search: Any) -> Sweep:
    return loaded(folder, base=base or tiny(), search={"method": "ablation", **search})


def test_the_base_is_a_value_of_every_key_listed_or_not(tmp_path: Path) -> None:
    flip = {"RandomFlip": {"mode": "horizontal"}}
    space = {EPOCHS: [1, 5], RATE: {"low": 1e-3, "high": 1e-1, "log": True}, "train.schedule": SCHEDULES}
    sweep = in_turn(tmp_path, {**space, "augment": [[], [flip]]}, order=[RATE, EPOCHS, "train.schedule", "augment"])
    assert list(sweep.axes) == [RATE, EPOCHS, "train.schedule", "augment"]
    assert sweep.axes[EPOCHS].listed == (1, 3, 5) and sweep.axes[RATE].listed == (0.001, 0.01, 0.1)
    start = config_at(sweep, sweep.start)
    assert identity(start) == identity(config_at(sweep, {**sweep.start, EPOCHS: 3}))
    assert (sweep.start[RATE], sweep.start[EPOCHS], sweep.start["train.schedule"]) == (0.01, 3, None)
    assert len(start.augment) == 2 and len(sweep.axes["augment"].listed) == 3
    assert (points_given(sweep), list(points(sweep)), sweep.carry) == (1 + 2 + 2 + 1 + 2, [], True)


def test_a_fixed_value_of_a_key_is_where_it_begins(tmp_path: Path) -> None:
    keys = {"space": {EPOCHS: [1, 2]}, "fixed": {EPOCHS: 2}}
    assert loaded(tmp_path, search="one_factor", **keys).start == {EPOCHS: 2}
    with pytest.raises(ConfigError, match="given twice: it is swept too"):
        loaded(tmp_path, search="grid", **keys)


def test_what_was_written_down_means_the_same(tmp_path: Path) -> None:
    turns = in_turn(tmp_path, {EPOCHS: [1, 5], RATE: [0.1]}, order=[RATE, EPOCHS], carry=False)
    for sweep in (turns, ablation(tmp_path, FULL)):
        (folder := tmp_path / sweep.method).mkdir()
        (folder / "sweep.yaml").write_text(sweep.text)
        for checked in (False, True):
            again = load_sweep(folder / "sweep.yaml", checked=checked)
            assert (signature(again), again.text) == (signature(sweep), sweep.text)
            assert (again.space, again.start, again.carry) == (sweep.space, sweep.start, sweep.carry)
    carried = in_turn(tmp_path, {EPOCHS: [1, 5], RATE: [0.1]}, order=[RATE, EPOCHS])
    assert signature(carried) != signature(turns)  # its trials are others


def test_an_ablation_finds_the_techniques_that_the_base_has(tmp_path: Path) -> None:
    (axis,) = ablation(tmp_path).space
    assert axis.listed == (NOTHING, "augmentation", "dropout", "batch normalisation")
    sweep = ablation(tmp_path, FULL)
    base, *off = [config_at(sweep, point) for point in points(sweep)]
    techniques = sweep.axes["without"].listed[1:]
    assert techniques[3:] == ("schedule", "early stopping", "label smoothing", "EMA", "weight decay")
    without = dict(zip(techniques, off, strict=True))
    assert base.augment and not without["augmentation"].augment
    assert "Dropout" in str(base.model.layers) and "Dropout" not in str(without["dropout"].model.layers)
    assert "BatchNormalization" not in str(without["batch normalisation"].model.layers)
    assert without["schedule"].train.schedule is without["early stopping"].train.early_stopping is None
    assert without["label smoothing"].train.loss.arguments["label_smoothing"] == 0
    assert base.train.ema and without["EMA"].train.ema is None
    assert base.train.optimizer.arguments["weight_decay"] and not without["weight decay"].train.optimizer.weight_decay
    assert len({identity(config) for config in (base, *off)}) == 9


def test_techniques_can_be_chosen_and_named(tmp_path: Path) -> None:
    assert ablation(tmp_path, without=["dropout"]).axes["without"].listed == (NOTHING, "dropout")
    sweep = ablation(tmp_path, without={"small batches": {"train.batch_size": 64, EPOCHS: 2}, "dropout": None})
    assert sweep.axes["without"].listed == (NOTHING, "small batches", "dropout")
    config = config_at(sweep, {"without": "small batches"})
    assert (config.train.batch_size, config.train.epochs) == (64, 2)


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"search": {"method": "one_factor", "order": [RATE]}}, "search.order: expected every path of space; train.epochs"),
    ({"search": {"method": "one_factor", "order": ["train.epoch"]}}, "is not in space; did you mean train.epochs?"),
    (
        {"search": {"method": "grid", "order": [EPOCHS]}},
        "search.order: has no effect with method grid; it is for one",
    ),
    ({"search": {"method": "one_factor", "without": []}}, "search.without: has no effect with method one_factor"),
    ({"search": "one_factor", "space": {EPOCHS: [1, 2, 0]}}, "train.epochs: expected an integer >= 1, found 0"),
    (
        {"search": "one_factor", "space": {"model.architecture": ["mlp"]}},
        "space.model.architecture: expected the base's value among these; none of them leaves the base as it is",
    ),
    ({"search": "one_factor", "objective": ["val_accuracy", "macs"]}, "one_factor takes one objective"),
    ({"search": "ablation"}, "space: has no effect with method ablation"),
    ({"search": {"method": "ablation", "without": ["dropuot"]}, "space": {}}, "did you mean dropout?"),
    ({"search": {"method": "ablation", "without": ["EMA"]}, "space": {}}, "it has augmentation, dropout, batch normal"),
    (
        {"search": {"method": "ablation", "without": {"x": {EPOCHS: 3}}}, "space": {}},
        "search.without.x: has no effect: the base stays as it is",
    ),
    (
        {"search": {"method": "ablation", "without": {"x": {EPOCHS: 0}}}, "space": {}},
        "train.epochs: expected an integer >= 1, found 0",
    ),
    (
        {"search": {"method": "ablation", "without": {"x": {"seed": 3}}}, "space": {}},
        "search.without.x.seed: cannot",
    ),
    ({"search": {"method": "ablation", "without": {NOTHING: {}}}, "space": {}}, "nothing is the base itself"),
    ({"search": "ablation", "space": {}, "pruning": "median"}, "pruning.method: median ends trainings early"),
]


@pytest.mark.parametrize(("keys", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_mistakes_are_told_before_anything_runs(keys: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, **{"space": {EPOCHS: [1, 2], RATE: [0.1, 0.01]}, **keys})
    assert said in "\n".join(raised.value.problems)
