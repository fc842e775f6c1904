from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from cnnbench.views.cloud import Cloud, Dot
from cnnbench.views.page import Page, Section, render

PLACES = np.array([[0.0, 0.0], [1.0, 2.0], [4.0, 1.0]])
DOTS = [Dot('image 5: <b>"x"', 1, False), Dot("image 7: y, taken for z", 0, True), Dot("image 9: y", 0, False)]
PICTURES = np.stack([np.full((2, 3, 1), value, np.uint8) for value in (10, 20, 30)])
CLOUD = Cloud([("A", PLACES), ("B", -PLACES)], DOTS, PICTURES, ["y", "z"])


def shown() -> str:
    return render(Page("t", ("", ""), [Section("s", "S", [CLOUD])], ""))


def test_each_point_is_a_button_of_its_group_that_says_what_it_is() -> None:
    page = shown()
    buttons = re.findall(r'<input type="radio" name="([^"]+)" class="([^"]+)" aria-label="([^"]+)">', page)
    said = [name for group, _, name in buttons if group == "cloud-0"]
    assert said == ["image 7: y, taken for z", "image 9: y", "image 5: &lt;b&gt;&#34;x&#34;"], (
        "by class, then from left"
    )
    assert len([group for group, _, _ in buttons if group == "cloud-1"]) == 3
    assert [looks for _, looks, _ in buttons[:3]] == ["blue round ring", "blue round", "orange round"]


def test_pictures_are_found_on_the_sheet_and_open_to_where_there_is_room() -> None:
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(CLOUD.sheet.partition(",")[2]))))
    assert image.shape == (4, 6) and image[0, 0] == 10 and image[0, 5] == 20 and image[3, 0] == 30
    ((_, _, dots), _) = CLOUD.shown
    assert [(dot.said[:7], place, sides) for dot, place, sides in dots] == [
        ("image 7", "left:27.00%;top:4.00%;--x:100.000%;--y:0.000%", ""),
        ("image 9", "left:96.00%;top:50.00%;--x:0.000%;--y:100.000%", "to-left"),
        ("image 5", "left:4.00%;top:96.00%;--x:0.000%;--y:0.000%", "up"),
    ]
    assert "url(data:image/png;base64," in shown() and "<script" not in shown().partition("<main")[2]
