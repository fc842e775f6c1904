"""`status.json` of a sweep: what it does now, for who looks from outside."""

from __future__ import annotations

from collections.abc import Sequence

from cnnbench.runs.parents import SweepDir
from cnnbench.runs.status import Status
from cnnbench.sweep.define.sweep import Sweep


def start(folder: SweepDir, sweep: Sweep, slots: int, *, smoke: bool, changes: Sequence[str] = ()) -> Status:
    """Write the status of a sweep that begins or goes on now."""
    data, network = _origin(sweep)
    return Status.start(
        folder.status,
        name=sweep.name,
        engine=sweep.execution.engine,
        slots=slots,
        smoke=smoke,
        data=data,
        network=network,
        changes=changes,
    )


def _origin(sweep: Sweep) -> tuple[str, str]:
    """Return data and network of the base, "swept" where trials differ in them."""
    base, swept = sweep.base.data or {}, {axis.path for axis in sweep.space}
    data, model = base.get("data", {}), base.get("model", {})
    network = model.get("name") or model.get("architecture") or base.get("name")
    return (
        "swept" if swept & {"data", "data.source"} else str(data.get("source")),
        "swept" if swept & {"model", "model.architecture"} else str(network),
    )
