"""The tables of epochs and of learning rates that a training writes."""

from __future__ import annotations

from pathlib import Path

from cnnbench.runs.history import read_history, read_rates, write_history, write_rates


def test_whole_numbers_are_written_as_such_and_others_with_every_digit(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    rows = [{"epoch": 1.0, "loss": 0.1 + 0.2, "true_positives": 7.0, "seconds": 2.0}]
    write_history(path, rows)
    assert path.read_text() == "epoch,loss,true_positives,seconds\n1,0.30000000000000004,7,2.0\n"
    assert read_history(path) == rows


def test_a_longer_training_keeps_the_rates_that_have_been(tmp_path: Path) -> None:
    path = tmp_path / "learning_rate.csv"
    write_rates(path, [(0.0, 0.1), (1.0, 0.05), (2.0, 0.0)], done=0)
    write_rates(path, [(0.0, 0.1), (1.0, 0.08), (2.0, 0.06), (4.0, 0.0)], done=2)
    assert read_rates(path) == [(0.0, 0.1), (1.0, 0.05), (2.0, 0.06), (4.0, 0.0)]
