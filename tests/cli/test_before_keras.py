"""What can be told at once is told before Keras is imported, which takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.cli.conftest import contents
from tests.tools import ROOT, tiny, write_config

# All commands in one process, in which importing Keras is a mistake of the program.
SCRIPT = """
import contextlib, io, json, sys
for name in ("keras", "tensorflow"):
    sys.modules[name] = None
from cnnbench.cli import main
from cnnbench.runs.run import Run
told = []
for arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    sys.argv[:] = ["cnnbench", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main.main()
        except SystemExit as e:
            told.append([e.code or 0, out.getvalue(), err.getvalue()])
print(json.dumps(told))
"""

MISTAKES = [
    (["evaluate", "nosuch"], 2, "nosuch: not a run folder and no run folder below it"),
    (["evaluate", "{unfinished}"], 2, "has no finished model"),
    (["evaluate", "{lost}"], 3, "nowhere: no such folder"),
    (["evaluate", "{run}", "--backend", "tensorflaw"], 2, "did you mean tensorflow?"),
    (["predict", "nosuch", "x.png"], 2, "nosuch: not a run folder and no run folder below it"),
    (["predict", "{run}", "{run}", "nosuch.png", "other.png"], 3, "nosuch.png: no such file or folder"),
    (["inspect", "lenet5-digit"], 2, "did you mean lenet5-digits?"),
    (["inspect", "lenet5-digits", "train.epoch=3"], 2, "did you mean epochs?"),
    (["inspect", "{folder}"], 2, "does not say how many classes there are"),
    (["report", "nosuch"], 2, "nosuch: not a run folder"),
    (["compare", "nosuch", "{run}"], 2, "nosuch: no such folder"),
    (["smoke", "lenet5-digit"], 4, "did you mean lenet5-digits?"),
    (["data", "preview", "{folder}", "--output", "p.png"], 3, "nowhere: no such folder"),
    (["data", "check", "{folder}"], 3, "nowhere: no such folder"),
    (["train", "{folder}"], 3, "nowhere: no such folder"),
    (["train", "{archive}"], 3, "nowhere.npz: no such file"),
    (["train", "lenet5-digits", "data.validation=0.001"], 3, "data.validation"),
    (["train", "--resume", "nosuch"], 2, "nosuch: not a run folder"),
    (["train", "--resume", "{run}", "--backend", "jax"], 2, "began on tensorflow and goes on there"),
]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, digits_run: RunDir, unfinished_run: RunDir) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("places")
    data = {"source": "image_folder", "path": str(folder / "nowhere"), "image_size": 8}
    absent = write_config(folder, tiny(name="folder", data=data))
    archive = write_config(folder, tiny(name="archive", data={"source": "npz", "path": str(folder / "nowhere.npz")}))
    lost = folder / "lost"
    lost.mkdir()
    for file in (digits_run.metrics, digits_run.model):
        (lost / file.name).write_bytes(file.read_bytes())
    (lost / "config.yaml").write_bytes(absent.read_bytes())
    paths = {"folder": absent, "archive": archive, "lost": lost}
    return {name: str(path) for name, path in paths.items()} | {
        "run": str(digits_run.path),
        "unfinished": str(unfinished_run.path),
    }


def told(commands: list[list[str]], cwd: Path) -> list[tuple[int, str, str]]:
    given = [sys.executable, "-c", SCRIPT, json.dumps(commands)]
    done = subprocess.run(
        given, cwd=cwd, env={"PYTHONPATH": str(ROOT), "HOME": str(cwd)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [(code, out, err) for code, out, err in json.loads(done.stdout)]


def test_mistakes(places: dict[str, str], tmp_path: Path) -> None:
    commands = [[a.format(**places) for a in arguments] for arguments, _, _ in MISTAKES]
    for (arguments, code, said), (found, _, err) in zip(MISTAKES, told(commands, tmp_path), strict=True):
        assert found == code, f"{arguments}: {err}"
        assert said in err and all(line.startswith("error: ") for line in err.splitlines()), arguments


def test_a_finished_run_has_nothing_to_go_on_with(places: dict[str, str], tmp_path: Path) -> None:
    run = RunDir(Path(places["run"]))
    before = contents(run.path)
    plain, as_json = told(
        [["train", "--resume", places["run"]], ["train", "--resume", places["run"], "--json"]], tmp_path
    )
    said = "already finished: 2 of 2 epochs are done; train.epochs=N goes on"
    assert (plain[0], plain[2]) == (0, "")
    first, second, *_ = plain[1].splitlines()
    assert first == said and second.startswith("test accuracy")
    assert as_json[0] == 0 and as_json[2].splitlines() == [said]
    assert json.loads(as_json[1])["metrics"] == Run(run.path).metrics
    assert contents(run.path) == before
