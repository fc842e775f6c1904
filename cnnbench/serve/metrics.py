"""What a server counts, in the form that Prometheus reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
IMAGES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Counts of one server, apart from those of others in the process."""

    def __init__(self, model: str) -> None:
        self._kept = kept = CollectorRegistry()
        ProcessCollector(registry=kept)
        self.requests = Counter("cnnbench_requests", "Requests answered.", ["path", "status"], registry=kept)
        self.seconds = Histogram("cnnbench_request_seconds", "Time of a prediction.", buckets=SECONDS, registry=kept)
        self.under_way = Gauge("cnnbench_requests_under_way", "Predictions being made.", registry=kept)
        self.images = Counter("cnnbench_images", "Images classified.", registry=kept)
        self.batch = Histogram("cnnbench_batch_images", "Images asked for at once.", buckets=IMAGES, registry=kept)
        self.model = Histogram("cnnbench_model_seconds", "Time of a batch in it.", buckets=SECONDS, registry=kept)
        Gauge("cnnbench_model_info", "The model that is served.", ["model"], registry=kept).labels(model).set(1)

    def watched(self, answer: Callable[[NDArray[Any]], NDArray[np.float32]]) -> Callable[[NDArray[Any]], Any]:
        """Return `answer`, each of its batches counted and timed."""

        def watching(images: NDArray[Any]) -> NDArray[np.float32]:
            began = time.perf_counter()
            said = answer(images)
            self.model.observe(time.perf_counter() - began)
            self.batch.observe(len(images))
            self.images.inc(len(images))
            return said

        return watching

    def text(self) -> bytes:
        """Return all counts."""
        return generate_latest(self._kept)
