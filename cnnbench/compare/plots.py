"""Plots of a comparison: learning curves, accuracies with intervals, differences of F1, confusion matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnbench.compare.comparison import Block
from cnnbench.compare.disagreements import ClassF1, class_differences
from cnnbench.compare.runs import Group
from cnnbench.compare.tables import compared
from cnnbench.numbers import mean
from cnnbench.text import label
from cnnbench.views.charts import curves, rows
from cnnbench.views.charts import matrices as small
from cnnbench.views.figure import Figure, Panel
from cnnbench.views.style import ANY, BLUE, COLORS, MARKERS, RED

DRAWN = len(COLORS)  # groups; more could not be told apart
CLASSES = 40
MATRICES = 6  # side by side
NAME_LIMIT, CURVE_LIMIT = 36, 24
KINDS = {
    True: ("one run, Wilson interval over images", BLUE, "o"),
    False: ("mean of runs, t interval over runs", RED, "D"),
}
CURVES = (curves.LOSS, curves.ACCURACY, curves.ERROR)


def figures(block: Block, number: int) -> Iterator[Figure]:
    """Yield every plot there is something to draw for; `number` tells blocks apart."""
    caption = "Test accuracy with 95 % interval; the dashed line is the baseline"
    yield Figure(f"accuracies-{number}", caption, [accuracies(block.groups, block.baseline)])
    if panels := learning_curves(block.groups):
        said = "Validation images, per epoch; of several runs the mean, and from the lowest to the highest as a band"
        yield Figure(f"curves-{number}", said, panels, across=3)
    if others := compared(block):
        lines = class_differences(block.baseline, others)
        told = "F1 minus the baseline's, the largest differences on top"
        yield Figure(f"classes-{number}", told, [differences(lines, block.groups, block.baseline)])
        yield matrices(block, number)


def matrices(block: Block, number: int) -> Figure:
    """Return the confusion matrices of at most `MATRICES` groups, of more how those of the first differ from one."""
    name, names = f"matrices-{number}", block.groups[0].classes
    if len(block.groups) <= MATRICES:
        said = "Percent of each true class (rows) that are taken for each class (columns), over all runs of a group"
        panels = [small.small(group.matrix, names, _name(group)) for group in block.groups]
        return Figure(name, said, panels, across=3)
    base, others = block.baseline, compared(block)[: MATRICES - 1]
    said = (
        f"Percent of each true class (rows) of {label(base.name, NAME_LIMIT)}, and by how many points the "
        f"{len(others)} best others lie above (blue) and below it (red)"
    )
    apart = [small.difference(group.matrix, base.matrix, names, f"{_name(group)} minus it") for group in others]
    return Figure(name, said, [small.small(base.matrix, names, _name(base)), *apart], across=3)


def learning_curves(groups: Sequence[Group]) -> list[Panel]:
    """Return panels of what was measured on validation images; of more than `DRAWN` groups of the first."""
    found = [(measured, _series(groups, measured)) for measured in CURVES]
    return [curves.curves(measured, series, columns=1) for measured, series in found if series]


def accuracies(groups: Sequence[Group], baseline: Group) -> Panel:
    """Return a panel of every group's test accuracy with its interval, the best on top, and the baseline's."""
    drawn = []
    for group in groups:
        kind, color, marker = KINDS[group.single]
        found = group.values("accuracy")
        single = () if group.single else found
        drawn.append(rows.Row(_name(group), mean(found), group.accuracy_interval, single, kind, color, marker))
    reference = mean(baseline.values("accuracy"))
    return rows.intervals(drawn, "Test accuracy", "share of the test images", reference=reference)


def differences(lines: Sequence[ClassF1], groups: Sequence[Group], baseline: Group) -> Panel:
    """Return a panel of F1 minus the baseline's of every class, the largest differences on top."""
    shown = lines[:CLASSES]
    others = [(at, group) for at, group in enumerate(groups) if group is not baseline]
    drawn = [(column, at, group) for column, (at, group) in enumerate(others) if at < DRAWN]
    columns = {_name(group): [line.differences[column] for line in shown] for column, _, group in drawn}
    colors = [COLORS[at] for _, at, _ in drawn]
    title, unit = "F1 per class", f"F1 minus that of {label(baseline.name, 24)}"
    return rows.scores([line.name for line in shown], columns, title, unit, ANY, colors, reference=0)


def _series(groups: Sequence[Group], measured: curves.Measured) -> list[curves.Series]:
    value, found = measured.of("val_"), []
    for group, color, marker in zip(groups, COLORS, MARKERS, strict=False):
        histories = [run.history for run in group.runs]
        if any(value(row) is not None for history in histories for row in history):
            found.append(curves.Series(label(group.name, CURVE_LIMIT), histories, value, color, marker))
    return found


def _name(group: Group) -> str:
    return label(group.name, NAME_LIMIT)
