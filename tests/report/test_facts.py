from __future__ import annotations

from typing import Any

import yaml

from cnnbench.files.whole import write_json
from cnnbench.report.facts import key_facts
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run


def written(run: RunDir, **changes: dict[str, Any]) -> dict[str, str]:
    """Change sections of the run's configuration, give its network one layer, and return the key facts."""
    config = yaml.safe_load(run.config.read_text(encoding="utf-8"))
    for section, values in changes.items():
        config[section] = {**config[section], **values}
    run.config.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    numbers = {"parameters": 0, "macs": 0, "activation_bytes": 0}
    layer = {"name": "normalization", "kind": "Rescaling", "output_shape": [64, 64, 3], **numbers}
    write_json(run.layers, {"parameters": {"total": 0}, "macs": 0, "layers": [layer]})
    return dict(key_facts(Run(run.path)))


def test_a_stem_for_small_images_is_told(run: RunDir) -> None:
    parameters = {"stem": "small", "epsilon": 1e-05}
    facts = written(run, model={"name": "mobilenetv2", "parameters": parameters})
    assert facts["Architecture"] == "mobilenetv2 (stem: small, epsilon: 1e-05)"
    assert facts["Input"] == "64x64x3"


def test_images_that_were_resized_are_told(run: RunDir) -> None:
    facts = written(run, model={"name": "resnet18"}, data={"image_size": 64, "fit": "crop"})
    assert facts["Architecture"] == "resnet18"
    assert facts["Input"] == "64x64x3, images resized (crop)"
