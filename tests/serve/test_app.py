"""The application: what it answers, to whom, and what it refuses with which words."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from cnnbench.serve.app import application
from cnnbench.serve.limits import Limits
from cnnbench.serve.served import Served
from tests.builders.images import pixels
from tests.cli.test_predict import write_any_kind


def png(size: int = 9) -> bytes:
    """A grey picture."""
    file = io.BytesIO()
    Image.fromarray(pixels(size, size)).save(file, "png")
    return file.getvalue()


def bomb(side: int) -> bytes:
    """A few bytes that say they are a picture of so many pixels."""
    body = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(100))
    chunks = [(b"IHDR", body), (b"IDAT", rows), (b"IEND", b"")]
    written = [struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def form(*contents: bytes, field: str = "images") -> list[tuple[str, tuple[str, bytes]]]:
    return [(field, (f"{i}.png", content)) for i, content in enumerate(contents)]


def in_base64(*contents: bytes) -> dict[str, list[str]]:
    return {"images": [base64.b64encode(content).decode() for content in contents]}


def limited(served: Served, token: str | None = None, **limits: Any) -> TestClient:
    return TestClient(application(served, replace(Limits(), **limits), 0.002, token), raise_server_exceptions=False)


def refused(answer: httpx.Response, status: int) -> str:
    """Return what a refusal says."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"detail", "problems"}
    return str(answer.json()["detail"])


def probabilities(answer: httpx.Response, served: Served) -> np.ndarray[Any, Any]:
    assert answer.status_code == 200, answer.text
    rows = answer.json()["predictions"]
    assert all(row["predicted"] == max(row["probabilities"], key=row["probabilities"].get) for row in rows)
    return np.array([[row["probabilities"][name] for name in served.class_names] for row in rows])


def test_images_of_every_kind_are_classified_as_predict_does(
    client: TestClient, served: Served, tmp_path: Path
) -> None:
    files = write_any_kind(tmp_path)
    turned = Image.new("L", (1, 1)).getexif()
    turned[0x0112] = 6
    Image.fromarray(pixels(20, 30)).save(tmp_path / "turned.jpg", exif=turned)
    files.append(tmp_path / "turned.jpg")
    contents = [file.read_bytes() for file in files]
    expected = served.predictor.predict(files)
    for answer in (
        client.post("/predict", files=form(*contents)),
        client.post("/predict", json=in_base64(*contents)),
    ):
        np.testing.assert_allclose(probabilities(answer, served), expected, atol=1e-6)


def test_names_come_back_with_the_answers(client: TestClient) -> None:
    sent = [("images", ("日本 <i>.png", png())), ("images", ("b.png", png()))]
    answer = client.post("/predict", files=sent).json()
    assert [row["file"] for row in answer["predictions"]] == ["日本 <i>.png", "b.png"]
    assert answer["model"] == "tiny"
    assert client.post("/predict", json=in_base64(png())).json()["predictions"][0]["file"] is None


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        ({"files": form(png(), b"no picture")}, 422, "image 2 (1.png): not an image that can be read"),
        ({"files": form(b"")}, 422, "image 1 (0.png): an empty file"),
        ({"files": form(png()[:-30])}, 422, "image 1 (0.png): "),
        ({"files": form(png(), field="image")}, 422, '"image": unknown; did you mean images?'),
        ({"data": {"images": "text"}, "files": {"x": b""}}, 422, "images: a text, not a file"),
        ({"content": b"--x", "headers": {"content-type": "multipart/form-data; boundary=y"}}, 422, "not a form"),
        ({"content": b"", "headers": {"content-type": "multipart/form-data"}}, 422, "not a form"),
        ({"json": {"images": []}}, 422, "no image: send at least one as images"),
        ({"json": {"images": ["#"]}}, 422, "image 1: not base64"),
        ({"json": {"images": [1]}}, 422, 'expected {"images": ["...", ...]}'),
        ({"json": {"images": ["aa=="], "more": 1}}, 422, '"more": unknown'),
        ({"json": [1]}, 422, 'expected {"images": ["...", ...]}'),
        ({"content": b"[" * 100_000, "headers": {"content-type": "application/json"}}, 422, "not JSON"),
        ({"content": b"\xff{", "headers": {"content-type": "application/json"}}, 422, "not JSON"),
        ({"content": png(), "headers": {"content-type": "image/png"}}, 415, '"image/png": images are sent as'),
        ({"content": b""}, 415, "no content type"),
        ({"files": form(bomb(100_000))}, 413, "image 1 (0.png): an image may have 25000000 pixels"),
    ],
)
def test_what_is_refused_and_why(client: TestClient, request_: dict[str, Any], status: int, said: str) -> None:
    assert refused(client.post("/predict", **request_), status).startswith(said)


