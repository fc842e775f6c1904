"""Completion as a shell asks for it: with the words so far in the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.config.shipped import experiment_names, sweep_names
from tests.report.command import cnnbench
from tests.tools import ROOT

NEW = "outputs/net/20260101-000000-aaaaaaaa"


MLPS = ["mlp-cifar10", "mlp-cifar10-published", "mlp-fashion-mnist", "mlp-fashion-mnist-published"]


def completed(words: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what bash gets for the last of these words, which may be empty."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("_CNNBENCH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"cnnbench {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(f"cnnbench {words}".split(" ")) - 1))
    code, out, err = cnnbench()
    assert (code, err) == (0, "")
    return out.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / NEW).mkdir(parents=True)
    (tmp_path / "outputs" / "other").mkdir()
    (tmp_path / "outputs" / ".new-1").mkdir()
    for name in ("mine.yaml", "notes.txt", "images.npz"):
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("train ", [*experiment_names(), "mine.yaml", "outputs/"]),
        ("train lenet5-d", ["lenet5-digits"]),
        ("train mi", ["mine.yaml"]),
        ("train lenet5-digits train.ep", ["train.epochs="]),
        ("train lenet5-digits train.epochs=3 data.so", ["data.source="]),
        ("train lenet5-digits train.optimizer=Adam", ["train.optimizer=" + n for n in ("Adam", "AdamW", "Adamax")]),
        ("train lenet5-digits train.optimizer = Adam", ["Adam", "AdamW", "Adamax"]),
        ("train lenet5-digits data.source=mn", ["data.source=mnist"]),
        (
            "train lenet5-digits model.architecture=vgg1",
            [f"model.architecture=vgg{n}" for n in (11, 13, "16", "16-bn", 19)],
        ),
        ("train lenet5-digits --backend ", ["tensorflow", "jax", "torch", "numpy"]),
        ("train lenet5-digits --track m", ["mlflow"]),
        ("train lenet5-digits --fail-under macro.f", ["macro.f1="]),
        ("train --resume ", ["outputs/net", "outputs/other"]),
        ("evaluate ", ["outputs/net", "outputs/other"]),
        ("evaluate outputs/net/", [NEW]),
        ("evaluate outputs/net --split ", ["test", "validation", "train"]),
        ("predict outputs/n", ["outputs/net"]),
        ("report o", ["outputs/net", "outputs/other"]),
        ("compare outputs/net outputs/o", ["outputs/other"]),
        ("compare outputs/net --by accu", ["accuracy"]),
        ("runs outputs/n", ["outputs/net"]),
        ("sweep ", [*sweep_names(), "mine.yaml", "outputs/"]),
        ("sweep tpe-digits train.ep", ["train.epochs="]),
        ("validate tpe", ["tpe-digits"]),
        ("validate mlp", [*MLPS, "mlp"]),
        ("inspect mlp", [*MLPS, "mlp"]),
        ("smoke resnet18", ["resnet18-cifar100", "resnet18-folder", "resnet18", "resnet18-32"]),
        ("data check image_f", ["image_folder"]),
        ("data check images", ["images.npz"]),
        ("data preview cifar10", ["cifar10", "cifar100"]),
        ("data get c", ["cifar10", "cifar100"]),
        ("list opt", ["optimizers"]),
    ],
)
def test_values(words: str, expected: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed(words, folder, monkeypatch) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_values_without_anything_heavy(shell: str, folder: Path) -> None:
    code = (
        "import sys; sys.argv[0] = 'cnnbench'\n"
        "HEAVY = {'keras', 'tensorflow', 'numpy', 'yaml', 'cnnbench.config.schema'}\n"
        "from cnnbench.cli.main import main\n"
        "try: main()\n"
        "finally: print('heavy:', *HEAVY & set(sys.modules), file=sys.stderr)"
    )
    words = "cnnbench train lenet5-digits train.optimizer=Lio"
    asked = {
        "_CNNBENCH_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": "3",
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **asked}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert "train.optimizer=Lion" in done.stdout
    assert done.stderr == "heavy:\n"
