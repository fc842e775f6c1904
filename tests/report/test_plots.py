from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import combinations

import matplotlib
import numpy as np
import pytest
import sklearn.metrics as reference
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.text import Text
from PIL import Image

from cnnbench.evaluation import metrics
from cnnbench.report import plots
from cnnbench.report.robustness import TITLES
from cnnbench.runs.dead_units import write_dead_units
from cnnbench.runs.run import Run
from cnnbench.views import style
from cnnbench.views.canvas import Recording
from cnnbench.views.charts import calibration, curves, matrix, pictures, rows, thresholds
from cnnbench.views.charts.strengths import Line, strengths
from cnnbench.views.figure import Figure, Panel, draw, fit, on_canvas
from tests.builders.runs import digits, write_run

pytestmark = pytest.mark.drawn

LONG = "a class name that is much too long to be written in full"
NAMES = [plot.name for plot in plots.PLOTS]


def laid_out(panel: Panel) -> Axes:
    """The axes of a panel as it is drawn."""
    with style.looks():
        canvas, axes = on_canvas(panel)
        if not panel.bare:
            fit(canvas, axes, Recording(panel.width, panel.height))
    return axes


def texts(axes: Axes) -> dict[Text, tuple[float, float, float, float]]:
    """Every text of a panel that is drawn, with its box in points."""
    figure = axes.figure
    renderer = Recording(*figure.get_size_inches())
    with style.looks():
        figure.draw(renderer)
        unseen = set(undrawn(axes))
        drawn = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in unseen]
        return {t: t.get_window_extent(renderer).extents for t in drawn}


def undrawn(axes: Axes) -> Iterator[Text]:
    """Texts matplotlib keeps ready: labels of ticks outside the limits, of hidden axes, titles of a bare sheet."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        drawn = axes.axison and axis.get_visible()
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not drawn or not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)
        if not drawn:
            yield from (axis.label, axis.offsetText)


def assert_readable(panel: Panel) -> None:
    """No text lies on another one or leaves the picture."""
    boxes = texts(laid_out(panel))
    assert boxes
    width, height = 72 * panel.width, 72 * panel.height
    for text, (left, bottom, right, top) in boxes.items():
        assert left > -1 and bottom > -1 and right < width + 1 and top < height + 1, f"{text.get_text()!r} leaves"
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        apart = a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
        assert apart, f"{one.get_text()!r} lies on {other.get_text()!r}"


def png(*panels: Panel) -> bytes:
    return draw([Figure("x", "", panels)])["x"].file("png")


def counts(classes: int, images: int = 20000, seed: int = 0) -> np.ndarray:
    """A confusion matrix of a classifier that is right four times of five."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=images)
    predicted = np.where(rng.random(images) < 0.8, labels, rng.integers(classes, size=images))
    return metrics.confusion_matrix(labels, predicted, classes)


def names(classes: int, name: str) -> list[str]:
    return [f"{name} {i}" for i in range(classes)]


@pytest.mark.parametrize("name", ["c", LONG])
@pytest.mark.parametrize("classes", [2, 10, 20, 21, 37, 100])
def test_confusion_matrices_are_readable(classes, name):
    assert_readable(matrix.confusion_matrix(counts(classes), names(classes, name)))


@pytest.mark.parametrize("name", ["c", LONG])
@pytest.mark.parametrize("classes", [2, 10, 100, 300])
def test_scores_per_class_are_readable(classes, name):
    found = metrics.class_scores(counts(classes))
    columns = zip(names(classes, name), found.precision, found.recall, found.f1, strict=True)
    assert_readable(plots.per_class([{"class": n, "precision": p, "recall": r, "f1": f} for n, p, r, f in columns]))


@pytest.mark.parametrize("name", ["two", "ten", "hundred"])
def test_every_plot_of_a_run_is_readable(drawn, name):
    figures = {figure.name: figure for figure in plots.figures(Run(drawn(name).path).whole())}
    none = {"dead_units", "robustness", *(["true_positives"] if name == "hundred" else [])}
    assert list(figures) == [plot for plot in NAMES if plot not in none]
    for figure in figures.values():
        for panel in figure.panels:
            assert_readable(panel)


