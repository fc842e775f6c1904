"""Images that look alike without being equal: scaled, compressed again, a little brighter.

The hash is a difference hash (N. Krawetz, "Kind of Like That", The Hacker Factor, 2013): a grey image of 8 x 9 cells,
a bit for each cell that is clearly brighter than the one to its right. Hashes of plain images often agree, so that
images with neighbouring hashes are held against each other in a thumbnail before they are called alike. The distances
allowed are such that MNIST has one pair between its splits and CIFAR-10 three, while nine of ten images are found again
after JPEG of quality 75, noise of 4 grey levels or 15 levels more light.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnbench.data.types import Images, Rows

CELLS = (8, 9)
SIDE = 16  # of a thumbnail
TURNS = (0, 16, 32, 48)  # hashes are sorted so often, with other bits first: one wrong bit hides no neighbour
NEIGHBOURS = 4  # looked at to both sides of an image's place among the sorted hashes
MOST_BITS = 10  # of 64 that differ
UNLIKE = 0.12  # distance of two thumbnails without their mean, as a share of their contrast
NOISE = 2.0  # grey levels that are nothing, root mean square
MARGIN = 8  # grey levels by which a cell is brighter than its neighbour, so that flat areas with noise stay 0s

Hashes = NDArray[np.uint64]
Thumbnails = NDArray[np.uint8]
Looks = tuple[Hashes, Thumbnails]


def looks(images: Images) -> Looks:
    """Return hash, (n,), and thumbnail, (n, 256), of images (n, H, W, C) with pixel values 0..255."""
    grey: NDArray[np.float32] = images.mean(axis=3, dtype=np.float32)
    cells = _shrunk(grey, *CELLS)
    bits = (cells[:, :, :-1] > cells[:, :, 1:] + MARGIN).reshape(len(images), -1)
    hashes = np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)
    return hashes, np.rint(_shrunk(grey, SIDE, SIDE)).astype(np.uint8).reshape(len(images), -1)


def joined(parts: Sequence[Looks]) -> Looks:
    """Return hashes and thumbnails of several lots of images as those of one."""
    return np.concatenate([hashes for hashes, _ in parts]), np.concatenate([thumbnails for _, thumbnails in parts])


def alike(one: Looks, other: Looks) -> Rows:
    """Return for each image of `one` the row of an image of `other` that looks like it, or -1; never all pairs."""
    found = np.full(len(one[0]), -1)
    for turn in TURNS:
        own, others = _turned(one[0], turn), _turned(other[0], turn)
        order = np.argsort(others, kind="stable")
        place = np.searchsorted(others[order], own)
        for step in range(-NEIGHBOURS, NEIGHBOURS):
            rows = order[np.clip(place + step, 0, len(order) - 1)]
            near = np.flatnonzero((found < 0) & (_bits(one[0] ^ other[0][rows]) <= MOST_BITS))
            near = near[_are_alike(one[1][near], other[1][rows[near]])]
            found[near] = rows[near]
    return found


def _shrunk(grey: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Return images (n, height, width) whose cells are means over the pixels they cover, parts of pixels counted so."""
    shrunk: NDArray[np.float32] = np.matmul(_cover(height, grey.shape[1]) @ grey, _cover(width, grey.shape[2]).T)
    return shrunk


def _cover(cells: int, pixels: int) -> NDArray[np.float32]:
    """Return (cells, pixels): how much of a cell each pixel covers; rows add up to 1."""
    edges = np.arange(cells + 1) * (pixels / cells)
    at = np.arange(pixels)
    covered = np.minimum(edges[1:, None], at + 1) - np.maximum(edges[:-1, None], at)
    shares: NDArray[np.float32] = (np.clip(covered, 0, None) * (cells / pixels)).astype(np.float32)
    return shares


def _turned(hashes: Hashes, turn: int) -> Hashes:
    return (hashes << np.uint64(turn)) | (hashes >> np.uint64(64 - turn)) if turn else hashes


def _bits(values: Hashes) -> NDArray[np.int64]:
    """Return how many bits of each value are set."""
    counts: NDArray[np.int64] = np.unpackbits(values[:, None].view(np.uint8), axis=1).sum(axis=1, dtype=np.int64)
    return counts


def _are_alike(one: Thumbnails, other: Thumbnails) -> NDArray[np.bool_]:
    a, b = (t - t.mean(axis=1, keepdims=True, dtype=np.float32) for t in (one.astype(np.float32), other))
    distance, contrast = _size(a - b), np.minimum(_size(a), _size(b))
    return distance <= np.maximum(UNLIKE * contrast, NOISE)


def _size(values: NDArray[np.float32]) -> NDArray[np.float32]:
    sizes: NDArray[np.float32] = np.sqrt(np.square(values).mean(axis=1))
    return sizes
