"""The story of one experiment, from a configuration to a run folder with a report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from cnnbench.errors import FollowedRun, InterruptedRun
from cnnbench.experiment.ending import concluded
from cnnbench.experiment.options import Options
from cnnbench.experiment.result import Result
from cnnbench.runs.environment import ENVIRONMENT
from cnnbench.runs.folder import RunDir, create, create_at
from cnnbench.runs.layers import LAYERS
from cnnbench.runs.metrics import METRICS
from cnnbench.runs.run import Run

if TYPE_CHECKING:
    from cnnbench.config.schema import Config
    from cnnbench.data.normalize import Normalization
    from cnnbench.data.types import Dataset
    from cnnbench.machine.runtime import Backend
    from cnnbench.runs.status import Status
    from cnnbench.training.distributed.team import Team
    from cnnbench.training.fit import Fitted


def execute(config: Config, options: Options) -> Result:
    """Carry out a checked configuration; raises a `CnnbenchError` that says what is wrong."""
    from cnnbench.data.load import load_dataset
    from cnnbench.data.normalize import measure
    from cnnbench.data.record import NO_RECORD
    from cnnbench.evaluation.evaluate import evaluate
    from cnnbench.experiment.beginning import summary
    from cnnbench.experiment.resume import backend_of, differences
    from cnnbench.machine import runtime
    from cnnbench.machine.interrupt import stop_on_signals
    from cnnbench.runs.split import recorded
    from cnnbench.sinks.tracked import tracked
    from cnnbench.training.distributed.team import assemble
    from cnnbench.training.fit import fit

    show = options.observer.on_stage
    wanted = options.backend if options.resume is None else backend_of(RunDir(options.resume), options.backend)
    show(f"reading {config.data.source}")
    record = recorded(options.resume)
    # Before Keras is loaded, so that what is wrong with the data is told at once.
    dataset = load_dataset(config, record=record, like=recorded(options.like), offline=options.offline)
    config = _with_grey_bits(config, dataset)
    show("starting Keras")
    backend = runtime.start(wanted, config.train.threads)
    team = assemble(config, backend, show)
    _refuse_unsuited(config, dataset, backend)
    team.refuse_unsuited(config, dataset)
    normalization = measure(config.data.normalize, dataset.train)
    show("choosing the precision")
    config, note = _with_precision(config, dataset, normalization, options)
    if not team.chief:
        _follow(config, dataset, normalization, team, options)
    environment = runtime.describe(backend, note, config.train.threads, options.command)
    with (
        _open_folder(config, options) as run_dir,
        stop_on_signals() as stop,
        tracked(run_dir, config, options) as watched,
        concluded(run_dir, config, stop, options) as status,
    ):
        model = _build(config, dataset, normalization)
        gone = [NO_RECORD] if record is None and Run(run_dir.path).history else []
        status.update(
            notes=[note, *team.notes, *dataset.notes, *gone, *differences(run_dir, environment), *watched.notes]
        )
        _describe(run_dir, config, dataset, model, environment)
        watched.on_note(summary(run_dir, config, dataset, environment))
        for change in dataset.changes:
            watched.on_note(f"note: {change}")
        show("preparing the first step")
        began = time.perf_counter()
        fitted = fit(
            model,
            config,
            dataset,
            run_dir,
            team=team,
            observer=watched,
            note_epoch=lambda epoch: status.update(epoch=epoch),
            stop=stop,
            resume=options.resume is not None,
        )
        _save(run_dir, model, fitted, status)
        stop.act_at_once()
        show("testing")
        trained = time.perf_counter()
        evaluated = evaluate(model, dataset, "test", config.evaluation)
        times = {"training_seconds": trained - began, "test_seconds": time.perf_counter() - trained}
        _write_results(run_dir, config, dataset, evaluated, fitted, times)
        status.end("done", fitted.reason)
    return Result(run_dir.path, config)


def _follow(config: Config, dataset: Dataset, normalization: Normalization, team: Team, options: Options) -> NoReturn:
    """Train along with the chief and write nothing; always raises, FollowedRun where all went well."""
    from cnnbench.machine.interrupt import stop_on_signals
    from cnnbench.training.fit import fit

    with stop_on_signals() as stop:
        fitted = fit(
            _build(config, dataset, normalization),
            config,
            dataset,
            None,
            team=team,
            observer=options.observer,
            note_epoch=lambda epoch: None,
            stop=stop,
            resume=False,
        )
    ended = f"{fitted.reason} after {len(fitted.history)} finished epoch(s); worker 0 writes the run"
    raise InterruptedRun(ended) if stop.signal_name else FollowedRun(ended)


def _refuse_unsuited(config: Config, dataset: Dataset, backend: Backend) -> None:
    """Raise ConfigError where what only the data tells does not suit the network, the augmentation or the training.

    Raises TrainingError where the network is too large for this machine's memory.
    """
    from cnnbench.config.network.shapes import infer
    from cnnbench.config.network.spec import expand
    from cnnbench.data.augment import try_out
    from cnnbench.data.pipeline import class_weight_vector
    from cnnbench.machine.runtime import has_gpu
    from cnnbench.model.memory import refuse_size
    from cnnbench.training.suited import copies_of_weights, refuse_training

    layers = infer(expand(config.model.layers, config.model.blocks), dataset.input_shape, len(dataset.class_names))
    refuse_training(config, dataset)
    if not has_gpu(backend):  # a GPU's memory is its own, and who runs out of it is told
        refuse_size(layers, copies_of_weights(config.train), config.train.batch_size)
    try_out(config.augment, dataset.input_shape)
    class_weight_vector(config.train.class_weight, dataset.train.labels, dataset.class_names)


@contextmanager
def _open_folder(config: Config, options: Options) -> Iterator[RunDir]:
    """Yield the run folder, with all other processes kept out of it; raises ConfigError where one is in it."""
    from cnnbench.config.load import dump_yaml
    from cnnbench.experiment.resume import alone_in
    from cnnbench.files.whole import write_text

    text = dump_yaml(config)
    if options.resume is not None:
        run_dir = RunDir(options.resume)
    elif options.folder is not None:
        run_dir = create_at(options.folder, text)
    else:
        run_dir = create(options.output, config.name, text)
    with alone_in(run_dir):
        if options.resume is not None:
            write_text(run_dir.config, text)
        yield run_dir


def _with_grey_bits(config: Config, dataset: Dataset) -> Config:
    """Return the configuration with the grey depth that was measured, for whoever uses the model on other files."""
    if dataset.grey_bits is None:
        return config
    return config.model_copy(update={"data": config.data.model_copy(update={"grey_bits": dataset.grey_bits})})


def _with_precision(
    config: Config, dataset: Dataset, normalization: Normalization, options: Options
) -> tuple[Config, str]:
    """Return the configuration with the precision that is used, and a line that says why."""
    import keras

    from cnnbench.training.precision import choose

    chosen = choose(
        config,
        dataset.input_shape,
        len(dataset.class_names),
        lambda: _build_network(config, dataset, normalization),
        measure=not options.smoke,
    )
    keras.config.set_dtype_policy(chosen.policy)
    train = config.train.model_copy(update={"precision": chosen.policy})
    return config.model_copy(update={"train": train}), f"{chosen.policy} ({chosen.reason})"


def _build(config: Config, dataset: Dataset, normalization: Normalization) -> Any:
    from cnnbench.seeds import seed_the_rest

    seed_the_rest(config.seed)
    return _build_network(config, dataset, normalization)


def _build_network(config: Config, dataset: Dataset, normalization: Normalization) -> Any:
    from cnnbench.config.network.spec import expand
    from cnnbench.model.builder import build

    nodes = expand(config.model.layers, config.model.blocks)
    name = config.model.name or config.name
    return build(nodes, dataset.input_shape, len(dataset.class_names), normalization, config.seed, name)


def _describe(run_dir: RunDir, config: Config, dataset: Dataset, model: Any, environment: dict[str, Any]) -> None:
    """Write what is known before the first step: environment, splits, layers and augmented examples."""
    from cnnbench.data.record import split_record
    from cnnbench.experiment.examples import keep_examples
    from cnnbench.model.summary import summarize
    from cnnbench.runs.split import SPLIT

    ENVIRONMENT.write(run_dir.environment, environment)
    if not run_dir.split.exists():  # a run that goes on keeps to what it began with
        SPLIT.write(run_dir.split, split_record(dataset))
    LAYERS.write(run_dir.layers, summarize(model).as_dict())
    keep_examples(run_dir, config, dataset)


def _save(run_dir: RunDir, model: Any, fitted: Fitted, status: Status) -> None:
    from cnnbench.files.whole import refuse_gone, whole_file
    from cnnbench.model.archive import save_model

    refuse_gone(run_dir.path)
    with whole_file(run_dir.model) as part:
        save_model(model, part)
    status.update(
        epoch=len(fitted.history),
        best_epoch=fitted.best_epoch,
        kept_epoch=fitted.kept_epoch,
        monitor=fitted.monitor,
        notes=[*status.values["notes"], f"the saved model is that of {fitted.kept}"],
    )


def _write_results(
    run_dir: RunDir, config: Config, dataset: Dataset, evaluated: Any, fitted: Fitted, times: dict[str, float]
) -> None:
    from cnnbench.files.whole import refuse_gone
    from cnnbench.runs.predictions import write_predictions
    from cnnbench.runs.samples import write_samples

    refuse_gone(run_dir.path)
    write_predictions(run_dir.predictions, evaluated, dataset.class_names)
    write_samples(run_dir.samples, evaluated, config.seed)
    layers = Run(run_dir.path).layers
    data = {
        "source": dataset.source,
        "notes": list(dataset.notes),
        "test_images": dataset.contents["test"].fingerprint,
    }
    METRICS.write(
        run_dir.metrics,
        {
            **evaluated.metrics,
            "data": data,
            "weights": fitted.kept,
            "times": times | {"epochs_seconds": sum(row["seconds"] for row in fitted.history)},
            "parameters": layers["parameters"],
            "macs": layers["macs"],
        },
    )