def test_strengths_of_corruptions_are_readable_and_of_one_scale():
    points = [(s, 0.99 - 0.15 * s, 0.95 - 0.15 * s, min(1, 1.02 - 0.15 * s)) for s in range(6)]
    longest = [Line(title, points) for title in sorted(TITLES.values(), key=len)[-3:]]
    panels = [strengths("Place", longest, 0.2), strengths("Light", longest[:1], 0.2)]
    for panel in panels:
        assert_readable(panel)
    assert {laid_out(panel).get_ylim() for panel in panels} == {(0.19, 1.005)}


def test_hostile_names_are_drawn_as_they_are(drawn):
    figures = {figure.name: figure for figure in plots.figures(Run(drawn("hostile").path).whole())}
    shown = {t.get_text() for t in texts(laid_out(figures["per_class"].panels[0]))}
    assert {"$x$", r"$\frac{1}{", "_^{}", "[bold]", "�[31mred", "line�break�"} <= shown
    svg = draw([figures["per_class"]])["per_class"].svgs[0][0]
    assert "<script" not in svg and "&lt;script&gt;" in svg


def test_the_confusion_matrix_shows_every_count_but_zeros_and_its_share_of_the_row():
    found = np.array([[980, 20, 0], [0, 1000, 0], [7, 0, 0]])
    axes = laid_out(matrix.confusion_matrix(found, ["a", "b", "c"]))
    written: dict[tuple[float, float], str] = {}
    for t in axes.texts:
        at = (t.get_position()[1], t.get_position()[0])
        written[at] = f"{written.get(at, '')} {t.get_text()}".strip()
    expected = {(0, 0): "980 98.0 %", (0, 1): "20 2.0 %", (1, 1): "1,000 100.0 %", (2, 0): "7 100.0 %"}
    assert written == expected
    assert axes.get_title() == "Confusion matrix, accuracy 98.65 %"


def test_its_colour_is_the_share_on_a_linear_scale_and_all_is_written_only_where_all():
    axes = laid_out(matrix.confusion_matrix(np.array([[1999, 1, 0], [0, 0, 0], [0, 21, 29]]), list("abc")))
    assert [t.get_text() for t in axes.texts] == ["1,999", "99.9 %", "1", "0.1 %", "21", "42.0 %", "29", "58.0 %"]
    assert axes.images[0].get_array()[..., 3].tolist() == [[255, 0, 0], [0, 0, 0], [0, 107, 148]]


def test_learning_curves_show_history_and_kept_epoch():
    history = digits().history
    for measured, prefixes in ((curves.LOSS, "loss"), (curves.ACCURACY, "accuracy")):
        training, held_out, kept = laid_out(curves.both_parts([history], measured, 6)).lines
        assert training.get_ydata().tolist() == [row[prefixes] for row in history]
        assert held_out.get_ydata().tolist() == [row[f"val_{prefixes}"] for row in history]
        assert kept.get_xdata() == [6, 6]
        assert laid_out(curves.both_parts([history], measured, 6, [3])).lines[2].get_xdata() == [3.5, 3.5]
    error = laid_out(curves.both_parts([history], curves.ERROR)).lines[1]
    assert error.get_ydata().tolist() == [1 - row["val_accuracy"] for row in history]


def test_true_positives_are_shares_of_their_own_images():
    history = digits().history
    axes = laid_out(curves.true_positives(history, {"training": 599, "validation": 701}))
    training, validation = axes.lines
    assert training.get_ydata().tolist() == [row["true_positives"] / 599 for row in history]
    assert validation.get_ydata().tolist() == [row["val_true_positives"] / 701 for row in history]


@pytest.mark.parametrize("epochs", [1, 3, 60])
def test_epochs_are_whole_numbers(epochs):
    panel = curves.both_parts([digits(10, epochs).history], curves.LOSS, epochs)
    axes = laid_out(panel)
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert ticks and all(tick == int(tick) and 1 <= tick <= epochs for tick in ticks)
    assert_readable(panel)


