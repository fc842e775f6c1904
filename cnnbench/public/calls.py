"""cnnbench from Python: run a configuration, or open the folder of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnbench.config.arguments import assigned, texts
from cnnbench.config.load import load_config
from cnnbench.experiment.execute import execute
from cnnbench.experiment.options import Options
from cnnbench.experiment.result import Result as Result
from cnnbench.experiment.shrink import shrink
from cnnbench.experiment.watching import watching
from cnnbench.public.run import Run
from cnnbench.runs.named import open_run


def run(
    config: str | Path | Mapping[str, Any],
    *,
    output: str | Path = "outputs",
    smoke: bool = False,
    progress: bool = True,
    **overrides: Any,
) -> Run:
    """Train and evaluate one configuration: a shipped name, a file or a mapping.

    Overrides name keys of the configuration, with two underscores for a dot: `run("lenet5-mnist", train__epochs=3)`;
    what is inside of a mapping is changed and the rest stays: `run("lenet5-mnist", train={"epochs": 3})`. `progress`
    is shown on a terminal and in a notebook. Raises a `CnnbenchError` that says what is wrong.
    """
    changes = assigned(overrides)
    resolved = load_config(config, changes)
    with watching(progress) as observer:
        options = Options(output=Path(output), smoke=smoke, changes=tuple(texts(changes)), observer=observer)
        done = execute(shrink(resolved) if smoke else resolved, options)
    return Run(done.path, done.config)


def open(folder: str | Path) -> Run:
    """Return the results of the run in a folder, or of the newest run below it, as `outputs/NAME`.

    Raises ConfigError where there is none, and where it is repeats or a sweep, naming one of their runs.
    """
    return Run(open_run(Path(folder)).path)
