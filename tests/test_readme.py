"""Every command the README shows runs as shown; README and help know the same commands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from PIL import Image

from cnnbench.cli.main import app
from cnnbench.config.load import configs_dir, load_config
from cnnbench.config.shipped import shipped, sweep_names
from cnnbench.sweep.define.file import load_sweep
from scripts.docs.given import write_photos
from scripts.docs.hook import generated
from tests.tools import cnnbench, start

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = list(dict.fromkeys(re.findall(r"^\$ cnnbench (.+)$", README, flags=re.MULTILINE)))
TRIED = [line for line in SHOWN if f"{line} --status" not in SHOWN]  # that takes both in turn
LONG_LINE = re.compile(r"--status$|^profile |^train |^smoke ")
LONG = pytest.mark.slow  # real trainings, some of them several
FIGURES = re.compile(r"^train lenet5-digits$|^report |^inspect --activations|^data preview ")


def commands() -> set[str]:
    """Return every command of the program, those of `data` with both words."""
    group = typer.main.get_command(app)
    names = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]  # a group has them
        inner = getattr(command, "commands", None)
        names |= {f"{name} {one}" for one in inner} if inner else {name}
    return names


def test_the_readme_shows_every_command() -> None:
    mentioned = re.findall(r"cnnbench ((?:data )?[a-z]+)", README)
    assert commands() - set(mentioned) == set()
    shown = {" ".join(shlex.split(line)[: 2 if line.startswith("data ") else 1]) for line in SHOWN}
    assert shown <= commands()
    assert commands() - shown == {"data get"}, "it downloads"


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the README's reader has before a command: two runs, a picture and a file of settings."""
    folder = tmp_path_factory.mktemp("readme")
    Image.new("L", (100, 80), 200).save(folder / "digit.png")
    write_photos(folder / "photos")
    for changes in (["train.epochs=10"], ["train.epochs=10", "train.batch_size=16", "--name", "small-batches"]):
        made = cnnbench("train", "lenet5-digits", *changes, "--quiet", cwd=folder)
        assert made.returncode == 0, made.stderr
    shutil.copy(shipped("experiments", "lenet5-digits"), folder / "mine.yaml")
    return folder


def tried(line: str) -> Any:
    """Mark what takes long, and what is to draw figures: one training of all, and what is there for them."""
    marks = {LONG_LINE: LONG, FIGURES: pytest.mark.drawn}
    return pytest.param(line, marks=[mark for pattern, mark in marks.items() if pattern.search(line)])


def ends_when_told(line: str, folder: Path) -> None:
    """Run what answers until it is told to end."""
    server = start(*shlex.split(line), "--port", "0", cwd=folder)
    assert server.stdout is not None
    assert "http://127.0.0.1:" in server.stdout.readline()
    server.terminate()
    assert (server.communicate(timeout=60), server.returncode) == (("", ""), 0)


@pytest.mark.parametrize("line", [tried(line) for line in TRIED])
def test_a_shown_command_runs(line: str, workplace: Path, tmp_path: Path) -> None:
    shutil.copytree(workplace, tmp_path, dirs_exist_ok=True)
    if line.startswith("init "):
        (tmp_path / "mine.yaml").unlink()
    if line.startswith("serve "):
        ends_when_told(line, tmp_path)
        return
    for step in (line.removesuffix(" --status"), line) if line.endswith(" --status") else (line,):
        done = cnnbench(*shlex.split(step), cwd=tmp_path)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr


def test_the_shown_file_is_valid(tmp_path: Path) -> None:
    text, _ = re.findall(r"```yaml\n(.+?)```", README, flags=re.DOTALL)
    (tmp_path / "thesis.yaml").write_text(text, encoding="utf-8")
    assert cnnbench("validate", "thesis.yaml", cwd=tmp_path).returncode == 0
    wrong = text.replace("learning_rate", "learnig_rate")
    (tmp_path / "thesis.yaml").write_text(wrong, encoding="utf-8")
    done = cnnbench("validate", "thesis.yaml", cwd=tmp_path)
    promised = re.search(r"`(thesis\.yaml:\d+: .+learning_rate\?)`", README)
    assert promised is not None
    assert promised.group(1) in done.stdout + done.stderr


def test_the_shown_sweep_is_valid(tmp_path: Path) -> None:
    _, text = re.findall(r"```yaml\n(.+?)```", README, flags=re.DOTALL)
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    planned = cnnbench("sweep", "mine.yaml", "--plan", cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    assert "at most 180 trainings, 3 seeds per trial" in planned.stdout


def test_every_shipped_sweep_says_how_it_is_run() -> None:
    for name in sweep_names():
        text = (configs_dir() / "sweeps" / f"{name}.yaml").read_text(encoding="utf-8")
        assert f"# cnnbench sweep {name}" in text, name
        assert load_sweep(name).name == name


PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *(
        f"docs/{page}.md"
        for page in (
            "configuration",
            "explain",
            "export",
            "mistakes",
            "predict",
            "profile",
            "results",
            "robustness",
            "serving",
            "untrusted",
        )
    ),
    "benchmarks/README.md",
]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    made = generated() if path.parent.name == "docs" else {}
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        if file in made:
            continue
        found = path.parent / file if file else path
        assert found.exists(), target
        headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), flags=re.MULTILINE) if anchor else []
        assert not anchor or anchor in [heading.lower().replace(" ", "-") for heading in headings], target
    named = re.findall(r"\b(?:tests|benchmarks|scripts)/[\w/]+\.py", path.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.+?)```", PAGE, flags=re.DOTALL), ids=lambda text: text[:40])
def test_the_language_page_shows_what_is_valid(text: str, tmp_path: Path) -> None:
    whole = text if "name: " in text.splitlines()[0] else f"name: shown\ndata: {{source: cifar10}}\n{text}"
    (tmp_path / "shown.yaml").write_text(whole, encoding="utf-8")
    model = load_config(tmp_path / "shown.yaml").model
    assert model.layers is not None or model.estimator is not None


@pytest.mark.slow
def test_the_shown_python_runs(tmp_path: Path) -> None:
    (text,) = re.findall(r"```python\n(.+?)```", README, flags=re.DOTALL)
    (tmp_path / "photos").mkdir()
    Image.new("L", (20, 16), 128).save(tmp_path / "photos" / "grey.png")
    done = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    name, _, reached, accuracy = done.stdout.splitlines()[:4]
    assert name.startswith("lenet5-digits, done: ") and reached.startswith("5 of 5 epochs in ")
    assert 0.5 < float(accuracy.split()[0]) <= 1
    assert (tmp_path / reached.partition("report: ")[2]).exists()
    assert (tmp_path / "curves.pdf").read_bytes().startswith(b"%PDF")


def test_every_shipped_experiment_says_how_it_is_run() -> None:
    folder = Path(__file__).parent.parent / "configs" / "experiments"
    for path in folder.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert f"# cnnbench train {path.stem}" in text, path.name
        assert yaml.safe_load(text)["name"] == path.stem
