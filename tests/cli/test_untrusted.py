"""Files from elsewhere execute nothing, read nothing else and call nobody, on every way in; each is refused in a line.

Weight files of other frameworks are in `tests/model/weights/test_readers.py`, `.skops` in
`tests/learners/estimator/test_archive.py`, CIFAR's pickles in `tests/data/test_cifar.py`, images in `test_decode.py`,
tables of them in `sources/test_image_table.py`.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from cnnbench.errors import OutputError
from cnnbench.jobs.parcel import unpack
from cnnbench.learners.choose import load
from cnnbench.model.weights.read import read
from cnnbench.runs.folder import RunDir
from tests.builders import attacks
from tests.builders.attacks import NETWORKS, Attack, Bait, Pickled, laughs, unharmed
from tests.builders.images import write_folder, write_image
from tests.builders.runs import digits, write_run
from tests.report.command import cnnbench
from tests.tools import ROOT, tiny, write_config


def received(run: RunDir, folder: Path) -> RunDir:
    """Return a copy of a run folder, as somebody may hand it on."""
    return RunDir(Path(shutil.copytree(run.path, folder / "received")))


def refused(code: int, *arguments: object) -> str:
    """Run a command that ends with this exit code and one line; return the line."""
    found, out, err = cnnbench(*arguments)
    assert (found, out) == (code, "") and err.startswith("error: "), (found, out, err)
    [line] = err.splitlines()
    return line


@pytest.mark.parametrize("attack", NETWORKS, ids=[attack.name for attack in NETWORKS])
def test_a_network_of_a_run_folder(attack: Attack, digits_run: RunDir, tmp_path: Path) -> None:
    run, image = received(digits_run, tmp_path), write_image(tmp_path / "x.png")
    with unharmed(tmp_path) as bait:
        attack.write(run.model, bait)
        said = refused(3, "predict", run.path, image)
    assert said.startswith(f"error: {run.model}: ") and attack.told in said.replace('"', "")


@pytest.mark.parametrize("attack", NETWORKS, ids=[attack.name for attack in NETWORKS])
def test_a_network_that_stands_alone(attack: Attack, tmp_path: Path) -> None:
    path = tmp_path / "alone.keras"
    with unharmed(tmp_path) as bait:
        attack.write(path, bait)
        with pytest.raises(Exception, match="alone") as error:
            load(path)
    assert type(error.value).__name__ == "DataError" and attack.told in str(error.value).replace('"', "")


def test_a_network_that_stands_alone_and_is_known_is_opened(digits_run: RunDir, tmp_path: Path) -> None:
    alone = Path(shutil.copy(digits_run.model, tmp_path / "alone.keras"))
    images = np.random.default_rng(0).uniform(0, 255, (5, 8, 8, 1)).astype(np.float32)
    np.testing.assert_array_equal(load(alone).predict_images(images), load(digits_run.model).predict_images(images))


def test_the_network_is_that_of_the_configuration(digits_run: RunDir, tmp_path: Path) -> None:
    """Whatever its file says of layers that the catalogue knows."""
    run = received(digits_run, tmp_path)

    def silenced(told: Any) -> None:
        for layer in told["config"]["layers"]:
            if "activation" in layer["config"]:
                layer["config"]["activation"] = "linear"

    attacks.rewritten(run.model, silenced)
    images = np.random.default_rng(0).uniform(0, 255, (5, 8, 8, 1)).astype(np.float32)
    np.testing.assert_array_equal(load(run.model).predict_images(images), load(digits_run.model).predict_images(images))


def test_weights_of_another_network_do_not_fit(digits_run: RunDir, tmp_path: Path) -> None:
    run = received(digits_run, tmp_path)
    attacks.network().save(run.model)
    said = refused(3, "predict", run.path, write_image(tmp_path / "x.png"))
    assert "not the weights of the network in its run's config.yaml" in said


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (attacks.pickled_array("network"), "Object arrays cannot be loaded when allow_pickle=False"),
        (attacks.swollen, "says to hold 0.1 GiB in a file of"),
    ],
)
def test_a_network_in_plain_numpy(write: Any, told: str, digits_run: RunDir, tmp_path: Path) -> None:
    run, image = received(digits_run, tmp_path), write_image(tmp_path / "x.png")
    run.model.unlink()
    with unharmed(tmp_path) as bait:
        write(run.model_of(".npz"), bait)
        assert told in refused(3, "predict", run.path, image)


@pytest.mark.parametrize("write", [attacks.pickled_array("history"), attacks.pickled_array("model/0/kernel")])
def test_a_checkpoint_to_go_on_from(write: Any, digits_run: RunDir, tmp_path: Path) -> None:
    run = received(digits_run, tmp_path)
    with unharmed(tmp_path) as bait:
        write(run.last_checkpoint, bait)
        assert "not a readable checkpoint" in refused(3, "train", "--resume", run.path, "train.epochs=3")


LEADING_OUT = (attacks.linked, attacks.stored_outside, attacks.put_together)


@pytest.mark.parametrize("link", LEADING_OUT, ids=[link.__name__ for link in LEADING_OUT])
def test_weights_to_begin_with_that_lie_elsewhere(link: Any, tmp_path: Path) -> None:
    with unharmed(tmp_path) as bait:
        with h5py.File(tmp_path / "a.weights.h5", "w") as file:
            file.create_dataset(attacks.KERNEL, (64, 10), "float32")
            link(file, bait)
        config = write_config(tmp_path, tiny(model__weights=str(tmp_path / "a.weights.h5")))
        assert "no HDF5 file with weights that can be read" in refused(3, "train", config)


def test_weights_to_begin_with_are_arrays_whatever_layers_they_are_of(tmp_path: Path) -> None:
    with unharmed(tmp_path) as bait:
        attacks.plain_lambda(tmp_path / "a.keras", bait)
        assert [a.shape for a in read(tmp_path / "a.keras").arrays.values()] == [(64, 10), (10,)]


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_images_that_are_unpickled(suffix: str, tmp_path: Path) -> None:
    with unharmed(tmp_path) as bait:
        images = np.array([Pickled(bait)] * 4, object)
        with (tmp_path / f"images{suffix}").open("wb") as file:
            np.savez(file, x=images, y=np.arange(4) % 2) if suffix == ".npz" else np.save(file, images)
        config = write_config(tmp_path, tiny(data={"source": "npz", "path": str(tmp_path / f"images{suffix}")}))
        assert str(tmp_path / f"images{suffix}") in refused(3, "train", config)


@pytest.mark.parametrize("text", [laughs(), "name: !!python/object/apply:os.system ['touch {marker}']"])
def test_a_configuration(text: str, tmp_path: Path) -> None:
    with unharmed(tmp_path) as bait:
        (tmp_path / "a.yaml").write_text(text.replace("{marker}", str(bait.marker)))
        code, out, err = cnnbench("validate", tmp_path / "a.yaml")
    assert (code, out) == (2, "")
    assert all(line.startswith(f"error: {tmp_path}/a.yaml:") for line in err.splitlines()) and len(err) < 5000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: {secret}", "extends: a run's configuration names no other file"),
        ("model: {{architecture: {secret}}}", "model.architecture: a run's configuration names no other file"),
        (laughs(), "config.yaml"),
    ],
)
@pytest.mark.parametrize("command", ["predict", "report"])
def test_the_configuration_of_a_run(
    text: str, said: str, command: str, digits_run: RunDir, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, image = received(digits_run, tmp_path), write_image(tmp_path / "x.png")
    with unharmed(tmp_path) as bait:
        run.config.write_text(text if "&" in text else text.format(secret=bait.secret))
        if command == "predict":
            assert said in refused(2, "predict", run.path, image)
        else:
            assert cnnbench("report", run.path)[0] in (0, 2, 3)


@pytest.mark.parametrize("kind", ["climbing", "link"])
def test_a_run_that_a_worker_sends(kind: str, tmp_path: Path) -> None:
    with unharmed(tmp_path) as bait:
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as archive:
            member = tarfile.TarInfo("run/model.keras" if kind == "link" else f"{'../' * 20}{bait.marker}")
            if kind == "link":
                member.type, member.linkname = tarfile.SYMTYPE, str(bait.secret)
            archive.addfile(member)
        with pytest.raises(OutputError, match="cannot be brought back"):
            unpack(content.getvalue(), tmp_path / "outputs" / "run")
    assert not (tmp_path / "outputs").exists()


def test_a_link_among_images_shows_nothing_of_what_it_leads_to(tmp_path: Path) -> None:
    """Links are followed, for data sets are the user's own; what is no image is not shown."""
    folder = tmp_path / "images"
    write_folder(folder, ("cat", "dog"), per_class=20)
    bait = Bait(tmp_path, 0)
    bait.secret.write_text("first")
    (folder / "dog" / "x.png").symlink_to(bait.secret)
    config = write_config(tmp_path, tiny(data={"source": "image_folder", "path": str(folder)}))
    said = refused(3, "train", config)
    assert "dog/x.png" in said and "first" not in said


