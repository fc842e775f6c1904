"""cnnbench: one YAML file in, one finished image-classification experiment out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnbench.errors import CnnbenchError

__version__ = "0.1.0"
__all__ = ["CnnbenchError", "Result", "Run", "__version__", "open", "run"]

if TYPE_CHECKING:
    from cnnbench.public.calls import Result, open, run
    from cnnbench.public.run import Run


def __getattr__(name: str) -> Any:
    """Load what is public on first use, so that `import cnnbench` does no work."""
    if name not in __all__:
        raise AttributeError(f"module 'cnnbench' has no attribute {name!r}")
    from cnnbench.public import calls

    return getattr(calls, name)


def __dir__() -> list[str]:
    """Return what is public."""
    return sorted(__all__)
