"""What a run writes down about itself besides its results."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.files.lock import holder
from cnnbench.files.whole import refuse_gone, write_json
from cnnbench.runs.folder import RunDir

if TYPE_CHECKING:
    from cnnbench.config.schema import Config


@dataclass
class Status:
    """`status.json`, rewritten whenever something changes."""

    run: RunDir
    values: dict[str, Any]
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def start(
        cls, run: RunDir, config: Config, *, smoke: bool, before: Mapping[str, Any], changes: Sequence[str] = ()
    ) -> Status:
        """Write the first status of a run that begins, or that goes on with the status `before`."""
        seconds_before = before.get("seconds") or 0.0
        status = cls(
            run,
            {
                "state": "running",
                "reason": None,
                "epoch": 0,
                "epochs": config.train.epochs,
                "best_epoch": None,
                "kept_epoch": None,
                "monitor": None,
                "smoke": smoke,
                **origin(config, [*(before.get("changes") or ()), *changes]),
                "started": before.get("started") or now(),
                "ended": None,
                "seconds": seconds_before,
                "host": platform.node(),
                "pid": os.getpid(),
                "notes": [],
            },
            time.monotonic() - seconds_before,
        )
        status.update()
        return status

    def update(self, **values: Any) -> None:
        """Change values and write the file; raises OutputError where that cannot be, or the folder is gone."""
        refuse_gone(self.run.path)
        self.values |= {**values, "seconds": time.monotonic() - self.began}
        write_json(self.run.status, self.values)

    def end(self, state: str, reason: str, **values: Any) -> None:
        """Write the last status."""
        self.update(state=state, reason=reason, ended=now(), **values)


def origin(config: Config, changes: Sequence[str]) -> dict[str, Any]:
    """Return data, network, and the values that differ from the file it began with, the last one of each key."""
    last = {change.partition("=")[0]: change for change in changes}
    return {
        "data": config.data.source,
        "network": config.model.name or config.name,
        "changes": list(last.values()),
    }


def is_alive(folder: Path, status: Mapping[str, Any]) -> bool:
    """Return whether what a "running" status tells of still runs: its process then holds the folder."""
    return status.get("state") == "running" and holder(folder) is not None


def now() -> str:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
