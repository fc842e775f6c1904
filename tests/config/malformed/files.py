"""Mistakes in what a file extends and in overrides."""

from __future__ import annotations

from tests.config.malformed.case import FILE, GOOD, override, text
from tests.wrong import Wrong

EXTENDS = [
    text("extends: 3\n" + GOOD, "1: extends: expected the path of a YAML file, found 3"),
    text(f"extends: {FILE}\n" + GOOD, f"1: extends: a file cannot extend itself ({FILE} > {FILE})"),
    text("extends: missing.yaml\n" + GOOD, "1: extends: missing.yaml: no such file"),
    text("extends: .\n" + GOOD, "1: extends: .: a folder, expected a YAML file"),
    text("extends: ''\n" + GOOD, "1: extends: : a folder, expected a YAML file"),
    Wrong(
        ("1: extends: parnet.yaml: no such file; did you mean parent.yaml?",),
        {FILE: "extends: parnet.yaml\n", "parent.yaml": GOOD},
    ),
    Wrong(
        (f"b.yaml:1: extends: a file cannot extend itself ({FILE} > a.yaml > b.yaml > {FILE})",),
        {FILE: "extends: a.yaml\n", "a.yaml": "extends: b.yaml\n", "b.yaml": f"extends: {FILE}\n"},
    ),
    Wrong(
        ("b.yaml:1: extends: a file cannot extend itself",),
        {FILE: "extends: a.yaml\n", "a.yaml": "extends: b.yaml\n", "b.yaml": "extends: a.yaml\n"},
    ),
    Wrong(
        ("parent.yaml:3: seed: expected an integer",),
        {FILE: "extends: parent.yaml\n", "parent.yaml": GOOD + "seed: x\n"},
    ),
    Wrong(
        ("2: seed: expected an integer from 0 to 2147483647, found 0.5",),
        {FILE: "extends: parent.yaml\nseed: 0.5\n", "parent.yaml": GOOD + "seed: x\n"},
    ),
    Wrong(
        ("2: train.epochs: expected", "parent.yaml:3: train.batch_size: expected"),
        {FILE: "extends: parent.yaml\ntrain: {epochs: -1}\n", "parent.yaml": GOOD + "train: {batch_size: 0}\n"},
    ),
    Wrong(
        ("parent.yaml:3: seed: given twice (first on line 2)",),
        {FILE: "extends: parent.yaml\n" + GOOD, "parent.yaml": "train: {epochs: 3}\nseed: 1\nseed: 2\n"},
    ),
    Wrong(("parent.yaml:1: not valid YAML",), {FILE: "extends: parent.yaml\n", "parent.yaml": "a: b: c\n"}),
    Wrong(("parent.yaml:1: empty",), {FILE: "extends: parent.yaml\n", "parent.yaml": ""}),
    Wrong(("parent.yaml:1: expected a mapping",), {FILE: "extends: parent.yaml\n", "parent.yaml": "[1]\n"}),
    Wrong(
        ("parent.yaml:3: data.color: has no effect: the images of mnist are grey already",),
        {
            FILE: "extends: parent.yaml\ndata: {source: mnist}\n",
            "parent.yaml": GOOD + "data: {color: mean, source: cifar10}\n",
        },
    ),
]

OVERRIDES = [
    override("train.epochs", 'command line: expected key.path=value, found "train.epochs"'),
    override("=3", 'command line: expected key.path=value, found "=3"'),
    override("train..epochs=3", "command line: expected key.path=value"),
    override("train.epochs=0", "command line: train.epochs: expected an integer >= 1, found 0"),
    override("train.epochs=many", 'command line: train.epochs: expected an integer >= 0, found "many"'),
    override("train.epochs=", "command line: train.epochs: expected an integer >= 0, found null"),
    override("train.epohcs=3", "command line: train.epohcs: unknown key; did you mean epochs?"),
    override("trian.epochs=3", "command line: trian: unknown key; did you mean train?"),
    override("train.epochs=[1", "command line: train.epochs: not valid YAML"),
    override("train.epochs=!!int 3", "command line: train.epochs: YAML tags are not allowed, found !!int"),
    override("train.epochs={a: 1, a: 2}", "command line: train.epochs: given twice"),
    override("train.epochs=1 ; train.epochs=2", "command line: train.epochs: given twice"),
    override("train.epochs.x=1 ; train.epochs=2", "command line: train.epochs.x: train.epochs is 2 and has no keys"),
    override("seed.x=1", "command line: seed: expected an integer"),
    override("name.first=x", 'command line: name.first: name is "demo" and has no keys'),
    override("augment.0.RandomFlip.mode=up", "command line: augment[0].RandomFlip.mode: expected one of horizontal"),
    override("augment.0.RandomFlp.mode=vertical", "command line: augment.0.RandomFlp.mode: augment[0] is RandomFlip"),
    override(
        "augment.2.RandomFlip.mode=vertical", "command line: augment.2.RandomFlip.mode: augment is a list; its entries"
    ),
    override("augment.first=1", "command line: augment.first: augment is a list; its entries are 0 to 1"),
    override("augment.-1=1", "command line: augment.-1: augment is a list"),
    override("augment.1.AutoContrast.x=1", "command line: augment[1].AutoContrast.x: unknown key"),
    override("train.optimizer.name=Adma", "command line: train.optimizer.name: unknown optimizer"),
    override("train.optimizer.beta_1=0.9", "command line: train.optimizer.beta_1: unknown key"),
    override("train.schedule.warmup_epochs=1", "command line: train.schedule.name: missing"),
    override("model.architecture=lenet6", 'command line: model.architecture: "lenet6" is neither'),
    override("model.layers.0=Flaten", "command line: model.layers[0].Flaten: no layer and no block has this name"),
    override("model.layers=[]", "command line: model.layers: expected a list of layers"),
    override("data.source=mnist ; data.color=mean", "command line: data.color: has no effect"),
    override("extends=other.yaml", "command line: extends: unknown key"),
    override(
        "train.epochs=-1 ; seed=-1 ; nothing",
        'command line: expected key.path=value, found "nothing"',
        "command line: seed: expected",
        "command line: train.epochs: expected",
    ),
]
