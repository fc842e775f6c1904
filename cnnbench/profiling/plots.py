"""Plots of a profile: images a second by batch size, the loss over a rising learning rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnnbench.profiling.found import Profile, Ramp, Size
from cnnbench.views.figure import Figure, Panel
from cnnbench.views.style import BLUE, COLORS, RED, explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DECADES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10)  # of a range test


def figures(found: Profile) -> Iterator[Figure]:
    """Yield every plot there is something to see on."""
    if len(found.sizes) > 1:
        yield Figure(
            "sizes", "Images a second by batch size: medians, and bars from quartile to quartile", [_sizes(found)]
        )
    if found.ramps:
        caption = "Smoothed loss while the learning rate rises from step to step; a ring where it falls fastest"
        yield Figure("rates", caption, [_ramps(found.ramps)])


def _sizes(found: Profile) -> Panel:
    sizes: Sequence[Size] = found.sizes

    def draw(axes: Axes) -> None:
        middle = [size.per_second.median for size in sizes]
        ends = [size.per_second.quartiles for size in sizes]
        bars = [[m - low for m, (low, _) in zip(middle, ends, strict=True)]]
        bars.append([high - m for m, (_, high) in zip(middle, ends, strict=True)])
        axes.errorbar([size.images for size in sizes], middle, yerr=bars, color=BLUE, marker="o", capsize=3)
        axes.axvline(found.batch_size, color=RED, linestyle="--", linewidth=1, label="configured")
        axes.set_xscale("log", base=2)
        axes.set(xlabel="batch size", ylabel="images/s", xticks=[size.images for size in sizes])
        axes.set_xticklabels([str(size.images) for size in sizes])
        axes.set_ylim(bottom=0)
        explained(axes, "Images a second", 1)

    return Panel(draw)


def _ramps(ramps: Sequence[Ramp]) -> Panel:
    def draw(axes: Axes) -> None:
        for number, (ramp, color) in enumerate(zip(ramps, COLORS, strict=False), start=1):
            axes.plot(ramp.rates, ramp.losses, color=color, linewidth=1.3, label=f"ramp {number}")
            if ramp.steepest is not None:
                at = list(ramp.rates).index(ramp.steepest)
                axes.plot([ramp.steepest], [ramp.losses[at]], color=color, marker="o", fillstyle="none", markersize=8)
        axes.set_xscale("log")
        axes.set(xlabel="learning rate", ylabel="smoothed loss", xticks=DECADES)
        axes.set_xticklabels([f"{rate:g}" for rate in DECADES])
        axes.minorticks_off()
        explained(axes, "Range test", 3)

    return Panel(draw, width=4.6)