SCRIPT, ESCAPE, FORMULA = "<script>alert(1)</script>", "\x1b]0;owned\x07\x1b[2J", "=cmd|' /C calc'!A1"


def test_names_are_text_wherever_they_are_shown(tmp_path: Path) -> None:
    names = [SCRIPT, ESCAPE, FORMULA]
    run = write_run(tmp_path, digits(3).named(names, f"{FORMULA}{SCRIPT}{ESCAPE}.png"))
    code, out, err = cnnbench("report", run.path)
    page = run.report.read_text()
    assert code == 0 and "\x1b" not in out + err + page
    assert SCRIPT not in page and "&lt;script&gt;alert(1)" in page
    cells = [
        cell for path in run.path.rglob("*.csv") for line in path.read_text().splitlines() for cell in line.split(",")
    ]
    assert not any(cell.strip('"').startswith("=") for cell in cells)


def test_what_they_are_refused_for_is_real(tmp_path: Path) -> None:
    """Where nobody looks, they leave their marker: the tests above would see it."""
    bait = Bait(tmp_path, 0)
    attacks.plain_lambda(tmp_path / "a.keras", bait)
    keras.saving.load_model(tmp_path / "a.keras", safe_mode=False)(np.zeros((1, 8, 8, 1)))
    assert bait.marker.exists()
    bait.marker.unlink()
    attacks.pickled_array("x")(tmp_path / "a.npz", bait)
    np.load(tmp_path / "a.npz", allow_pickle=True)["x"]
    assert bait.marker.exists()
    bait.marker.unlink()
    with pytest.raises(AssertionError, match="read"), unharmed(tmp_path) as bait:
        bait.secret.read_text()
    with pytest.raises(AssertionError, match="executed"), unharmed(tmp_path) as bait:
        bait.marker.touch()


CALLS = "openat,open,connect,execve"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_system_is_asked_for_nothing_else(digits_run: RunDir, tmp_path: Path) -> None:
    """One process opens every network of the corpus under strace."""
    bait = Bait(tmp_path, 9)
    bait.secret.write_text("first\nsecond\n")
    for attack in NETWORKS:
        run = RunDir(Path(shutil.copytree(digits_run.path, tmp_path / attack.name)))
        attack.write(run.model, bait)
    script = (
        "import sys\nfrom pathlib import Path\nfrom cnnbench.errors import DataError\n"
        "from cnnbench.learners.choose import load\n"
        "for path in sys.argv[1:]:\n    try:\n        load(Path(path))\n"
        "    except DataError as e:\n        print(e)\n"
    )
    paths = [tmp_path / attack.name / "model.keras" for attack in NETWORKS]
    command = ["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-o", tmp_path / "log", sys.executable, "-c", script]
    done = subprocess.run([*command, *paths], cwd=ROOT, capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == len(NETWORKS), done.stderr
    log = (tmp_path / "log").read_text()
    assert str(bait.secret) not in log and str(bait.marker) not in log
    assert "AF_INET" not in log and "touch" not in log
