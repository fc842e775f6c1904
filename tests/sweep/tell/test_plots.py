from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from cnnbench.sweep.tell import plots
from cnnbench.sweep.tell.plots_axes import done_trials
from cnnbench.views.figure import draw
from cnnbench.views.style import INK
from tests.builders import sweeps as made
from tests.builders.sweeps import ACTIVATION, EPOCHS, HOSTILE, MADE, RATE, choices, with_runs
from tests.report.test_plots import assert_readable, laid_out, texts

pytestmark = pytest.mark.drawn

PARALLEL, HEAT = "parallel_coordinates-val_accuracy", "heat_map-val_accuracy"
AGAINST_EPOCHS, AGAINST_RATE = f"against-{EPOCHS}", f"against-{RATE}"
NAMES = {
    "two_axes": {AGAINST_EPOCHS, AGAINST_RATE, HEAT, PARALLEL, "best_so_far"},
    "broken_grid": {AGAINST_EPOCHS, AGAINST_RATE, HEAT, PARALLEL, "best_so_far", "states"},
    "three_axes": {AGAINST_EPOCHS, AGAINST_RATE, f"against-{ACTIVATION}", PARALLEL, "best_so_far"},
    "one_axis": {AGAINST_EPOCHS, "best_so_far"},
    "one_seed": {AGAINST_RATE, "best_so_far"},
    "categories": {f"against-{ACTIVATION}", "against-augment", HEAT, PARALLEL, "best_so_far"},
    "sampled": {
        *(AGAINST_RATE, AGAINST_EPOCHS, f"against-{ACTIVATION}"),
        *(PARALLEL, "importances", "best_so_far", "states"),
    },
    "two_objectives": {
        *(AGAINST_RATE, AGAINST_EPOCHS, PARALLEL, "parallel_coordinates-parameters"),
        *("pareto_front", "best_so_far"),
    },
    "none_done": {"states"},
    "nothing": set(),
}


def drawn(results):
    return {figure.name: figure for figure in plots.figures(results)}


def axes_of(results, name: str, panel: int = 0):
    return laid_out(drawn(results)[name].panels[panel])


