from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.errors import DataError
from cnnbench.report.write import write_report, write_tables
from cnnbench.runs.folder import RunDir
from tests.builders.runs import digits, write_interrupted_run

pytestmark = pytest.mark.drawn

PLOTS = [
    "learning_curves",
    "true_positives",
    "class_distribution",
    "confusion_matrix",
    "per_class",
    "errors_per_class",
    "roc_curves",
    "precision_recall_curves",
    "calibration",
    "samples",
    "mistakes",
    "augmentation",
]
OF_TRAINING = ("learning_curves", "true_positives", "class_distribution", "augmentation")


def write_validated(run: RunDir) -> None:
    """Let a run have measured images, the same as for the test, as its validation images."""
    other = run.measured_on("validation")
    for one, copy in ((run.predictions, other.predictions), (run.samples, other.samples), (run.metrics, other.metrics)):
        shutil.copy(one, copy)


def names(run: RunDir, paths: list[Path]) -> list[str]:
    return [path.relative_to(run.path).as_posix() for path in paths]


def test_a_finished_run_gets_everything(drawn):
    run = drawn("ten")
    written = sorted(path.name for path in run.plots.iterdir())
    assert written == sorted(f"{name}.{kind}" for name in PLOTS for kind in ("pdf", "png"))
    assert run.report.exists() and run.confusion_matrix.exists() and run.classification_report.exists()


def test_written_files_are_returned_with_the_page_last(run):
    written = names(run, write_report(run))
    assert written[:2] == ["confusion_matrix.csv", "classification_report.txt"]
    assert written[2:-1] == [f"plots/{name}.{kind}" for name in PLOTS for kind in ("png", "pdf")]
    assert written[-1] == "report.html"
    assert all((run.path / name).stat().st_size for name in written)


def test_validation_images_have_plots_tables_and_a_page_of_their_own(run):
    write_validated(run)
    written, validated = names(run, write_report(run)), run.measured_on("validation")
    of_split = [name for name in PLOTS if name not in OF_TRAINING]
    assert [name for name in written if "_validation" in name] == [
        *("confusion_matrix_validation.csv", "classification_report_validation.txt"),
        *(f"plots/{name}_validation.{kind}" for name in of_split for kind in ("png", "pdf")),
        "report_validation.html",
    ]
    assert "497 validation images of digits" in validated.classification_report.read_text()
    tested, page = run.report.read_text(), validated.report.read_text()
    assert re.search(r'<a href="report_validation\.html">[\d.]+ % validation accuracy: ', tested)
    assert re.search(r'<a href="report\.html">[\d.]+ % test accuracy: ', page)
    sections = re.findall(r'<section id="(\w+)"', page)
    assert sections == ["metrics", "classes", "calibration", "confusion", "mistakes", "samples"]
    assert '<span class="badge split">validation images</span>' in page and page.count("test images") == 1
    assert "<figcaption>Validation images by true class" in page

    validated.metrics.unlink()
    assert not [name for name in names(run, write_report(run)) if "_validation" in name]
    assert "validation accuracy: " not in run.report.read_text()


def test_an_interrupted_run_gets_what_it_has(tmp_path):
    run = write_interrupted_run(tmp_path, digits())
    drawn = ("learning_curves", "true_positives", "class_distribution", "augmentation")
    plots = [f"plots/{name}.{kind}" for name in drawn for kind in ("png", "pdf")]
    assert names(run, write_report(run)) == [*plots, "report.html"]
    assert write_tables(run) == []


@pytest.mark.parametrize(
    "missing",
    [
        ["metrics.json"],
        ["metrics.json", "samples.npz"],
        ["samples.npz", "augmentation.npz", "split.json"],
        ["history.csv"],
        ["layers.json", "environment.json"],
        ["status.json"],
        ["predictions.csv"],
    ],
)
def test_a_run_killed_while_writing_is_drawn(run, missing):
    for name in missing:
        (run.path / name).unlink()
    assert write_report(run)[-1] == run.report
    assert run.report.read_text().rstrip().endswith("</html>")


def test_a_run_killed_before_the_first_epoch_is_drawn(tmp_path):
    (tmp_path / "config.yaml").write_text("name: x\nmodel: {}\n")
    run = RunDir(tmp_path)
    assert write_report(run) == [run.report]
    assert "no result yet" in run.report.read_text()


def test_drawing_twice_gives_the_same_files(run):
    first = {path: path.read_bytes() for path in write_report(run) if path != run.report}
    page = run.report.read_text()
    for _ in range(2):  # the page lists the files beside it, plots included, from the second time on
        second = {path: path.read_bytes() for path in write_report(run) if path != run.report}
    assert second == first
    assert run.report.read_text().partition('id="files"')[0] == page.partition('id="files"')[0]


def test_plots_of_an_earlier_state_are_removed_and_those_of_others_stay(run):
    write_report(run)
    (run.plots / "mine.png").write_bytes(b"x")
    (run.plots / "confusion_matrix_normalized.png").write_bytes(b"of a version that drew it")
    run.predictions.unlink()
    write_report(run)
    left = {path.name for path in run.plots.iterdir()}
    assert not left & {"confusion_matrix.png", "confusion_matrix.pdf", "samples.png", "confusion_matrix_normalized.png"}
    assert {"learning_curves.png", "per_class.png", "mine.png"} <= left


def test_a_broken_file_leaves_the_earlier_report(run):
    write_report(run)
    before = run.report.read_bytes()
    run.metrics.write_text("{")
    with pytest.raises(DataError, match=r"metrics\.json"):
        write_report(run)
    assert run.report.read_bytes() == before
    assert not list(run.path.rglob("*.part*"))


def test_tensorflow_is_not_imported(run):
    code = (
        "import sys; from pathlib import Path; from cnnbench.report.write import write_report; "
        "from cnnbench.runs.folder import RunDir; write_report(RunDir(Path(sys.argv[1]))); "
        "heavy = {'tensorflow', 'keras', 'torch', 'jax', 'sklearn', 'matplotlib.pyplot'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(run.path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
