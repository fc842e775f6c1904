"""Fashion-MNIST: four IDX files.

Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms".
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.catalogue.sources import Facts, Published, Remote, Source

if TYPE_CHECKING:
    from cnnbench.config.schema import Data
    from cnnbench.data.types import Given

FOLDER = "fashion-mnist"
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
# Size and SHA-256 of each file; the authors publish MD5 only, these are TensorFlow Datasets' of the authors' addresses
# (url_checksums/fashion_mnist.txt).
FILES = {
    "train-images-idx3-ubyte.gz": (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    "train-labels-idx1-ubyte.gz": (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    "t10k-images-idx3-ubyte.gz": (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    "t10k-labels-idx1-ubyte.gz": (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
}
_AUTHORS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"

SOURCE = Source(
    "articles of clothing",
    Facts((28, 28, 1), CLASSES, 60000, 10000),
    Published(
        (FOLDER,),
        tuple(FILES),
        tuple(Remote(f"{_AUTHORS}/{name}", sha, size, f"{FOLDER}/{name}") for name, (size, sha) in FILES.items()),
    ),
    also=("fmnist",),
    licence="MIT",  # Zalando SE's, in the authors' repository
)


def load(data: Data, place: Path) -> Given:
    """Return the images; those of the test split are read when first asked for."""
    from cnnbench.data.idx import read_splits

    return read_splits(place, list(FILES), SOURCE.known(None))
