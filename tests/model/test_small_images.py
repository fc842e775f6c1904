"""Every network takes every data set: its images made larger, or by a stem for small ones."""

from __future__ import annotations

import pytest
import yaml

from cnnbench.config.network.shapes import infer
from cnnbench.config.network.spec import expand
from tests.builders.networks import ARCHITECTURES, shipped

NETWORKS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(ARCHITECTURES.glob("*.yaml"))
}
WITH_STEM = [name for name, file in NETWORKS.items() if "stem" in (file.get("parameters") or {})]
PUBLISHED = {"densenet121", "googlenet", "mobilenetv2", "resnet18", "resnet34", "resnet50", "resnet101"}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("channels", [1, 3])
def test_images_of_its_own_size_in_grey_and_in_colours_fit(name: str, channels: int) -> None:
    nodes, (height, width, _), _ = shipped(name)
    assert infer(nodes, (height, width, channels), 5)[-1].output_shape == (5,)


@pytest.mark.parametrize("name", WITH_STEM)
@pytest.mark.parametrize("size", [28, 32])
def test_a_stem_for_small_images_leaves_a_map_to_average(name: str, size: int) -> None:
    file = NETWORKS[name]
    rows = infer(expand(file["layers"], file["blocks"], {**file["parameters"], "stem": "small"}), (size, size, 3), 10)
    last = [row.output_shape for row in rows if len(row.output_shape) == 3][-1]
    assert min(last[:2]) >= 3


def test_the_networks_whose_small_stem_is_common_practice_have_one() -> None:
    assert set(WITH_STEM) >= PUBLISHED


def test_resnet18_with_the_small_stem_counts_as_resnet18_32() -> None:
    file = NETWORKS["resnet18"]
    small = infer(expand(file["layers"], file["blocks"], {"stem": "small"}), (32, 32, 3), 10)
    same, shape, classes = shipped("resnet18-32")
    weighted = [(row.output_shape, row.macs, row.parameters) for row in infer(same, shape, classes) if row.parameters]
    assert [(row.output_shape, row.macs, row.parameters) for row in small if row.parameters] == weighted
