from __future__ import annotations

import numpy as np
import pytest

from cnnbench.errors import DataError
from cnnbench.runs.run import Run
from tests.builders.runs import digits, write_interrupted_run, write_run
from tests.report.conftest import HOSTILE


def test_predictions_are_read_as_they_were_written(run):
    found, experiment = Run(run.path).whole().predictions, digits()
    assert found.class_names == experiment.class_names
    assert np.array_equal(found.labels, experiment.labels)
    assert np.array_equal(found.probabilities, experiment.probabilities)
    assert np.array_equal(found.predicted, experiment.probabilities.argmax(axis=1))


def test_names_with_line_ends_and_quotes_survive(tmp_path):
    found = Run(write_run(tmp_path, digits().named(HOSTILE, 'a,"b"\nc.png')).path).whole().predictions
    assert found.class_names == HOSTILE
    assert set(found.file_names) == {'a,"b"\nc.png'}


def test_class_names_with_control_characters_survive(tmp_path):
    names = ["cat\r", "\rdog", "a\tb", "\x1b[31mred", "x\r\ny", "\x00", "\x0c", "\x85", " ", "\u2028"]
    run = write_run(tmp_path, digits().named(names, "9\r.png"))
    assert Run(run.path).whole().predictions.class_names == names
    assert set(Run(run.path).whole().predictions.file_names) == {"9\r.png"}


def test_samples_keep_their_row_and_kind(run):
    results = Run(run.path).whole()
    shown = results.samples.of_kind("mistake")
    assert len(shown) == 12
    for row, image in shown:
        assert results.predictions.labels[row] != results.predictions.predicted[row]
        assert np.array_equal(image, digits().images[row])


def test_an_interrupted_run_has_history_alone(tmp_path):
    results = Run(write_interrupted_run(tmp_path, digits()).path).whole()
    assert len(results.history) == 8
    assert (results.metrics, results.predictions, results.samples) == (None, None, None)


def test_a_folder_with_nothing_but_a_configuration_is_read(tmp_path):
    (tmp_path / "config.yaml").write_text("name: x\n")
    results = Run(tmp_path).whole()
    assert (results.config, results.status, results.history) == ({"name": "x"}, {}, [])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("predictions.csv", "", "holds no predictions"),
        ("predictions.csv", "index,name,true,predicted,p_a\n", "holds no predictions"),
        ("predictions.csv", "index,name,true,predicted,p_a\n0,,b,a,1\n", "not a table of predictions"),
        ("predictions.csv", "index,name,true,predicted,p_a\n0,,a,a,much\n", "not a table of predictions"),
        ("predictions.csv", "index,name,true,predicted,p_a\n0,,a\n", "not a table of predictions"),
        ("status.json", "{", "cannot be read"),
        ("status.json", b"\xff", "status.json: cannot be read as JSON ("),
        ("config.yaml", b"\xff", "config.yaml: cannot be read ("),
        ("predictions.csv", b"\xff", "predictions.csv: cannot be read ("),
        ("status.json", "[1]", "expected a mapping, found [1]"),
        ("metrics.json", "{", "cannot be read as JSON"),
        ("config.yaml", "a: [", "cannot be read"),
        ("samples.npz", "PK", "not a readable archive of arrays"),
        ("augmentation.npz", "", "not a readable archive of arrays"),
    ],
)
def test_a_broken_file_is_named_in_one_line(run, name, content, said):
    (run.path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        Run(run.path).whole()
    assert said in str(caught.value)
    assert str(run.path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_samples_of_other_predictions_are_refused(run):
    np.savez(run.samples, images=np.zeros((1, 8, 8, 1), np.uint8), rows=np.array([9999]), kind=np.array(["random"]))
    with pytest.raises(DataError, match="does not fit"):
        Run(run.path).whole()


def test_pickled_arrays_are_not_loaded(run):
    np.savez(run.samples, images=np.array([{}], dtype=object), rows=np.array([0]), kind=np.array(["random"]))
    with pytest.raises(DataError, match="not a readable archive"):
        Run(run.path).whole()
