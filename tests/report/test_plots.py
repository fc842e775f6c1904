from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from cnnbench.evaluation import metrics
from cnnbench.report import curves, matrices, pictures, plots, scores
from cnnbench.runs.run import Run
from cnnbench.views import style
from tests.report.fixtures import digits

LONG = "a class name that is much too long to be written in full"


def texts(figure: Figure) -> dict[Text, tuple[float, float, float, float]]:
    """Every text of a figure that is drawn, with its box in pixels."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    unseen = {text for axes in figure.axes for text in undrawn(axes)}
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


def assert_readable(figure: Figure) -> None:
    """No text lies on another one or leaves the picture."""
    boxes = texts(figure)
    assert boxes
    width, height = figure.canvas.get_width_height()
    for text, (left, bottom, right, top) in boxes.items():
        assert left > -2 and bottom > -2 and right < width + 2 and top < height + 2, f"{text.get_text()!r} leaves"
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        apart = a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
        assert apart, f"{one.get_text()!r} lies on {other.get_text()!r}"


def counts(classes: int, images: int = 20000, seed: int = 0) -> np.ndarray:
    """A confusion matrix of a classifier that is right four times of five."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=images)
    predicted = np.where(rng.random(images) < 0.8, labels, rng.integers(classes, size=images))
    return metrics.confusion_matrix(labels, predicted, classes)


def names(classes: int, name: str) -> list[str]:
    return [f"{name} {i}" for i in range(classes)]


@pytest.mark.parametrize("name", ["c", LONG])
@pytest.mark.parametrize("classes", [2, 3, 10, 20, 21, 36, 37, 100])
def test_confusion_matrices_are_readable(classes, name):
    matrix = counts(classes)
    assert_readable(matrices.confusion_matrix(matrix, names(classes, name)))
    assert_readable(matrices.confusion_matrix_normalized(matrix, names(classes, name)))


@pytest.mark.parametrize("name", ["c", LONG])
@pytest.mark.parametrize("classes", [2, 10, 20, 21, 100, 300])
def test_scores_per_class_are_readable(classes, name):
    found = metrics.class_scores(counts(classes))
    columns = zip(names(classes, name), found.precision, found.recall, found.f1, strict=True)
    lines = [{"class": n, "precision": p, "recall": r, "f1": f} for n, p, r, f in columns]
    assert_readable(scores.per_class(lines))


@pytest.mark.parametrize("epochs", [1, 2, 8, 60])
def test_learning_curves_are_readable(epochs):
    assert_readable(curves.learning_curves(digits(10, epochs).history, kept_epoch=epochs))


@pytest.mark.parametrize("name", ["two", "ten", "hundred"])
def test_every_plot_of_a_run_is_readable(drawn, name):
    results = Run(drawn(name).path).whole()
    figures = dict(plots.draw(results))
    assert list(figures) == list(plots.PLOTS)
    for figure in figures.values():
        assert_readable(figure)


@pytest.mark.filterwarnings("ignore:Glyph")
def test_hostile_names_are_drawn_as_they_are(drawn):
    figures = dict(plots.draw(Run(drawn("hostile").path).whole()))
    shown = {t.get_text() for t in texts(figures["per_class"])}
    assert {"$x$", r"$\frac{1}{", "_^{}", "[bold]", "�[31mred", "line�break�"} <= shown
    for figure in figures.values():
        assert style.to_png(figure).startswith(b"\x89PNG")


def test_the_confusion_matrix_shows_every_count_but_zeros():
    matrix = np.array([[980, 20, 0], [0, 1000, 0], [7, 0, 0]])
    axes = matrices.confusion_matrix(matrix, ["a", "b", "c"]).axes[0]
    written = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in axes.texts}
    assert written == {(0, 0): "980", (0, 1): "20", (1, 1): "1,000", (2, 0): "7"} | dict.fromkeys(
        [(0, 2), (1, 0), (1, 2), (2, 1), (2, 2)], ""
    )
    assert np.array_equal(axes.images[0].get_array(), matrix)


def test_row_per_cent_is_of_the_true_class_and_all_only_where_all():
    axes = matrices.confusion_matrix_normalized(np.array([[1999, 1, 0], [0, 0, 0], [0, 21, 29]]), list("abc")).axes[0]
    assert [t.get_text() for t in axes.texts] == ["99.9", "0.1", "", "", "", "", "", "42.0", "58.0"]
    assert axes.images[0].get_array().data == pytest.approx(np.array([[99.95, 0.05, 0], [0, 0, 0], [0, 42, 58]]))


