"""Mistakes about weights from elsewhere."""

from __future__ import annotations

from tests.config.malformed.case import FILE, Wrong, model, text

LAYERS = "layers: [Flatten, classifier]\n"


def weights(lines: str, *expected: str, normalize: str = "unit") -> Wrong:
    """Lines of `model`, from line 4, and a normalisation."""
    indented = "\n".join(f"  {line}" for line in (LAYERS + lines).splitlines())
    return text(f"name: demo\ndata: {{source: digits, normalize: {normalize}}}\nmodel:\n{indented}\n", *expected)


WEIGHTS = [
    model(f"{LAYERS}weights: 3", "6: model.weights: expected text or null, found 3"),
    weights("weights: imagenet", "5: model.weights: no weights trained on ImageNet are known for a network in place"),
    weights("weights: a.pth\nhead: new", '6: model.head: expected one of keep, replace or null, found "new"'),
    weights("head: keep", "5: model.head: has no effect without model.weights"),
    weights("allow_skew: true", "5: model.allow_skew: has no effect without model.weights"),
    weights("", "2: data.normalize: pretrained is what model.weights were trained with", normalize="pretrained"),
    weights(
        "weights: a.pth\nallow_skew: true",
        "6: model.allow_skew: has no effect with data.normalize: pretrained",
        normalize="pretrained",
    ),
    text(
        f"name: demo\ndata: {{source: digits}}\nmodel:\n  {LAYERS}  weights: a.keras\n  head: replace\n"
        "train:\n  epochs: 0\n  loss: binary_crossentropy\n  ema: 0.9\n",
        "6: model.head: replace needs training: with train.epochs: 0 a new head would only guess",
        "9: train.loss: has no effect with train.epochs: 0",
        "10: train.ema: has no effect with train.epochs: 0",
    ),
    text(
        f"name: demo\ndata: {{source: digits, test: 1, subset: {{train: 9}}, normalize: standardize}}\n"
        f"model:\n  {LAYERS}  weights: a.keras\n",
        "1: train.epochs: expected 0, found 20: data.test: 1 leaves no image to train on",
        "2: data.validation: expected 0, found 0.2: data.test: 1 leaves no image to validate on",
        "2: data.subset.train: data.test: 1 leaves no image to train on",
        "2: data.normalize: standardize measures training images, and data.test: 1 leaves no image to train on",
    ),
    Wrong(
        ("net.yaml:6: weights[0].preprocessing: expected one of", "net.yaml:5: weights[0].sha256: expected text"),
        {
            FILE: "name: demo\ndata: {source: digits}\nmodel: {architecture: net.yaml}\n",
            "net.yaml": "layers: [Flatten, classifier]\nweights:\n"
            "  - file: a.pth\n    publisher: x\n    sha256: XYZ\n    preprocessing: none\n",
        },
    ),
]
