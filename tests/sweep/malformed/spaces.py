"""Mistakes in the space of a sweep, and in the rows of a list."""

from __future__ import annotations

from tests.sweep.malformed.case import listed, space, sweep

PATHS = [
    space("train.epohcs: [3, 4]", "3: train.epohcs: unknown key; did you mean epochs?"),
    space("train.epohcs:\n  - 3\n  - 4", "3: train.epohcs: unknown key; did you mean epochs?"),
    space("train.epohcs: {low: 3, high: 4}", "3: train.epohcs: unknown key; did you mean epochs?"),
    space("trian.epochs: [3, 4]", "3: trian: unknown key; did you mean train?"),
    space("train.epochs.x: [3, 4]", "3: train.epochs.x: train.epochs is 8 and has no keys"),
    space("train..epochs: [3]", '3: train."": unknown key'),
    space("train.optimizer.momentum: [0, 0.9]", "3: train.optimizer.momentum: unknown key; allowed: learning_rate"),
    space("model.layers.7.Dense.units: [3, 4]", "3: model.layers.7.Dense.units: model.layers is a list; its entries"),
    space("model.layers.1.Dense.unit: [3, 4]", "3: model.layers[1].Dense.unit: unknown key; did you mean units?"),
    space("seed: [0, 1]", "3: space.seed: cannot be swept: repeats trains every point with so many seeds"),
    space("name: [a, b]", "3: space.name: cannot be swept: a trial is named by its values"),
    space("model.name: [a, b]", "3: space.model.name: cannot be swept: it changes no number"),
    space("train.threads: [1, 2]", "3: space.train.threads: cannot be swept ... execution.threads sets it"),
    space("train.max_minutes: [1, 2]", "3: space.train.max_minutes: cannot be swept: budget.trial_minutes limits"),
    space(
        "train.optimizer: [SGD, Adam]\ntrain.optimizer.learning_rate: [0.1]",
        "4: space.train.optimizer.learning_rate: given twice: train.optimizer holds it too",
    ),
]
VALUES = [
    space("train.epochs: [3, ten]", '3: train.epochs: expected an integer >= 0, found "ten"'),
    space(
        "train.epochs:\n  - 3\n  - 0\n  - 4.5",
        "5: train.epochs: expected an integer >= 1, found 0",
        "6: train.epochs: expected an integer >= 0, found 4.5",
    ),
    space("train.optimizer.learning_rate: [0.1, 1e-3x]", "3: train.optimizer.learning_rate: expected a number > 0"),
    space("train.epochs: [3, yes]", '3: train.epochs: expected an integer >= 0, found "yes"'),
    space("train.epochs: [3, 3]", "3: space.train.epochs[1]: 3 is given twice (first as [0])"),
    space("train.optimizer.learning_rate: [1e-3, 0.001]", "3: space.train.optimizer.learning_rate[1]: 0.001 is given"),
    space("train.epochs: []", "3: space.train.epochs: expected 1 to 10000 values, found 0"),
    space("train.epochs: 3", "3: space.train.epochs: expected a list of values, {low, high} or {choices"),
    space("train.epochs:", "3: space.train.epochs: expected a list of values ... found null"),
    space("augment: [{RandomFlip: {mode: horizontal}}]", "3: augment: expected a list, found"),
    space(
        "augment:\n  - []\n  - - RandomFlip: {mode: sideways}",
        "5: augment[0].RandomFlip.mode: expected one of horizontal, vertical",
    ),
    space("augment: {choices: {}}", "3: space.augment.choices: expected a mapping"),
    space("augment: {choices: [a]}", "3: space.augment.choices: expected a mapping"),
    space("augment: {choices: {a: []}, low: 3}", "3: space.augment.low: unknown key"),
    space(
        "augment:\n  choices:\n    a: []\n    b: [RandomFlipp]",
        '6: augment[0]: unknown augmentation "RandomFlipp"; ',
    ),
    space("augment: {choices: {a: [], b: []}}", "3: space.augment.choices.b: the same value as a"),
    space("model.architecture: [mlp, lenet]", '3: model.architecture: "lenet" is neither a shipped architecture'),
    space("model.architecture: [mlp, nets/a.yaml]", "3: model.architecture: ... nets/a.yaml: no such file"),
    space("train.optimizer: [Adam, {name: Adam}]", "2: space: train.optimizer {"),
    sweep("space: [train.epochs]", "2: space: expected a mapping of at most 100 dotted paths, found ["),
]
TOGETHER = [
    space("train.epochs: [3, 1]", "3: space.train.epochs: 1 does not go with the rest: ... base.yaml:6: train"),
    space("train.epochs: [1, 3]", "3: space.train.epochs: 1 does not go with the rest: ... base.yaml:6: train"),
    space(
        "train.epochs: [5, 10]\ntrain.schedule.warmup_epochs: [1, 6]",
        "4: train.schedule.warmup_epochs: expected at most train.epochs (5), found 6.0",
    ),
    space(
        "train.epochs: [10, 5]\ntrain.schedule.warmup_epochs: [1, 6]",
        "2: space: at train.epochs 5, train.schedule.warmup_epochs 6: ... expected at most train.epochs (5), found 6.0",
    ),
    space(
        "train.optimizer.name: [SGD, Adam]\ntrain.optimizer.momentum: [0, 0.9]",
        '3: space.train.optimizer.name: "Adam" does not go with the rest: ... train.optimizer.momentum: unknown key',
    ),
    space(
        "train.batch_size: {low: 1, high: 1000}\ntrain.epochs: {low: 3, high: 1000}",
        "2: space: a grid of 998000 points, expected at most 100000",
    ),
    sweep(
        "search: tpe\nbudget: {trials: 9}\nspace:\n  train.schedule.warmup_epochs: {low: 0, high: 9}\n"
        "  train.epochs: {low: 10, high: 2}",
        "6: space.train.epochs.low: expected less than high (2), found 10",
    ),
]
RANGES = [
    space("train.epochs: {low: 3}", "3: space.train.epochs.high: missing; expected a number"),
    space("train.epochs: {low: 3, hihg: 9}", "3: space.train.epochs.hihg: unknown key; did you mean high?"),
    space("train.epochs: {min: 3, max: 9}", "3: space.train.epochs: expected a list of values, {low, high}"),
    space("train.epochs: {low: 9, high: 3}", "3: space.train.epochs.low: expected less than high (3), found 9"),
    space("train.epochs: {low: 3, high: 3}", "3: space.train.epochs.low: expected less than high (3), found 3"),
    space("train.epochs: {low: 0, high: 3}", "3: train.epochs: expected an integer >= 1, found 0"),
    space("train.epochs: {low: 2.5, high: 9, points: 3}", "3: train.epochs: expected an integer >= 0, found 2.5"),
    space("train.epochs: {low: 2, high: 9, step: 0.5}", "3: space.train.epochs.step: expected a whole number"),
    space("train.epochs: {low: 2, high: 9, step: 2}", "3: space.train.epochs.step: does not lead from low to high"),
    space("train.epochs: {low: 2, high: 9, step: 0}", "3: space.train.epochs.step: expected a number > 0"),
    space("train.epochs: {low: 2, high: 4, points: 9}", "3: space.train.epochs.points: only 3 of 9 numbers"),
    space("train.epochs: {low: 2, high: 4, points: 1}", "3: space.train.epochs.points: expected an integer from 2"),
    space(
        "train.epochs: {low: 2, high: 1000000}",
        "3: space.train.epochs: expected at most 10000 values",
    ),
    space("train.epochs: {low: 2, high: ten}", '3: space.train.epochs.high: expected a number, found "ten"'),
    space(
        "train.optimizer.learning_rate: {low: 0.1, high: 0.5}",
        "3: space.train.optimizer.learning_rate: a grid needs points (how many, evenly spaced), step, or a list",
    ),
    space(
        "train.schedule.alpha: {low: 0, high: 0.5, log: true}",
        "3: space.train.schedule.alpha.low: expected a number > 0, found 0: a log axis has no zero",
    ),
    space(
        "train.optimizer.learning_rate: {low: 0.1, high: 0.5, log: true, step: 0.1}",
        "3: space.train.optimizer.learning_rate.step: cannot be given together with log",
    ),
    space(
        "train.optimizer.learning_rate: {low: 0.1, high: 0.5, points: 5, step: 0.1}",
        "3: space.train.optimizer.learning_rate.points: cannot be given together with step",
    ),
    space("train.ema: {low: 0.5, high: 1, points: 3}", "3: train.ema: expected a number > 0 and < 1 or null, found 1"),
    space("train.epochs: {low: .inf, high: .inf}", "3: space.train.epochs.low: exp", "3: space.train.epochs.high: exp"),
    sweep(
        "search: random\nbudget: {trials: 9}\nspace: {train.ema: {low: 0.1, high: 0.9, step: 1e-30}}",
        "4: space.train.ema.step: expected a larger one, found 1e-30",
    ),
    sweep(
        "search: random\nbudget: {trials: 9}\nspace: {train.batch_size: {low: 2, high: 9, points: 3}}",
        "4: space.train.batch_size.points: has no effect with method random",
    ),
]
LISTS = [
    sweep("search: {method: list, file: trials.csv}", "2: search.file: trials.csv: no such file"),
    sweep("search: {method: list, file: .}", "2: search.file: .: a folder, expected a CSV file"),
    listed("", "trials.csv:1: empty; expected a header of dotted paths"),
    listed("train.epochs\n", "trials.csv:1: no trials; expected a row per trial"),
    listed("train.epochs,train.epochs\n3,4\n", "trials.csv:1: train.epochs: given twice"),
    listed("train.epochs,\n3,4\n", "trials.csv:1: column 2 has no name"),
    listed("train.epohcs\n3\n4\n", "trials.csv:1: train.epohcs: unknown key; did you mean epochs?"),
    listed("train.epochs\n3\n\n0\n", "trials.csv:4: train.epochs: expected an integer >= 1, found 0"),
    listed("train.epochs,train.batch_size\n3\n3,4,5\n", "trials.csv:2: expected 2 cells (", "trials.csv:3: expected 2"),
    listed("train.epochs\n[3\n", 'trials.csv:2: train.epochs: not valid YAML ... found "[3"'),
    listed("train.epochs\n3\n4\n3\n", "trials.csv:4: the same configuration as trial 1 of the list"),
    listed('train.epochs\n"3\n', "trials.csv:2: not valid CSV"),
    listed("train.epochs\n3\n1\n", "trials.csv:3: ... base.yaml:6: train.schedule.warmup_epochs: expected at most"),
    listed("seed\n3\n1\n", "trials.csv:1: seed: cannot be swept"),
    listed(
        "train.epochs,data.validation\n3,0\n4,0.1\n", "trials.csv:2: data.validation: val_accuracy needs validation"
    ),
    sweep(
        "search:\n  method: list\n  rows:\n    - {train.epochs: 3}\n    - {train.epochs: 0}",
        "6: train.epochs: expected an integer >= 1, found 0",
    ),
    sweep("search: {method: list, rows: [{}]}", "2: search.rows[0]: expected dotted paths with values, found none"),
    sweep(
        "search: {method: list, rows: [{train.epochs: 3}, {train.batch_size: 4}]}",
        "2: search.rows[1]: expected a value for each of train.epochs",
    ),
]
SPACES = [*PATHS, *VALUES, *TOGETHER, *RANGES, *LISTS]