def test_learning_curves_show_history_and_best_epoch():
    history = digits().history
    loss, accuracy, positives, rate, validation = curves.learning_curves(history, 6, (599, 701)).axes
    for axes, column in ((loss, "loss"), (accuracy, "accuracy")):
        training, held_out = axes.lines[:2]
        assert training.get_ydata().tolist() == [row[column] for row in history]
        assert held_out.get_ydata().tolist() == [row[f"val_{column}"] for row in history]
    assert positives.lines[0].get_ydata().tolist() == [row["true_positives"] for row in history]
    assert validation.lines[0].get_ydata().tolist() == [row["val_true_positives"] for row in history]
    for axes in (loss, accuracy, positives, rate):
        assert axes.lines[-1].get_xdata() == [6, 6]


def test_equal_shares_of_true_positives_have_equal_height():
    _, _, training, _, validation = curves.learning_curves(digits().history, 6, (599, 701)).axes
    assert np.array(training.get_ylim()) / 599 == pytest.approx(np.array(validation.get_ylim()) / 701)


@pytest.mark.parametrize("epochs", [1, 3, 60])
def test_epochs_are_whole_numbers(epochs):
    figure = curves.learning_curves(digits(10, epochs).history)
    figure.draw_without_rendering()
    low, high = figure.axes[2].get_xlim()
    ticks = [tick for tick in figure.axes[2].get_xticks() if low <= tick <= high]
    assert ticks and all(tick == int(tick) and 1 <= tick <= epochs for tick in ticks)


def test_curves_without_validation():
    history = [{k: v for k, v in row.items() if not k.startswith("val_")} for row in digits().history]
    figure = curves.learning_curves(history)
    assert [len(axes.lines) for axes in figure.axes] == [1, 1, 1, 1]
    assert_readable(figure)


def test_curves_of_a_training_that_diverged():
    history = [digits().history[0], {"epoch": 2, "loss": float("nan"), "accuracy": 0.1, "learning_rate": 0.0}]
    assert style.to_png(curves.learning_curves(history)).startswith(b"\x89PNG")


def test_a_wide_range_of_learning_rates_gets_a_logarithmic_axis():
    history = [{**row, "learning_rate": 0.1 ** row["epoch"]} for row in digits().history]
    figure = curves.learning_curves(history)
    assert figure.axes[3].get_yscale() == "log"
    assert_readable(figure)


def test_classes_are_sorted_by_f1():
    lines = [{"class": n, "precision": f, "recall": f, "f1": f} for n, f in (("a", 0.5), ("b", 0.9), ("c", 0.1))]
    axes = scores.per_class(lines).axes[0]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["c", "a", "b"]
    f1 = axes.collections[-1].get_offsets()
    assert f1.tolist() == [[0.1, 0], [0.5, 1], [0.9, 2]]


def test_calibration_bars_are_the_bins():
    found = metrics.reliability(digits().labels, digits().probabilities, 15)
    diagram, histogram = scores.calibration(found, 0.1).axes
    assert [bar.get_height() for bar in diagram.containers[0]] == found.accuracy.tolist()
    assert [bar.get_height() for bar in histogram.containers[0]] == found.images.tolist()


def test_class_distribution_stacks_the_splits():
    axes = scores.class_distribution({"train": {"a": 3, "b": 5}, "test": {"a": 1, "b": 2}}).axes[0]
    widths = [[bar.get_width() for bar in container] for container in axes.containers]
    starts = [[bar.get_x() for bar in container] for container in axes.containers]
    assert (widths, starts) == ([[3, 5], [1, 2]], [[0, 0], [3, 5]])


def sample(true: str, predicted: str, image: np.ndarray) -> pictures.Sample:
    return pictures.Sample(image, "", true, predicted, [("cat", 0.7), ("dog", 0.2), ("owl", 0.1)])


def test_right_samples_are_blue_and_wrong_ones_red():
    image = np.zeros((28, 28, 1), np.uint8)
    axes = pictures.samples([sample("cat", "cat", image), sample("dog", "cat", image)], "").axes[0]
    titles = {t.get_text(): t.get_color() for t in axes.texts if t.get_text()[:1] in "✓✗" and t.get_text()}
    assert titles == {"✓ cat": style.BLUE, "✗ cat, true: dog": style.RED}
    bars = [matplotlib.colors.to_hex(c.patches[0].get_facecolor()).upper() for c in axes.containers[1::2]]
    assert bars == [style.BLUE, style.GREY, style.GREY, style.RED, style.BLUE, style.GREY]


def test_grey_and_colour_images_keep_their_pixels():
    rng = np.random.default_rng(0)
    grey, colour = rng.integers(0, 256, (8, 8, 1), np.uint8), rng.integers(0, 256, (224, 160, 3), np.uint8)
    axes = pictures.samples([sample("cat", "cat", grey), sample("cat", "cat", colour)], "").axes[0]
    one, other = axes.images
    assert (one.get_cmap().name, one.get_clim(), one.get_interpolation()) == ("gray", (0, 255), "nearest")
    assert np.array_equal(one.get_array(), grey[:, :, 0])
    assert np.array_equal(other.get_array(), colour)
    left, right, bottom, top = other.get_extent()
    assert (right - left) / (bottom - top) == pytest.approx(160 / 224)


