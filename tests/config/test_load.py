"""Loading: names, files, mappings, and what a loaded configuration holds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnnbench.config.dump import dump_yaml
from cnnbench.config.load import architecture_names, configs_dir, experiment_names, load_config, load_run_config
from cnnbench.config.network.spec import network_of, walk
from cnnbench.errors import ConfigError

MINIMAL: dict[str, Any] = {"name": "demo", "model": {"layers": ["Flatten", "classifier"]}}


def config(**sections: Any) -> dict[str, Any]:
    return {**MINIMAL, **sections}


def lines(source: Any, *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load_config(source, overrides)
    return list(raised.value.problems)


@pytest.mark.parametrize("name", experiment_names())
def test_every_shipped_experiment_loads_by_name_and_by_path(name: str) -> None:
    loaded = load_config(name)
    assert loaded.name
    assert loaded == load_config(configs_dir() / "experiments" / f"{name}.yaml")


def test_a_mapping_loads_with_defaults() -> None:
    loaded = load_config(MINIMAL)
    assert (loaded.data.source, loaded.train.optimizer.name, loaded.evaluation.top_k) == ("digits", "Adam", [5])
    assert loaded.model.layers == ["Flatten", "classifier"]


def test_a_mapping_may_hold_tuples_and_paths(tmp_path: Path) -> None:
    loaded = load_config(config(data={"source": "image_folder", "path": tmp_path, "image_size": (8, 6)}))
    assert (loaded.data.path, loaded.data.image_size) == (str(tmp_path), (8, 6))


def test_a_mapping_is_left_as_it_was() -> None:
    source = config(train={"optimizer": "SGD"})
    before = repr(source)
    load_config(source, ["train.optimizer.momentum=0.5"])
    assert repr(source) == before


def test_mistakes_in_a_mapping_name_the_key_alone() -> None:
    assert lines(config(train={"epochs": -1})) == ["train.epochs: expected an integer >= 0, found -1"]


def test_an_architecture_is_put_in_place() -> None:
    loaded = load_config(config(data={"image_size": 32}, model={"architecture": "lenet5"}))
    assert loaded.model.architecture is None
    assert loaded.model.name == "lenet5"
    assert loaded.model.layers is not None
    assert loaded.model.layers[-1] == "classifier"


def test_an_architecture_file_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "net.yaml").write_text("layers: [Flatten, classifier]\n")
    (tmp_path / "deep" / "parent.yaml").write_text("name: p\nmodel: {architecture: net.yaml}\n")
    (tmp_path / "child.yaml").write_text("extends: deep/parent.yaml\nname: c\n")
    assert load_config(tmp_path / "child.yaml").model.name == "net"


def test_an_override_names_an_architecture_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.yaml").write_text("layers: [Flatten, classifier]\n")
    monkeypatch.chdir(tmp_path)
    assert load_config(MINIMAL, ["model.architecture=net.yaml"]).model.name == "net"


def test_unknown_names_say_what_is_close() -> None:
    known = experiment_names()[0]
    assert lines(known[:-1] + "_")[0].endswith(f"did you mean {known}?")
    assert "is neither a shipped experiment nor a file; shipped are " in lines("nothing-like-it")[0]
    assert lines(config(model={"architecture": "lenet55"}))[0].endswith("did you mean lenet5?")


def test_a_relative_data_path_belongs_to_what_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("deep", "here"):
        (tmp_path / name).mkdir()
    write = {"name": "p", "data": {"source": "npz", "path": "a.npz"}, "model": {"layers": ["Flatten", "classifier"]}}
    parent = tmp_path / "deep" / "parent.yaml"
    parent.write_text(yaml.safe_dump(write))
    (tmp_path / "child.yaml").write_text("extends: deep/parent.yaml\nname: c\n")
    (tmp_path / "other.yaml").write_text("extends: deep/parent.yaml\ndata: {path: ../b.npz}\n")
    monkeypatch.chdir(tmp_path / "here")

    def path(source: str | Path | dict[str, Any], *overrides: str) -> str | None:
        return load_config(source, overrides).data.path

    for source in (parent, "../deep/parent.yaml", "../child.yaml", tmp_path / "child.yaml"):
        assert path(source) == str(tmp_path / "deep" / "a.npz")
    assert path("../other.yaml") == str(tmp_path.parent / "b.npz")
    assert path(parent, "data.path=a.npz") == str(tmp_path / "here" / "a.npz")
    assert path(parent, "data={source: npz, path: a.npz}") == str(tmp_path / "here" / "a.npz")
    assert path(write) == path({"extends": "../child.yaml", **write}) == str(tmp_path / "here" / "a.npz")
    assert path({"extends": "../child.yaml"}) == str(tmp_path / "deep" / "a.npz")
    assert path(parent, "data.path=~/a.npz") == str(Path.home().resolve() / "a.npz")


def test_a_written_configuration_finds_its_data_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path)
    name = "ä 😀 #1: [x].npz"
    loaded = load_config(config(data={"source": "npz", "path": name}))
    (tmp_path / "run" / "config.yaml").write_text(dump_yaml(loaded))
    monkeypatch.chdir(tmp_path / "run")
    assert load_config("config.yaml").data.path == load_run_config(Path("config.yaml")).data.path
    assert load_config("config.yaml").data.path == str(tmp_path / name)

    older = loaded.model_copy(update={"data": loaded.data.model_copy(update={"path": name})})
    (tmp_path / "run" / "config.yaml").write_text(dump_yaml(older))
    monkeypatch.chdir(tmp_path)
    assert load_run_config(tmp_path / "run" / "config.yaml").data.path == str(tmp_path / name)


def test_a_missing_path_says_what_is_close(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: x\n")
    assert lines(tmp_path / "mien.yaml") == [f"{tmp_path}/mien.yaml: no such file; did you mean mine.yaml?"]
    name = experiment_names()[0]
    assert lines(tmp_path / f"{name}.yml")[0].endswith(f"no such file; did you mean {name}?")


def test_a_file_without_suffix_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("name: demo\nmodel: {layers: [Flatten, classifier]}\n")
    assert load_config(str(path)).name == "demo"


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "name: demo\n"
        "train: {epochs: -1, optimizer: {name: SGD, beta: 1}}\n"
        "data: {source: mnist, color: mean}\n"
        "augment: [RandomFlp]\n"
        "model: {layers: [{Dense: {unit: 3}}, Flatten, classifier]}\n"
    )
    starts = [line.split(": ")[:2] for line in lines(path)]
    assert starts == [
        [f"{path}:2", "train.epochs"],
        [f"{path}:2", "train.optimizer.beta"],
        [f"{path}:3", "data.color"],
        [f"{path}:4", "augment[0]"],
        [f"{path}:5", "model.layers[0].Dense.unit"],
    ]


def test_a_layer_repeated_a_hundred_times_is_told_once() -> None:
    layers = [{"repeat": {"times": 100, "layers": [{"Dense": {"units": 0}}]}}, "Flatten", "classifier"]
    assert len(lines(config(model={"layers": layers}))) == 1


@pytest.mark.parametrize(
    "sections",
    [
        {"data": {"source": "image_folder", "path": "x"}, "augment": [{"RandomCrop": {"height": 3, "width": 3}}]},
        {"data": {"source": "npz", "path": "x.npz", "color": "rgb", "normalize": "imagenet"}},
        {"data": {"source": "npz", "path": "x.npz", "validation": 0}, "train": {"early_stopping": {}}},
        {"data": {"source": "image_folder", "path": "x", "on_bad_image": "skip", "in_memory": True}},
        {"data": {"source": "mnist", "image_size": 32, "in_memory": False, "fit": "center", "color": "rgb"}},
        {"data": {"source": "mnist", "subset": {"train": 100}, "split_seed": 3}},
        {"data": {"source": "mnist", "fold": {"index": 5, "of": 5}, "split_seed": 3}, "train": {"early_stopping": {}}},
        {"data": {"source": "synthetic", "synthetic": {"classes": 3, "train": 3, "test": 3, "shape": [8, 8, 3]}}},
        {"data": {"validation": 0}, "train": {"early_stopping": {"monitor": "loss"}}},
        {"data": {"normalize": {"mean": [0.5], "std": [0.2]}}},
        {"data": {"source": "cifar10", "normalize": {"mean": [0.5], "std": [0.2]}}},
        {"data": {"source": "cifar10", "color": "luminance"}, "augment": ["RandomFlip", "MixUp", "CutMix"]},
        {"data": {"synthetic": None, "path": None, "test": 0.3}},
        {"train": {"schedule": {"name": "CosineDecay", "warmup_epochs": 3}, "epochs": 3}},
        {"train": {"schedule": {"name": "StepDecay", "step_epochs": [1, 2.5], "factor": 0.5}}},
        {"train": {"schedule": {"name": "ReduceLROnPlateau", "monitor": "val_accuracy", "min_learning_rate": 0}}},
        {
            "train": {
                "loss": {"name": "categorical_focal_crossentropy", "gamma": 1, "alpha": 0.5, "label_smoothing": 0.1}
            }
        },
        {"train": {"class_weight": {"3": 2, "0": 0.5}}},
        {"train": {"optimizer": {"name": "SGD", "learning_rate": 1, "momentum": 0.9, "nesterov": True, "clipnorm": 1}}},
        {"evaluation": {"top_k": [2, 9]}},
        {"augment": [{"RandomCrop": {"height": 8, "width": 8}}, {"RandomErasing": None}, {"Cutout": {"size": 8}}]},
    ],
    ids=str,
)
def test_right_configurations_load(sections: dict[str, Any]) -> None:
    assert load_config(config(**sections)).name == "demo"


def test_mistakes_in_one_section_do_not_make_others() -> None:
    found = lines(config(data={"source": "cifar"}, train={"class_weight": {"cat": 2}}, evaluation={"top_k": [50]}))
    assert len(found) == 1
    assert found[0].startswith("data.source: ")


def test_numbers_of_an_optimizer_are_floats_as_keras_wants_them() -> None:
    optimizer = {"name": "SGD", "momentum": 0, "clipnorm": 1, "gradient_accumulation_steps": 2, "nesterov": False}
    made = load_config(config(train={"optimizer": optimizer})).train.optimizer.arguments
    arguments = {key: made[key] for key in optimizer if key != "name"}
    assert arguments == {"momentum": 0, "clipnorm": 1, "gradient_accumulation_steps": 2, "nesterov": False}
    assert [type(value) for value in arguments.values()] == [float, float, int, bool]


def test_default_top_k_is_no_mistake_with_few_classes() -> None:
    few = {"source": "synthetic", "synthetic": {"classes": 3}}
    assert load_config(config(data=few)).evaluation.top_k == [5]
    assert len(lines(config(data=few, evaluation={"top_k": [5]}))) == 1


def test_loading_is_quick(tmp_path: Path) -> None:
    load_config("lenet5-digits")
    began = time.process_time()
    load_config("resnet20-cifar10")
    assert time.process_time() - began < 0.25


def test_there_are_shipped_configurations() -> None:
    assert {"lenet5", "vgg16", "resnet50"} <= set(architecture_names())
    assert "lenet5-digits" in experiment_names()


DEEP = """
parameters: {depth: 2, width: 6}
layers: [Flatten, {repeat: {times: $depth, layers: [{Dense: {units: $width}}]}}, classifier]
"""


def test_parameters_of_an_architecture_are_set_from_an_experiment(tmp_path: Path) -> None:
    (tmp_path / "deep.yaml").write_text(DEEP)
    experiment = {"name": "demo", "model": {"architecture": str(tmp_path / "deep.yaml"), "parameters": {"width": 4}}}
    made = load_config(experiment, ["model.parameters.depth=3"])
    assert made.model.parameters == {"depth": 3, "width": 4}
    (tmp_path / "config.yaml").write_text(dump_yaml(made))
    assert load_config(tmp_path / "config.yaml") == made
    again = load_config(tmp_path / "config.yaml", ["model.parameters.depth=1"])
    assert [layer.args for layer in walk(network_of(again.model))][1:] == [{"units": 4}, {}]


def test_an_architecture_has_only_the_parameters_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "deep.yaml").write_text(DEEP)
    experiment = {"name": "demo", "model": {"architecture": str(tmp_path / "deep.yaml")}}
    assert lines(experiment, "model.parameters.dpeth=3") == [
        "command line: model.parameters.dpeth: deep has no such parameter; did you mean depth?"
    ]
