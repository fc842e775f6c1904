"""cnnbench: one YAML file in, one finished image-classification experiment out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "run"]

if TYPE_CHECKING:
    from cnnbench.experiment.execute import run


def __getattr__(name: str) -> Any:
    """Load `run` on first use, so that `import cnnbench` does no work."""
    if name == "run":
        from cnnbench.experiment.execute import run

        return run
    raise AttributeError(f"module 'cnnbench' has no attribute {name!r}")
