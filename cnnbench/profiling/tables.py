"""What a profile found, as tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence

from cnnbench.profiling.clock import Spread
from cnnbench.profiling.found import Profile, Size
from cnnbench.profiling.subject import WHOLE
from cnnbench.text import count, percent, significant, size
from cnnbench.views.table import Column, Table

Timed = tuple[str, Spread]
BESIDE = ("input", "augmentation")  # made beside the step before, so that they cost only what is longer than it


def parts(found: Profile) -> Table[Timed]:
    """Return where the time of a step goes; shares are of the whole step."""
    whole = found.parts.get(WHOLE)

    def share(row: Timed) -> float | None:
        return None if whole is None else row[1].median / whole.median

    return Table("parts", (*_times("part"), Column("of the step", share, percent)), list(found.parts.items()))


def layers(found: Profile) -> Table[tuple[str, str, Spread]]:
    """Return the layers, the slowest first; shares are of all of them."""
    ordered = sorted(found.layers, key=lambda row: -row[2].median)
    total = sum(spread.median for _, _, spread in ordered)
    return Table(
        "layers",
        (
            Column("layer", lambda row: row[0], left=True),
            Column("kind", lambda row: row[1], left=True, least=1),
            Column("ms", lambda row: row[2], _median),
            Column("quartiles", lambda row: row[2], _quartiles, least=0),
            Column("of all layers", lambda row: row[2].median / total, percent),
        ),
        ordered,
    )


def sizes(found: Profile) -> Table[Size]:
    """Return images a second and memory of each batch size."""
    return Table(
        "sizes",
        (
            Column("batch size", lambda row: row.images, count),
            Column("images/s", lambda row: row.per_second.median, _three),
            Column("quartiles", lambda row: row.per_second, lambda spread: _range(*spread.quartiles), least=0),
            Column("ms a step", lambda row: row.seconds, _median),
            Column("peak memory", lambda row: row.peak_bytes, lambda value: "–" if value is None else size(value)),
        ),
        found.sizes,
    )


def choices(name: str, title: str, rows: Sequence[Timed]) -> Table[Timed]:
    """Return the time of a step with each of several choices."""
    return Table(name, _times(title), rows)


def rates(found: Profile) -> Table[Timed]:
    """Return the losses that short trainings ended with at each rate."""
    return Table(
        "rates",
        (
            Column("learning rate", lambda row: row[0], left=True),
            Column("loss at the end", lambda row: row[1].median, _three),
            Column("quartiles", lambda row: row[1], lambda spread: _range(*spread.quartiles)),
            Column("trainings", lambda row: len(row[1].values), count),
        ),
        list(found.rates.items()),
    )


def tables(found: Profile) -> list[Table[Timed] | Table[Size] | Table[tuple[str, str, Spread]]]:
    """Return all of them; those that there was no time for are empty."""
    return [
        parts(found),
        sizes(found),
        choices("precision", "precision", list(found.precisions.items())),
        choices("threads", "threads", list(found.threads.items())),
        layers(found),
        rates(found),
    ]


def sentences(found: Profile) -> list[str]:
    """Return what no table says."""
    said = []
    outside = sum(found.parts[name].median for name in BESIDE if name in found.parts)
    if outside and WHOLE in found.parts:
        inside = found.parts[WHOLE].median
        waits = "the network waits for them" if outside > inside else "the network does not wait for them"
        said.append(f"input and augmentation are made beside the step before: {waits}")
    if found.fits is not None:
        said.append(f"largest batch that fits: {count(found.fits[0])} images ({found.fits[1]})")
    return [*said, *found.notes]


def suggestions(found: Profile) -> list[str]:
    """Return what was measured to be better, and one line of it all to paste."""
    if not found.suggestions:
        return ["nothing was measurably better than what is configured"]
    lines = [f"{one.override}  {one.reason}" for one in found.suggestions]
    together = " ".join(one.override for one in found.suggestions)
    return [*lines, *([together] if len(found.suggestions) > 1 else [])]


def computed_on(found: Profile) -> str:
    """Return on what it was measured, and in how many seconds."""
    devices = ", ".join(map(str, found.about.get("devices", [])))
    return (
        f"{found.about.get('backend')} on {devices}, {found.about.get('threads')} thread(s); batches of"
        f" {found.batch_size} unless said otherwise; measured in {found.seconds:.0f} s"
    )


def _times(title: str) -> tuple[Column[Timed], ...]:
    return (
        Column(title, lambda row: row[0], left=True),
        Column("ms", lambda row: row[1], _median),
        Column("quartiles", lambda row: row[1], _quartiles, least=0),
        Column("turns", lambda row: len(row[1].values), count, least=1),
    )


def _median(spread: Spread) -> str:
    return _three(1000 * spread.median)


def _quartiles(spread: Spread) -> str:
    return _range(*(1000 * value for value in spread.quartiles))


def _range(low: float, high: float) -> str:
    return f"{_three(low)} to {_three(high)}"


def _three(value: float) -> str:
    return significant(value, 3)
