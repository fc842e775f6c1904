"""`status.json` of a run, of repeats and of a sweep: what it does or did, for who looks from outside."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnbench.files.checked import FLAG, NUMBER, TEXT, WHOLE
from cnnbench.files.lock import holder
from cnnbench.files.whole import refuse_gone
from cnnbench.runs.json_file import JsonFile

STATUS = JsonFile(
    {
        "state?": TEXT,
        **{f"{name}?": TEXT.or_nothing() for name in ("reason", "monitor", "started", "ended")},
        **{f"{name}?": TEXT.or_nothing() for name in ("host", "network", "data")},
        **{f"{name}?": WHOLE.or_nothing() for name in ("epoch", "epochs", "best_epoch", "kept_epoch", "pid")},
        "smoke?": FLAG.or_nothing(),
        "seconds?": NUMBER.or_nothing(),
        "notes?": [TEXT],
        "failed?": {"*": TEXT},
    }
)


@dataclass
class Status:
    """The status of what this process works on, rewritten whenever something changes."""

    path: Path
    values: dict[str, Any]
    began: float  # on the clock, had all been worked in one go

    @classmethod
    def start(
        cls, path: Path, *, smoke: bool, data: str, network: str, changes: Sequence[str] = (), **own: Any
    ) -> Status:
        """Write the first status of what begins, or goes on, with `own` values of its kind.

        `changes` are `key=value` against the file it began with; of those given before and now the last of each key
        counts. Raises OutputError, and DataError where the status before is damaged.
        """
        before = STATUS.read(path)
        seconds = before.get("seconds") or 0.0
        values = {
            "state": "running",
            "reason": None,
            **own,
            "smoke": smoke,
            "data": data,
            "network": network,
            "changes": _last([*(before.get("changes") or ()), *changes]),
            "started": before.get("started") or _now(),
            "ended": None,
            "seconds": seconds,
            "host": platform.node(),
            "pid": os.getpid(),
        }
        status = cls(path, values, time.monotonic() - seconds)
        status.update()
        return status

    @property
    def seconds(self) -> float:
        """The time worked so far, also by processes before this one."""
        return time.monotonic() - self.began

    def update(self, **values: Any) -> None:
        """Change values and write the file; raises OutputError where that cannot be, or the folder is gone."""
        refuse_gone(self.path.parent)
        self.values |= {**values, "seconds": self.seconds}
        STATUS.write(self.path, self.values)

    def end(self, state: str, reason: str, **values: Any) -> None:
        """Write the last status."""
        self.update(state=state, reason=reason, ended=_now(), **values)


def is_alive(folder: Path, status: Mapping[str, Any]) -> bool:
    """Return whether what a "running" status tells of still runs: its process then holds the folder."""
    return status.get("state") == "running" and holder(folder) is not None


def shown_state(status: Mapping[str, Any], alive: bool) -> str:
    """Return the state as it is shown: what runs no more, and has not said so, has stopped."""
    state = str(status.get("state", "unknown"))
    return "stopped" if state == "running" and not alive else state


def _last(changes: Sequence[str]) -> list[str]:
    return list({change.partition("=")[0]: change for change in changes}.values())


def _now() -> str:
    """Return the time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
