"""Mistakes in the keys of a sweep file, outside its space."""

from __future__ import annotations

from tests.sweep.malformed.case import beside, override, space, sweep, text

FILES = [
    text("", "1: empty; expected a mapping"),
    text("- base\n", "1: expected a mapping of keys to values, found ["),
    text("base: base.yaml\nspace: {train.epochs: [1, 2]\n", "sweep.yaml:3: not valid YAML ... expected ',' or '}'"),
    text("base: base.yaml\nspace:\n\ttrain.epochs: [1]\n", "sweep.yaml:3: not valid YAML"),
    text(
        "base: base.yaml\nspace: {train.batch_size: [1]}\nrepeats: 2\nrepeats: 3\n",
        "4: repeats: given twice (first on line 3)",
    ),
    text(
        "base: base.yaml\nspace:\n  train.batch_size: [1]\n  train.batch_size: [2]\n",
        "4: space.train.batch_size: given twice (first on line 3)",
    ),
    text("base: base.yaml\nspace: {train.batch_size: !!set {1}}\n", "2: space.train.batch_size: YAML tags are not"),
    text("name: small\nmodel: {layers: [classifier]}\n", "sweep.yaml: an experiment, not a sweep; `cnnbench"),
    text("space: {train.batch_size: [8]}\n", "1: base: missing; expected text or a mapping"),
    text("name: my sweep\nbase: base.yaml\nspace: {train.batch_size: [8]}\n", "1: name: expected up to 100 letters"),
    text("extends: other.yaml\nspace: {train.batch_size: [8]}\n", "1: extends: other.yaml: no such file"),
    text(
        "base: base.yaml\nspace: {train.batch_size: [8]}\nmodel: {architecture: lenet5}\n",
        "3: model: unknown key; allowed: name, description, base",
    ),
]
BASES = [
    text(
        "base: bse.yaml\nspace: {train.batch_size: [8]}\n",
        "1: base: ... bse.yaml: no such file; did you",
    ),
    text("base: lenet-digits\nspace: {train.batch_size: [8]}\n", '1: base: "lenet-digits" is neither ... lenet5'),
    text("base: 3\nspace: {train.batch_size: [8]}\n", "1: base: expected text or a mapping, found 3"),
    text(
        "base: other.yaml\nspace: {train.epochs: [8]}\n",
        "1: base: ... a sweep, not an experiment",
        other_yaml="base: x",
    ),
    text("base: tpe-digits\nspace: {train.epochs: [8]}\n", "1: base: ... tpe-digits: a sweep, not an experiment"),
    text(
        "base: {name: x, model: {layers: [Flatten, classifier]}, train: {epohcs: 3}}\nspace: {train.batch_size: [8]}\n",
        "1: train.epohcs: unknown key; did you mean epochs?",
    ),
    text(
        "base: other.yaml\nspace: {train.batch_size: [8]}\n",
        "other.yaml:3: train.epohcs: unknown key; did you mean epochs?",
        other_yaml="name: x\nmodel: {layers: [Flatten, classifier]}\ntrain: {epohcs: 3}\n",
    ),
    text(
        "base: {name: x, model: {architecture: lenet}}\nspace: {train.batch_size: [8]}\n",
        '1: model.architecture: "lenet" is neither a shipped architecture',
    ),
]
FIXED = [
    beside("fixed: {train.epohcs: 3}", "3: train.epohcs: unknown key; did you mean epochs?"),
    sweep("fixed: [3]\nspace: {train.epochs: [3]}", "2: fixed: expected a mapping of at most 100 dotted paths"),
    sweep("fixed: {train.epochs: ten}\nspace: {train.batch_size: [8]}", "2: train.epochs: expected an integer >= 0"),
    sweep("fixed: {augment.0.X.y: 1}\nspace: {train.batch_size: [8]}", "2: augment: expected a list"),
    sweep("fixed: {train.epochs: 3}\nspace: {train.epochs: [3]}", "2: fixed.train.epochs: given twice: it is"),
    sweep(
        "fixed: {train.optimizer: SGD, train.optimizer.momentum: 0.9}\nspace: {train.epochs: [3]}",
        "2: fixed.train.optimizer.momentum: given twice: train.optimizer holds it too",
    ),
    sweep(
        "fixed: {train.optimizer.learning_rate: 0.9}\nspace: {train.optimizer: [SGD, Adam]}",
        "2: fixed.train.optimizer.learning_rate: has no effect: each swept value",
    ),
    sweep(
        "fixed: {train.optimizer.learning_rate: 0.9}\nspace: {train.optimizer.name: [SGD, Adam]}",
        "2: fixed.train.optimizer.learning_rate: has no effect where train.optimizer.name is swept",
    ),
    sweep(
        "fixed: {train.threads: 2}\nexecution: {threads: 2}\nspace: {train.epochs: [3]}",
        "2: fixed.train.threads: given twice: execution.threads sets it too",
    ),
    sweep(
        "fixed: {train.max_minutes: 2}\nbudget: {trial_minutes: 2}\nspace: {train.epochs: [3]}",
        "2: fixed.train.max_minutes: given twice: budget.trial_minutes sets it too",
    ),
    sweep(
        "fixed: {train.budget_minutes: 2, train.schedule: OneCycle}\npruning: median\nspace: {data.split_seed: [8]}",
        "3: pruning.method: median judges trials after equal epochs, and with train.budget_minutes they have equal ",
    ),
]
SEARCH = [
    beside("serach: {method: tpe}", "3: serach: unknown key; did you mean search?"),
    beside("search: {methd: tpe}", "3: search.methd: unknown key; did you mean method?"),
    beside("search: {method: bayes}\nbudget: {trials: 3}", "3: search.method: expected one of grid, random, tpe, gp"),
    beside("search: {method: tpe, seed: -1}\nbudget: {trials: 3}", "3: search.seed: expected an integer >= 0"),
    beside("search: {method: tpe, file: x.csv}\nbudget: {trials: 3}", "3: search.file: has no effect with method tpe"),
    beside("search: {method: tpe}", "1: budget: missing; tpe goes on without end unless trials or hours is given"),
    beside("search: random\nbudget: {trial_minutes: 3}", "4: budget: missing; random goes on without end"),
    sweep("search: {method: grid, seed: 1}\nspace: {train.epochs: [8]}", "2: search.seed: has no effect with method"),
    sweep(
        "search: cmaes\nbudget: {trials: 3}\nspace: {train.epochs: {low: 3, high: 9}}",
        "2: search.method: cmaes needs two ranges at least, found one",
    ),
    sweep(
        "search: cmaes\nbudget: {trials: 3}\nspace:\n  train.epochs: {low: 3, high: 9}\n  train.batch_size: [8, 16]",
        "6: space.train.batch_size: cmaes searches numbers only: expected {low, high}, found a list",
    ),
    beside(
        "search: cmaes\nbudget: {trials: 3}\nobjective: [val_loss, parameters]",
        "3: search.method: cmaes takes one objective",
    ),
    sweep("search: grid", "1: space: missing; expected a dotted path"),
    sweep("search: list", "2: search: method list needs file"),
    sweep(
        "search: {method: list, rows: [{train.epochs: 3}]}\nspace: {train.epochs: [3]}",
        "3: space: has no effect with method list",
    ),
    sweep(
        "search: {method: list, rows: [{train.epochs: 3}], file: trials.csv}",
        "2: search.rows: cannot be given together with file",
        trials_csv="train.epochs\n3\n",
    ),
    sweep("search: {method: list, rows: []}", "2: search.rows: expected a list"),
]
OBJECTIVES = [
    beside("objective: accuracy", "3: objective.metric: accuracy is measured on the test images, which are read once"),
    beside("objective: {metric: macro.f1}", "3: objective.metric: macro.f1 is measured on the test images"),
    beside("objective: test_accuracy", "3: objective.metric: test_accuracy is measured on the test images"),
    beside("objective: log_loss", "3: objective.metric: log_loss is measured on the test images"),
    beside("objective: loss", "3: objective.metric: loss is of the training images ... val_loss is of val"),
    beside("objective: train_accuracy", "3: objective.metric: train_accuracy is of the training images"),
    beside("objective: val_acuracy", '3: objective.metric: unknown metric "val_acuracy"; did you mean val_accuracy?'),
    beside("objective: speed", '3: objective.metric: unknown metric "speed"; allowed are val_accuracy, val_loss'),
    beside("objective: {metric: val_loss, direction: maximize}", "3: objective.direction: expected minimize"),
    beside("objective: {metric: val_loss, direction: up}", "3: objective.direction: expected one of minimize"),
    beside("objective: {direction: minimize}", "3: objective.metric: missing; expected text"),
    beside("objective: []", "3: objective: expected a metric or {metric, direction} or a list"),
    beside("objective: [val_loss, val_loss]", "3: objective[1].metric: val_loss is given twice"),
    beside("objective:\n  - val_loss\n  - f1\n", "5: objective[1].metric: f1 is measured on the test images"),
    sweep(
        "fixed: {data.validation: 0}\nspace: {train.epochs: [8]}",
        "2: data.validation: val_accuracy needs validation data, found 0",
    ),
    sweep(
        "objective: val_loss\nspace: {data.validation: [0, 0.2]}",
        "3: data.validation: val_loss needs validation data, found 0",
    ),
]
SECTIONS = [
    beside("pruning: {method: ahsa}", "3: pruning.method: expected one of none, median, asha, hyperband ... asha?"),
    beside("pruning: {method: asha, min_epoch: 2}", "3: pruning.min_epoch: unknown key; did you mean min_epochs?"),
    beside("pruning: {method: asha, min_epochs: 0}", "3: pruning.min_epochs: expected an integer >= 1"),
    beside("pruning: {method: asha, min_epochs: 8}", "3: pruning.min_epochs: expected less than the epochs of a trial"),
    beside("pruning: {method: median, reduction_factor: 3}", "3: pruning.reduction_factor: has no effect with median"),
    beside("pruning: {method: asha, reduction_factor: 1}", "3: pruning.reduction_factor: expected an integer >= 2"),
    beside("pruning: {method: none, min_epochs: 2}", "3: pruning.min_epochs: has no effect with none"),
    beside("pruning: asha\nobjective: [val_loss, macs]", "3: pruning.method: asha judges by one objective, found"),
    beside("pruning: asha\nobjective: macs", "3: pruning.method: asha judges after each epoch by val_accuracy"),
    sweep(
        "pruning: {method: asha, min_epochs: 5}\nspace: {train.epochs: [3, 5]}",
        "2: pruning.min_epochs: expected less than the epochs of a trial (5), found 5",
    ),
    sweep(
        "pruning: {method: asha, min_epochs: 5}\nsearch: {method: list, rows: [{train.epochs: 3}, {train.epochs: 4}]}",
        "2: pruning.min_epochs: expected less than the epochs of a trial (4), found 5",
    ),
    beside("repeats: 0", "3: repeats: expected an integer from 1 to 1000, found 0"),
    beside("repeats: [0, 1]", "3: repeats: expected an integer from 1 to 1000, found [0, 1]"),
    beside("repeats: 1000000000000", "3: repeats: expected an integer from 1 to 1000, found 1000000000000"),
    beside(
        "fixed: {seed: 2147483646}\nrepeats: 3",
        "4: repeats: counts from the base's seed 2147483646 beyond the largest, 2147483647",
    ),
    beside(
        "search: random\nbudget: {trials: 1000000000000}",
        "4: budget.trials: expected an integer from 1 to 100000 or null, found 1000000000000",
    ),
    space("\n".join(f"k{i}: [1, 2]" for i in range(101)), "2: space: expected a mapping of at most 100 dotted paths"),
    beside("budget: {trials: 0}", "3: budget.trials: expected an integer from 1 to 100000"),
    beside("budget: {hours: 0}", "3: budget.hours: expected a number > 0"),
    beside("budget: {hours: -1, trial_minutes: 0}", "3: budget.hours: expected", "3: budget.trial_minutes: exp"),
    beside("budget: {trails: 3}", "3: budget.trails: unknown key; did you mean trials?"),
    beside("execution: {engine: dask}", "3: execution.engine: expected one of local, ray"),
    beside("execution: {slots: all}", '3: execution.slots: expected auto or an integer >= 1, found "all"'),
    beside("execution: {threads: 0}", "3: execution.threads: expected an integer >= 1"),
    beside("execution: {address: auto}", "3: execution.address: has no effect with engine local; it is for ray"),
    beside(
        "execution: {gpus_per_trial: 1, cpus_per_trial: 2}",
        "3: execution.cpus_per_trial: has no effect with engine local",
        "3: execution.gpus_per_trial: has no effect with engine local",
    ),
    beside("execution: {preload: maybe}", "3: execution.preload: expected true or false"),
    beside(
        "execution: {engine: ray, preload: false}",
        "3: execution.preload: has no effect with engine ray; it is for local",
    ),
]
OVERRIDES = [
    override("repeats=0", "command line: repeats: expected an integer from 1 to 1000, found 0"),
    override("train.epochs=0", "command line: train.epochs: expected an integer >= 1, found 0"),
    override("train.batch_size=8", "command line: fixed.train.batch_size: given twice: it is swept too"),
    override("space.train.batch_size=[0, 8]", "command line: train.batch_size: expected an integer >= 1, found 0"),
    override("budgte.trials=3", "command line: budgte: unknown key; did you mean budget?"),
    override("repeats", 'command line: expected key.path=value, found "repeats"'),
    override("repeats=2 ; repeats=3", "command line: repeats: given twice"),
]
KEYS = [*FILES, *BASES, *FIXED, *SEARCH, *OBJECTIVES, *SECTIONS, *OVERRIDES]
