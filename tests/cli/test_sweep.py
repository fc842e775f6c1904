"""`cnnbench sweep` as a process: what it prints, and bad input in one line each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders.searching import RATE, write_sweep
from tests.tools import cnnbench


def test_a_sweep_prints_a_line_per_trial_and_the_ranking(tmp_path: Path) -> None:
    path = write_sweep(tmp_path, space={RATE: [0.01, 0.001]}, fixed={"train.epochs": 1})
    ran = cnnbench("sweep", path, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert {line.split()[0] for line in lines[:2]} == {"0", "1"} and all("val_accuracy" in line for line in lines[:2])
    assert lines[2].split()[:3] == ["rank", "trial", "val_accuracy"]
    assert lines[-4] == "trials       2 done"
    assert lines[-3:] == [f"{what:<12} outputs/sweep/{file}" for what, file in FILES]
    assert all((tmp_path / "outputs/sweep" / file).stat().st_size > 100 for _, file in FILES)
    status = cnnbench("sweep", path, "--status", cwd=tmp_path)
    assert status.stdout.startswith("outputs/sweep: done\ntrials   2 of 2 (2 done), ")
    kept = json.loads((tmp_path / "outputs/sweep/status.json").read_text())
    assert [kept[key] for key in ("data", "network", "changes")] == ["digits", "tiny-net", []]
    document = json.loads(cnnbench("sweep", path, "--json", cwd=tmp_path).stdout)
    assert document["state"] == "done" and [trial["state"] for trial in document["trials"]] == ["done"] * 2
    (tmp_path / "outputs/sweep/report.html").unlink()
    again = cnnbench("report", "outputs/sweep", cwd=tmp_path)
    assert again.stdout == "outputs/sweep/report.html\n" and (tmp_path / "outputs/sweep/report.html").exists()


FILES = (("report", "report.html"), ("leaderboard", "leaderboard.csv"), ("best", "best.yaml"))


@pytest.mark.cluster
def test_a_sweep_on_ray_is_the_one_on_this_machine(tmp_path: Path) -> None:
    """Ray starts a cluster of its own; what it trained, the local engine finds done and ranks alike."""
    pytest.importorskip("ray")
    path = write_sweep(tmp_path, space={RATE: [0.01, 0.001]}, fixed={"train.epochs": 1})
    ran = cnnbench("sweep", path, "--engine", "ray", "--slots", "2", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert {line.split()[0] for line in lines[:2]} == {"0", "1"} and all("val_accuracy" in line for line in lines[:2])
    trained = [file.stat().st_mtime_ns for file in (tmp_path / "outputs").glob("sweep/trials/*/*/metrics.json")]
    again = cnnbench("sweep", path, cwd=tmp_path)
    assert again.stdout.splitlines()[-len(lines[2:]) :] == lines[2:]
    found = [file.stat().st_mtime_ns for file in (tmp_path / "outputs").glob("sweep/trials/*/*/metrics.json")]
    assert found == trained and len(trained) == 2


def test_a_sweep_whose_trials_all_fail_ends_with_4(tmp_path: Path) -> None:
    path = write_sweep(tmp_path, space={RATE: [1e30]}, fixed={"train.optimizer.name": "SGD"})
    ran = cnnbench("sweep", path, "--quiet", cwd=tmp_path)
    assert ran.returncode == 4
    assert ran.stderr.startswith("error: all 1 trial(s) failed; the first: seed 0: epoch 1, step ")
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.yaml"], "nothing.yaml"),
        (["sweep.yaml", "--engine", "rey"], "--engine rey: allowed are local, ray; did you mean ray?"),
        (["sweep.yaml", "--address", "auto"], "--address: is the Ray cluster's; the engine is local"),
        (["sweep.yaml", "--slots", "0"], "--slots"),
        (["sweep.yaml", "--status"], "outputs/sweep: no sweep has been run there"),
        (["sweep.yaml", "--storage", "nonsense"], "--storage nonsense: cannot be used"),
        (["sweep.yaml", "--track", "tensorbord"], "did you mean tensorboard?"),
        (["sweep.yaml", "--backend", "tf"], "--backend tf: unknown"),
        (["sweep.yaml", "train.epoch=3"], "did you mean epochs?"),
        (["lenet5-digits"], "sweep"),
    ],
)
def test_bad_input_is_one_line_and_2(arguments: list[str], said: str, tmp_path: Path) -> None:
    write_sweep(tmp_path)
    ran = cnnbench("sweep", *arguments, cwd=tmp_path)
    assert ran.returncode == 2, ran.stderr
    assert said in ran.stderr and "Traceback" not in ran.stderr
    assert not list((tmp_path / "outputs").glob("*/trials"))


def test_plan_and_status_import_no_framework(tmp_path: Path) -> None:
    path = write_sweep(tmp_path)
    program = (
        "import sys; from cnnbench.cli.main import app; app(sys.argv[1:], standalone_mode=False); "
        "print('IMPORTED', [m for m in ('tensorflow', 'keras', 'matplotlib') if m in sys.modules])"
    )
    import subprocess
    import sys

    ran = subprocess.run(
        [sys.executable, "-c", program, "sweep", str(path), "--plan"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "IMPORTED []"
