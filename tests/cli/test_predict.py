"""`cnnbench predict`: image files of every kind, classified as the test images were."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnbench.config.load import load_config
from cnnbench.data.load import load_dataset
from cnnbench.runs.folder import RunDir
from cnnbench.runs.predictions import read_predictions
from tests.builders.images import pixels, write_image
from tests.cli.conftest import HOSTILE, contents
from tests.report.command import cnnbench
from tests.tools import cnnbench as in_a_process

THROUGHPUT = re.compile(r"[\d,]+ images? in [\d.,]+ s, [\d,]+ images/s\n")
DIGITS = [str(digit) for digit in range(10)]


def write_any_kind(folder: Path) -> list[Path]:
    """Image files of every size and colour mode, in a folder of their own."""
    files = [
        write_image(folder / "rgb.png", size=(40, 30)),
        write_image(folder / "grey.png", mode="L"),
        write_image(folder / "bits.png", mode="1"),
        write_image(folder / "alpha.png", mode="RGBA"),
        write_image(folder / "palette.png", mode="P"),
        write_image(folder / "print.jpg", mode="CMYK"),
        write_image(folder / "one-pixel.png", size=(1, 1)),
        write_image(folder / "below" / "further" / "wide.BMP", size=(2, 3000)),
    ]
    Image.fromarray(pixels(20, 20).astype(np.uint16) * 257).save(folder / "16bit.png")
    palette = Image.fromarray(pixels(20, 20, 3)).convert("P")
    palette.save(folder / "transparent-palette.png", transparency=bytes(range(256)))
    return [*files, folder / "16bit.png", folder / "transparent-palette.png"]


def predict(*arguments: object) -> list[dict[str, Any]]:
    code, out, err = cnnbench("predict", *arguments, "--json")
    assert code == 0 and THROUGHPUT.fullmatch(err)
    found: list[dict[str, Any]] = json.loads(out)
    return found


@pytest.mark.parametrize("run", ["digits_run", "hostile_run"])
def test_predict_equals_evaluate_image_by_image(run: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    trained: RunDir = request.getfixturevalue(run)
    test = load_dataset(load_config(trained.config)).test
    for i, image in enumerate(test.images(np.arange(len(test)))):
        Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(tmp_path / f"{i:04d}.png")
    written = read_predictions(trained.predictions)
    assert written is not None
    found = predict(trained.path, tmp_path)
    names = list(written.class_names)
    assert [names.index(each["predicted"]) for each in found] == written.predicted.tolist()
    probabilities = [[each["probabilities"][name] for name in names] for each in found]
    np.testing.assert_allclose(probabilities, written.probabilities, atol=1e-6, rtol=0)


def test_files_of_a_folder_are_read_as_in_training(hostile_run: RunDir) -> None:
    written = read_predictions(hostile_run.predictions)
    config = load_config(hostile_run.config)
    assert written is not None and config.data.path is not None
    known = [i for i, name in enumerate(written.file_names) if "�" not in name]
    files = [Path(config.data.path) / written.file_names[i] for i in known]
    found = predict(hostile_run.path, *files)
    assert [each["file"] for each in found] == [str(file) for file in files]
    assert [each["predicted"] for each in found] == [written.class_names[written.predicted[i]] for i in known]


def test_any_size_and_colour_mode(digits_run: RunDir, tmp_path: Path) -> None:
    files = write_any_kind(tmp_path)
    found = predict(digits_run.path, tmp_path)
    assert [each["file"] for each in found] == sorted(map(str, files))
    for each in found:
        shares = list(each["probabilities"].values())
        assert shares == sorted(shares, reverse=True) and sum(shares) == pytest.approx(1, abs=1e-5)
        assert sorted(each["probabilities"]) == DIGITS
        assert each["predicted"] == next(iter(each["probabilities"])) and each["probability"] == shares[0]


def test_no_warning_of_a_library_reaches_the_terminal(digits_run: RunDir, tmp_path: Path) -> None:
    write_any_kind(tmp_path)
    Image.new("1", (10_000, 9_000)).save(tmp_path / "huge.png")  # Pillow warns of 90 megapixels
    done = in_a_process("predict", digits_run.path, tmp_path, cwd=tmp_path)
    assert done.returncode == 0 and THROUGHPUT.fullmatch(done.stderr)
    assert len(done.stdout.splitlines()) == 1 + 11


def test_the_table_names_the_likeliest_classes(digits_run: RunDir, tmp_path: Path) -> None:
    image = write_image(tmp_path / "[red],x.png")
    (expected,) = predict(digits_run.path, image)
    code, out, err = cnnbench("predict", digits_run.path, image, "--top", 2, "--quiet")
    header, line = out.splitlines()
    assert (code, err) == (0, "")
    assert header.split() == ["image", "predicted", "probability", "then"]
    first, second = list(expected["probabilities"])[:2]
    assert line.startswith(f"{image}  {first} ")
    assert line.split()[-6:-2] == [first, f"{100 * expected['probability']:.2f}", "%", second]


def test_csv_holds_every_class(hostile_run: RunDir, tmp_path: Path) -> None:
    image = write_image(tmp_path / 'a,b "c".png')
    code, out, err = cnnbench("predict", hostile_run.path, image, "--csv", "--quiet")
    header, row = csv.reader(io.StringIO(out))
    (expected,) = predict(hostile_run.path, image)
    assert (code, err) == (0, "")
    assert header[:3] == ["file", "predicted", "probability"] and (header.pop(), row.pop()) == ("problem", "")
    assert sorted(header[3:]) == sorted(f"p_{name}" for name in HOSTILE)
    assert row[:2] == [str(image), expected["predicted"]]
    cells = dict(zip(header[3:], map(float, row[3:]), strict=True))
    assert cells == pytest.approx({f"p_{k}": v for k, v in expected["probabilities"].items()}, abs=1e-8)


def test_class_names_are_only_text(hostile_run: RunDir, tmp_path: Path) -> None:
    code, out, err = cnnbench("predict", hostile_run.path, write_image(tmp_path / "x.png"), "--top", 5, "--quiet")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 2
    for name in ("[red]", 'a,b "c"', "<i>", "日本語", "two�lines"):
        assert name in out


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_an_unreadable_file_among_good_ones(form: list[str], digits_run: RunDir, tmp_path: Path) -> None:
    good = [write_image(tmp_path / "a.png"), write_image(tmp_path / "c.png")]
    broken = tmp_path / "b.png"
    broken.write_bytes(good[0].read_bytes()[:100])
    code, out, err = cnnbench("predict", digits_run.path, tmp_path, *form)
    assert code == 3
    assert all(str(file) in out for file in (*good, broken))
    assert "not an image that can be read" in out
    throughput, line = err.splitlines()
    assert throughput.startswith("2 images in ")
    assert line.startswith(f"error: {broken}: not an image that can be read (")
    if form == ["--json"]:
        assert [set(each) for each in json.loads(out)][1] == {"file", "problem"}


def test_a_file_name_that_is_no_utf8(digits_run: RunDir, tmp_path: Path) -> None:
    file = write_image(tmp_path / "x.png").rename(tmp_path / os.fsdecode(b"\xff.png"))
    assert f"{tmp_path}/�.png" in cnnbench("predict", digits_run.path, file)[1]
    done = in_a_process("predict", digits_run.path, tmp_path, "--json", cwd=tmp_path, PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 0 and THROUGHPUT.fullmatch(done.stderr)
    assert json.loads(done.stdout)[0]["file"] == str(file)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["{run}", "nowhere.png"], 3, "nowhere.png: no such file or folder"),
        (["{run}", "empty"], 3, "empty: no image file in this folder"),
        (["{run}", "*.jpg"], 3, "*.jpg: no image matches this pattern"),
        (["{run}", "-"], 3, "-: no name of an image on standard input"),
        (["{run}", "https://example.org/a.png"], 3, "find another image: download it and name the file"),
        (["{run}", "text.png"], 3, "text.png: not an image that can be read (no known image format)"),
        (["empty", "image.png"], 2, "empty: not a run folder and no run folder below it (a run holds config.yaml)"),
        (["image.png", "{run}"], 2, "image.png: not a run folder and no run folder below it (a run holds config.yaml)"),
        (["nowhere", "image.png"], 2, "nowhere: not a run folder and no run folder below it (a run holds config.yaml)"),
        (["{run}", "image.png", "--csv", "--json"], 2, "--csv --json: one of them"),
        (["{run}", "image.png", "--backend", "jaxx"], 2, "did you mean jax?"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], code: int, said: str, digits_run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("text.png").write_text("no image")
    write_image(Path("image.png"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    found, out, err = cnnbench("predict", *(a.replace("{run}", str(digits_run.path)) for a in arguments))
    assert (found, out) == (code, "")
    assert err.startswith("error: ") and err.endswith(f"{said}\n") and err.count("\n") == 1


def test_patterns_and_standard_input_name_images(
    digits_run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("a.png", "b.jpg", "in/c.png", "in/[d].png", ".hidden/e.png", "f.txt"):
        write_image(Path("x.png")).replace(Path(file)) if Path(file).parent.is_dir() else write_image(Path(file))
    found = predict(digits_run.path, "*.[jp]*g", "in/[[]d].png")
    assert [each["file"] for each in found] == ["a.png", "b.jpg", "in/[d].png"]
    assert [each["file"] for each in predict(digits_run.path, "**/*.png")] == ["a.png", "in/[d].png", "in/c.png"]
    for between in (b"\n", b"\0"):
        given = between.join([b"b.jpg", b"in/[d].png", b"in", b""])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        found = [each["file"] for each in predict(digits_run.path, "-", "a.png")]
        assert found == ["b.jpg", "in/[d].png", "in/[d].png", "in/c.png", "a.png"]


def test_what_is_no_file_is_a_row_among_good_ones(digits_run: RunDir, tmp_path: Path) -> None:
    good, address = write_image(tmp_path / "a.png"), "https://example.org/b.png"
    code, out, err = cnnbench("predict", digits_run.path, "nowhere.png", good, address)
    assert code == 3
    _, nowhere, read, refused = out.splitlines()
    assert nowhere.split(maxsplit=3) == ["nowhere.png", "not", "read", "no such file or folder"]
    assert read.startswith(str(good)) and refused.split()[:3] == [address, "not", "read"]
    assert "nothing is fetched from a network" in refused
    assert [line.split(": ")[:2] for line in err.splitlines()[1:]] == [["error", "nowhere.png"], ["error", address]]


def test_an_unfinished_run_says_what_finishes_it(unfinished_run: RunDir, tmp_path: Path) -> None:
    code, out, err = cnnbench("predict", unfinished_run.path, write_image(tmp_path / "x.png"))
    assert (code, out) == (2, "")
    where = unfinished_run.path
    assert err == (f"error: {where}: has no finished model (state: interrupted); cnnbench train --resume finishes it\n")


def test_a_model_that_is_no_model(digits_run: RunDir, tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    run.path.mkdir()
    for name, content in contents(digits_run.path).items():
        if "/" not in name:
            (run.path / name).write_bytes(content)
    run.model.write_bytes(run.model.read_bytes()[:500])
    code, out, err = cnnbench("predict", run.path, write_image(tmp_path / "x.png"))
    assert (code, out) == (3, "")
    assert err == f"error: {run.model}: not a model that can be loaded (no .keras archive)\n"


def test_the_run_folder_stays_as_it_is(digits_run: RunDir, tmp_path: Path) -> None:
    before = contents(digits_run.path)
    predict(digits_run.path, write_image(tmp_path / "x.png"))
    assert contents(digits_run.path) == before


def test_a_file_without_permission_among_good_ones(
    digits_run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write_image(tmp_path / "a.png"), write_image(tmp_path / "b.png")]
    opened = Path.open

    def refusing(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == files[1]:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "access", lambda path, *_, **__: path != files[1])  # as root every file can be read
    monkeypatch.setattr(Path, "open", refusing)
    code, out, err = cnnbench("predict", digits_run.path, *files)
    assert code == 3
    assert str(files[0]) in out
    assert err.endswith(f"\nerror: {files[1]}: not an image that can be read (Permission denied)\n")