def named_lines(axes):
    """Label -> line of points that have a name in the legend, error bars included."""
    handles, names = axes.get_legend_handles_labels()
    return dict(zip(names, handles, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_sweep_has_the_plots_its_results_are_enough_for_and_all_are_readable(tmp_path, name):
    results = MADE[name]()
    figures = drawn(with_runs(tmp_path, results))
    assert figures.keys() == NAMES[name] | ({"curves"} if results.trials else set())
    assert drawn(results).keys() == NAMES[name]  # the run folders are on another machine
    for plot, figure in figures.items():
        assert plots.kind(plot) in plots.KINDS
        for panel in figure.panels:
            assert_readable(panel)


def test_hundreds_of_trials_are_drawn_every_one(tmp_path):
    results = MADE["hundreds"]()
    figures = drawn(with_runs(tmp_path, results))
    done = [trial for trial in results.trials if trial.state == "done"]
    for plot in (AGAINST_RATE, "best_so_far", "curves", f"against-{ACTIVATION}"):
        assert_readable(figures[plot].panels[0])
    assert len(laid_out(figures[AGAINST_RATE].panels[0]).collections[0].get_offsets()) == len(done) == 180
    bundles = [c for c in laid_out(figures[PARALLEL].panels[0]).collections if isinstance(c, LineCollection)]
    assert [len(bundle.get_segments()) for bundle in bundles] == [120, 180]
    assert len(laid_out(figures["curves"].panels[0]).lines) >= 300


def test_hostile_names_are_drawn_as_they_are():
    figures = drawn(MADE["hostile"]())
    shown = {text.get_text() for text in texts(laid_out(figures[f"against-{ACTIVATION}"].panels[0]))}
    assert {"$x$", "日本語", "�[31mred", "line�break�", ACTIVATION} <= shown
    assert not any(name in shown for name in HOSTILE if len(name) > 30)
    for name, figure in figures.items():
        assert "/" not in name and "<" not in name
        assert draw([figure])[name].file("png").startswith(b"\x89PNG")


def test_one_key_shows_the_mean_of_each_value_with_its_interval_over_every_seed():
    results = MADE["one_axis"]()
    axes = axes_of(results, AGAINST_EPOCHS)
    line, _, bars = named_lines(axes)["mean, 95 % interval over seeds"]
    means = {one.trial.values[EPOCHS]: one.means["val_accuracy"] for one in done_trials(results)}
    epochs = sorted(means)
    assert line.get_xdata().tolist() == epochs
    assert line.get_ydata() == pytest.approx([100 * means[epoch].mean for epoch in epochs])
    ends = [(segment[0][1], segment[1][1]) for segment in bars[0].get_segments()]
    assert np.array(ends) == pytest.approx(100 * np.array([means[epoch].interval for epoch in epochs]))
    assert len(named_lines(axes)["one seed"].get_offsets()) == 21


def test_single_seeds_have_no_interval():
    axes = axes_of(MADE["one_seed"](), AGAINST_RATE)
    assert list(named_lines(axes)) == ["mean"]
    assert axes.get_xscale() == "log"


def test_a_full_grid_has_a_line_for_each_value_of_the_other_key():
    axes = axes_of(MADE["two_axes"](), AGAINST_RATE)
    assert sorted(named_lines(axes)) == ["epochs 1", "epochs 10", "epochs 20", "epochs 5"]
    assert axes.get_xscale() == "log"


def test_the_mean_over_other_keys_is_drawn_for_full_grids_only():
    name = "mean over the other keys, 95 % interval"
    results = MADE["three_axes"]()
    line = named_lines(axes_of(results, AGAINST_RATE))[name][0]
    expected = [
        100 * np.mean([t.objectives for t in results.trials if t.values[RATE] == rate]) for rate in (1e-4, 1e-3, 1e-2)
    ]
    assert line.get_ydata() == pytest.approx(expected)
    missing = replace(results, trials=results.trials[1:])
    figures = [drawn(each) for each in (missing, MADE["broken_grid"](), MADE["sampled"]())]
    for figure in figures:
        shown = named_lines(laid_out(figure[AGAINST_EPOCHS].panels[0]))
        assert not any(label.startswith("mean") for label in shown)
        assert {"best trial", "trial, later ones darker"} <= shown.keys()


def test_an_incomplete_grid_shows_the_best_of_each_value():
    results = MADE["broken_grid"]()
    line = named_lines(axes_of(results, AGAINST_EPOCHS))["best with the value, 95 % interval"][0]
    done = [trial for trial in results.trials if trial.state == "done"]
    best = [max(t.objectives[0] for t in done if t.values[EPOCHS] == epochs) for epochs in (1, 5, 10, 20)]
    assert line.get_ydata() == pytest.approx([100 * value for value in best])


def test_the_heat_map_writes_every_cell_and_what_became_of_the_others():
    axes = axes_of(MADE["broken_grid"](), HEAT)
    cells: dict[tuple[float, float], str] = {}
    for text in axes.texts:
        at = text.get_position()[::-1]
        cells[at] = f"{cells.get(at, '')} {text.get_text()}".strip()
    assert len(cells) == 20
    assert cells[0, 0] == "pruned" and cells[0, 4] == "failed" and cells[3, 3] == "running" and cells[3, 4] == "not run"
    assert cells[3, 2] == "81.39 ± 0.53"
    assert (axes.images[0].get_array()[..., 3] == 0).sum() == 4
    (frame,) = axes.patches
    assert (frame.get_x() + 0.47, frame.get_y() + 0.47) == pytest.approx((2, 3))


def test_the_heat_map_of_a_cost_is_dark_and_framed_where_it_is_low():
    results = made.grid(choices(EPOCHS, 1, 5), choices(RATE, 0.1, 0.2, 0.3), objectives=(made.PARAMETERS,))
    axes = axes_of(results, "heat_map-parameters")
    opaque = axes.images[0].get_array()[..., 3].max(axis=1)
    assert opaque[0] == 255 > opaque[1]
    assert axes.patches[0].get_y() + 0.47 == pytest.approx(0)


def test_large_grids_have_marks_in_place_of_numbers():
    results = made.grid(choices(EPOCHS, *range(1, 31)), choices(ACTIVATION, "a", "b"), repeats=1, states={7: "failed"})
    assert [text.get_text() for text in axes_of(results, HEAT).texts] == ["×"]
    assert_readable(drawn(results)[HEAT].panels[0])


def test_the_pareto_front_runs_through_the_trials_nothing_beats():
    results = MADE["two_objectives"]()
    axes = axes_of(results, "pareto_front")
    front = sorted((one.trial.objectives for one in done_trials(results) if one.rank == 1), key=lambda pair: pair[0])
    line = axes.lines[0]
    assert line.get_drawstyle() == "steps-pre"  # accuracy is to be high: what is wanted costs what the next trial costs
    assert line.get_xdata() == pytest.approx([100 * accuracy for accuracy, _ in front])
    assert line.get_ydata() == pytest.approx([parameters for _, parameters in front])
    beaten = axes.collections[0].get_offsets()
    assert len(beaten) + len(front) == 40
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")


def test_the_best_so_far_follows_the_order_in_which_trials_ended():
    results = MADE["one_axis"]()
    later = replace(results.trials[0], ended=made.BEGAN + 9000)  # the worst began first and ended last
    figure = drawn(replace(results, trials=(later, *results.trials[1:])))["best_so_far"]
    by_number, by_time = map(laid_out, figure.panels)
    best = named_lines(by_number)["best so far"]
    accuracies = [100 * trial.objectives[0] for trial in (*results.trials[1:], later)]
    assert best.get_ydata() == pytest.approx(np.maximum.accumulate(accuracies))
    assert named_lines(by_time)["best so far"].get_xdata()[-1] == pytest.approx(2.5)
    assert by_time.get_xlabel().startswith("hours")


def test_curves_are_those_of_the_run_folders_and_broken_ones_are_left_out(tmp_path):
    results = with_runs(tmp_path, MADE["broken_grid"]())
    last = results.trials[0].runs[0]
    (Path(str(last.path)) / "history.csv").write_text(
        "epoch,val_accuracy\n1,0.5\n2,0."
    )  # being written, still a number
    broken = results.trials[1].runs[0]
    (Path(str(broken.path)) / "history.csv").write_text("epoch,val_accuracy\n1,oops\n")
    axes = axes_of(results, "curves")
    assert axes.get_title() == "First training of 18 trials"
    assert axes.get_ylabel() == "val_accuracy (%)"
    named = named_lines(axes)
    assert list(named) == ["done", "running", "failed", "pruned", "best trial"]
    crosses = [line for line in axes.lines if line.get_marker() == "x" and len(line.get_xdata())]
    assert sorted(line.get_xdata()[0] for line in crosses) == [2, 2]
    dark = [line for line in axes.lines if line.get_color() == INK]
    assert len(dark) == 3  # every seed of the best


def test_an_objective_without_a_curve_of_its_own_shows_the_accuracy(tmp_path):
    results = made.grid(choices(EPOCHS, 2, 5), objectives=(made.PARAMETERS, made.ACCURACY))
    histories = with_runs(tmp_path, replace(results, sweep=replace(results.sweep, objectives=(made.PARAMETERS,))))
    assert axes_of(histories, "curves").get_ylabel() == "val_accuracy (%)"


def test_losses_that_span_decades_are_drawn_on_a_logarithmic_scale():
    loss = made.Objective(metric="val_loss")
    swept = made.sweep(choices(RATE, 1e-3, 1e-2, 1e-1), objectives=(loss,))
    values = {1e-3: 0.05, 1e-2: 0.4, 1e-1: 90.0}
    trials = [
        made.trial(swept, n, {RATE: rate}, formula=lambda v: {"val_loss": values[v[RATE]]})
        for n, rate in enumerate(values)
    ]
    figures = drawn(made.results(swept, trials))
    assert laid_out(figures[AGAINST_RATE].panels[0]).get_yscale() == "log"
    assert named_lines(laid_out(figures["best_so_far"].panels[0]))["best so far"].get_ydata() == pytest.approx(
        [0.05] * 3
    )


def test_importances_are_in_per_cent_and_say_whose_they_are():
    axes = axes_of(MADE["sampled"](), "importances")
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([4, 25, 71])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["activation", "epochs", "learning_rate"]
    assert "Optuna's fANOVA" in axes.get_xlabel()


def test_parallel_coordinates_lie_along_each_scale_with_the_best_on_top():
    results = made.grid(choices(RATE, 1e-4, 1e-3, 1e-2), choices(EPOCHS, 1, 11, 21))
    axes = axes_of(results, PARALLEL)
    bundle = next(c for c in axes.collections if isinstance(c, LineCollection) and len(c.get_segments()) == 9)
    heights = np.array([segment[:, 1] for segment in bundle.get_segments()])
    assert sorted({round(h, 9) for h in heights[:, 0]}) == [0, 0.5, 1]
    assert sorted({round(h, 9) for h in heights[:, 1]}) == [0, 0.5, 1]
    assert (heights[:, 2].min(), heights[-1, 2]) == (0, 1)
    assert named_lines(axes)["best trial"].get_ydata().tolist() == heights[-1].tolist()
