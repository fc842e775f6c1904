"""Requests per second and latencies of `cnnbench serve` against a plain handler, and of the model without a server.

usage: python benchmarks/serving.py RUN [--seconds N] [--rounds N] [--clients N [N ...]]

Clients are connections that are kept, each asking for one image after the other, in one process of asyncio. The plain
handler is a FastAPI function that decodes the image as `cnnbench predict` does and calls `model.predict` on it.
Contenders take turns, each in a process of its own that waits while others are measured.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, UploadFile
from PIL import Image

from cnnbench.evaluation.predictor import Predictor
from cnnbench.runs.named import open_finished
from cnnbench.serve.listen import listening

BOUNDARY = "b0undary"


def image_file(shape: Sequence[int]) -> bytes:
    """Return a PNG of random pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if shape[2] == 1 else pixels).save(file, "png")
    return file.getvalue()


def request_of(image: bytes) -> bytes:
    """Return a whole request: one image in a form."""
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n\r\n'.encode()
    body = part + image + f"\r\n--{BOUNDARY}--\r\n".encode()
    head = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    return b"POST /predict HTTP/1.1\r\nHost: here\r\n" + head.encode() + body


async def one_client(port: int, request: bytes, until: float, latencies: list[float]) -> None:
    """Ask one thing after the other until it is time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (began := time.perf_counter()) < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - began)
    writer.close()


async def load(port: int, request: bytes, clients: int, seconds: float) -> tuple[list[float], float]:
    """Return the latencies of all requests of so many clients, and the seconds until the last had its answer."""
    latencies: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(one_client(port, request, began + seconds, latencies) for _ in range(clients)))
    return latencies, time.perf_counter() - began


def plain(run: Path) -> None:
    """Serve the run's model by a plain handler at a free port, which is printed."""
    opened = open_finished(run)
    model = opened.load_model()
    prepared = Predictor(_Shape(model), opened.load_config().data, opened.class_names).prepared
    app = FastAPI()

    @app.post("/predict")
    def predict(images: UploadFile) -> dict[str, float]:
        array = prepared(images.file.read(), "image")[None]
        return dict(zip(opened.class_names, model.predict(array, verbose=0)[0].tolist(), strict=True))

    taken = listening("127.0.0.1", 0, None)
    print(f"plain: http://127.0.0.1:{taken.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[taken])


class _Shape:
    """As much of a learner's model as preparing an image asks for."""

    def __init__(self, model: Any) -> None:
        self.input_shape = model.input_shape[1:]


def one_by_one(run: Path, seconds: float) -> list[float]:
    """Return the latencies of `model.predict` for one image after the other, without a server."""
    model = open_finished(run).load_model()
    image = np.random.default_rng(0).integers(0, 256, (1, *model.input_shape[1:])).astype(np.float32)
    model.predict(image, verbose=0)
    latencies = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        model.predict(image, verbose=0)
        latencies.append(time.perf_counter() - began)
    return latencies


def started(command: Sequence[str]) -> tuple[subprocess.Popen[str], int]:
    """Start a server and return it with the port in the first line that it prints."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline().rpartition(":")[2])


def told(latencies: Sequence[float], seconds: float) -> dict[str, float]:
    """Return requests/s and percentiles of latencies in milliseconds."""
    parts = np.percentile(np.asarray(latencies) * 1000, [50, 95, 99])
    return {"requests_per_second": len(latencies) / seconds, **dict(zip(("p50", "p95", "p99"), parts, strict=True))}


def main() -> None:
    """Measure and print a table and a JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--only", choices=["plain", "one-by-one"], help="what a process of this benchmark does")
    asked = parser.parse_args()
    if asked.only == "plain":
        return plain(asked.run)
    if asked.only == "one-by-one":
        return print(json.dumps(told(one_by_one(asked.run, asked.seconds), asked.seconds)))
    return compare(asked.run, asked.seconds, asked.rounds, asked.clients)


def compare(run: Path, seconds: float, rounds: int, clients: Sequence[int]) -> None:
    """Let the servers take turns, then ask the model itself."""
    request = request_of(image_file((32, 32, 1)))
    servers = {
        "serve": started(["-m", "cnnbench", "serve", str(run), "--port", "0"]),
        "plain handler": started([__file__, str(run), "--only", "plain"]),
    }
    found: dict[str, list[dict[str, float]]] = {}
    try:
        for _, port in servers.values():
            asyncio.run(load(port, request, 8, 0.5))
        for _ in range(rounds):
            for count in clients:
                for name, (_, port) in servers.items():
                    measured = asyncio.run(load(port, request, count, seconds))
                    found.setdefault(f"{name}, {count} clients", []).append(told(*measured))
    finally:
        for process, _ in servers.values():
            process.terminate()
            process.wait()
    command = [sys.executable, __file__, str(run), "--only", "one-by-one", "--seconds", str(seconds)]
    alone = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found["model.predict, one by one"] = [json.loads(alone)]
    show({name: _medians(rows) for name, rows in found.items()}, clients)


def _medians(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def show(medians: dict[str, dict[str, float]], clients: Sequence[int]) -> None:
    """Print a line per contender and a ratio per number of clients."""
    for name, row in medians.items():
        times = "  ".join(f"{key} {row[key]:7.1f} ms" for key in ("p50", "p95", "p99"))
        print(f"{name:28} {row['requests_per_second']:8.1f}/s  {times}")
    for count in clients:
        ours, theirs = (medians[f"{name}, {count} clients"] for name in ("serve", "plain handler"))
        ratio = ours["requests_per_second"] / theirs["requests_per_second"]
        print(f"{count} clients: {ratio:.1f} times the plain handler")


if __name__ == "__main__":
    main()
