"""How deep the values in a pickle lie in each other, found without building any of them.

A tuple is hashed by hashing what is in it, and in C nothing counts how deep that goes: a pickle with a tuple in a tuple
in a tuple, a hundred thousand times over, as the key of a dictionary ends the process.
"""

from __future__ import annotations

import pickletools
from typing import BinaryIO

DEEPEST = 100  # containers in each other; an array among labels in a dictionary is some six
MOST_KEPT = 1 << 20

# Numbers, texts and other values that have nothing inside: nearly all that there is in a batch of images' labels.
_PLAIN = {
    op.name
    for op in pickletools.opcodes
    if not op.stack_before and len(op.stack_after) == 1 and not op.name.endswith(("GET", "MARK"))
}
Item = int | None  # the depth of a value, None for a mark


def refuse_deep(f: BinaryIO) -> None:
    """Raise ValueError where values are nested deeper than DEEPEST, or for what is no pickle."""
    stack: list[Item] = []
    memo: dict[int, Item] = {}
    for op, argument, _ in pickletools.genops(f):
        if op.name in _PLAIN:
            stack.append(0)
        elif op.name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif op.name.endswith("PUT"):
            memo[_place(argument)] = stack[-1]
        elif op.name.endswith("GET"):
            stack.append(memo[_place(argument)])
        elif op.name == "MARK":
            stack.append(None)
        else:
            _apply(op, stack)
        if stack and (stack[-1] or 0) > DEEPEST:
            raise ValueError(f"more than {DEEPEST} values inside each other")


def _place(argument: int | None) -> int:
    """Return a number under which a value is kept; the reader would clear memory for all those below it."""
    if argument is None or not 0 <= argument <= MOST_KEPT:
        raise ValueError(f"a value is kept as number {argument}")
    return argument


def _apply(op: pickletools.OpcodeInfo, stack: list[Item]) -> None:
    """Take from the stack what an operation takes, and put there the depth of what it leaves."""
    taken = [depth or 0 for depth in _taken(op, stack)]
    if len(op.stack_after) == 0:
        return
    grown = bool(op.stack_before) and op.stack_before[0] is op.stack_after[0]  # a list, dictionary or set: filled
    inside = taken[1:] if grown else taken
    depth = max([taken[0] if grown else 0, *(1 + d for d in inside)])
    stack += [depth] * len(op.stack_after)


def _taken(op: pickletools.OpcodeInfo, stack: list[Item]) -> list[Item]:
    before = len(op.stack_before)
    if pickletools.markobject not in op.stack_before:
        return [stack.pop() for _ in range(before)][::-1]
    if None not in stack:
        raise ValueError("no mark to go back to")
    mark = len(stack) - 1 - stack[::-1].index(None)
    first = mark - op.stack_before.index(pickletools.markobject)
    if first < 0:
        raise ValueError("nothing to put values into")
    taken: list[Item] = [d for d in stack[first:] if d is not None]
    del stack[first:]
    return taken
