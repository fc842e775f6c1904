"""CIFAR-100: two pickled batches. Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.catalogue.sources import Facts, Published, Remote, Source

if TYPE_CHECKING:
    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given

FOLDER = "cifar-100-python"
_FINE = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard
lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark
shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone
television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""
CLASSES = tuple(_FINE.split())  # fine labels are alphabetical

SOURCE = Source(
    "a hundred kinds of things",
    Facts((32, 32, 3), CLASSES, 50000, 10000),
    Published(
        # Keras unpacks the archive into a folder of its own, named differently by different versions.
        (FOLDER, f"{FOLDER}-target/{FOLDER}", f"{FOLDER}-target_extracted/{FOLDER}"),
        ("train", "test"),
        (
            Remote(  # SHA-256 as published in Keras' sources (keras/src/datasets)
                "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
                "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
                169001437,
                FOLDER,
                archive=True,
            ),
        ),
    ),
)


def load(data: Data, place: Path) -> Given:
    """Return the images with their fine labels; those of the test split are kept only once they are asked for."""
    from cnnbench.data.cifar import read_splits

    return read_splits([place / "train"], place / "test", "fine_labels", CLASSES)
