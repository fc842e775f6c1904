"""A folder to build a container image from: the run, this cnnbench, and the versions that it was made with."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import cnnbench
from cnnbench.errors import ConfigError
from cnnbench.files.whole import unwritable, write_text
from cnnbench.runs.run import Run

PORT = 8000
SERVING = ("fastapi", "uvicorn", "httptools", "uvloop", "python-multipart", "prometheus-client")
COMMAND = ["python", "-m", "cnnbench", "serve", "run", "--host", "0.0.0.0", "--port", str(PORT)]
DOCKERFILE = """\
# docker build -t {name} .
# docker run -e CNNBENCH_TOKEN=... -p {port}:{port} {name}
FROM python:{python}-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY cnnbench cnnbench
COPY run run
RUN useradd --create-home server
USER server
ENV PYTHONUNBUFFERED=1
EXPOSE {port}
HEALTHCHECK --start-period=60s CMD ["python", "-c", \
"from urllib.request import urlopen; urlopen('http://127.0.0.1:{port}/health', timeout=3)"]
ENTRYPOINT {command}
"""


def write_container(run: Run, folder: Path) -> None:
    """Write the folder, whole or not at all; raises ConfigError where there is something, OutputError."""
    if folder.exists():
        raise ConfigError(f"--container {folder}: exists already; name a new folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as beside:
            made = Path(beside) / "made"
            _write(run, made)
            made.rename(folder)
    except OSError as e:
        raise unwritable(folder, e) from None


def _write(run: Run, folder: Path) -> None:
    kept = folder / "run"
    kept.mkdir(parents=True)
    files = run.folder
    for path in (files.config, files.status, files.metrics, files.environment, files.model):
        if path.exists():
            shutil.copyfile(path, kept / path.name)
    source = Path(cnnbench.__file__).parent
    shutil.copytree(source, folder / "cnnbench", ignore=shutil.ignore_patterns("__pycache__"))
    name = re.sub(r"[^a-z0-9]+", "-", run.name.lower()).strip("-") or "model"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    write_text(folder / "requirements.txt", "".join(f"{line}\n" for line in _requirements(run)))
    text = DOCKERFILE.format(name=name, port=PORT, python=python, command=json.dumps(COMMAND))
    write_text(folder / "Dockerfile", text)


def _requirements(run: Run) -> list[str]:
    """Return what cnnbench always needs, what serves, and the run's backend, in the versions of this machine."""
    always = [line for line in metadata.requires("cnnbench") or [] if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in always]
    backend = str(run.environment.get("backend", "")) if run.folder.environment.exists() else ""
    names += [*SERVING, *([backend] if backend in ("jax", "torch") else [])]
    return sorted(f"{name}=={metadata.version(name).partition('+')[0]}" for name in names)