def test_every_image_that_cannot_be_read_is_named(client: TestClient) -> None:
    answer = client.post("/predict", files=form(b"1", png(), b"3"))
    assert refused(answer, 422) == "2 images cannot be read"
    assert [problem.partition(":")[0] for problem in answer.json()["problems"]] == [
        "image 1 (0.png)",
        "image 3 (2.png)",
    ]


def test_limits_of_a_request(served: Served) -> None:
    small = png()
    client = limited(served, bytes=len(small) + 400, pixels=81, images=2)
    assert client.post("/predict", files=form(small)).status_code == 200
    told = f"a request may have {len(small) + 400} bytes"
    assert refused(client.post("/predict", files=form(small + bytes(500))), 413) == told
    chunks = iter([b"x" * 100] * 20)
    assert refused(client.post("/predict", content=chunks), 413) == told, "without a length that is announced"
    assert refused(client.post("/predict", files=form(png(10))), 413) == "image 1 (0.png): an image may have 81 pixels"
    many = limited(served, images=2)
    for sent in ({"files": form(small, small, small)}, {"json": in_base64(small, small, small)}):
        assert refused(many.post("/predict", **sent), 413) == "more than 2 images in one request"  # type: ignore[arg-type]


def test_requests_under_way_are_limited_in_number_and_in_time(served: Served) -> None:
    app = application(served, Limits(requests=1, seconds=5), 0.002)
    body = json.dumps(in_base64(png())).encode()

    async def story() -> tuple[httpx.Response, httpx.Response]:
        go_on = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield body[:5]
            await go_on.wait()
            yield body[5:]

        kind = {"content-type": "application/json"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            first = asyncio.create_task(client.post("/predict", content=slow(), headers=kind))
            await asyncio.sleep(0.05)
            second = await client.post("/predict", content=body, headers=kind)
            go_on.set()
            return await first, second

    first, second = asyncio.run(story())
    assert first.status_code == 200
    assert refused(second, 429) == "1 requests are under way: ask again in a moment"
    assert second.headers["retry-after"] == "1"


def test_a_body_that_does_not_arrive_is_given_up(served: Served) -> None:
    app = application(served, Limits(seconds=0.05), 0.002)

    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    async def story() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            return await client.post("/predict", content=stalled(), headers={"content-type": "application/json"})

    assert "0.05 seconds" in refused(asyncio.run(story()), 408)


def test_a_token_guards_predictions_and_metrics(served: Served) -> None:
    client = limited(served, token="s3cret")
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic s3cret"}):
        for answer in (
            client.post("/predict", files=form(png()), headers=headers),
            client.get("/metrics", headers=headers),
        ):
            assert refused(answer, 401).startswith("the token is missing or wrong")
            assert answer.headers["www-authenticate"] == "Bearer"
    right = {"authorization": "Bearer s3cret"}
    assert client.post("/predict", files=form(png()), headers=right).status_code == 200
    assert client.get("/metrics", headers=right).status_code == 200
    assert client.get("/health").json()["token"] is True


def test_health_says_what_is_served(client: TestClient, served: Served) -> None:
    assert client.get("/health").json() == {
        "status": "ok",
        "model": "tiny",
        "classes": list(served.class_names),
        "input_shape": [8, 8, 1],
        "probabilities": True,
        "token": False,
    }


def test_metrics_count_what_was_asked(client: TestClient) -> None:
    client.post("/predict", files=form(png(), png(), png()))
    client.post("/predict", content=b"")
    client.get("/no/such/page")
    told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    lines = told.text.splitlines()
    for line in (
        'cnnbench_requests_total{path="/predict",status="200"} 1.0',
        'cnnbench_requests_total{path="/predict",status="415"} 1.0',
        'cnnbench_requests_total{path="other",status="404"} 1.0',
        "cnnbench_images_total 3.0",
        "cnnbench_batch_images_sum 3.0",
        "cnnbench_model_seconds_count 1.0",
        "cnnbench_request_seconds_count 1.0",
        "cnnbench_requests_under_way 0.0",
        'cnnbench_model_info{model="tiny"} 1.0',
    ):
        assert line in lines


def test_what_fails_within_is_told_without_its_details(served: Served) -> None:
    class Broken:
        def predict_few(self, images: Any, filled: int) -> Any:
            raise ValueError("where the file is: /secret")

        def __getattr__(self, name: str) -> Any:
            return getattr(served.trained, name)

    client = limited(replace(served, predictor=replace(served.predictor, trained=Broken())))
    assert refused(client.post("/predict", files=form(png())), 500) == "unexpected failure; the server's log has it"
