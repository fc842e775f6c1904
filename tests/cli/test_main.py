"""What holds for every command: help, exit codes, one line per failure, and a fast start."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cnnbench import __version__
from cnnbench.cli import main as command_line
from cnnbench.listing import lines as listing
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.report.command import cnnbench
from tests.tools import ROOT, only_run, start, tiny, write_config
from tests.tools import cnnbench as in_a_process

HEAVY = ("tensorflow", "keras", "torch", "jax")
TELLS_THAT_KERAS_STARTS = """
import pathlib, sys

class Finder:
    def find_spec(name, *rest):
        if name == "keras":
            pathlib.Path("starting").touch()

sys.meta_path.insert(0, Finder)
"""


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in getattr(group, "commands", {}).items():
        yield (*path, name), command
        yield from commands(command, (*path, name))


ALL = dict(commands(typer.main.get_command(command_line.app)))


def test_help_names_every_command() -> None:
    code, out, err = cnnbench("--help")
    assert (code, err) == (0, "")
    assert len(ALL) == 24
    for path, command in ALL.items():
        if len(path) == 1:
            (line,) = [line for line in out.splitlines() if line.split()[:1] == [path[0]]]
            assert line.split(maxsplit=1)[1].startswith(str(command.help)[:30].rstrip("."))


@pytest.mark.parametrize("path", list(ALL), ids=" ".join)
def test_every_command_and_option_is_explained(path: tuple[str, ...]) -> None:
    command = ALL[path]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None) or parameter.name == "help", f"{path}: {parameter.name}"
    code, out, err = cnnbench(*path, "--help")
    assert (code, err) == (0, "")
    assert " ".join(command.help.split())[:40] in " ".join(out.split())
    assert cnnbench(*path, "-h") == (0, out, "")


def test_version() -> None:
    assert cnnbench("--version") == (0, f"cnnbench {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments", [["runz"], ["train", "--epochs", "3"], ["predict"], ["data", "lst"], ["runs", "a", "b"]]
)
def test_wrong_usage_is_told_with_code_2(arguments: list[str]) -> None:
    code, out, err = cnnbench(*arguments)
    assert (code, out) == (2, "")
    assert "Error: " in err.splitlines()[-1] and "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["train", "--help"],
        ["validate", "lenet5-digits", "resnet50"],
        ["report", "{run}"],
        ["runs", "{run}"],
        ["schema"],
        ["init"],
        ["data", "list"],
        ["train", "lenet5-digit"],
        ["train", "--resume", "nowhere"],
    ],
    ids=" ".join,
)
def test_light_commands_do_not_start_keras(arguments: list[str], digits_run: RunDir, tmp_path: Path) -> None:
    code = (
        "import sys; from cnnbench.cli.main import main\n"
        "try: main()\n"
        f"finally: print('heavy:', *set(sys.modules) & set({HEAVY}), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *(a.replace("{run}", str(digits_run.path)) for a in arguments)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "heavy:"
    assert done.stdout or done.returncode == 2


def test_a_mistake_of_the_program_is_one_line_with_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("division by zero\nand more")

    monkeypatch.setattr(listing, "lines_below", broken)
    said = "error: unexpected ZeroDivisionError: division by zero (--debug shows where)\n"
    assert cnnbench("runs", ".") == (1, "", said)
    with pytest.raises(ZeroDivisionError):
        cnnbench("runs", ".", "--debug")


def test_memory_that_runs_out_is_told_with_code_4() -> None:
    code, out, err = cnnbench("inspect", "lenet5", "--input", "30000x30000x3")
    assert (code, out) == (4, "")
    assert err.startswith("error: out of memory: 107913631286 weights and a batch need 422.1 GiB at least, ")
    assert err.endswith(" a smaller train.batch_size, data.image_size or network needs less\n")


def test_ctrl_c_is_one_line_with_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(listing, "lines_below", interrupted)
    assert cnnbench("runs", ".") == (130, "", "error: interrupted\n")


def test_sigterm_ends_any_command_with_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(listing, "lines_below", lambda *given, **named: signal.raise_signal(signal.SIGTERM))
    assert cnnbench("runs", ".") == (130, "", "error: interrupted\n")
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_message_is_one_line_whatever_is_in_it(tmp_path: Path) -> None:
    code, out, err = cnnbench("runs", f"{tmp_path}/new\nline \x1b[31m\udcff")
    assert (code, out) == (2, "")
    assert err == f"error: {tmp_path}/new line �[31m�: not a folder\n"


@pytest.mark.parametrize("arguments", ["schema", "data list", "validate lenet5-digits mlp-cifar10"])
def test_a_reader_that_goes_away_is_no_failure(arguments: str, tmp_path: Path) -> None:
    shell = f"{sys.executable} -m cnnbench {arguments} | head -n 1"
    done = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


def test_a_training_survives_the_reader_of_its_lines(tmp_path: Path) -> None:
    process = start("train", write_config(tmp_path, tiny(train__epochs=2)), cwd=tmp_path)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 0
    run = RunDir(only_run(tmp_path / "outputs"))
    assert Run(run.path).status["state"] == "done" and run.report.exists()


def test_ctrl_c_while_keras_starts(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(TELLS_THAT_KERAS_STARTS)
    process = start("train", "lenet5-digits", cwd=tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}")
    while not (tmp_path / "starting").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "error: interrupted\n")
    assert not (tmp_path / "outputs").exists()


INTERRUPTED_IN_TEXT = """
import signal, sys

class Finder:
    def find_spec(name, *rest):
        if name == "keras":
            exec("signal.raise_signal(signal.SIGINT)")

sys.meta_path.insert(0, Finder)
"""


def test_ctrl_c_in_text_that_is_executed_ends_with_130_too(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED_IN_TEXT)
    process = start("train", "lenet5-digits", cwd=tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "error: interrupted\n")


def test_python_m_cnnbench_is_cnnbench(tmp_path: Path) -> None:
    done = in_a_process("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"cnnbench {__version__}\n", "")


def test_what_libraries_log_stays_off_the_terminal(digits_run: RunDir, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = str(tmp_path / "file" / "home")  # matplotlib warns of a home it cannot write to
    done = in_a_process("report", digits_run.path, cwd=tmp_path, HOME=nowhere, XDG_CONFIG_HOME=nowhere)
    assert (done.returncode, done.stderr) == (0, "")
