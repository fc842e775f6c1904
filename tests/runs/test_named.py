"""`outputs/NAME` is the same run, or the same repeats or sweep, for every command."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnbench.compare.find import find
from cnnbench.errors import ConfigError
from cnnbench.experiment.resume import resumed
from cnnbench.files.whole import write_text
from cnnbench.repeats.plan import parent_at
from cnnbench.runs.named import open_run, stands_for
from tests.builders.compared import finished, repeats, sweep
from tests.builders.repeated import finished as made
from tests.builders.runs import digits, write_interrupted_run
from tests.report.command import cnnbench

OLD, NEW = "20260101-000000-aaaaaaaa", "20260401-000000-bbbbbbbb"
TRIALS = [
    {"point": "p1", "state": "done", "values": {"train.epochs": 3}, "wrong": {0: [1], 1: [2]}},
    {"point": "p2", "state": "done", "values": {"train.epochs": 4}, "wrong": {0: [3]}},
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A single run twice; one run and then its repeats; the repeats and then one run; a sweep."""
    folder = tmp_path_factory.mktemp("outputs")
    finished(folder / ".made", [1], name="net", path=folder / "net" / OLD)
    finished(folder / ".made", [1, 2], name="net", path=folder / "net" / NEW)
    finished(folder / ".made", [1], name="again", path=folder / "again" / OLD)
    repeats(folder, {0: [1], 1: [2]}, name="again")
    repeats(folder, {0: [1], 1: [2]}, name="single")
    finished(folder / ".made", [1], name="single", path=folder / "single" / NEW)
    sweep(folder, TRIALS)
    return folder


MEANT = {
    "net": ("run", f"net/{NEW}"),
    f"net/{OLD}": ("run", f"net/{OLD}"),
    "again": ("repeats", "again/20260301-120000-repeats"),
    "again/20260301-120000-repeats": ("repeats", "again/20260301-120000-repeats"),
    "again/20260301-120000-repeats/seed-0": ("run", "again/20260301-120000-repeats/seed-0"),
    "single": ("run", f"single/{NEW}"),
    "rates": ("sweep", "rates"),
    "rates/trials/p1/seed-1": ("run", "rates/trials/p1/seed-1"),
}


@pytest.mark.parametrize("name", MEANT)
def test_a_name_means_one_thing(name: str, root: Path) -> None:
    kind, place = MEANT[name]
    meant = stands_for(root / name)
    assert (meant.kind, meant.path) == (kind, root / place)
    above = parent_at(root / name)  # train --resume
    assert (above.path if above else None) == (root / place if kind == "repeats" else None)
    compared, _ = find([str(root / name)], top=1)
    if kind == "run":
        assert open_run(root / name).path == root / place  # evaluate and predict
        assert [one.path for one in compared] == [root / place]
    elif kind == "repeats":
        assert [one.path for one in compared] == [root / place]
    else:
        assert [one.path for one in compared] == [root / "rates" / "trials" / "p1"]


@pytest.mark.parametrize("name", ["again", "rates"])
def test_several_runs_are_not_taken_for_one(name: str, root: Path) -> None:
    best = "rates/trials/p1/seed-0" if name == "rates" else "again/20260301-120000-repeats/seed-0"
    for command in (["evaluate"], ["predict", "{}", "x.png"]):
        arguments = [a.replace("{}", str(root / name)) for a in command]
        code, out, err = cnnbench(*(arguments if len(arguments) > 1 else [*arguments, root / name]))
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "not a single run; name one of its runs" in err and err.strip().endswith(str(root / best))
    if name == "rates":
        with pytest.raises(ConfigError, match="a sweep; `cnnbench sweep`, run again, goes on with it"):
            resumed(root / name, [])


def test_report_draws_what_the_name_means(tmp_path: Path) -> None:
    folder = made(tmp_path)
    assert cnnbench("report", folder.path.parent) == (0, f"{folder.report}\n", "")


def test_what_compare_leaves_to_a_glob_is_told(root: Path) -> None:
    _, left_out = find([str(root / "net")], top=1)
    assert [one.reason for one in left_out] == [
        f"1 older of this name; net stands for its newest, '{root}/net/*' for all"
    ]
    found, left_out = find([str(root / "net" / "*")], top=1)
    assert [one.path.name for one in found] == [OLD, NEW] and left_out == []
    found, _ = find([str(root)], top=1)
    assert {root / "net" / OLD, root / "net" / NEW} <= {one.path for one in found}, "a folder of names is all of them"


def test_a_link_to_a_run_elsewhere_is_one_named_or_met_below(tmp_path: Path) -> None:
    run = finished(tmp_path / "elsewhere", [1])
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "link").symlink_to(run.path)
    assert open_run(tmp_path / "outputs" / "link").path == tmp_path / "outputs" / "link"
    assert open_run(tmp_path / "outputs").path == tmp_path / "outputs" / "link"


def test_a_misspelt_name_gets_the_closest_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_interrupted_run(tmp_path / "outputs", digits(), name="lenet5")
    for given in ("outputs/lenet", "lenet5"):
        with pytest.raises(ConfigError, match=f"^{given}: not a run folder .*; did you mean "):
            stands_for(Path(given))
    write_text(tmp_path / "file", "")
    with pytest.raises(
        ConfigError, match=r"file: not a run folder and no run folder below it \(a run holds config\.yaml\)$"
    ):
        stands_for(tmp_path / "file")