def test_curves_without_validation():
    history = [{k: v for k, v in row.items() if not k.startswith("val_")} for row in digits().history]
    panel = curves.both_parts([history], curves.LOSS)
    assert len(laid_out(panel).lines) == 1
    assert_readable(panel)


def test_curves_of_a_training_that_diverged():
    history = [digits().history[0], {"epoch": 2, "loss": float("nan"), "accuracy": 0.1, "learning_rate": 0.0}]
    assert png(curves.both_parts([history], curves.LOSS), curves.learning_rate(history)).startswith(b"\x89PNG")


def test_of_several_trainings_the_mean_ends_with_the_first_that_ended():
    histories = [[{"epoch": e, "loss": 1.0 * e * k} for e in range(1, 4 + k)] for k in (1, 3)]
    axes = laid_out(curves.curves(curves.LOSS, [curves.Series("a", histories, curves.column("loss"), style.RED, "o")]))
    one, other, mean = axes.lines
    assert [len(line.get_xdata()) for line in (one, other, mean)] == [4, 6, 4]
    assert mean.get_ydata().tolist() == [2, 4, 6, 8]
    assert mean.get_label() == "a, mean of 2"


def test_classes_are_sorted_by_f1():
    lines = [{"class": n, "precision": f, "recall": f, "f1": f} for n, f in (("a", 0.5), ("b", 0.9), ("c", 0.1))]
    axes = laid_out(plots.per_class(lines))
    assert [t.get_text() for t in axes.get_yticklabels()] == ["b", "a", "c"]
    (f1,) = [line for line in axes.lines if line.get_label() == "F1"]
    assert f1.get_xdata().tolist() == [0.9, 0.5, 0.1]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first on top


def test_calibration_bars_are_the_bins():
    found = metrics.reliability(digits().labels, digits().probabilities, 15)
    bars = laid_out(calibration.reliability(found, 0.1)).containers[0]
    assert [bar.get_height() for bar in bars] == found.accuracy.tolist()
    images = laid_out(calibration.confidences(found)).containers[0]
    assert [bar.get_height() for bar in images] == found.images.tolist()


def test_class_distribution_stacks_the_splits():
    axes = laid_out(rows.stacked(["a", "b"], {"train": [3, 5], "test": [1, 2]}, "", "images"))
    widths = [[bar.get_width() for bar in container] for container in axes.containers]
    starts = [[bar.get_x() for bar in container] for container in axes.containers]
    assert (widths, starts) == ([[3, 5], [1, 2]], [[0, 0], [3, 5]])


def sample(true: str, predicted: str, image: np.ndarray) -> pictures.Sample:
    return pictures.Sample(image, "", true, predicted, [("cat", 0.7), ("dog", 0.2), ("owl", 0.1)])


