"""What a trained network made of the images of a split, written into its run folder."""

from __future__ import annotations

from collections.abc import Mapping

from cnnbench.data.types import Dataset
from cnnbench.evaluation.evaluate import Evaluated
from cnnbench.files.whole import refuse_gone
from cnnbench.runs.folder import RunDir
from cnnbench.runs.gallery import write_gallery
from cnnbench.runs.metrics import METRICS
from cnnbench.runs.predictions import write_predictions
from cnnbench.runs.run import Run
from cnnbench.runs.samples import write_samples


def write_measured(
    run: RunDir,
    evaluated: Evaluated,
    dataset: Dataset,
    seed: int,
    weights: str,
    times: Mapping[str, float],
    fit: Mapping[str, float] | None = None,
) -> None:
    """Write predictions, samples drawn by `seed`, the gallery and, last, the measures of a split; raises OutputError.

    `weights` says which ones the network holds, `times` what took how many seconds, `fit` what was measured of
    a training without epochs.
    """
    refuse_gone(run.path)
    fitted = dict(fit or {})
    seconds = fitted.pop("seconds", 0.0)
    split, told = run.measured_on(evaluated.split_name), Run(run.path)
    write_predictions(split.predictions, evaluated, dataset.class_names)
    write_samples(split.samples, evaluated, seed)
    write_gallery(split.gallery, evaluated)
    METRICS.write(
        split.metrics,
        {
            **evaluated.metrics,
            "data": {
                "source": dataset.source,
                "notes": list(dataset.notes),
                f"{evaluated.split_name}_images": dataset.contents[evaluated.split_name].fingerprint,
            },
            "weights": weights,
            "times": {**times, "epochs_seconds": seconds + sum(row["seconds"] for row in told.history)},
            **({"fit": fitted} if fitted else {}),
            **{name: told.layers[name] for name in ("parameters", "macs") if name in told.layers},
        },
    )
