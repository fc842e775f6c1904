"""Mistakes in what is frozen, freed, slowed down and pruned."""

from __future__ import annotations

from tests.config.malformed.case import text
from tests.wrong import Wrong


def wrong(model: str, train: str, *expected: str) -> Wrong:
    """Keys of `model` (line 5) and of `train` (line 6) for a network of two convolutions and a head, of 5 epochs."""
    layers = (
        "[Conv2D: {filters: 2, kernel_size: 1}, Conv2D: {filters: 2, kernel_size: 1, name: last}, Flatten, classifier]"
    )
    return text(
        f"name: demo\ndata: {{source: digits}}\nmodel:\n  layers: {layers}\n  {model}\ntrain: {{epochs: 5, {train}}}\n",
        *expected,
    )


def frozen(train: str, *expected: str) -> Wrong:
    """Keys of `train` for a frozen base."""
    return wrong("freeze: base", train, *expected)


STAGES = [
    wrong("name: x", "cache_features: true", "6: train.cache_features: has no effect without model.freeze"),
    frozen("cache_features: sometimes", "6: train.cache_features: expected auto or true or false, found"),
    frozen(
        "cache_features: true, unfreeze: {after_epochs: 1, layers: [last]}",
        "6: train.cache_features: the base has to be asked in every epoch: train.unfreeze lets the base learn",
    ),
    frozen("augment_draws: 3", "6: train.augment_draws: has no effect: nothing is augmented (augment)"),
    frozen("augment_draws: 0", "6: train.augment_draws: expected an integer >= 1 or null, found 0"),
    wrong("freeze: conv*", "", '5: model.freeze: expected base or a list (text each) or null, found "conv*"'),
    wrong("freeze: []", "", "5: model.freeze: expected"),
    wrong("freeze: [cnv2d_1]", "", '5: model.freeze[0]: "cnv2d_1" matches no layer; did you mean conv2d_1?'),
    wrong(
        "freeze: [last, xyz*]",
        "",
        '5: model.freeze[1]: "xyz*" matches no layer; there are conv2d_1, last, flatten_1, logits',
    ),
    wrong('freeze: ["*"]', "", "5: model.freeze: freezes every layer that has weights; nothing is left to be trained"),
    wrong(
        "freeze: [flatten_1]", "", "5: model.freeze: has no effect: the network has no layer with weights among these"
    ),
    text(
        "name: demo\nmodel: {layers: [Flatten, classifier], freeze: base}\n",
        "2: model.freeze: has no effect: the network has no layer with weights before its head",
    ),
    wrong(
        "name: x",
        "unfreeze: {after_epochs: 1, layers: [last]}",
        "6: train.unfreeze: has no effect without model.freeze",
    ),
    frozen(
        "unfreeze: {after_epochs: 5, layers: [last]}",
        "6: train.unfreeze.after_epochs: expected less than train.epochs (5), found 5",
    ),
    frozen(
        "unfreeze: [{after_epochs: 2, layers: [last]}, {after_epochs: 2, layers: ['*']}]",
        "6: train.unfreeze[1].after_epochs: expected more than 2, the step before; found 2",
    ),
    frozen(
        "unfreeze: {after_epochs: 0, layers: [last]}",
        "6: train.unfreeze.after_epochs: expected an integer >= 1, found 0",
    ),
    frozen("unfreeze: {after_epochs: 1}", "6: train.unfreeze.layers: missing"),
    frozen("unfreeze: {after_epochs: 1, layers: []}", "6: train.unfreeze.layers: expected"),
    frozen("unfreeze: {after_epochs: 1, layer: [last]}", "6: train.unfreeze.layer: unknown key; did you mean layers?"),
    frozen("unfreeze: []", "6: train.unfreeze: expected"),
    frozen(
        "unfreeze: {after_epochs: 1, layers: [lst]}",
        '6: train.unfreeze.layers[0]: "lst" matches no layer; did you mean last?',
    ),
    frozen(
        "unfreeze: [{after_epochs: 1, layers: [last]}, {after_epochs: 2, layers: [logits, la*]}]",
        '6: train.unfreeze[1].layers[0]: has no effect: no layer with weights that "logits" matches is frozen then',
        '6: train.unfreeze[1].layers[1]: has no effect: no layer with weights that "la*" matches is frozen then',
    ),
    frozen(
        "unfreeze: {after_epochs: 3, layers: [last], learning_rate: 0.1}, "
        "schedule: {name: CosineDecay, warmup_epochs: 2.5}",
        "6: train.schedule.warmup_epochs: expected at most 2, the epochs of the shortest stage",
    ),
    wrong(
        "name: x",
        "learning_rate_factors: {las: 0.1}",
        '6: train.learning_rate_factors.las: "las" matches no layer; did you mean last?',
    ),
    wrong("name: x", "learning_rate_factors: {last: 0}", "6: train.learning_rate_factors.last: expected a number > 0"),
    wrong("name: x", "learning_rate_factors: {}", "6: train.learning_rate_factors: expected"),
    frozen(
        "learning_rate_factors: {last: 0.1}",
        "6: train.learning_rate_factors.last: has no effect: its layers stay frozen",
    ),
    wrong(
        "name: x",
        "dense_sparse_dense: {sparsity: 0.5, dense_epochs: 3, sparse_epochs: 2, final_learning_rate: 0.1}",
        "6: train.dense_sparse_dense: dense_epochs and sparse_epochs, 3 and 2, leave none of 5 epochs (train.epochs)",
    ),
    wrong(
        "name: x",
        "dense_sparse_dense: {sparsity: 1, dense_epochs: 2, sparse_epochs: 2, final_learning_rate: 0.1}",
        "6: train.dense_sparse_dense.sparsity: expected a number > 0 and < 1, found 1",
    ),
    frozen(
        "dense_sparse_dense: {sparsity: 0.5, dense_epochs: 2, sparse_epochs: 2, final_learning_rate: 0.1}",
        "6: train.dense_sparse_dense: cannot be given together with model.freeze",
    ),
]
