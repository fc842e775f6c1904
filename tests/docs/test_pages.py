"""Pages that are generated: of the catalogue nothing is left out, and pictures show the networks that there are."""

from __future__ import annotations

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import yaml

import cnnbench
from cnnbench.config.kinds import KINDS, names_of
from cnnbench.config.shipped import architecture_names
from scripts.docs import architectures, commands, hook, reference
from scripts.docs.networks import Box, Fork, Repeat, parts_of
from tests.tools import ROOT

REFERENCE = reference.pages()
GALLERY = architectures.pages()


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_is_in_the_reference(kind: str) -> None:
    whole = "\n".join(REFERENCE.values())
    assert [name for name in names_of(kind) if f"`{name}`" not in whole and f"[{name}]" not in whole] == []


def test_a_key_stands_with_type_default_and_line() -> None:
    (row,) = re.findall(r"^\| `train\.batch_size` .+$", REFERENCE["keys.md"], flags=re.MULTILINE)
    assert row == "| `train.batch_size` | an integer >= 1 | `64` | images per step |".replace(">", "&gt;")
    (row,) = re.findall(r"^\| `Dropout` .+$", REFERENCE["network.md"], flags=re.MULTILINE)
    assert "`rate`: a number" in row


def test_every_command_and_option_is_in_the_reference() -> None:
    page = commands.page()
    assert "## cnnbench data check" in page and "| `--fail-under` |" in page and "| `--output`, `-o` |" in page


@pytest.mark.parametrize("name", architecture_names())
def test_an_architecture_is_drawn_within_its_picture(name: str) -> None:
    svg = ElementTree.fromstring(GALLERY[f"{name}.svg"])
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    for rect in svg.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, w, h = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
    assert svg.attrib["aria-label"].startswith(f"{name} layer by layer: ")
    assert f"{name}.svg" in GALLERY["index.md"] and GALLERY[f"{name}.svg"] in GALLERY[f"{name}.md"]


def test_a_picture_has_a_box_for_every_layer() -> None:
    svg = GALLERY["lenet5.svg"]
    assert re.findall(r">([A-Z]\w+2D|Dense|Flatten)\b", svg) == [
        *["Conv2D", "MaxPooling2D"] * 2, "Flatten", "Dense", "Dense", "Dense",
    ]  # fmt: skip
    assert "28 × 28 × 6 · 156" in svg and "120 · 48,120" in svg


def test_what_comes_several_times_is_drawn_once() -> None:
    shown = architectures.network("resnet20")
    parts = parts_of(shown.nodes, shown.rows)
    first = next(part for part in parts if isinstance(part, Repeat))
    assert (first.times, first.shape) == (3, "32 × 32 × 16")
    fork = first.parts[0]
    assert isinstance(fork, Fork) and fork.merge == "Add" and list(fork.paths[1]) == []
    assert [box.kind for box in fork.paths[0] if isinstance(box, Box)].count("Conv2D") == 2
    halves = [part for part in parts if isinstance(part, Fork)]
    assert [half.shape for half in halves] == ["16 × 16 × 32", "8 × 8 × 64"]


def test_links_to_files_lead_to_pages() -> None:
    page = ROOT / "docs" / "configuration.md"
    there = {
        hook.in_site(page, f"../configs/{name}") for name in ("architectures", "sweeps/tpe-digits.yaml", "studies")
    }
    assert there == {"architectures/index.md", "shipped/sweeps/tpe-digits.md", "reference/shipped.md"}
    assert there <= set(hook.generated())
    assert hook.in_site(ROOT / "CONTRIBUTING.md", "docs/studies.md") == "studies.md" and not hook.in_site(
        page, "results.md"
    )


def test_the_site_loads_nothing_from_elsewhere() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    told = yaml.safe_load(text)
    assert told["theme"]["font"] is False and "http" not in text
    assert {each if isinstance(each, str) else next(iter(each)) for each in told["plugins"]} == {
        "search", "mkdocstrings",
    }  # fmt: skip


def test_citation_and_changes_are_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == cnnbench.__version__ and citation["license"] == "MIT"
    assert f"## {cnnbench.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_page_is_in_the_navigation() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    named = hook.listed(hook.on_config(SimpleNamespace(nav=nav)).nav)
    made = [name for name in hook.generated() if name.endswith(".md")]
    alone = [name for name in made if name.startswith(("shipped/", "architectures/")) and "index" not in name]
    docs = ROOT / "docs"
    written = [path.relative_to(docs).as_posix() for path in docs.rglob("*.md")]
    assert sorted(named) == sorted(set(made) - set(alone) | set(written))
