"""`status.json` of a sweep: what it does now, for who looks from outside."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cnnbench.files.whole import write_json
from cnnbench.runs.folder import RunDir
from cnnbench.runs.parents import SweepDir
from cnnbench.sweep.define.sweep import Sweep


@dataclass
class SweepStatus:
    """State and process of a sweep; `before` is the seconds that earlier sessions worked on it."""

    folder: SweepDir
    values: dict[str, Any]
    before: float
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def start(
        cls, folder: SweepDir, sweep: Sweep, slots: int, *, smoke: bool, changes: Sequence[str] = ()
    ) -> SweepStatus:
        """Write the status of a sweep that begins or goes on now."""
        earlier = read_status(folder)
        values = {
            "state": "running",
            "reason": None,
            "name": sweep.name,
            "smoke": smoke,
            "engine": sweep.execution.engine,
            "slots": slots,
            **_origin(sweep),
            "changes": list(changes),
            "started": earlier.get("started") or datetime.now(UTC).isoformat(timespec="seconds"),
            "ended": None,
            "host": platform.node(),
            "pid": os.getpid(),
        }
        status = cls(folder, values, float(earlier.get("seconds") or 0.0))
        status.write()
        return status

    def seconds(self) -> float:
        """Return the time worked on the sweep, earlier sessions included."""
        return self.before + time.monotonic() - self.began

    def write(self) -> None:
        """Write the file."""
        write_json(self.folder.status, self.values | {"seconds": self.seconds()})

    def end(self, state: str, reason: str) -> None:
        """Write the last status."""
        self.values |= {"state": state, "reason": reason, "ended": datetime.now(UTC).isoformat(timespec="seconds")}
        self.write()


def _origin(sweep: Sweep) -> dict[str, str]:
    """Return data and network of the base, "swept" where trials differ in them."""
    base, swept = sweep.base.data or {}, {axis.path for axis in sweep.space}
    data, model = base.get("data", {}), base.get("model", {})
    network = model.get("name") or model.get("architecture") or base.get("name")
    return {
        "data": "swept" if swept & {"data", "data.source"} else str(data.get("source")),
        "network": "swept" if swept & {"model", "model.architecture"} else str(network),
    }


def read_status(folder: SweepDir) -> dict[str, Any]:
    """Return what `status.json` holds, empty where there is none; raises ConfigError where it cannot be read."""
    return RunDir(folder.path).read_status() if folder.status.exists() else {}
