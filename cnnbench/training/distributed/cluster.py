"""The processes of one training on several machines: who they are, and meeting before TensorFlow starts.

TensorFlow waits for missing workers without an end and deaf to signals, so everybody is counted before it is asked.
"""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from cnnbench import __version__
from cnnbench.config.schema import Config
from cnnbench.errors import ConfigError, TrainingError

MEETING_MINUTES = 5.0
POLL = 0.2  # seconds between looks at what others do, and so until a signal is heeded
EXAMPLE = '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'


@dataclass(frozen=True)
class Place:
    """This process among all: the addresses (host, port) of all workers, the chief's first, and its own index."""

    addresses: tuple[tuple[str, int], ...]
    index: int

    @property
    def chief(self) -> bool:
        """Whether this process writes the run folder."""
        return self.index == 0

    def name(self, index: int) -> str:
        """Return what messages call a worker."""
        host, port = self.addresses[index]
        return f"worker {index} ({host}:{port})"


def place_of(text: str | None) -> Place:
    """Return the place that TF_CONFIG, a JSON text, gives this process; raises ConfigError in one line."""
    if not text:
        raise ConfigError(f"TF_CONFIG: missing; train.distribute: multi_worker needs it, on each machine as {EXAMPLE}")
    try:
        found = json.loads(text)
        cluster, task = found["cluster"], found["task"]
        chiefs, workers = list(cluster.get("chief", ())), list(cluster.get("worker", ()))
        others = sorted(set(cluster) - {"chief", "worker"})
        addresses = tuple(map(_address, [*chiefs, *workers]))
        index = int(task["index"]) + (len(chiefs) if task["type"] == "worker" else 0)
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise ConfigError(f"TF_CONFIG: {type(e).__name__} ({e}) while reading it; expected {EXAMPLE}") from None
    if others or len(chiefs) > 1 or task["type"] not in ("chief", "worker") or not addresses:
        raise ConfigError(f"TF_CONFIG: expected workers and at most one chief, found {text[:200]}")
    if not 0 <= index < len(addresses) or (task["type"] == "chief" and not chiefs):
        raise ConfigError(f"TF_CONFIG: task {task['type']} {task['index']} is not among its {len(addresses)} worker(s)")
    if len(set(addresses)) < len(addresses):
        raise ConfigError("TF_CONFIG: two workers have the same address")
    return Place(addresses, index)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host:
        raise ValueError(f"{text!r} is not host:port")
    return host.strip("[]"), int(port)


def meet(place: Place, config: Config, show: Callable[[str], None], minutes: float = MEETING_MINUTES) -> None:
    """Wait until every worker is there with the same configuration.

    Raises ConfigError for another configuration, TrainingError where somebody stays away.
    """
    deadline = time.monotonic() + 60 * minutes
    if place.chief:
        absent = _gather(place, _fingerprint(config), deadline, show)
    else:
        show(f"waiting for {place.name(0)}")
        absent = _join(place, _fingerprint(config), deadline)
    if absent:
        names = ", ".join(map(place.name, sorted(absent)))
        raise TrainingError(f"train.distribute: {names} did not come within {minutes:g} minutes")


def _fingerprint(config: Config) -> str:
    """Return what must be equal everywhere; threads may differ, and who resumes may have changed the lengths.

    It also has the backend in its file, which is TensorFlow wherever several train together.
    """
    free = {"threads": None, "epochs": 1, "max_minutes": None, "precision": "float32", "backend": None}
    text = config.model_copy(update={"train": config.train.model_copy(update=free)}).model_dump_json()
    return hashlib.sha256(f"{__version__} {config.train.precision} {text}".encode()).hexdigest()


def _gather(place: Place, fingerprint: str, deadline: float, show: Callable[[str], None]) -> set[int]:
    """Hear every other worker, then answer all of them; return who was not heard before the deadline."""
    missing = set(range(1, len(place.addresses)))
    callers: list[socket.socket] = []
    try:
        server = socket.create_server(("", place.addresses[0][1]))
    except OSError as e:
        raise ConfigError(f"TF_CONFIG: {place.name(0)}: cannot listen there ({e.strerror})") from None
    with server:
        server.settimeout(POLL)
        while missing and time.monotonic() < deadline:
            show(f"waiting for {', '.join(map(place.name, sorted(missing)))}")
            try:
                caller = server.accept()[0]
            except TimeoutError:
                continue
            callers.append(caller)
            missing.discard(_heard(caller, place, fingerprint))
    for caller in callers:
        with caller, suppress(OSError):
            if not missing:
                caller.sendall(b"all here\n")
    return missing


def _heard(caller: socket.socket, place: Place, fingerprint: str) -> int:
    """Return the index of who called, -1 where it was no worker of this training."""
    caller.settimeout(5)
    try:
        index, print_of_it = caller.recv(200).decode().split()
        known = 0 < int(index) < len(place.addresses)
    except (OSError, ValueError):
        return -1
    if not known:
        return -1
    if print_of_it != fingerprint:
        what = "has another configuration or version of cnnbench than worker 0"
        caller.sendall(f"{what}\n".encode())
        raise ConfigError(f"train.distribute: {place.name(int(index))} {what}")
    return int(index)


def _join(place: Place, fingerprint: str, deadline: float) -> set[int]:
    """Call the chief until it answers that all are there; return who did not before the deadline."""
    said = ""
    while not said and time.monotonic() < deadline:
        try:
            with socket.create_connection(place.addresses[0], timeout=5) as chief:
                chief.sendall(f"{place.index} {fingerprint}\n".encode())
                said = _answer(chief, deadline)
        except OSError:
            pass  # not there yet, or gone again
        time.sleep(POLL)
    if said not in ("", "all here"):
        raise ConfigError(f"train.distribute: {place.name(place.index)} {said}")
    return set() if said else {0}


def _answer(chief: socket.socket, deadline: float) -> str:
    """Return the chief's line, "" where it hangs up or time is over."""
    chief.settimeout(POLL)
    while time.monotonic() < deadline:
        try:
            return chief.recv(200).decode(errors="replace").strip()
        except TimeoutError:
            continue
    return ""
