"""Wrong configurations: each with the lines that tell its mistakes, as `line: key.path: message`."""

from __future__ import annotations

from tests.config.malformed import augment, data, files, network, stages, text, train, weights

WRONG = [
    *text.TEXTS,
    *text.TOP,
    *data.DATA,
    *train.TRAIN,
    *stages.STAGES,
    *augment.AUGMENT,
    *network.MODEL,
    *weights.WEIGHTS,
    *files.EXTENDS,
    *files.OVERRIDES,
]
