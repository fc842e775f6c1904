"""`cnnbench serve`: runs of every learner, who may reach it, and how it ends."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

import cnnbench as package
from cnnbench.runs.folder import RunDir
from cnnbench.serve.app import application
from cnnbench.serve.limits import Limits
from cnnbench.serve.served import open_served
from tests.builders.images import write_image
from tests.report.command import cnnbench
from tests.serve.conftest import plain_run
from tests.tools import start, tiny


@pytest.fixture(scope="session")
def numpy_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    return plain_run(tmp_path_factory.mktemp("numpy"))


def estimator_run(folder: Path, **estimator: object) -> RunDir:
    config = tiny(augment=[], data__subset={"train": 100, "test": 20})
    config["model"] = {"estimator": estimator}
    del config["train"]
    return RunDir(package.run(config, output=folder).path)


@pytest.fixture(scope="session")
def tree_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    return estimator_run(tmp_path_factory.mktemp("tree"), DecisionTreeClassifier={})


@pytest.fixture(scope="session")
def margin_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """What says a class and no probability."""
    return estimator_run(tmp_path_factory.mktemp("margin"), LinearSVC={})


@pytest.mark.parametrize("run", ["digits_run", "numpy_run", "tree_run", "margin_run"])
def test_a_run_of_any_learner_answers_as_predict_does(run: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    trained: RunDir = request.getfixturevalue(run)
    files = [write_image(tmp_path / f"{i}.png", seed=i, size=(20, 14)) for i in range(5)]
    code, out, _ = cnnbench("predict", trained.path, *files, "--json")
    assert code == 0
    with TestClient(application(open_served(trained.path, None, 8), Limits(), 0.002)) as client:
        answer = client.post("/predict", files=[("images", (str(file), file.read_bytes())) for file in files]).json()
    for expected, found in zip(json.loads(out), answer["predictions"], strict=True):
        assert {**found, "probability": 0, "probabilities": 0} == {**expected, "probability": 0, "probabilities": 0}
        assert found.get("probabilities", {}) == pytest.approx(expected.get("probabilities", {}), abs=1e-6)


@contextmanager
def serving(run: RunDir, folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a server and the address that it prints."""
    server = start("serve", run.path, "--port", "0", *arguments, cwd=folder)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert "http://" in line, server.communicate(timeout=60)[1]
        yield server, line.split()[-1]
    finally:
        server.kill()
        server.communicate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_lets_it_finish_what_is_under_way(
    numpy_run: RunDir, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    image = base64.b64encode(write_image(tmp_path / "a.png").read_bytes()).decode()
    body = json.dumps({"images": [image]}).encode()
    with serving(numpy_run, tmp_path) as (server, url):
        place = urlsplit(url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        connection.putrequest("POST", "/predict")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:10])
        wait_for(url, "cnnbench_requests_under_way 1.0")
        server.send_signal(number)
        wait_until_closed(str(place.hostname), int(place.port or 0))
        assert server.poll() is None
        connection.send(body[10:])
        answer = connection.getresponse()
        assert answer.status == 200 and len(json.loads(answer.read())["predictions"]) == 1
        _, told = server.communicate(timeout=30)
        assert (server.returncode, told) == (code, "error: interrupted\n" if code else "")


def wait_for(url: str, line: str) -> None:
    """Wait until the metrics have a line."""
    for _ in range(300):
        if line in httpx.get(f"{url}/metrics").text.splitlines():
            return
    pytest.fail(f"no {line}")


def wait_until_closed(host: str, port: int) -> None:
    """Wait until nobody is let in any more."""
    for _ in range(300):
        try:
            socket.create_connection((host, port), timeout=5).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    pytest.fail("connections are still taken")


def test_the_first_line_is_for_programs_too(numpy_run: RunDir, tmp_path: Path) -> None:
    server = start("serve", numpy_run.path, "--port", "0", "--json", cwd=tmp_path)
    assert server.stdout is not None
    lines = []
    while (line := server.stdout.readline()) != "}\n":
        lines.append(line)
    told = json.loads("".join([*lines, "}"]))
    assert told["model"] == "tiny" and told["url"].startswith("http://127.0.0.1:") and len(told["classes"]) == 10
    server.terminate()
    assert (server.communicate(timeout=30), server.returncode) == (("", ""), 0)