def test_right_samples_are_blue_and_wrong_ones_red():
    image = np.zeros((28, 28, 1), np.uint8)
    axes = laid_out(pictures.samples([sample("cat", "cat", image), sample("dog", "cat", image)], ""))
    titles = {t.get_text(): t.get_color() for t in axes.texts if t.get_text()[:1] in "✓✗" and t.get_text()}
    assert titles == {"✓ cat": style.BLUE, "✗ cat, true: dog": style.RED}
    bars = {to_hex(line.get_color()).upper(): np.isfinite(line.get_xdata()).sum() // 2 for line in axes.lines}
    assert bars == {style.GRID: 6, style.BLUE: 2, style.GREY: 3, style.RED: 1}


def test_grey_and_colour_images_keep_their_pixels():
    rng = np.random.default_rng(0)
    grey, colour = rng.integers(0, 256, (8, 8, 1), np.uint8), rng.integers(0, 256, (224, 160, 3), np.uint8)
    axes = laid_out(pictures.samples([sample("cat", "cat", grey), sample("cat", "cat", colour)], ""))
    one, other = axes.images
    assert (one.get_cmap().name, one.get_clim(), one.get_interpolation()) == ("gray", (0, 255), "none")
    assert np.array_equal(one.get_array(), grey[:, :, 0])
    assert np.array_equal(other.get_array(), colour)
    left, right, bottom, top = other.get_extent()
    assert (right - left) / (bottom - top) == pytest.approx(160 / 224)


def test_augmentation_shows_every_variant_beside_its_original():
    before = digits().images[:2]
    after = np.stack([before, before[:, :, ::-1], before[:, ::-1]], axis=1)
    images = laid_out(pictures.augmentation_preview(before, after)).images
    expected = [picture[:, :, 0] for row in range(2) for picture in (before[row], *after[row])]
    assert len(images) == 8
    for image, pixels in zip(images, expected, strict=True):
        assert np.array_equal(image.get_array(), pixels)


def test_the_true_class_is_always_among_the_bars(drawn):
    results = Run(drawn("hundred").path).whole()
    for shown in plots.samples(results, "mistake") + plots.samples(results, "random"):
        assert shown.true in [name for name, _ in shown.chances]
        assert shown.predicted == shown.chances[0][0]
        assert len(shown.chances) == plots.BARS


def test_a_picture_is_of_300_dots_an_inch_on_white_ground_without_a_frame():
    file = png(curves.both_parts([[{"epoch": 1, "loss": 1.0}]], curves.LOSS))
    with Image.open(io.BytesIO(file)) as image:
        assert image.size == (990, 750) and image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        pixels = np.asarray(image)
    assert all((edge == 255).all() for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    assert pixels.min() == 0


def test_the_users_matplotlib_settings_do_not_matter_and_stay():
    panel = matrix.confusion_matrix(counts(3), ["a", "b", "$c$"])
    with matplotlib.rc_context({"font.size": 40, "axes.facecolor": "red", "text.usetex": True, "figure.dpi": 10}):
        before = dict(matplotlib.rcParams)
        drawn_with = png(panel)
        assert dict(matplotlib.rcParams) == before
    assert drawn_with == png(panel)


def test_amounts_are_a_blue_as_opaque_as_they_are_large():
    pixels = style.painted(np.linspace(0, 1, 6))
    assert pixels[:, 3].tolist() == [0, 51, 102, 153, 204, 255]
    assert {tuple(pixel) for pixel in pixels[:, :3].tolist()} == {(0, 0x72, 0xB2)}


@pytest.mark.parametrize("epochs", [1, 3, 30])
def test_rates_over_decades_have_few_plain_labels(epochs):
    history = [{**row, "learning_rate": 10.0 ** -(row["epoch"] % 4)} for row in digits(10, epochs).history]
    panel = curves.learning_rate(history, (), epochs)
    axes = laid_out(panel)
    assert axes.get_yscale() == ("linear" if epochs == 1 else "log")
    shown = [t.get_text() for t in (*axes.get_yticklabels(), *axes.get_yticklabels(minor=True)) if t.get_text()]
    assert shown and all(float(text) >= 0 for text in shown)
    assert_readable(panel)


def test_a_rate_that_moves_within_epochs_is_drawn_by_step():
    rates = [(0.0, 0.0), (0.5, 0.1), (1.0, 0.2), (1.9, 0.01)]
    history = [{**row, "learning_rate": 0.0} for row in digits(10, 2).history]
    axes = laid_out(curves.learning_rate(history, rates, 2))
    (line, _) = axes.get_lines()
    assert line.get_xdata().tolist() == [0.5, 1.0, 1.5, 2.4] and line.get_ydata().tolist() == [0.0, 0.1, 0.2, 0.01]
    assert axes.get_yscale() == "linear" and axes.get_ylim() == pytest.approx((0, 0.22))


def test_axes_of_perfect_scores_end_at_what_is_possible():
    lines = [{"class": n, "precision": 1.0, "recall": 1.0, "f1": 1.0} for n in "abc"]
    low, high = laid_out(plots.per_class(lines)).get_xlim()
    assert low < 1 == high
    perfect = [
        {**row, "accuracy": 1.0, "val_accuracy": 1.0, "loss": 0.0, "val_loss": 0.0} for row in digits(10, 3).history
    ]
    assert laid_out(curves.both_parts([perfect], curves.ACCURACY)).get_ylim()[1] == 1
    assert laid_out(curves.both_parts([perfect], curves.LOSS)).get_ylim()[0] == 0


def test_the_layers_with_most_dead_units_are_drawn(tmp_path):
    run = write_run(tmp_path, digits())
    names = [f"conv2d_{at}" for at in range(1, 11)]
    row = {name: at / 20 for at, name in enumerate(names)}
    write_dead_units(run.dead_units, [{"epoch": 1, **{f"dead_units/{name}": share for name, share in row.items()}}])
    (figure,) = (figure for figure in plots.figures(Run(run.path)) if figure.name == "dead_units")
    legend = laid_out(figure.panels[0]).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][:8] == names[:1:-1]
    assert_readable(figure.panels[0])


def test_where_a_stage_begins_is_in_the_legend_once():
    rows = [{"epoch": e, "loss": 1 / e, "val_loss": 2 / e} for e in (1, 2, 3, 4)]
    axes = laid_out(curves.both_parts([rows], curves.LOSS, kept_epoch=4, borders=[1, 3]))
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()].count("next stage") == 1
    assert [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1] == [1.5, 3.5, 4]


