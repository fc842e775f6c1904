"""The gallery of architectures: for each shipped one a page with its picture, its facts and its file."""

from __future__ import annotations

from dataclasses import dataclass

from cnnbench.config.architecture import Architecture, load_architecture
from cnnbench.config.network.depth import depth_of
from cnnbench.config.network.nodes import Node
from cnnbench.config.network.shapes import LayerShape, infer
from cnnbench.config.network.spec import expand
from cnnbench.config.shipped import architecture_names, shipped
from scripts.docs.drawing import picture
from scripts.docs.networks import parts_of, shape_text
from scripts.docs.writing import fenced, plain, table

USUAL_SHAPE, USUAL_CLASSES = (32, 32, 3), 10  # of an architecture that names none


@dataclass(frozen=True)
class Network:
    """A shipped architecture at the size it was published for."""

    file: Architecture
    nodes: list[Node]
    rows: list[LayerShape]

    @property
    def input(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.file.input or USUAL_SHAPE

    @property
    def classes(self) -> int:
        """How many classes it tells apart."""
        return self.file.classes or USUAL_CLASSES

    @property
    def parameters(self) -> int:
        """How many numbers its weights hold."""
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one image."""
        return sum(row.macs for row in self.rows)

    def drawn(self) -> str:
        """Return its picture."""
        said = f"{self.file.name} layer by layer: {self.parameters:,} parameters, depth {depth_of(self.nodes)}"
        return picture(parts_of(self.nodes, self.rows), said, f"image {shape_text(self.input)}")


def networks() -> list[Network]:
    """Return every shipped architecture."""
    return [network(name) for name in architecture_names()]


def network(name: str) -> Network:
    """Return a shipped architecture with the shapes of its layers."""
    file = load_architecture(name)
    nodes = expand(file.layers, file.blocks, file.parameters, file.marks)
    return Network(file, nodes, infer(nodes, file.input or USUAL_SHAPE, file.classes or USUAL_CLASSES))


def pages() -> dict[str, str]:
    """Return the gallery: a page and a picture for each architecture, and a page of all."""
    found = {}
    shown = networks()
    for each in shown:
        drawn = each.drawn()
        found[f"{each.file.name}.svg"] = drawn
        found[f"{each.file.name}.md"] = _page(each, drawn)
    return {"index.md": _index(shown), **found}


def _page(each: Network, drawn: str) -> str:
    file = each.file
    text = shipped("architectures", file.name).read_text(encoding="utf-8")
    facts = table(["what", "how much"], [*_facts(each), *_weights(file)])
    legend = "Boxes are layers, with what they make and how many weights they have; a frame is drawn once."
    return (
        f"# {file.name}\n\n{plain(file.description or '')}\n\n{facts}\n{legend}\n\n"
        f'<div class="network">{drawn}</div>\n\n## The file\n\n'
        f"`model: {{architecture: {file.name}}}` uses it; `cnnbench inspect {file.name} --why` has the formula behind "
        f"every number.\n\n{fenced(text, 'yaml')}"
    )


def _facts(each: Network) -> list[list[str]]:
    rows = [
        ["image, classes", f"{shape_text(each.input)}, {each.classes}"],
        ["parameters", f"{each.parameters:,}"],
        ["multiply-accumulates of an image", f"{each.macs:,}"],
        ["depth: convolutions and dense layers on the longest path", str(depth_of(each.nodes))],
    ]
    return [*rows, ["published in", plain(" ".join((each.file.source or "").split()))]] if each.file.source else rows


def _weights(file: Architecture) -> list[list[str]]:
    return [
        [f"weights by {row.publisher}", f"`{row.file}`, licence: {row.licence or 'not stated'}"]
        for row in file.weights or ()
    ]


def _index(shown: list[Network]) -> str:
    cards = "\n".join(_card(each) for each in sorted(shown, key=lambda each: each.parameters))
    intro = (
        "Every network that is shipped, drawn from its YAML file, the smallest first; parameters are those at the size "
        "it was published for. `cnnbench inspect NAME` prints the same layer by layer for any size and number of "
        "classes."
    )
    return f'# Architectures\n\n{intro}\n\n<div class="gallery">\n{cards}\n</div>\n'


def _card(each: Network) -> str:
    name = each.file.name
    return (
        f'<a href="{name}.html"><img src="{name}.svg" alt="" loading="lazy">'
        f"<strong>{name}</strong><span>{each.parameters:,} parameters</span></a>"
    )
