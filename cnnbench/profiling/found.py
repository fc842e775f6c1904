"""What a profile found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnnbench.profiling.clock import Spread


@dataclass(frozen=True)
class Size:
    """A batch size: seconds of a step, and the most memory that was taken (None where nobody says)."""

    images: int
    seconds: Spread
    peak_bytes: int | None

    @property
    def per_second(self) -> Spread:
        """Images a second, turn by turn."""
        return Spread(tuple(self.images / value for value in self.seconds.values))


@dataclass(frozen=True)
class Suggestion:
    """An override that was measured to be better, and by how much."""

    override: str
    reason: str


@dataclass(frozen=True)
class Ramp:
    """A range test: rates and the smoothed losses there, of one of its turns."""

    rates: Sequence[float]
    losses: Sequence[float]
    steepest: float | None


@dataclass
class Profile:
    """Everything that there was time for; `notes` say what there was none for, and what cannot be had."""

    name: str
    about: Mapping[str, Any]
    batch_size: int
    parts: Mapping[str, Spread] = field(default_factory=dict)
    layers: Sequence[tuple[str, str, Spread]] = ()
    sizes: Sequence[Size] = ()
    fits: tuple[int, str] | None = None
    precisions: Mapping[str, Spread] = field(default_factory=dict)
    threads: Mapping[str, Spread] = field(default_factory=dict)
    ramps: Sequence[Ramp] = ()
    rates: Mapping[str, Spread] = field(default_factory=dict)
    suggestions: list[Suggestion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the document of `--json`; times in seconds, memory in bytes."""
        return {
            "name": self.name,
            "batch_size": self.batch_size,
            "backend": self.about.get("backend"),
            "devices": self.about.get("devices"),
            "threads": self.about.get("threads"),
            "parts": {name: spread.as_dict() for name, spread in self.parts.items()},
            "layers": [{"name": name, "kind": kind, **spread.as_dict()} for name, kind, spread in self.layers],
            "batch_sizes": [
                {
                    "batch_size": size.images,
                    "images_per_second": size.per_second.as_dict(),
                    "peak_bytes": size.peak_bytes,
                }
                for size in self.sizes
            ],
            "fits": None if self.fits is None else {"batch_size": self.fits[0], "how": self.fits[1]},
            "precision": {name: spread.as_dict() for name, spread in self.precisions.items()},
            "by_threads": {name: spread.as_dict() for name, spread in self.threads.items()},
            "range_test": [
                {"learning_rates": list(ramp.rates), "losses": list(ramp.losses), "steepest": ramp.steepest}
                for ramp in self.ramps
            ],
            "learning_rates": {name: spread.as_dict() for name, spread in self.rates.items()},
            "suggestions": [{"override": one.override, "reason": one.reason} for one in self.suggestions],
            "notes": self.notes,
            "seconds": self.seconds,
        }
