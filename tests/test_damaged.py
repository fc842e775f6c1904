"""Run folders that were damaged, edited or made by somebody else: one line that names the file, never a traceback."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cnnbench
from cnnbench.errors import CnnbenchError, TrainingError
from cnnbench.report import write
from cnnbench.runs.folder import RunDir
from cnnbench.runs.named import open_finished
from tests.cli.conftest import contents
from tests.report.command import cnnbench as command
from tests.tools import tiny

pytestmark = pytest.mark.drawn

BY_HAND = os.environ.get("CNNBENCH_FUZZ")  # how many damages to try, each with all plots drawn, which takes long
SAMPLED = int(BY_HAND or 12)
VALUES: tuple[Any, ...] = (None, True, -1, 10**30, 1e308, float("nan"), "", "text", "../..", [], [[]], {}, {"a": [1]})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    data = {"source": "digits", "subset": {"train": 60}, "test": 0.05}
    result = cnnbench.run(tiny(train__epochs=2, data=data), output=tmp_path_factory.mktemp("damaged"))
    return RunDir(result.path)


def damages(run: RunDir, seed: int) -> Iterator[tuple[Path, bytes]]:
    """Yield a file of the run and what a fault leaves of it: bits turned, its end lost, values of other types."""
    chance = random.Random(seed)
    files = sorted(p for p in run.path.rglob("*") if p.is_file() and p.suffix not in (".png", ".html", ".txt"))
    while True:
        path = chance.choice(files)
        kinds: list[Callable[[bytes, random.Random], bytes]] = [_turned, _cut]
        kinds += {".json": [_retyped] * 6, ".csv": [_recelled] * 3}.get(path.suffix, [])
        yield path.relative_to(run.path), chance.choice(kinds)(path.read_bytes(), chance)


def _turned(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 50))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.choice((0, chance.randrange(len(content))))]


def _retyped(content: bytes, chance: random.Random) -> bytes:
    """Put another value in some place of a JSON document, or take the place away."""
    document = json.loads(content)
    places = list(_places(document))
    holder, key = chance.choice(places)
    if chance.random() < 0.2:
        del holder[key]
    else:
        holder[key] = chance.choice(VALUES)
    return json.dumps(document).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _recelled(content: bytes, chance: random.Random) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode())))
    row = chance.choice(rows)
    row[chance.randrange(len(row))] = chance.choice(("", "nan", "inf", "-1", "1e400", "text", "\x00", "x" * 200_000))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def test_one_damaged_run_of_many_is_a_row(run: RunDir, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        shutil.copytree(run.path, tmp_path / name)
    (tmp_path / "b" / "metrics.json").write_text('{"accuracy": "high"}')
    code, out, err = command("runs", tmp_path)
    assert (code, err) == (0, "")
    assert [line.split().count("unreadable") for line in out.splitlines()[1:]].count(1) == 1
    code, out, err = command("compare", tmp_path)
    assert (code, err) == (0, "")
    assert 'metrics.json: accuracy: expected a number, found "high"' in out
    for arguments in (["report"], ["evaluate"]):
        said = f'error: {tmp_path}/b/metrics.json: accuracy: expected a number, found "high"\n'
        assert command(*arguments, tmp_path / "b") == (3, "", said)


def test_a_pipe_among_the_files_is_not_waited_for(run: RunDir, tmp_path: Path) -> None:
    for name in ("status.json", "history.csv", "predictions.csv", "samples.npz", "model.keras"):
        damaged = shutil.copytree(run.path, tmp_path / name)
        (damaged / name).unlink()
        os.mkfifo(damaged / name)
        code, _, err = command("evaluate" if name == "model.keras" else "report", damaged)
        assert code == 3 and f"{damaged / name}" in err


@pytest.mark.parametrize("name", ["plots", "checkpoints"])
def test_nothing_is_written_through_a_link(name: str, run: RunDir, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "learning_curves.png").write_bytes(b"mine")
    foreign = shutil.copytree(run.path, tmp_path / "foreign")
    shutil.rmtree(foreign / name)
    (foreign / name).symlink_to(outside)
    if name == "checkpoints":
        shutil.copytree(run.path / name, outside, dirs_exist_ok=True)
    before = contents(outside)
    arguments = ["report", foreign] if name == "plots" else ["train", "--resume", foreign, "train.epochs=3"]
    code, _, err = command(*arguments)
    assert code in (2, 4)
    assert f"{foreign / name}: cannot be written to (it is a link, and may lead out of {foreign})" in err
    assert contents(outside) == before


def test_files_that_are_links_are_replaced_and_what_they_lead_to_stays(run: RunDir, tmp_path: Path) -> None:
    foreign = shutil.copytree(run.path, tmp_path / "foreign")
    for name in ("report.html", "confusion_matrix.csv", "plots/learning_curves.png"):
        (tmp_path / Path(name).name).write_bytes(b"mine")
        (foreign / name).unlink()
        (foreign / name).symlink_to(tmp_path / Path(name).name)
    assert command("report", foreign)[0] == 0
    for name in ("report.html", "confusion_matrix.csv", "plots/learning_curves.png"):
        assert (tmp_path / Path(name).name).read_bytes() == b"mine" and not (foreign / name).is_symlink()


def test_a_run_folder_that_is_moved_away_does_not_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnbench.training import checkpoint

    save = checkpoint.save

    def move_and_save(path: Path, *arguments: Any) -> None:
        path.parent.parent.rename(tmp_path / "moved")
        save(path, *arguments)

    monkeypatch.setattr(checkpoint, "save", move_and_save)
    with pytest.raises(TrainingError, match="cannot be written"):
        cnnbench.run(tiny(train__epochs=2), output=tmp_path / "outputs")
    assert (tmp_path / "moved" / "config.yaml").exists()
    assert not any((tmp_path / "outputs").glob("*/*"))


@pytest.mark.slow
def test_no_damage_is_unexpected(run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`report`, `runs`, `compare`, opening for `evaluate` and beginning to `--resume`, each over a damaged copy."""
    from cnnbench.experiment.resume import resumed
    from cnnbench.training import checkpoint

    if BY_HAND is None:
        monkeypatch.setattr(write.figure, "draw", lambda figures: dict.fromkeys(list(figures)[:0]))
    both = tmp_path / "both"
    shutil.copytree(run.path, both / "sound")
    damaged = shutil.copytree(run.path, both / "damaged")
    for number, (name, content) in zip(range(SAMPLED), damages(run, seed=1), strict=False):
        (damaged / name).write_bytes(content)
        said = f"damage {number} of {name}: {content[:400]!r}"
        for arguments in (["runs", both, "--where", "accuracy>0 or seed=0"], ["compare", both], ["report", damaged]):
            code, out, err = command(*arguments)
            assert code in (0, 2, 3) and "error: unexpected" not in err, f"{said}: {arguments[0]}: {err}"
            assert all(line.startswith("error: ") for line in err.splitlines()), f"{said}: {err}"
            assert arguments[0] != "runs" or len(out.splitlines()) in (1, 2, 3), f"{said}: {out}"
        try:
            resumed(damaged, [])
            checkpoint.load(RunDir(damaged).last_checkpoint)
            if name.name in ("model.keras", "config.yaml", "metrics.json"):
                open_finished(damaged).load_model()
        except CnnbenchError as e:
            assert str(damaged) in str(e), said  # it names the file
        shutil.copyfile(run.path / name, damaged / name)
