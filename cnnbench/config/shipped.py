"""The configurations that come with cnnbench."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def configs_dir() -> Path:
    """Return the folder of shipped configurations: inside an installed package, else the repository's `configs`."""
    installed = _PACKAGE / "shipped"
    return installed if installed.is_dir() else _PACKAGE.parent / "configs"


def experiment_names() -> list[str]:
    """Return the names of the shipped experiments."""
    return _names("experiments")


def architecture_names() -> list[str]:
    """Return the names of the shipped architectures."""
    return _names("architectures")


def sweep_names() -> list[str]:
    """Return the names of the shipped sweeps."""
    return _names("sweeps")


def study_names() -> list[str]:
    """Return the names of the shipped studies."""
    return _names("studies")


def shipped(kind: str, name: str) -> Path:
    """Return the file of a shipped `kind` ("experiments", "architectures", "sweeps" or "studies")."""
    return configs_dir() / kind / f"{name}.yaml"


def is_path(name: str) -> bool:
    """Return whether a user means a file and not a shipped name."""
    return name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name


def _names(kind: str) -> list[str]:
    return sorted(path.stem for path in (configs_dir() / kind).glob("*.yaml"))
