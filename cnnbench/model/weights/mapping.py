"""A weight file mapped onto a network: in order, by kind and shape, each weight used once and none left over.

A file of cnnbench's own is mapped by the names of its layers. Any other file lists layers in an order that its
framework sets: Keras by their distance from the output, PyTorch as their modules were made, in which a shortcut stands
after the layers it goes around, or before them. Kernels of maps, dense kernels and vectors are three lists; each has to
have the same shapes as the network's, one after the other. Which of PyTorch's two orders it is, is not guessed: exactly
one of them must fit, or both must mean the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from cnnbench.config.network.head import head_of
from cnnbench.config.network.nodes import Node
from cnnbench.errors import ConfigError, DataError
from cnnbench.model.weights.heads import without_heads
from cnnbench.model.weights.layout import Wanted, wanted
from cnnbench.model.weights.slots import Slot, by_depth, shortcuts_first, shown, slots_of
from cnnbench.model.weights.stored import Stored, Unit, by_numbers, is_certain

Values = Mapping[str, Sequence[NDArray[Any]]]  # by name of the layer, in Keras' order and axes
Pairs = Sequence[tuple[Wanted, Unit]]


@dataclass(frozen=True)
class Mapped:
    """What goes into which layer, from how many arrays of the file, and whether its head is among it."""

    values: Values
    arrays: int
    head_kept: bool


def mapped(
    stored: Stored,
    nodes: Sequence[Node],
    input_shape: tuple[int, int, int],
    classes: int,
    head: Literal["keep", "replace"] | None = None,
) -> Mapped:
    """Return the weights of a file for the layers of a network; `head` is `model.head` of the configuration.

    Raises DataError, one line that names the first difference, where file and network do not fit, ConfigError for a
    network of keras.applications, whose layers are not known here.
    """
    whole = slots_of(nodes, input_shape, classes)
    if any(slot.kind == "Application" for slot in whole):
        raise ConfigError(
            "model.weights: has to be null with a network of keras.applications: its layers are not known"
        )
    [its_head] = [slot for slot in whole if slot.layer in head_of(nodes)]
    held = _cut(stored, whole) if stored.flat else stored.units()
    slots, left, kept = without_heads(stored, whole, its_head, held, head)
    orders, units = _orders(stored, nodes, slots, left)
    fits: list[Pairs] = []
    differences: list[str] = []
    for order in orders:
        pairs, difference = _paired(wanted(order, stored.layout), units)
        if difference is not None:
            differences.append(difference)
        elif not any(_meaning(pairs) == _meaning(other) for other in fits):
            fits.append(pairs)
    if not fits:
        raise DataError(f"{stored.path}: does not fit the network: {differences[0]}")
    if len(fits) > 1:
        raise _ambiguous(stored, *fits[:2])
    return _taken(fits[0], kept)


def _cut(stored: Stored, slots: Sequence[Slot]) -> list[Unit]:
    """Cut a list of arrays without names as the layers of the network need them."""
    arrays, units = list(stored.arrays.items()), []
    for slot in slots:
        taken, arrays = arrays[: len(slot.shapes)], arrays[len(slot.shapes) :]
        units += [Unit(taken[0][0], [array for _, array in taken])] if taken else []
    return [*units, *(Unit(name, [array]) for name, array in arrays)]


def _orders(
    stored: Stored, nodes: Sequence[Node], slots: Sequence[Slot], units: Sequence[Unit]
) -> tuple[list[Sequence[Slot]], Sequence[Unit]]:
    """Return the orders in which the file may list the network's layers, and the file's in the order it has them."""
    by_name = {unit.name: unit for unit in units}
    if stored.ours and set(by_name) == {slot.layer for slot in slots}:
        return [slots], [by_name[slot.layer] for slot in slots]
    units = units if stored.ordered else _sorted(stored, by_name)
    if stored.layout == "keras":
        return [by_depth(nodes, slots)], units
    return [slots, shortcuts_first(nodes, slots)], units


def _sorted(stored: Stored, units: Mapping[str, Unit]) -> list[Unit]:
    """Bring what its format keeps in no order into that of the numbers in the names."""
    ordered = [units[name] for name in by_numbers(list(units))]
    last: dict[Any, str] = {}
    for unit in ordered:
        before = last.get(unit.shapes)
        if before is not None and not is_certain(before, unit.name):
            raise DataError(
                f"{stored.path}: {before} and {unit.name} have the same shapes, and nothing says which comes first:"
                " this format keeps no order; .pth and .keras do"
            )
        last[unit.shapes] = unit.name
    return ordered


def _paired(sought: Sequence[Wanted], units: Sequence[Unit]) -> tuple[Pairs, str | None]:
    """Return what belongs to what, and the first difference where there is one."""
    waiting: dict[int, list[Unit]] = {}
    for unit in units:
        waiting.setdefault(unit.rank, []).append(unit)
    pairs: list[tuple[Wanted, Unit]] = []
    for each in sought:
        ours = f"{each.slot.layer} ({each.slot.kind}) needs {shown(each.shapes)}"
        if not waiting.get(each.rank):
            return pairs, f"{ours}, the file has no more layers of this kind"
        unit = waiting[each.rank].pop(0)
        if unit.shapes != each.shapes:
            return pairs, f"{ours}, {unit.name} of the file has {shown(unit.shapes)}"
        pairs.append((each, unit))
    left = [unit for alike in waiting.values() for unit in alike]
    return pairs, f"{left[0].name} of the file ({shown(left[0].shapes)}) is left over" if left else None


def _meaning(pairs: Pairs) -> set[tuple[str, str]]:
    return {(each.slot.layer, unit.name) for each, unit in pairs}


def _ambiguous(stored: Stored, one: Pairs, other: Pairs) -> DataError:
    layer, first = min(_meaning(one) - _meaning(other))
    second = next(name for found, name in _meaning(other) if found == layer)
    return DataError(
        f"{stored.path}: {layer} of the network may be {first} or {second} of the file: a shortcut may stand after or"
        " before the layers it goes around, and both fit"
    )


def _taken(pairs: Pairs, head_kept: bool) -> Mapped:
    values: dict[str, list[NDArray[Any]]] = {}
    for each, unit in pairs:
        values.setdefault(each.slot.layer, []).extend(each.taken(unit.arrays))
    return Mapped(values, sum(len(unit.arrays) for _, unit in pairs), head_kept)
