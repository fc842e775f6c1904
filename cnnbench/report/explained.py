"""What the page of a run says of what its model looks at: its figures, and the section that has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnnbench.runs.explained import Explained
from cnnbench.runs.run import Run
from cnnbench.text import count, fixed, label, percent
from cnnbench.views.charts import explained as charts
from cnnbench.views.cloud import Cloud, Dot
from cnnbench.views.figure import Drawn, Figure, Panel
from cnnbench.views.page import Heading, Part, Points, Section, Text, chosen, named
from cnnbench.views.table import Column, Table, pairs

SHORT = {"integrated_gradients": "integrated"}  # where there is little room
KINDS = {"grad_cam": "Grad-CAM", "integrated_gradients": "integrated gradients", "occlusion": "occlusion"}
MAPS, LAYERS, FILTERS = "explained_maps", "explained_layers", "explained_filters"
NEAREST, EMBEDDING = "explained_nearest", "explained_embedding"
NAMES = (MAPS, LAYERS, FILTERS, NEAREST, EMBEDDING)
MOST_LAYERS = 60

HOW = (
    "Blue speaks for the class, red against it. Grad-CAM weighs the last convolution's maps; integrated gradients sum "
    "up how the probability rises on the way from an empty image; occlusion is what the probability loses where a "
    "patch hides a place. Deletion and insertion are areas under the class's probability while the pixels a map names "
    "first go, and come: a good map has a low deletion and a high insertion, and does better than maps drawn at "
    "random. With shuffled weights a map must look different: a rank correlation near 1 means that it shows nothing "
    "of what was learnt."
)
SPACE = (
    "What goes into the last layer with weights, of test images, in two dimensions: principal components, and t-SNE, "
    "in which only what is near says something. Choose a point to see its image; the arrow keys go on to the next."
)


DEAD = "Units of layers with a relu that give 0 for all of 256 training images; a unit of maps is a channel."


def figures(results: Run) -> Iterator[Figure]:
    """Yield the figures of what was explained, none of a run that was not."""
    found = results.explained if results.of == "test" else None
    if found is None:
        return
    yield Figure(
        MAPS,
        f"Maps over {found.facts['chosen']}, for a class each, with deletion and insertion scores",
        list(_maps(found)),
    )
    layers = found.facts["layers"][:MOST_LAYERS]
    if layers:
        caption = "What comes out of each layer for the first of the images; of many maps the strongest ones"
        yield Figure(LAYERS, caption, [charts.layers([_layer(found, at) for at in range(len(layers))])], across=1)
    if found.facts["filters"] is not None:
        title = f"filters of {label(found.facts['filters'])}"
        panel = charts.filters(title, found.arrays["filters"])
        yield Figure(FILTERS, "Filters of the first convolution; mid-grey is 0", [panel], across=1)
    if any(image["nearest"] for image in found.images):
        caption = "The images, and the training images that the model finds most alike, with their distance"
        yield Figure(NEAREST, caption, [charts.neighbours(list(_nearest(found)))], across=1)
    if found.facts["points"]:
        yield Figure(EMBEDDING, "Test images by the model's features; a ring is a mistake", list(_scatters(found)))


def section(results: Run, drawn: Mapping[str, Drawn]) -> Section:
    """Return the section, without anything to show where nothing was explained."""
    found = results.explained
    if found is None:
        return Section("explained", "What the model looks at", [])
    facts = found.facts
    parts: list[Part | None] = [Text(HOW, "soft"), _asked(facts), *chosen(drawn, MAPS), table(found)]
    if facts["layers"]:
        parts += [Heading("Layers"), *chosen(drawn, LAYERS, FILTERS)]
    if facts["dead_units"]:
        parts += [Heading("Dead units"), Text(DEAD, "soft"), _dead_units(facts["dead_units"])]
    if facts["training"]:
        parts += [Heading("Nearest training images"), *chosen(drawn, NEAREST)]
    if facts["points"]:
        parts += [Heading("Test images arranged"), Text(_space(found), "soft"), _cloud(found)]
    if facts["left_out"]:
        parts += [Heading("Left out"), Points.of(facts["left_out"])]
    return Section("explained", "What the model looks at", parts, "Explained")


def table(found: Explained) -> Table[Mapping[str, Any]]:
    """Return a row for every map."""
    rows = [{"image": image["name"], **one} for image in found.images for one in image["maps"]]
    checked = any(row["after_shuffling"] is not None for row in rows)
    summed = any(row["sum"] is not None for row in rows)
    return Table(
        "maps",
        (
            Column("image", lambda row: row["image"], named, "image", left=True, fold=True),
            Column("class", lambda row: row["class"], named, "class", left=True),
            Column("map", lambda row: row["kind"], lambda kind: KINDS.get(kind, kind), "kind", left=True),
            Column("deletion", lambda row: row["deletion"], _short, "deletion"),
            Column("of random maps", lambda row: row["deletion_random"], _short, "deletion_random", least=1),
            Column("insertion", lambda row: row["insertion"], _short, "insertion"),
            Column("of random maps", lambda row: row["insertion_random"], _short, "insertion_random", least=0),
            *([_COMPLETENESS] if summed else []),
            *([_SHUFFLED] if checked else []),
        ),
        rows,
    )


def _asked(facts: Mapping[str, Any]) -> Text | None:
    """Return how often the model was asked about an image, None where a version before did not say so."""
    if "effort" not in facts:
        return None
    asked = facts["effort"]
    exact = f"integrated gradients in {count(asked['gradient_steps'])} steps at most, " if facts["layers"] else ""
    return Text(
        f"For each image and class: {exact}occlusion by patches {percent(asked['apart'], 0)} of their side apart, "
        f"deletion and insertion in {count(asked['pixel_steps'])} steps, {count(asked['random_maps'])} random maps. A "
        "model is asked less often about large images than about small ones, unless with explain --thorough.",
        "soft",
    )


def _short(value: float | None) -> str:
    return fixed(value, 3)


def _completeness(row: Mapping[str, Any]) -> str:
    if row["sum"] is None:
        return ""
    steps = f" ({count(row['steps'])})" if row.get("steps") else ""
    return f"{fixed(row['sum'], 4)} of {fixed(row['difference'], 4)}{steps}"


_COMPLETENESS: Column[Mapping[str, Any]] = Column("sums up to (steps)", _completeness, str)
_SHUFFLED: Column[Mapping[str, Any]] = Column(
    "shuffled weights", lambda row: row["after_shuffling"], lambda r: fixed(r, 2), "after_shuffling"
)


def title(image: Mapping[str, Any]) -> str:
    """Return what an image is, what it is taken for, and whether that is right."""
    name, true = label(image["name"], 18), image["true"]
    sure = "" if image["probability"] is None else f" ({percent(image['probability'], 1)})"
    if true is None or true == image["predicted"]:
        return f"{name}: {'' if true is None else '✓ '}{label(image['predicted'], 14)}{sure}"
    return f"{name}: ✗ {label(image['predicted'], 9)}{sure}, is {label(true, 9)}"


def _maps(found: Explained) -> Iterator[Panel]:
    """Yield a row for every image and class."""
    for image, pixels, maps in zip(found.images, found.arrays["images"], found.maps, strict=True):
        for name in dict.fromkeys(one["class"] for one in image["maps"]):
            tiles = [
                charts.Over(SHORT.get(one["kind"], KINDS.get(one["kind"], one["kind"])), values, _below(one))
                for one, values in zip(image["maps"], maps, strict=True)
                if one["class"] == name
            ]
            of = "" if name == image["predicted"] else f" – for {label(name, 9)}"
            yield charts.over(f"{title(image)}{of}", pixels, tiles)


def _below(one: Mapping[str, Any]) -> str:
    return f"del. {_short(one['deletion'])}\nins. {_short(one['insertion'])}"


def _layer(found: Explained, at: int) -> tuple[str, str, Any]:
    row, maps = found.facts["layers"][at], found.arrays[f"layer_{at}"]
    what = "maps" if len(maps) > 1 else "values"
    return row["name"], f"{row['kind']}, {count(row['maps'])} {what}", maps


def _nearest(found: Explained) -> Iterator[charts.Near]:
    for image, pixels, near in zip(found.images, found.arrays["images"], found.arrays["neighbours"], strict=True):
        shown = [
            (f"{label(one['class'], 10)}\n{one['distance']:.3g}", picture)
            for one, picture in zip(image["nearest"], near, strict=True)
        ]
        yield charts.Near(title(image), pixels, shown)


def _places(found: Explained) -> list[tuple[str, Any]]:
    named_so = (("pca", "Principal components"), ("tsne", "t-SNE"))
    return [(name, found.arrays[key]) for key, name in named_so if key in found.arrays]


def _scatters(found: Explained) -> Iterator[Panel]:
    points = found.facts["points"]
    classes, wrong = [one["true"] for one in points], [one["true"] != one["predicted"] for one in points]
    for name, places in _places(found):
        yield charts.scatter(name, places, classes, wrong, found.facts["classes"])


def _cloud(found: Explained) -> Cloud:
    points, names = found.facts["points"], found.facts["classes"]
    dots = [
        Dot(
            f"test image {one['index']}: {_taken(one)}",
            names.index(one["true"]) if one["true"] in names else 0,
            one["true"] != one["predicted"],
        )
        for one in points
    ]
    return Cloud(_places(found), dots, found.arrays["thumbnails"], names)


def _taken(one: Mapping[str, Any]) -> str:
    right = one["true"] == one["predicted"]
    return named(one["true"]) if right else f"{named(one['true'])}, taken for {named(one['predicted'])}"


def _space(found: Explained) -> str:
    facts = found.facts["embedding"]
    first, second = facts["explained"]
    tsne = "" if facts["perplexity"] is None else f"; t-SNE has perplexity {facts['perplexity']:.3g}"
    return (
        f"{SPACE} {count(len(found.facts['points']))} of {count(facts['of'])} test images, {count(facts['features'])} "
        f"features; the two components have {percent(first + second, 1)} of their variance{tsne}."
    )


def _dead_units(shares: Mapping[str, float]) -> Table[tuple[str, str]]:
    return pairs("dead units", [(name, percent(share, 1)) for name, share in shares.items()])