def test_a_port_in_use_is_one_line(numpy_run: RunDir) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = cnnbench("serve", numpy_run.path, "--port", port)
    assert (code, out) == (2, "")
    assert err == f"error: --port {port}: 127.0.0.1 cannot be listened at (Address already in use)\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_others_than_this_machine_need_a_token(numpy_run: RunDir, host: str) -> None:
    code, _, err = cnnbench("serve", numpy_run.path, "--host", host, "--port", 0)
    assert (code, err) == (
        2,
        f"error: --host {host}: others than this machine reach it: give --token, or $CNNBENCH_TOKEN\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--token", ""), "--token: expected visible ASCII characters"),
        (("--token", "pässword"), "--token: expected visible ASCII characters"),
        (("--host", "no such host"), "--host no such host: no such address"),
    ],
)
def test_what_cannot_be_served_is_one_line(numpy_run: RunDir, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = cnnbench("serve", numpy_run.path, "--port", 0, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}") and err.count("\n") == 1


def test_an_unfinished_run_is_not_served(unfinished_run: RunDir) -> None:
    code, _, err = cnnbench("serve", unfinished_run.path, "--port", 0)
    assert code == 2 and "has no finished model" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--engine", "rai"), "--engine rai: allowed are uvicorn, ray; did you mean ray?"),
        (("--replicas", "2"), "--replicas and --cluster: have no effect without --engine ray"),
    ],
)
def test_an_engine_is_told_what_it_knows(numpy_run: RunDir, arguments: tuple[str, ...], said: str) -> None:
    assert cnnbench("serve", numpy_run.path, *arguments) == (2, "", f"error: {said}\n")


def test_a_container_serves_the_run_without_anything_else(numpy_run: RunDir, tmp_path: Path) -> None:
    """What the image would start, started in the folder: its own cnnbench answers with its own copy of the run."""
    folder = tmp_path / "image"
    assert cnnbench("serve", numpy_run.path, "--container", folder)[0] == 0
    assert {path.name for path in folder.iterdir()} == {"Dockerfile", "requirements.txt", "cnnbench", "run"}
    pinned = (folder / "requirements.txt").read_text().splitlines()
    assert f"fastapi=={version('fastapi')}" in pinned and f"keras=={version('keras')}" in pinned
    (entry,) = re.findall(r"^ENTRYPOINT (.+)$", (folder / "Dockerfile").read_text(), flags=re.MULTILINE)
    command = [sys.executable, *json.loads(entry)[1:]]
    command[command.index("--port") + 1] = "0"
    with (folder / "cnnbench" / "serve" / "page" / "upload.html").open("a") as page:
        page.write("<!-- the copy -->")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    server = subprocess.Popen(
        command, cwd=folder, env={**environment, "CNNBENCH_TOKEN": "s3cret"}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = urlsplit(server.stdout.readline().split()[-1]).port
        image = {"images": ("a.png", write_image(tmp_path / "a.png").read_bytes())}
        url = f"http://127.0.0.1:{port}/predict"
        assert httpx.post(url, files=image).status_code == 401
        answer = httpx.post(url, files=image, headers={"authorization": "Bearer s3cret"})
        assert answer.json()["model"] == "tiny"
        assert httpx.get(f"http://127.0.0.1:{port}/").text.endswith("<!-- the copy -->"), "which cnnbench it is"
    finally:
        server.terminate()
        assert server.wait(30) == 0


def test_a_container_overwrites_nothing(numpy_run: RunDir, tmp_path: Path) -> None:
    code, _, err = cnnbench("serve", numpy_run.path, "--container", tmp_path)
    assert (code, err) == (2, f"error: --container {tmp_path}: exists already; name a new folder\n")


@pytest.mark.slow
@pytest.mark.cluster
def test_replicas_on_ray_answer_behind_one_address(numpy_run: RunDir, tmp_path: Path) -> None:
    """Each replica counts its own, and of an odd number of answers no two have given as many.

    When their processes began does not tell them apart: that is known to a hundredth of a second.
    """
    image = {"images": ("a.png", write_image(tmp_path / "a.png").read_bytes())}
    with serving(numpy_run, tmp_path, "--engine", "ray", "--replicas", "2") as (server, url):
        answers = [httpx.post(f"{url}/predict", files=image, timeout=60) for _ in range(21)]
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        metrics = [httpx.get(f"{url}/metrics", timeout=60).text for _ in range(20)]
        counts = {re.search(r"^cnnbench_images_total (.+)$", text, flags=re.MULTILINE)[1] for text in metrics}  # type: ignore[index]
        assert len(counts) == 2 and sum(map(float, counts)) == 21
        assert httpx.post(f"{url}/predict", content=b"", timeout=60).status_code == 415
        server.terminate()
        _, told = server.communicate(timeout=120)
        assert (server.returncode, told) == (0, "")
