"""What `train` begins with: a configuration, or a folder to go on in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cnnbench.errors import ConfigError

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.runs.parents import RepeatsDir


@dataclass(frozen=True)
class Source:
    """The words of a command line that say what to train."""

    config: str | None
    overrides: Sequence[str]
    name: str | None
    output: Path | None
    smoke: bool
    resume: Path | None

    def configuration(self) -> Config:
        """Return the configuration of a new run, not shrunk; raises ConfigError."""
        from cnnbench.config.load import load_config

        if self.config is None:
            raise ConfigError("train: needs a configuration (a shipped name or a YAML file) or --resume RUN")
        return load_config(self.config, [*self.overrides, *([f"name={self.name}"] if self.name else [])])

    def one_run(self) -> tuple[Config, Path | None]:
        """Return the configuration of a run, and the folder to go on in where it is not new; raises ConfigError."""
        from cnnbench.experiment.resume import resumed
        from cnnbench.experiment.shrink import shrink

        if self.resume is not None:
            self._refuse_new()
            return resumed(self.resume, self.changes)
        found = self.configuration()
        return (shrink(found) if self.smoke else found), None

    def repeats(self) -> RepeatsDir | None:
        """Return the repeats to go on with, None where it is something else that is trained; raises ConfigError."""
        from cnnbench.repeats.plan import parent_at

        if self.resume is None:
            return None
        self._refuse_new()
        return parent_at(self.resume)

    @property
    def changes(self) -> list[str]:
        """What was given as changed values; beside `--resume` that is everything."""
        return [*([self.config] if self.config is not None and self.resume is not None else []), *self.overrides]

    def _refuse_new(self) -> None:
        if self.smoke or self.name or self.output:
            raise ConfigError("--resume: goes on with a run where it is; --name, --output and --smoke are a new one's")
