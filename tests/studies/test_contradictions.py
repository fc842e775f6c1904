"""The shipped studies: what contradicts itself in their sources is found, nothing else is, and all of them run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnbench.config.shipped import study_names
from cnnbench.studies.arithmetic import findings
from cnnbench.studies.file import load_study
from tests.tools import cnnbench, runs_below

FOUND = {  # words of what each source says against itself
    "scratch": ["the two are swapped", "make 12 h 30 min"],
    "frameworks": [],
    "hyperparameters": [
        "recall 0.908 cannot differ from accuracy 0.907",
        "recall 0.861 cannot differ from accuracy 0.860",
        "F1 0.866 is not 2PR/(P + R), 0.872",
        "F1 0.018 is not 2PR/(P + R), 0.105",
        "are said to be rising",
    ],
    "thesis-turku": ["224 make 54.25, no whole number"],
    "thesis-cifar10": [
        "make 9,996, not 10,000",
        "8 x 8 behind 4 x 4",
        "416 parameters are printed; it has 2,416 or 1,516",
        "3,000 parameters are printed; it has 48,120",
        "924 parameters are printed; it has 850",
    ],
}
ALSO = {  # the same of other numbers beside those
    "hyperparameters": "it can be the mean of the classes' F1",
    "scratch": "for 10,000, not 20 min",
}


@pytest.mark.parametrize("name", study_names())
def test_what_contradicts_itself_is_found_and_nothing_else(name: str) -> None:
    found = [finding.wrong for finding in findings(load_study(name).file) if finding.wrong]
    for said in FOUND[name]:
        assert sum(said in wrong for wrong in found) == 1, said
    others = [wrong for wrong in found if not any(said in wrong for said in FOUND[name])]
    assert [wrong for wrong in others if name not in ALSO or ALSO[name] not in wrong] == []


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("name", study_names())
def test_every_study_runs_small(tmp_path: Path, name: str) -> None:
    done = cnnbench("reproduce", name, "--scale", "small", "--json", "--offline", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert not [line["key"] for line in found["lines"] if line["verdict"] == "not run yet"]
    trained = [line for line in found["lines"] if line["runs"] and line["verdict"] == "cannot be told"]
    assert {line["reason"] for line in trained} <= {"at the small scale"}
    assert runs_below(tmp_path / found["path"])
