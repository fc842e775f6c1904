"""An estimator of scikit-learn, explained by its answers and by the features it sees: it has no layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cnnbench.data.types import Images
from cnnbench.explain.subjects.subject import Floats, Network, baseline_of
from cnnbench.learners.estimator.features import Normalize
from cnnbench.learners.learner import Trained


@dataclass(frozen=True)
class EstimatorSubject:
    """See `Subject`."""

    trained: Trained
    network: ClassVar[Network | None] = None

    @property
    def baseline(self) -> Floats:
        """The pixel that the pipeline's normalisation makes 0."""
        channels = self.trained.input_shape[2]
        first = self.trained.model.steps[0][1]
        found = baseline_of(first.scale, first.offset) if isinstance(first, Normalize) else np.zeros(1, np.float32)
        return np.broadcast_to(found, channels)

    def predict(self, images: Images) -> Floats:
        """Return what it says of images, (n, classes)."""
        return self.trained.predict_images(images)

    def features(self, images: Images) -> Floats:
        """Return what the pipeline hands to the estimator, (n, features)."""
        at_once = self.trained.at_once
        some = (images[start : start + at_once] for start in range(0, len(images), at_once))
        return np.concatenate([self._seen(few) for few in some])

    def _seen(self, images: Images) -> Floats:
        for _, step in self.trained.model.steps[:-1]:  # scikit-learn takes steps that learn nothing for not fitted
            images = step.transform(images)
        return np.asarray(images, np.float32).reshape(len(images), -1)
