"""Every optimizer of Keras, with the arguments it takes."""

from __future__ import annotations

from collections.abc import Mapping

from cnnbench.catalogue.arguments import BOOLEAN, STRING, Argument, Arguments, Table, integer, listing, number, or_null

_POSITIVE = Argument(number(above=0))
_NOT_NEGATIVE = Argument(number(0))
_NUMBER = Argument(number())
_MEMORY = Argument(number(0, below=1))  # of a moving average
_FLAG = Argument(BOOLEAN)
_CLIP = Argument(or_null(number(above=0)))

_COMMON: Arguments = {
    "learning_rate": _POSITIVE,
    "weight_decay": Argument(or_null(number(0))),
    "clipnorm": _CLIP,
    "clipvalue": _CLIP,
    "global_clipnorm": _CLIP,
    "gradient_accumulation_steps": Argument(or_null(integer(2))),
    "loss_scale_factor": Argument(or_null(number(above=0))),
}
_ADAM: Arguments = {**_COMMON, "beta_1": _MEMORY, "beta_2": _MEMORY, "epsilon": _POSITIVE}

OPTIMIZERS: Table = {
    "SGD": {**_COMMON, "momentum": _MEMORY, "nesterov": _FLAG},
    "RMSprop": {**_COMMON, "rho": _MEMORY, "momentum": _MEMORY, "epsilon": _POSITIVE, "centered": _FLAG},
    "Adam": {**_ADAM, "amsgrad": _FLAG},
    "AdamW": {**_ADAM, "amsgrad": _FLAG, "weight_decay": _NOT_NEGATIVE},  # null is not among its values
    "Adamax": _ADAM,
    "Nadam": _ADAM,
    "Lamb": _ADAM,
    "ScheduleFreeAdamW": {**_ADAM, "warmup_steps": Argument(integer(0))},
    "Lion": {**_COMMON, "beta_1": Argument(number(above=0, below=1)), "beta_2": _MEMORY},
    "Adagrad": {**_COMMON, "initial_accumulator_value": _NOT_NEGATIVE, "epsilon": _POSITIVE},
    "Adadelta": {**_COMMON, "rho": _MEMORY, "epsilon": _POSITIVE},
    "Adafactor": {
        **_COMMON,
        "beta_2_decay": Argument(number(below=0)),
        "epsilon_1": _POSITIVE,
        "epsilon_2": _POSITIVE,
        "clip_threshold": _POSITIVE,
        "relative_step": _FLAG,
    },
    "Ftrl": {
        **_COMMON,
        "learning_rate_power": Argument(number(maximum=0)),
        "initial_accumulator_value": _NOT_NEGATIVE,
        "l1_regularization_strength": _NOT_NEGATIVE,
        "l2_regularization_strength": _NOT_NEGATIVE,
        "l2_shrinkage_regularization_strength": _NOT_NEGATIVE,
        "beta": _NOT_NEGATIVE,
    },
    "Muon": {
        **_COMMON,
        "adam_beta_1": _MEMORY,
        "adam_beta_2": _MEMORY,
        "adam_weight_decay": _NOT_NEGATIVE,
        "adam_lr_ratio": _POSITIVE,
        "epsilon": _POSITIVE,
        "exclude_layers": Argument(or_null(listing(STRING))),
        "muon_a": _NUMBER,
        "muon_b": _NUMBER,
        "muon_c": _NUMBER,
        "momentum": _MEMORY,
        "ns_steps": Argument(integer(1)),
        "nesterov": _FLAG,
        "rms_rate": Argument(or_null(number(above=0))),
    },
}

REFUSED: Mapping[str, str] = {
    "use_ema": "train.ema keeps a moving average of the weights",
    "ema_momentum": "train.ema keeps a moving average of the weights",
    "ema_overwrite_frequency": "train.ema keeps a moving average of the weights",
    "exclude_embeddings": "image networks have no embeddings",
}