def test_no_legend_lies_on_bars():
    found = metrics.reliability(np.zeros(50, int), np.tile([0.9, 0.1], (50, 1)), 10)
    axes = laid_out(calibration.reliability(found, 0.1))
    renderer = Recording(3.3, 2.5)
    assert axes.get_legend().get_window_extent(renderer).y0 >= axes.get_window_extent().y1 - 1


def test_errors_of_classes_come_worst_first(run: Run) -> None:
    (plot,) = (plot for plot in plots.PLOTS if plot.name == "errors_per_class")
    counts, rates = (laid_out(panel) for panel in plot.panels(Run(run.path)))
    assert [t.get_text() for t in counts.get_yticklabels()] == [t.get_text() for t in rates.get_yticklabels()]
    (points,) = (line for line in rates.lines if line.get_marker() == "o")
    shares = np.asarray(points.get_xdata(), dtype=float)
    assert (np.diff(shares) <= 0).all()
    predictions = Run(run.path).predictions
    assert predictions is not None
    table = predictions.confusion_matrix()
    assert sorted(shares) == pytest.approx(sorted(1 - np.diagonal(table) / table.sum(axis=1)))
    assert sum(bar.get_width() for bar in counts.patches) == len(predictions.labels)


@pytest.mark.parametrize("name", ["roc_curves", "precision_recall_curves"])
def test_curves_name_the_areas_that_were_measured(run: Run, name: str) -> None:
    found = Run(run.path)
    (plot,) = (plot for plot in plots.PLOTS if plot.name == name)
    (panel,) = plot.panels(found)
    legend = laid_out(panel).get_legend()
    assert legend is not None and found.predictions is not None
    measured = reference.roc_auc_score if name == "roc_curves" else reference.average_precision_score
    labels, chances = found.predictions.labels, found.predictions.probabilities
    for text in legend.get_texts():
        name, area = text.get_text().split()
        assert float(area) == pytest.approx(measured(labels == int(name), chances[:, int(name)]), abs=6e-5)


def test_a_thinned_curve_keeps_its_ends_and_its_way() -> None:
    x = np.linspace(0, 1, 10_001)
    curve = thresholds.Curve("a", x, np.sqrt(x), 2 / 3)
    thin_x, thin_y = thresholds._thinned(curve)
    assert (thin_x[0], thin_x[-1]) == (0, 1) and len(thin_x) < 500
    assert np.abs(np.interp(x, thin_x, thin_y) - curve.y).max() < 0.01
