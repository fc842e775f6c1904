"""Words that cannot be written end nothing: a full disk, a closed terminal, streams that are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from io import TextIOWrapper
from pathlib import Path

import pytest

from cnnbench.machine.standard_streams import lasting
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from tests.tools import only_run, start, tiny, write_config

FULL = "/dev/full"


def in_a_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    shell = command.replace("cnnbench", f"{sys.executable} -m cnnbench")
    return subprocess.run(["bash", "-c", shell], cwd=folder, capture_output=True, text=True)


def test_what_cannot_be_written_goes_nowhere() -> None:
    number = os.open(FULL, os.O_WRONLY)
    stream = lasting(number, None)
    assert isinstance(stream, TextIOWrapper)
    for _ in range(3):
        assert stream.write("é" * 9000) == 9000
        stream.flush()
    os.close(number)
    stream.write("not even a descriptor")
    stream.flush()


def test_a_slow_reader_of_a_stream_that_does_not_block_gets_all() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    reader = subprocess.Popen([sys.executable, "-c", "print(len(open(0).read()))"], stdin=read, stdout=subprocess.PIPE)
    os.close(read)
    stream = lasting(write, None)
    stream.write("x" * 1_000_000)  # many times what a pipe holds
    stream.flush()
    os.close(write)
    assert reader.communicate()[0] == b"1000000\n"


@pytest.mark.parametrize("streams", [f">{FULL}", ">&-", "2>&-", ">&- 2>&- <&-", f">{FULL} 2>{FULL}", "1</dev/null"])
def test_a_command_does_its_work_without_its_words(streams: str, tmp_path: Path) -> None:
    done = in_a_shell(f"cnnbench init started.yaml {streams}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "started.yaml").read_text().startswith("#")
    assert [p.name for p in tmp_path.iterdir()] == ["started.yaml"]


def test_a_mistake_has_its_code_without_its_words(tmp_path: Path) -> None:
    assert in_a_shell("cnnbench runs nowhere 2>&-", tmp_path).returncode == 2


def test_a_document_that_is_not_whole_is_told(tmp_path: Path) -> None:
    done = in_a_shell(f"cnnbench schema >{FULL}", tmp_path)
    said = "error: standard output: cannot be written (No space left on device)\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_a_working_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    done = in_a_shell("mkdir x && cd x && rmdir ../x && cnnbench runs", tmp_path)
    assert done.returncode == 2
    assert done.stderr == "error: the working folder is gone (removed or replaced): cd to one that is there\n"


@pytest.mark.parametrize("where", ["terminal", "disk"])
def test_a_training_outlasts_the_terminal_and_the_disk_of_its_words(where: str, tmp_path: Path) -> None:
    shown, stdout = os.openpty() if where == "terminal" else (None, os.open(FULL, os.O_WRONLY))
    process = start("train", write_config(tmp_path, tiny(train__epochs=2)), cwd=tmp_path, stdout=stdout)
    os.close(stdout)
    if shown is not None:
        assert os.read(shown, 1)  # it has begun to speak
        os.close(shown)
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait() == 0
    run = RunDir(only_run(tmp_path / "outputs"))
    assert Run(run.path).status["state"] == "done" and run.report.exists()
