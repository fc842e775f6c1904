"""Mistakes in `train`."""

from __future__ import annotations

from tests.config.malformed.case import text, train

TRAIN = [
    train("epochs: 0", "5: train.epochs: expected an integer >= 1, found 0"),
    train("epochs: ten", '5: train.epochs: expected an integer >= 0, found "ten"'),
    train("epochs: 2.0", "5: train.epochs: expected an integer >= 0, found 2.0"),
    train("epochs: 1e2", "5: train.epochs: expected an integer >= 0, found 100.0"),
    train("epochs: 1_000", '5: train.epochs: expected an integer >= 0, found "1_000"'),
    train("epochs: 0x10", '5: train.epochs: expected an integer >= 0, found "0x10"'),
    train("epochs: [3]", "5: train.epochs: expected an integer >= 0, found [3]"),
    train("epochs:", "5: train.epochs: expected an integer >= 0, found null"),
    train("epohcs: 3", "5: train.epohcs: unknown key; did you mean epochs?"),
    train("batchsize: 3", "5: train.batchsize: unknown key; did you mean batch_size?"),
    train("batch_size: -64", "5: train.batch_size: expected an integer >= 1, found -64"),
    train("learning_rate: 0.1", "5: train.learning_rate: unknown key; did you mean train.optimizer.learning_rate?"),
    train("optimizer: Adm", '5: train.optimizer.name: unknown optimizer "Adm"; did you mean Adam?'),
    train("optimizer: adam", '5: train.optimizer.name: unknown optimizer "adam"; did you mean Adam?'),
    train("optimizer: Nothing", '5: train.optimizer.name: unknown optimizer "Nothing"; known are SGD, RMSprop'),
    train("optimizer: LossScaleOptimizer", "5: train.optimizer.name: unknown optimizer"),
    train("optimizer: 3", "5: train.optimizer: expected a name or a mapping with name, found 3"),
    train("optimizer: {name: 3}", "5: train.optimizer.name: expected text, found 3"),
    train(
        "optimizer: {learnig_rate: 1e-3}", "5: train.optimizer.learnig_rate: unknown key; did you mean learning_rate?"
    ),
    train("optimizer: {learning_rate: 0}", "5: train.optimizer.learning_rate: expected a number > 0, found 0"),
    train("optimizer: {learning_rate: -1e-3}", "5: train.optimizer.learning_rate: expected a number > 0, found -0.001"),
    train(
        "optimizer: {learning_rate: .inf}", "5: train.optimizer.learning_rate: expected a number > 0, found Infinity"
    ),
    train("optimizer: {learning_rate: '0.1'}", '5: train.optimizer.learning_rate: expected a number > 0, found "0.1"'),
    train("optimizer: {learning_rate: null}", "5: train.optimizer.learning_rate: expected a number > 0, found null"),
    train("optimizer: {name: Adam, momentum: 0.9}", "5: train.optimizer.momentum: unknown key; allowed: learning_rate"),
    train(
        "optimizer: {name: SGD, momentum: 1}", "5: train.optimizer.momentum: expected a number >= 0 and < 1, found 1"
    ),
    train("optimizer: {name: SGD, nesterov: true}", "5: train.optimizer.nesterov: has no effect without momentum"),
    train("optimizer: {name: SGD, nesterov: 'on'}", '5: train.optimizer.nesterov: expected true or false, found "on"'),
    train(
        "optimizer: {name: Adam, beta_1: 1.5}", "5: train.optimizer.beta_1: expected a number >= 0 and < 1, found 1.5"
    ),
    train("optimizer: {name: Lion, beta_1: 0}", "5: train.optimizer.beta_1: expected a number > 0 and < 1, found 0"),
    train("optimizer: {name: AdamW, weight_decay: null}", "5: train.optimizer.weight_decay: expected a number >= 0"),
    train("optimizer: {use_ema: true}", "5: train.optimizer.use_ema: cannot be set: train.ema"),
    train("optimizer: {ema_momentum: 0.9}", "5: train.optimizer.ema_momentum: cannot be set: train.ema"),
    train(
        "optimizer: {clipnorm: 1.0, clipvalue: 1.0}",
        "5: train.optimizer.clipvalue: only one of clipnorm, clipvalue can be set",
    ),
    train(
        "optimizer: {gradient_accumulation_steps: 1}",
        "5: train.optimizer.gradient_accumulation_steps: expected an integer >= 2 or null, found 1",
    ),
    train("schedule: Cosine", "5: train.schedule.name: expected one of Constant, StepDecay"),
    train("schedule: {warmup_epochs: 1}", "5: train.schedule.name: missing; expected one of Constant"),
    train("schedule: 3", "5: train.schedule: expected a name or a mapping with name or null, found 3"),
    train(
        "schedule: {name: CosineDecay, warmup: 1}", "5: train.schedule.warmup: unknown key; did you mean warmup_epochs?"
    ),
    train(
        "schedule: {name: CosineDecay, warmup_epochs: -1}",
        "5: train.schedule.warmup_epochs: expected a number >= 0, found -1",
    ),
    train(
        "schedule: {name: CosineDecay, factor: 0.1}",
        "5: train.schedule.factor: has no effect with CosineDecay; it takes warmup_epochs, warmup_fraction, alpha",
    ),
    train(
        "schedule: {name: OneCycle, warmup_epochs: 1}",
        "5: train.schedule.warmup_epochs: has no effect with OneCycle",
    ),
    train("schedule: {name: Constant, power: 2}", "5: train.schedule.power: has no effect with Constant; it takes no"),
    train(
        "epochs: 3\nschedule: {name: CosineDecay, warmup_epochs: 4}",
        "6: train.schedule.warmup_epochs: expected at most train.epochs (3), found 4",
    ),
    train("schedule: {name: StepDecay, factor: 1}", "5: train.schedule.factor: expected a number > 0 and < 1"),
    train(
        "schedule: {name: StepDecay, step_epochs: 0}", "5: train.schedule.step_epochs: expected a number > 0 or a list"
    ),
    train(
        "schedule: {name: StepDecay, step_epochs: []}", "5: train.schedule.step_epochs: expected a number > 0 or a list"
    ),
    train(
        "schedule: {name: StepDecay, step_epochs: [10, 5]}",
        "5: train.schedule.step_epochs: expected increasing epochs, found [10.0, 5.0]",
    ),
    train(
        "schedule: {name: StepDecay, step_epochs: [1, -5]}",
        "5: train.schedule.step_epochs[1]: expected a number > 0, found -5",
    ),
    train("schedule: {name: ExponentialDecay, decay_rate: 1}", "5: train.schedule.decay_rate: expected a number > 0"),
    train(
        "schedule: {name: ReduceLROnPlateau, monitor: val_los}",
        '5: train.schedule.monitor: expected one of val_loss, val_accuracy, loss, accuracy, found "val_los"',
    ),
    *(
        train(f"epochs: {epochs}\nschedule: {{name: ReduceLROnPlateau{arguments}}}{more}", f"6: {told}")
        for epochs, arguments, more, told in (
            (6, "", "", "train.schedule.patience: ReduceLROnPlateau never lowers the rate: its patience of 5"),
            (4, ", patience: 3", "", "train.schedule.patience: ReduceLROnPlateau never lowers the rate"),
            (
                20,
                ", patience: 3, min_delta: 0",
                "\nearly_stopping: {patience: 3}",
                "train.schedule.patience: ReduceLROnPlateau never lowers the rate: after 3 epochs train.early",
            ),
            (
                20,
                ", min_learning_rate: 0.1",
                "\noptimizer: {learning_rate: 0.1}",
                "train.schedule.min_learning_rate: ReduceLROnPlateau never lowers the rate",
            ),
        )
    ),
    train("schedule: {name: ReduceLROnPlateau, patience: 0}", "5: train.schedule.patience: expected an integer >= 1"),
    train("loss: mse", "5: train.loss.name: expected one of categorical_crossentropy"),
    train("loss: {label_smoothing: 1}", "5: train.loss.label_smoothing: expected a number >= 0 and < 1"),
    train("loss: {gamma: 2}", "5: train.loss.gamma: has no effect with categorical_crossentropy"),
    train("loss: {alpha: 0.5}", "5: train.loss.alpha: has no effect with categorical_crossentropy"),
    train(
        "loss: {name: mean_squared_error, label_smoothing: 0.1}",
        "5: train.loss.label_smoothing: has no effect with mean_squared_error; it takes no arguments",
    ),
    train(
        "loss: {name: categorical_focal_crossentropy, gama: 2}", "5: train.loss.gama: unknown key; did you mean gamma?"
    ),
    train("loss: [mse]", "5: train.loss: expected a name or a mapping with name, found"),
    train("class_weight: balance", "5: train.class_weight: expected balanced or a mapping or null"),
    train("class_weight: {'3': -1}", "5: train.class_weight.3: expected a number >= 0, found -1"),
    train("class_weight: {three: 2}", "5: train.class_weight.three: digits has no class of this name"),
    train("class_weight: {}", "5: train.class_weight: has no effect: it names no class"),
    train("early_stopping: true", "5: train.early_stopping: expected a mapping with monitor"),
    train("early_stopping: {patience: 0}", "5: train.early_stopping.patience: expected an integer >= 1, found 0"),
    train("early_stopping: {monitor: val_acc}", "5: train.early_stopping.monitor: expected one of val_loss"),
    train("early_stopping: {restore_best: 1}", "5: train.early_stopping.restore_best: expected true or false, found 1"),
    train(
        "early_stopping: {restore_best: no}", '5: train.early_stopping.restore_best: expected true or false, found "no"'
    ),
    train("early_stopping: {min_delta: -1}", "5: train.early_stopping.min_delta: expected a number >= 0, found -1"),
    train("early_stoping: {}", "5: train.early_stoping: unknown key; did you mean early_stopping?"),
    train("ema: 1", "5: train.ema: expected a number > 0 and < 1 or null, found 1"),
    train("precision: bfloat16", "5: train.precision: expected one of float32, mixed_bfloat16, mixed_float16, auto"),
    train("budget_minutes: 0", "5: train.budget_minutes: expected a number > 0"),
    train("budget_minutes: .inf", "5: train.budget_minutes: expected a number > 0"),
    train("budget_minutes: 3\nepochs: 5", "6: train.epochs: has no effect with train.budget_minutes, which gives as"),
    train(
        "budget_minutes: 3\nmax_minutes: 5", "6: train.max_minutes: cannot be given together with train.budget_minutes"
    ),
    train(
        "budget_minutes: 3\nschedule: {name: StepDecay, step_epochs: 2}",
        "6: train.schedule.name: StepDecay counts epochs, and with train.budget_minutes there are as many as fit; "
        "CosineDecay, OneCycle and PolynomialDecay are drawn over the time",
    ),
    train("budget_minutes: 3\nschedule: ExponentialDecay", "6: train.schedule.name: ExponentialDecay counts epochs"),
    train(
        "budget_minutes: 3\nschedule: {name: CosineDecay, warmup_epochs: 2}",
        "6: train.schedule.warmup_epochs: counts epochs, and with train.budget_minutes there are as many as fit; "
        "warmup_fraction is a share of the time",
    ),
    train(
        "schedule: {name: CosineDecay, warmup_epochs: 2, warmup_fraction: 0.1}",
        "5: train.schedule.warmup_fraction: cannot be given together with warmup_epochs",
    ),
    train(
        "schedule: {name: CosineDecay, warmup_fraction: 1}", "5: train.schedule.warmup_fraction: expected a number >= 0"
    ),
    train(
        "budget_minutes: 3\ndense_sparse_dense: "
        "{sparsity: 0.5, dense_epochs: 1, sparse_epochs: 1, final_learning_rate: 1e-4}",
        "6: train.dense_sparse_dense: counts epochs, and with train.budget_minutes there are as many as fit",
    ),
    train("max_minutes: 0", "5: train.max_minutes: expected a number > 0 or null, found 0"),
    train("max_minutes: 1:30", '5: train.max_minutes: expected a number > 0 or null, found "1:30"'),
    train("threads: 0", "5: train.threads: expected an integer from 1 to 1024 or null, found 0"),
    text(
        "name: demo\ndata: {validation: 0}\nmodel: {layers: [Flatten, classifier]}\ntrain: {early_stopping: {}}\n",
        "4: train.early_stopping.monitor: val_loss needs validation data, and data.validation is 0",
    ),
    text(
        "name: demo\ndata: {validation: 0}\nmodel: {layers: [Flatten, classifier]}\n"
        "train: {schedule: {name: ReduceLROnPlateau, monitor: val_accuracy}}\n",
        "4: train.schedule.monitor: val_accuracy needs validation data",
    ),
    text(
        "name: demo\ndata: {source: fashion_mnist}\nmodel: {layers: [Flatten, classifier]}\n"
        "train: {class_weight: {Shrit: 2, Coat: 1}}\n",
        "4: train.class_weight.Shrit: fashion_mnist has no class of this name; did you mean Shirt?",
    ),
    text(
        "name: demo\ndata: {source: synthetic, synthetic: {classes: 12}}\nmodel: {layers: [Flatten, classifier]}\n"
        "train: {class_weight: {class 3: 2}}\n",
        "4: train.class_weight.class 3: synthetic has no class of this name; did you mean class 03?",
    ),
    text(
        "name: demo\ndata: {source: synthetic, synthetic: {classes: 2}}\nmodel: {layers: [Flatten, classifier]}\n"
        "train: {class_weight: {class 0: 0, class 1: 0.0}}\n",
        "4: train.class_weight: every training image would weigh 0",
    ),
]
