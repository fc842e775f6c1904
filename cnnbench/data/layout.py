"""How an image folder is laid out: which of its folders are splits and which are classes.

Folders whose names mean a split are splits, however that is spelt (`Training`, `VALID`, `test_set`, `seg_train`), and a
single folder around all others is looked through. What could be read in two ways is refused with what to write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnbench.data.walk import entries, is_folder, is_image
from cnnbench.errors import DataError, did_you_mean

SPLITS = ("train", "val", "test")
WRITE = "write train/<class>/..., val/<class>/... and test/<class>/..."
ALSO_CLASSES = frozenset({"train", "trains", "valid", "development"})  # a vehicle, a verdict, land use
_SPELLINGS = {
    "train": "train|trains|training|trn",
    "val": "val|valid|validate|validating|validation|dev|devel|development",
    "test": "test|tests|testing|tst",
}
_BESIDE = "(?:set|data|images?|imgs?|pictures?|photos?|samples?|examples?|files?|folder|split|the)*"


@dataclass(frozen=True)
class Layout:
    """The folder of each split relative to the root; the key "." stands for class folders that are not split."""

    splits: Mapping[str, str]

    @property
    def train(self) -> str:
        """The split that holds the training images."""
        return "train" if "train" in self.splits else "."

    def told(self) -> list[str]:
        """Return a line where a split lies in a folder that is not called as the split is."""
        if all(folder == split for split, folder in self.splits.items()):
            return []
        return ["; ".join(f"{'classes' if s == '.' else s} in {folder!r}" for s, folder in self.splits.items())]


def find_layout(root: Path) -> Layout:
    """Return where the splits, or the classes, of an image folder are.

    Raises DataError where a split is missing, is there twice or lies beside other folders, where a name that means a
    split holds no classes, and where all classes hold the same folders, as splits do.
    """
    top = root
    while (inner := _wrapped(top)) is not None:
        top = inner
    meant = _meant(_folders(top))
    splits = {split: _unwrapped(top / name) for split, name in _splits(top, meant).items()} if meant else {}
    splits = splits or {".": top}
    for folder in splits.values():
        _refuse_splits_inside(folder)
    return Layout({split: folder.relative_to(root).as_posix() for split, folder in splits.items()})


def split_of(name: str) -> str | None:
    """Return the split that the name of a folder means, or None."""
    letters = re.sub(r"[\W_]+", "", re.sub(r"^\d+[\W_]+", "", name)).lower()
    for split, spellings in _SPELLINGS.items():
        if re.fullmatch(f"{_BESIDE}(?:{spellings}){_BESIDE}", letters):
            return split
    return None


def _meant(names: Sequence[str]) -> dict[str, str]:
    """Return the folders that mean a split, by name; what all names share (`seg_train`, `seg_test`) says nothing."""
    meant = {name: split for name in names if (split := split_of(name))}
    words = {name: re.findall(r"[^\W\d_]+|\d+", name) for name in names}
    shared = set.intersection(*(set(w) for w in words.values())) if len(names) > 1 else set()
    bare = {name: split_of("_".join(w for w in words[name] if w not in shared)) for name in names}
    without = {name: split for name, split in bare.items() if split}
    return without if shared and len(set(without.values())) > 1 else meant


def _splits(top: Path, meant: Mapping[str, str]) -> dict[str, str]:
    """Return the folder of each split in `top`, {} where its folders are classes."""
    names = _folders(top)
    others = [name for name in names if name not in meant]
    nested = {name for name in meant if _folders(top / name)}
    if others:
        _refuse_beside(top, meant, nested, others)
        return {}
    if not nested:
        raise DataError(f"{top}: no class folders in {_listed(names)}; {WRITE}")
    for split in SPLITS:
        twins = [name for name in names if meant[name] == split]
        if len(twins) > 1:
            raise DataError(f"{top}: more than one {split} split: {_listed(twins)}; keep one, or put them into one")
    if "train" not in meant.values():
        raise DataError(f"{top}: has {_listed(names)} but no train")
    found = {split: name for name, split in meant.items()}
    return {split: found[split] for split in SPLITS if split in found}


def _refuse_beside(top: Path, meant: Mapping[str, str], nested: set[str], others: Sequence[str]) -> None:
    """Raise DataError unless every name that means a split is the name of a class as well."""
    for name, split in meant.items():
        if name.lower() in ALSO_CLASSES and not (split == "train" and name in nested):
            continue
        hint = did_you_mean(others[0], [s for s in SPLITS if s not in meant.values()])
        raise DataError(
            f"{top}: {others[0]} beside {name}, which means a split; allowed are train, val, test"
            f"{hint or f', or another name for {name} if it is a class'}"
        )


def _refuse_splits_inside(top: Path) -> None:
    """Raise DataError where what should be classes hold splits, or all hold the same folders."""
    inside = {name: _folders(top / name) for name in _folders(top)}
    for name, folders in inside.items():
        if len(splits := [f for f in folders if split_of(f)]) > 1:
            raise DataError(f"{top / name}: holds {_listed(splits)}, so the splits lie inside the classes; {WRITE}")
    shared = sorted(set.intersection(*(set(folders) for folders in inside.values()))) if len(inside) > 1 else []
    if len(shared) > 1:
        raise DataError(
            f"{top}: {_listed(shared)} lie in each of {_listed(inside)}, as classes do in splits; {WRITE}, "
            "or put the images of a class straight into its folder"
        )


def _wrapped(top: Path) -> Path | None:
    """Return the one folder in `top` that holds all others, or None where there is no such folder."""
    names = _folders(top)
    if len(names) != 1 or any(is_image(e.name) and not is_folder(e) for e in entries(top)):
        return None
    inner = _folders(top / names[0])
    around = split_of(names[0]) is None or all(split_of(name) for name in inner)
    return top / names[0] if inner and around else None


def _unwrapped(folder: Path) -> Path:
    """Return the folder of a split, or the one folder in it that holds the class folders."""
    names = _folders(folder)
    return _unwrapped(folder / names[0]) if len(names) == 1 and _folders(folder / names[0]) else folder


def _folders(folder: Path) -> list[str]:
    return [e.name for e in entries(folder) if is_folder(e)]


def _listed(names: Iterable[str], limit: int = 4) -> str:
    """Return names as a message lists them: a, b and c."""
    *some, last = list(names)
    if len(some) >= limit:
        return f"{', '.join(some[:limit])} and {len(some) + 1 - limit} more"
    return f"{', '.join(some)} and {last}" if some else last
