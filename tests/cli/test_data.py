from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cnnbench.catalogue.sources import sources
from tests.builders.images import pixels, write_folder, write_npz


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "data"


def cnnbench(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cnnbench", "data", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_list_says_where_data_is_and_how_to_get_it(places: Path) -> None:
    write_npz(places / "mnist.npz")
    done = cnnbench("list")
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert done.returncode == 0 and str(places) in lines["mnist"] and "built in" in lines["digits"]
    assert "cnnbench data get cifar10` downloads 170 MB" in lines["cifar10"] and "50000+10000" in lines["cifar10"]


def test_list_as_json(places: Path) -> None:
    found = {s["name"]: s for s in json.loads(cnnbench("list", "--json").stdout)}
    assert (
        set(found) == set(sources()) and found["cifar100"]["classes"] == 100 and found["digits"]["where"] == "built in"
    )


def test_get_of_what_is_there_says_where(places: Path) -> None:
    write_npz(places / "mnist.npz")
    assert json.loads(cnnbench("get", "mnist", "--offline", "--json").stdout) == {"mnist": str(places)}


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["get", "cifar10", "--offline"], 3, "put there cifar-10-batches-py/"),
        (["get", "mnits"], 2, "did you mean mnist?"),
        (["get", "digits"], 2, "nothing to get"),
        (["get"], 2, "NAME"),
        (["check", "mnist", "--offline"], 3, "not found and not downloaded"),
        (["check", "nowhere.npz"], 3, "nowhere.npz: no such file"),
        (["check", "nosuchconfig"], 2, "nosuchconfig"),
        (["check", "digits", "data.tset=0.3"], 2, "data.tset"),
        (["preview", "digits", "--output", "x.jpg"], 2, "x.jpg: the preview is a .png file"),
    ],
)
def test_mistakes_are_one_line_and_an_exit_code(arguments: list[str], code: int, expected: str) -> None:
    done = cnnbench(*arguments)
    assert (done.returncode, done.stdout) == (code, "") and expected in done.stderr
    assert "Traceback" not in done.stderr


def test_check_of_sound_data() -> None:
    done = cnnbench("check", "digits")
    assert done.returncode == 0 and "8x8x1  uint8  0..255" in done.stdout
    assert "0 problem(s)" in done.stdout.splitlines()[-1]


def test_check_of_a_folder_with_a_bad_file(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "photos")
    assert cnnbench("check", root).returncode == 0
    (root / "cat" / "004.png").write_bytes(b"broken")
    done = cnnbench("check", root, "--json")
    assert done.returncode == 3 and len(json.loads(done.stdout)["problems"]) == 1
    assert done.stderr.startswith("error: ") and "cat/004.png" in done.stderr and len(done.stderr.splitlines()) == 1


def test_check_is_strict_about_duplicates_on_request(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "a.npz", x_test=pixels(20, 28, 28))
    done = cnnbench("check", path)
    assert done.returncode == 0 and "warning: 20 image(s) in both train and test" in done.stdout
    done = cnnbench("check", path, "--strict")
    assert done.returncode == 3 and "20 image(s) in both train and test" in done.stderr


def test_preview_is_a_picture(tmp_path: Path) -> None:
    from PIL import Image

    done = cnnbench(
        "preview",
        "digits",
        "augment=[{RandomTranslation: {height_factor: 0.2, width_factor: 0.2}}]",
        "--output",
        tmp_path / "p.png",
    )
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "p.png") as image:
        assert min(image.size) > 300 and done.stdout.strip() == str(tmp_path / "p.png")


def test_preview_of_classes_has_a_row_for_each(tmp_path: Path) -> None:
    from PIL import Image

    heights = {}
    for classes in (["3", "7"], ["3", "7", "1", "0"]):
        picture, wanted = tmp_path / f"{len(classes)}.png", ",".join(map(repr, classes))
        done = cnnbench("preview", "digits", f"data.classes=[{wanted}]", "--classes", "-o", picture)
        assert (done.returncode, done.stderr, done.stdout) == (0, "", f"{picture}\n")
        with Image.open(picture) as image:
            heights[len(classes)] = image.height
    assert heights[4] - heights[2] == pytest.approx(2 * 300 * 0.5 * 1.08, abs=2)  # dots of two more rows
