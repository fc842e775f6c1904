"""What is known of the networks of keras.applications before Keras is loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

APPLICATIONS_FILE = Path(__file__).with_name("applications.json")

# smallest side of an image, pooled features, weights beside `per_channel` for each channel of the image, depth
APPLICATIONS: Mapping[str, Mapping[str, int]] = (
    json.loads(APPLICATIONS_FILE.read_text(encoding="utf-8")) if APPLICATIONS_FILE.exists() else {}
)
