"""The 1000 classes of ImageNet's challenge (Russakovsky et al., 2015), as published networks count them.

Names and WordNet ids come from the file that Keras keeps of them; numbers need no file: 698 is n03877845, a palace, 985
is n11939491, a daisy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from cnnbench.errors import ConfigError, MissingData
from cnnbench.files.checked import TEXT, read_json
from cnnbench.model.weights.find import places

COUNT = 1000
INDEX_FILE = "imagenet_class_index.json"  # {"0": ["n01440764", "tench"], ...}, in Keras' models


def numbers_of(class_names: Sequence[str]) -> list[int]:
    """Return which of ImageNet's classes these are: numbers from 0 to 999, WordNet ids or names.

    Raises ConfigError for a class that is none of them or there twice, MissingData where their names are not known.
    """
    numbered = all(name.isascii() and name.isdigit() and int(name) < COUNT for name in class_names)
    known = {} if numbered else _known()
    numbers = [int(name) if numbered else _number(name, known) for name in class_names]
    twice = [name for name, number in zip(class_names, numbers, strict=True) if numbers.count(number) > 1]
    if twice:
        raise ConfigError(f"train.epochs: 0: {' and '.join(twice)} are the same class of ImageNet")
    return numbers


def _number(name: str, known: Mapping[str, int]) -> int:
    number = known.get(_plain(name))
    if number is None:
        raise ConfigError(
            f"train.epochs: 0: {name!r} is no class of ImageNet; expected WordNet ids, names that only one class has,"
            f" or the numbers 0 to {COUNT - 1} throughout"
        )
    return number


def _known() -> Mapping[str, int]:
    """Return the number of each class by WordNet id, and by name where no other class has it."""
    path = next((folder / INDEX_FILE for _, folder in places() if (folder / INDEX_FILE).is_file()), None)
    if path is None:
        looked = "; ".join(f"{what}: {folder}" for what, folder in places())
        raise MissingData(
            f"train.epochs: 0: names of ImageNet's classes need {INDEX_FILE}, which Keras publishes; looked in"
            f" {looked}; classes may also be called by their numbers, 0 to {COUNT - 1}"
        )
    rows = read_json(path, {str(number): (TEXT, TEXT) for number in range(COUNT)})
    shared = Counter(_plain(name) for _, name in rows.values())
    by_name = {_plain(name): int(number) for number, (_, name) in rows.items() if shared[_plain(name)] == 1}
    return by_name | {_plain(wordnet): int(number) for number, (wordnet, _) in rows.items()}


def _plain(name: str) -> str:
    return name.casefold().replace("_", " ").replace("-", " ")
