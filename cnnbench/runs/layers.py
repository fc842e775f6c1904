"""`layers.json`: layer, output shape, parameters and MACs."""

from __future__ import annotations

from cnnbench.files.checked import TEXT, WHOLE
from cnnbench.runs.json_file import JsonFile

PARAMETERS = {"total": WHOLE, "trainable?": WHOLE, "non_trainable?": WHOLE}

LAYERS = JsonFile(
    {
        "parameters?": PARAMETERS,
        "macs?": WHOLE,
        "input_shape?": [WHOLE],
        "layers?": [
            {
                "name": TEXT,
                "kind": TEXT,
                "output_shape": [WHOLE.or_nothing()],
                **dict.fromkeys(("parameters", "macs", "activation_bytes"), WHOLE),
            }
        ],
    }
)
