"""Whether the head of a weight file goes into the network, or a new one is trained in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cnnbench.errors import DataError
from cnnbench.model.weights.layout import Wanted, wanted
from cnnbench.model.weights.slots import Slot, shown
from cnnbench.model.weights.stored import Layout, Stored, Unit


def without_heads(
    stored: Stored,
    slots: Sequence[Slot],
    head: Slot,
    units: Sequence[Unit],
    asked: Literal["keep", "replace"] | None,
) -> tuple[Sequence[Slot], Sequence[Unit], bool]:
    """Return layers of the network and of the file without their heads where a new one is made, and if it is kept.

    It is made anew with `replace`, and where nothing is asked for and the file's has another number of classes, or the
    file none. Raises DataError where a head that is to be kept does not fit.
    """
    [ours] = wanted([head], stored.layout)[-1:]
    theirs = _head_of(stored, slots, ours, units)
    if asked == "keep" and (theirs is None or theirs.shapes != ours.shapes):
        has = f"{theirs.name} of the file has {shown(theirs.shapes)}" if theirs else "the file has none"
        raise DataError(
            f"{stored.path}: model.head: keep: the network's head {head.layer} needs {shown(ours.shapes)}, {has};"
            " model.head: replace makes it anew"
        )
    if asked != "replace" and theirs is not None and not _other_classes(ours, theirs, stored.layout):
        return slots, units, True
    return [slot for slot in slots if slot is not head], [unit for unit in units if unit is not theirs], False


def _head_of(stored: Stored, slots: Sequence[Slot], ours: Wanted, units: Sequence[Unit]) -> Unit | None:
    """Return the file's last layer of the head's kind, None where it has one less of these than the network."""
    if stored.ours and (named := [unit for unit in units if unit.name == ours.slot.layer]):
        return named[0]
    alike = [unit for unit in units if unit.rank == ours.rank]
    needed = sum(each.rank == ours.rank for each in wanted(slots, stored.layout))
    return None if len(alike) < needed else alike[-1]


def _other_classes(ours: Wanted, theirs: Unit, layout: Layout) -> bool:
    """Return whether two heads take the same inputs to another number of classes."""
    one, other = ours.shapes[0], theirs.shapes[0]
    if layout == "torch":
        return one[1:] == other[1:] and one[0] != other[0]
    return one[:-1] == other[:-1] and one[-1] != other[-1]
