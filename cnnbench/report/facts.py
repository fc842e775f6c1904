"""What the page says besides its plots: plain values and rows of tables, taken from the results."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median_high as median
from typing import Any

import numpy as np

from cnnbench.catalogue.measures import COMPUTED
from cnnbench.catalogue.measures import title as measure_title
from cnnbench.evaluation.metrics import differ, frequent_confusions
from cnnbench.runs import weights
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.runs.status import is_alive
from cnnbench.text import NOTHING, count, duration, in_unit, label, percent

CONFUSIONS = 10

STATES = ("done", "interrupted", "failed", "running")


def title(results: Run) -> str:
    """Return the name of the experiment."""
    return results.name


def images(results: Run) -> str:
    """Return what the images are called that were measured."""
    return f"{'training' if results.of == 'train' else results.of} images"


def measured_on(results: Run) -> str:
    """Return the name of the data the results were measured on."""
    measured, configured = (results.metrics or {}).get("data", {}), results.config.get("data", {})
    return str(measured.get("source") or configured.get("source") or "unknown data")


def status(results: Run) -> dict[str, Any]:
    """Return state, what to call it, why the run ended, and whether it was a smoke run."""
    state = str(results.status.get("state", "unknown"))
    gone = state == "running" and not is_alive(results.path, results.status)
    return {
        "state": state if state in STATES else "unknown",
        "name": "stopped without a word" if gone else state,
        "reason": str(results.status.get("reason") or ""),
        "smoke": bool(results.status.get("smoke")),
    }


def headline(results: Run) -> tuple[str, str, str]:
    """Return the result, what it means, and what it was measured on."""
    found = results.metrics
    if found:
        low, high = found["accuracy_interval"]
        of = f"{count(found['images'])} {images(results)} of {measured_on(results)} in {found['classes']} classes"
        detail = f"{of}; 95 % interval {percent(low)} to {percent(high)} (Wilson)"
        return percent(found["accuracy"]), images(results).replace("images", "accuracy"), detail
    best = best_epoch(results)
    untested = "the test was not finished" if results.predictions else "the test images have not been looked at"
    if best and "val_accuracy" in best:
        detail = f"after epoch {count(best['epoch'])}; {untested}"
        return percent(best["val_accuracy"]), "validation accuracy", detail
    return NOTHING, "no result yet", untested


def best_epoch(results: Run) -> Mapping[str, float] | None:
    """Return the row of the history of the best epoch, of the last one where none is called best."""
    if not results.history:
        return None
    best = results.status.get("best_epoch")
    return next((row for row in results.history if row["epoch"] == best), results.history[-1])


def notes(results: Run) -> list[str]:
    """Return what is worth knowing about the data and the run, such as images that were skipped."""
    return [str(note) for note in results.status.get("notes") or []]


def key_facts(results: Run) -> list[tuple[str, str]]:
    """Return (what, value) of what a reader asks first."""
    parameters = (results.layers or {}).get("parameters", {})
    environment, state, best = results.environment, results.status, results.status.get("best_epoch")
    network = not estimator(results)
    epochs = f"{state.get('epoch', len(results.history))} of {state.get('epochs') or NOTHING}"
    speed = [row["images_per_second"] for row in results.history if "images_per_second" in row]
    return [
        ("Data", measured_on(results)),
        ("Images", _images(results)),
        ("Input", _input(results)),
        *([("Architecture", _architecture(results))] if network else _fitted(results)),
        *([("Weights", weights.sentence(results.weights))] if results.weights else []),
        *(
            [
                ("Parameters", count(parameters.get("total"))),
                ("of them trainable", count(parameters.get("trainable"))),
                ("MACs per image", count((results.layers or {}).get("macs"))),
                ("Epochs", epochs),
                ("Best epoch", f"{best} (by {state.get('monitor')})" if best else NOTHING),
            ]
            if network
            else []
        ),
        ("Time", duration(state.get("seconds"))),
        *([("Training speed", f"{count(median(speed))} images/s" if speed else NOTHING)] if network else []),
        ("Precision", str(environment.get("precision", NOTHING))),
        ("Device", ", ".join(map(str, environment.get("devices") or [NOTHING]))),
        ("Seed", str(results.config.get("seed", 0))),
    ]


def estimator(results: Run) -> Mapping[str, Any]:
    """Return name and arguments of the estimator of scikit-learn that was fitted, {} where it was a network."""
    return results.config.get("model", {}).get("estimator") or {}


def left_out(results: Run) -> str | None:
    """Return which measures are left out because there are no probabilities, None where there are."""
    found = (results.metrics or {}).get("without_probabilities")
    if not found:
        return None
    names = ", ".join(measure_title(key) for key in found)
    return f"{next(iter(estimator(results)), 'It')} gives no probabilities. Left out, as they need them: {names}."


def _fitted(results: Run) -> list[tuple[str, str]]:
    """Return the estimator with its arguments, what it saw of an image, and what its fit gave."""
    [(name, arguments)] = estimator(results).items()
    features = results.config.get("model", {}).get("features") or "pixels"
    steps = features if isinstance(features, list) else [features]
    found = results.kept
    return [
        ("Estimator", f"{name} of scikit-learn"),
        ("with", _arguments(arguments)),
        ("Features", ", then ".join(_feature(step) for step in steps)),
        *([("Fitted in", duration((results.metrics or {})["times"]["epochs_seconds"]))] if found else []),
        *((title, percent(found[key])) for key, title in _FITTED.items() if key in found),
    ]


_FITTED = {"accuracy": "Training accuracy", "val_accuracy": "Validation accuracy"}


def _feature(step: Any) -> str:
    [(name, arguments)] = step.items() if isinstance(step, Mapping) else [(step, {})]
    return f"{name} ({_arguments(arguments)})" if arguments else str(name)


def _arguments(given: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{key}: {_plain(value)}" for key, value in (given or {}).items()) or "its defaults"


def epochs(results: Run) -> list[tuple[str, Mapping[str, float]]]:
    """Return (which, row of the history) of the best and the last epoch."""
    best = best_epoch(results)
    if best is None:
        return []
    last = results.history[-1]
    if best is not last:
        return [("best", best), ("last", last)]
    return [("best and last" if results.status.get("best_epoch") else "last", last)]


def measures(results: Run) -> list[tuple[str, str]]:
    """Return (measure, value) of what the images gave, one number each."""
    found = results.metrics
    if not found:
        return []
    low, high = found["accuracy_interval"]
    top = [(f"Top-{k} accuracy", percent(value)) for k, value in found["top_k"].items()]
    return [
        ("Accuracy", f"{percent(found['accuracy'])} ({percent(low)} to {percent(high)})"),
        *_with_flips(found),
        *top,
        *((row.title, in_unit(found[row.key], row.unit)) for row in COMPUTED[1:] if row.key in found),
        ("Worst class (lowest F1)", label(_worst(found) or NOTHING)),
    ]


def _with_flips(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    flipped = found.get("test_time_flips")
    if not flipped:
        return []
    low, high = map(percent, flipped["accuracy_interval"])
    return [("with test-time flips", f"{percent(flipped['accuracy'])} ({low} to {high})")]


def classes(results: Run) -> list[dict[str, Any]]:
    """Return the scores of every class, with `worst` and what it is most often taken for."""
    if not results.metrics:
        return []
    worst, taken_for = _worst(results.metrics), _taken_for(results)
    lines = results.metrics["per_class"]
    return [{**line, "worst": str(line["class"]) == worst, "taken_for": taken_for.get(line["class"])} for line in lines]


def confusions(results: Run) -> list[dict[str, Any]]:
    """Return the most frequent mistakes: true class, predicted class, images, and share of the true class."""
    if results.predictions is None:
        return []
    names, matrix = results.predictions.class_names, results.predictions.confusion_matrix()
    return [
        {"true": names[t], "predicted": names[p], "images": n, "share": n / int(matrix[t].sum())}
        for t, p, n in frequent_confusions(matrix, CONFUSIONS)
    ]


def environment(results: Run) -> list[tuple[str, str]]:
    """Return (what, value) of the machine, the versions and the command of the run."""
    found = dict(results.environment)
    packages = found.pop("packages", {})
    rows = [(key.replace("_", " "), _plain(value)) for key, value in found.items()]
    return rows + [(str(name), _plain(version)) for name, version in packages.items()]


def files(run: RunDir) -> list[tuple[str, int]]:
    """Return (path inside the run folder, bytes) of every file but hidden ones and the page itself."""
    inside = sorted(path.relative_to(run.path) for path in run.path.rglob("*") if path.is_file())
    hidden = (path for path in inside if any(part.startswith(".") for part in path.parts))
    shown = [path for path in inside if path not in {*hidden, run.report.relative_to(run.path)}]
    return [(path.as_posix(), (run.path / path).stat().st_size) for path in shown]


def _images(results: Run) -> str:
    """Return how many images each split has and how many were skipped as unreadable."""
    parts = {name: results.split.get(name) for name in ("train", "validation", "test")}
    known = [f"{count(part['images'])} {name}" for name, part in parts.items() if part]
    skipped = len(results.split.get("skipped") or [])
    return ", ".join(known + [f"{count(skipped)} skipped"] * bool(skipped)) or NOTHING


def _input(results: Run) -> str:
    """Return the shape that the network gets, and whether images were resized to it."""
    layers = (results.layers or {}).get("layers") or []
    seen = layers[0]["output_shape"] if layers else (results.layers or {}).get("input_shape", [])
    shape = "x".join(map(str, seen)) or NOTHING
    data = results.config.get("data", {})
    return f"{shape}, images resized ({data.get('fit')})" if data.get("image_size") else shape


def _architecture(results: Run) -> str:
    """Return the name of the network and what its own parameters were, such as a stem for small images."""
    model = results.config.get("model", {})
    parameters = ", ".join(f"{name}: {_plain(value)}" for name, value in (model.get("parameters") or {}).items())
    return str(model.get("name") or "layers in place") + (f" ({parameters})" if parameters else "")


def _taken_for(results: Run) -> dict[str, dict[str, Any]]:
    """Return for each class with mistakes the class it is most often taken for and for what share of its images."""
    if results.predictions is None:
        return {}
    names, matrix = results.predictions.class_names, results.predictions.confusion_matrix()
    wrong = matrix - np.diag(np.diagonal(matrix))
    most = [(true, int(predicted), int(wrong[true, predicted])) for true, predicted in enumerate(wrong.argmax(axis=1))]
    return {names[t]: {"class": names[p], "share": n / int(matrix[t].sum())} for t, p, n in most if n}


def _worst(found: Mapping[str, Any]) -> str | None:
    return str(found["worst_class"]["class"]) if differ(found["per_class"]) else None


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return NOTHING if value is None else str(value)
