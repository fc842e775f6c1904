"""What a study holds of a training, from earlier versions too."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from cnnbench.sweep.run.trials import SeedRun, _seed_run


@pytest.mark.parametrize("accuracy", [0.5, None])
def test_a_study_of_before_has_the_accuracy_alone(accuracy: float | None) -> None:
    told = {"seed": 1, "state": "done", "reason": "", "values": {}, "epochs": 2, "seconds": 1.0, "path": None}
    found = _seed_run({**told, "test_accuracy": accuracy, "log": ""})
    assert found.tested == ({} if accuracy is None else {"accuracy": accuracy})


def test_a_training_is_read_as_it_was_written() -> None:
    run = SeedRun(3, "done", "all epochs", {"val_loss": 0.1}, 4, 2.5, None, {"accuracy": 0.9, "cohen_kappa": 0.8})
    assert _seed_run(asdict(run)) == run
