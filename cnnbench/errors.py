"""What can go wrong, and the exit code each kind of failure has on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

LONGEST_NAME = 100  # characters: comparing longer ones takes long, and nobody misspells them
QUOTED = 200  # characters of a value or a cause that a message repeats


class CnnbenchError(Exception):
    """A failure the user can act on; printed as one line per problem, the traceback only with `--debug`."""

    exit_code = 1

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems: Sequence[str] = problems


class ConfigError(CnnbenchError):
    """A configuration or a command line that cannot be carried out."""

    exit_code = 2


class DataError(CnnbenchError):
    """Images or labels that are missing, corrupt or of the wrong kind."""

    exit_code = 3


class MissingData(DataError):
    """Images or labels that are not where they should be, or not as they were, maybe for a while."""


class MissingWeights(MissingData):
    """Published weights that are on no place of this machine; any of `files` would do."""

    def __init__(self, message: str, files: Sequence[str]) -> None:
        super().__init__(message)
        self.files = files


class TrainingError(CnnbenchError):
    """A training that diverged, ran out of memory or failed a check."""

    exit_code = 4


class PrunedRun(CnnbenchError):
    """A training that its sweep found not worth its remaining epochs."""


class FollowedRun(CnnbenchError):
    """No failure: this process has trained along, and another one writes the run; says how the training ended."""

    exit_code = 0


class ThresholdError(CnnbenchError):
    """A result below a threshold given with `--fail-under`."""

    exit_code = 5


class OutputError(CnnbenchError):
    """A file or folder that cannot be written."""

    exit_code = 2


class ReportError(CnnbenchError):
    """A report that could not be drawn of results that are there."""


class InterruptedRun(CnnbenchError):
    """A run stopped by Ctrl-C or SIGTERM after it had saved what it has."""

    exit_code = 130


def explained(error: BaseException) -> TrainingError | None:
    """Return what to say of errors that are the machine's or its libraries', None for anything else."""
    return _out_of_memory(error) or _without_kernel(error)


def _without_kernel(error: BaseException) -> TrainingError | None:
    """oneDNN refuses a few degenerate shapes, such as one channel of one pixel, that TensorFlow itself computes."""
    text = str(error)
    if "could not create a primitive" not in text:
        return None
    node = re.search(r"\{\{node (?:\S*/)?(\w+)/\w+\}\}", text)
    place = f" ({node[1]})" if node else ""
    return TrainingError(
        f"oneDNN cannot compute a layer of this network on images of this size{place}; "
        "with TF_ENABLE_ONEDNN_OPTS=0 in the environment TensorFlow computes it without"
    )


def _out_of_memory(error: BaseException) -> TrainingError | None:
    """Return what to say of the memory errors of NumPy and of the three backends, None for anything else."""
    names = {kind.__name__ for kind in type(error).__mro__}
    exhausted = "RESOURCE_EXHAUSTED" in str(error) and "XlaRuntimeError" in names
    if exhausted or names & {"MemoryError", "ResourceExhaustedError", "OutOfMemoryError"}:
        return TrainingError("out of memory: a smaller train.batch_size, data.image_size or network needs less")
    return None


def first_line(error: BaseException) -> str:
    """Return the first line of what an exception says, shortened."""
    return shortened((str(error).strip().splitlines() or ["no message"])[0])


def cause(error: BaseException) -> str:
    """Return the first line of what an exception says, or its kind where it says nothing."""
    return first_line(error) if str(error).strip() else type(error).__name__


def shortened(text: str) -> str:
    """Return `text` as it may be quoted in a message: what comes from outside can be of any length."""
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 3]}..."


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """Return "; did you mean X?" for the closest allowed name, or an empty string."""
    if len(found) > LONGEST_NAME:
        return ""
    by_folded = {name.lower(): name for name in allowed if len(name) <= LONGEST_NAME}
    close = get_close_matches(found.lower(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean {by_folded[close[0]]}?" if close else ""
