from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cnnbench.runs.leaderboard import TESTED, VALIDATED, read_leaderboard, write_leaderboard
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.tell.leaderboard import leaderboard
from cnnbench.sweep.tell.tables import ranking
from cnnbench.text import width
from tests.builders import sweeps as made
from tests.builders.sweeps import ACTIVATION, EPOCHS, HOSTILE, MADE, RATE


def written(tmp_path, results) -> list[dict[str, str]]:
    folder = SweepDir(tmp_path)
    write_leaderboard(folder.leaderboard, leaderboard(results))
    with folder.leaderboard.open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def test_columns_of_one_and_of_two_objectives(tmp_path):
    first, *_ = written(tmp_path, MADE["two_axes"]())
    accuracy = ["val_accuracy", "val_accuracy_std", "val_accuracy_low", "val_accuracy_high"]
    before = ["rank", "trial", "point", "state"]
    after = [*VALIDATED.values(), *TESTED.values(), "epochs", "seconds", "reason"]
    assert list(first) == [*before, *accuracy, "runs", EPOCHS, RATE, *after]
    first, *_ = written(tmp_path, MADE["two_objectives"]())
    parameters = ["parameters", "parameters_std", "parameters_low", "parameters_high"]
    assert list(first) == [*before, *accuracy, *parameters, "runs", RATE, EPOCHS, *after]


def test_numbers_are_those_of_the_seeds_with_every_digit(tmp_path):
    results = MADE["two_axes"]()
    rows = written(tmp_path, results)
    assert [int(row["rank"]) for row in rows] == list(range(1, 21))
    by_number = {trial.number: trial for trial in results.trials}
    for row in rows:
        trial = by_number[int(row["trial"])]
        values = [run.values["val_accuracy"] for run in trial.runs]
        low, high = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
        names = ("val_accuracy", "val_accuracy_std", "val_accuracy_low", "val_accuracy_high")
        expected = [np.mean(values), np.std(values, ddof=1), low, high]
        assert [float(row[name]) for name in names] == pytest.approx(expected, rel=1e-12)
        assert (int(row["runs"]), row["point"], float(row[RATE])) == (3, trial.point, trial.values[RATE])
        assert float(row["test_accuracy"]) == pytest.approx(np.mean([run.tested["accuracy"] for run in trial.runs]))


def test_four_measures_of_both_splits_come_back_and_older_files_lack_them(tmp_path):
    results = MADE["in_turn"]()
    board = leaderboard(results)
    write_leaderboard(tmp_path / "board.csv", board)
    assert read_leaderboard(tmp_path / "board.csv").standings[0] == board.standings[0]
    first = board.standings[0]
    assert set(first.validated) == set(VALIDATED) and set(first.tested) == set(VALIDATED)
    runs = next(trial.runs for trial in results.trials if trial.number == first.trial)
    for key in VALIDATED:
        assert first.validated[key] == pytest.approx(np.mean([run.validated[key] for run in runs]))
    older = replace(first, validated={}, tested={"accuracy": 0.5})
    write_leaderboard(tmp_path / "older.csv", replace(board, standings=[older]))
    text = (tmp_path / "older.csv").read_text().replace(",".join(VALIDATED.values()) + ",", "", 1)
    (tmp_path / "older.csv").write_text(text.replace(",,,,,", ",", 1))
    (back,) = read_leaderboard(tmp_path / "older.csv").standings
    assert (back.validated, back.tested) == ({}, {"accuracy": 0.5})


def test_what_a_trial_has_not_is_empty(tmp_path):
    *_, pruned, running, failed = written(tmp_path, MADE["broken_grid"]())
    assert [row["state"] for row in (pruned, running, failed)] == ["pruned", "running", "failed"]
    for row in (pruned, running, failed):
        assert (row["rank"], row["val_accuracy"], row["val_accuracy_low"], row["test_accuracy"]) == ("", "", "", "")
        assert (row["runs"], row["epochs"]) == ("0", "2.0")
    assert failed["reason"] == "diverged: the loss is not a number in epoch 2"
    single = written(tmp_path, MADE["one_seed"]())[0]
    assert float(single["val_accuracy"]) > 0
    assert (single["val_accuracy_std"], single["val_accuracy_low"]) == ("", "")


def test_swept_names_are_kept_and_null_is_written_as_in_a_file(tmp_path):
    values = {row[ACTIVATION] for row in written(tmp_path, MADE["categories"]())}
    assert values == {"relu", "tanh", "null"}
    assert {row[ACTIVATION] for row in written(tmp_path, MADE["hostile"]())} == set(HOSTILE)


def test_a_leaderboard_without_trials_is_its_header(tmp_path):
    assert written(tmp_path, MADE["nothing"]()) == []


def test_the_table_shows_mean_interval_values_state_and_reason():
    table = ranking(MADE["broken_grid"]()).text()
    header, first, *_, failed = table.splitlines()
    names = ["rank", "trial", "val_accuracy", "95", "%", "interval", "epochs", "learning_rate"]
    assert header.split() == [*names, "epochs", "run", "time", "state", "reason"]
    assert " ".join(first.split()) == "1 17 81.39 ± 0.53 % 80.08 to 82.71 % 20 0.001 20 30.0 s done"
    assert failed.split()[:6] == ["–", "4", "–", "–", "1", "0.1"]
    assert failed.endswith("failed   diverged: the loss is not a number in epoch 2")


def test_the_table_is_cut_to_its_limit_and_stays_aligned():
    table = ranking(MADE["hostile"](), limit=5).text()
    lines = table.splitlines()
    assert len(lines) == 6
    assert len({width(line[: line.index("done")]) for line in lines[1:]}) == 1
    assert "\x1b" not in table and "\u202e" not in table


def test_a_reason_of_many_lines_stays_one_line():
    results = MADE["broken_grid"]()
    trials = [replace(trial, reason="first\nsecond \x1b[31m") for trial in results.trials]
    table = ranking(replace(results, trials=tuple(trials))).text()
    assert len(table.splitlines()) == 20
    assert "first second �[31m" in table


def test_deterministic_costs_have_no_interval_in_the_table():
    swept = made.two_objectives()
    first = ranking(swept, limit=1).texts()[1]
    assert "to" in first[3] and first[5] == "–"
