"""From `--seeds` and `--folds` to a plan."""

from __future__ import annotations

from collections.abc import Sequence

from cnnbench.catalogue.values import shortened
from cnnbench.config.schema import LARGEST_SEED, Config, Fold
from cnnbench.errors import ConfigError
from cnnbench.experiment.shrink import shrink
from cnnbench.repeats.plan import MOST, Kind, with_fold
from cnnbench.runs.plan import LEAST

SEEDS = range(LARGEST_SEED + 1)


def asked(
    config: Config, seeds: str | None, folds: int | None, *, smoke: bool = False
) -> tuple[Kind, Sequence[int], Config]:
    """Return what is repeated, its values and the configuration that differs in them; raises ConfigError.

    `smoke` shrinks the configuration, for folds so that each still holds every class.
    """
    if seeds is not None and folds is not None:
        raise ConfigError("--seeds with --folds: their spreads mean different things; run one after the other")
    if folds is None:
        return "seeds", seeds_of(seeds or "", config.seed), shrink(config) if smoke else config
    if folds < LEAST:
        raise ConfigError(f"--folds {folds}: expected at least {LEAST}; each is held out once and the rest trained on")
    if folds > MOST:
        raise ConfigError(f"--folds {folds}: expected at most {MOST}")
    if config.data.fold is not None:
        raise ConfigError(f"--folds {folds}: the configuration names one fold already (data.fold)")
    shrunk = with_fold(shrink(with_fold(config, Fold(index=1, of=folds))), None) if smoke else config
    return "folds", range(1, folds + 1), shrunk


def seeds_of(text: str, first: int) -> list[int]:
    """Return the seeds that `--seeds` names: "5" is five from `first` on, "0,7,42" a list; raises ConfigError."""
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(f"--seeds {shortened(text)}: expected how many, as in 5, or a list, as in 0,7,42") from None
    if len(numbers) == 1:
        if numbers[0] < LEAST:
            raise ConfigError(f"--seeds {text}: expected at least {LEAST} runs; one run is train without --seeds")
        numbers = list(range(first, first + min(numbers[0], MOST + 1)))
    if len(numbers) > MOST:
        raise ConfigError(f"--seeds {shortened(text)}: expected at most {MOST} runs")
    if twice := [n for n in numbers if numbers.count(n) > 1]:
        raise ConfigError(f"--seeds {text}: {twice[0]} is there twice; the same seed gives the same run")
    if wrong := [n for n in numbers if n not in SEEDS]:
        raise ConfigError(f"--seeds {text}: {wrong[0]} is no seed; allowed are 0 to {SEEDS[-1]}")
    return numbers