def test_augmentation_shows_every_variant_beside_its_original():
    before = digits().images[:2]
    after = np.stack([before, before[:, :, ::-1], before[:, ::-1]], axis=1)
    images = pictures.augmentation_preview(before, after).axes[0].images
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


def test_the_users_matplotlib_settings_do_not_matter_and_stay():
    with matplotlib.rc_context({"font.size": 40, "axes.facecolor": "red", "text.usetex": True, "figure.dpi": 10}):
        before = dict(matplotlib.rcParams)
        drawn_with = style.to_png(matrices.confusion_matrix(counts(3), ["a", "b", "$c$"]))
        assert dict(matplotlib.rcParams) == before
    assert drawn_with == style.to_png(matrices.confusion_matrix(counts(3), ["a", "b", "$c$"]))


def test_colours_are_apart_in_grey_too():
    """The shades of the matrices fall in lightness from end to end."""
    rgb = style.shades()(np.linspace(0, 1, 64))[:, :3]
    assert (np.diff(rgb @ [0.2126, 0.7152, 0.0722]) < 0).all()


def history(epochs: int, rate) -> list[dict[str, float]]:
    return [{**row, "learning_rate": rate(row["epoch"])} for row in digits(10, epochs).history]


def panels(figure: Figure) -> dict[str, Axes]:
    return {axes.get_title(loc="left"): axes for axes in figure.axes if axes.get_title(loc="left")}


@pytest.mark.parametrize("epochs", [1, 2, 3, 30])
def test_rates_over_decades_have_few_plain_labels(epochs):
    figure = curves.learning_curves(history(epochs, lambda epoch: 10.0 ** -(epoch % 4)), epochs)
    axes = panels(figure)["Learning rate"]
    figure.draw_without_rendering()
    shown = [t.get_text() for t in (*axes.get_yticklabels(), *axes.get_yticklabels(minor=True)) if t.get_text()]
    assert shown and all(float(text) >= 0 for text in shown)
    left, width = axes.get_position().x0, axes.get_position().width
    assert width > 0.3 and left < 0.65  # its labels leave the neighbour its room
    assert_readable(figure)


def test_a_rate_that_moves_within_epochs_is_drawn_by_step():
    rates = [(0.0, 0.0), (0.5, 0.1), (1.0, 0.2), (1.9, 0.01)]
    axes = panels(curves.learning_curves(history(2, lambda epoch: 0.0), 2, rates=rates))["Learning rate"]
    (line, _) = axes.get_lines()
    assert line.get_xdata().tolist() == [0.5, 1.0, 1.5, 2.4] and line.get_ydata().tolist() == [0.0, 0.1, 0.2, 0.01]
    assert axes.get_yscale() == "linear" and axes.get_ylim() == pytest.approx((0, 0.22))


def test_the_epoch_that_was_kept_is_marked(drawn):
    from dataclasses import replace

    results = Run(drawn("ten").path).whole()
    kept = {**results.status, "best_epoch": 3, "kept_epoch": 5}
    figure = dict(plots.draw(replace(results, status=kept)))["learning_curves"]
    marks = {
        tuple(line.get_xdata()) for axes in figure.axes for line in axes.get_lines() if line.get_linestyle() == "--"
    }
    assert marks == {(5, 5)}
    assert "kept epoch (5)" in {t.get_text() for t in figure.legends[0].get_texts()}


def test_axes_of_perfect_scores_end_at_what_is_possible():
    lines = [{"class": n, "precision": 1.0, "recall": 1.0, "f1": 1.0} for n in "abc"]
    low, high = scores.per_class(lines).axes[0].get_xlim()
    assert low < 1 == high
    perfect = [
        {**row, "accuracy": 1.0, "val_accuracy": 1.0, "loss": 0.0, "val_loss": 0.0} for row in digits(10, 3).history
    ]
    drawn = panels(curves.learning_curves(perfect, 3, (100, 50)))
    assert drawn["Accuracy"].get_ylim()[1] == 1 and drawn["Loss"].get_ylim()[0] == 0
    positives = drawn["True positives (probability above 0.5)"]
    assert positives.get_ylim()[0] >= 0


def test_no_legend_lies_on_bars():
    found = metrics.reliability(np.zeros(50, int), np.tile([0.9, 0.1], (50, 1)), 10)
    figure = scores.calibration(found, 0.1)
    figure.draw_without_rendering()
    assert all(axes.get_legend() is None for axes in figure.axes)
    (legend,) = figure.legends
    below = max(axes.get_tightbbox().y1 for axes in figure.axes)
    assert legend.get_window_extent().y0 >= below - 1
