"""The processes of one training meet before TensorFlow starts, or say who is missing."""

from __future__ import annotations

import json
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from cnnbench.config.load import load_config
from cnnbench.config.schema import Config
from cnnbench.errors import CnnbenchError, ConfigError, TrainingError
from cnnbench.training.distributed.cluster import Place, meet, place_of
from cnnbench.training.distributed.team import assemble
from tests.tools import cnnbench, tiny, write_config

CLUSTER = {"worker": ["a:1", "b:2"]}


def tf_config(task: object, cluster: object = CLUSTER) -> str:
    return json.dumps({"cluster": cluster, "task": task})


def places(count: int) -> list[Place]:
    """Return places on free ports of this machine."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = tuple(("127.0.0.1", int(server.getsockname()[1])) for server in servers)
    for server in servers:
        server.close()
    return [Place(addresses, index) for index in range(count)]


def all_meet(pairs: list[tuple[Place, Config]], minutes: float) -> list[BaseException | None]:
    """Return how meeting ended for each."""
    with ThreadPoolExecutor() as pool:
        ends: list[Future[None]] = [pool.submit(meet, p, c, lambda text: None, minutes) for p, c in pairs]
        return [end.exception() for end in ends]


def test_the_chief_is_first_whatever_it_is_called() -> None:
    assert place_of(tf_config({"type": "worker", "index": 1})) == Place((("a", 1), ("b", 2)), 1)
    cluster = {"chief": ["c:3"], "worker": ["a:1"]}
    assert place_of(tf_config({"type": "worker", "index": 0}, cluster)) == Place((("c", 3), ("a", 1)), 1)
    assert place_of(tf_config({"type": "chief", "index": 0}, cluster)).chief


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "TF_CONFIG: missing; train.distribute: multi_worker needs it"),
        ("{", "TF_CONFIG: JSONDecodeError"),
        ("[]", "TF_CONFIG: TypeError"),
        (tf_config({"type": "worker"}), "TF_CONFIG: KeyError ('index')"),
        (tf_config({"type": "worker", "index": 0}, {"worker": ["a"]}), "'a' is not host:port"),
        (tf_config({"type": "worker", "index": 0}, {"worker": ["a:1", "a:1"]}), "two workers have the same address"),
        (tf_config({"type": "worker", "index": 2}), "task worker 2 is not among its 2 worker(s)"),
        (tf_config({"type": "worker", "index": 0}, {**CLUSTER, "ps": ["c:3"]}), "at most one chief"),
    ],
)
def test_a_wrong_tf_config_is_refused_in_one_line(text: str | None, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        place_of(text)
    assert expected in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_three_workers_meet() -> None:
    config = load_config(tiny())
    resumed = load_config(tiny(train__epochs=9, train__threads=1))  # what may differ between them
    assert (
        all_meet([(place, c) for place, c in zip(places(3), [config, resumed, config], strict=True)], 1) == [None] * 3
    )


def test_who_stays_away_is_named() -> None:
    config, (chief, present, absent) = load_config(tiny()), places(3)
    ends = all_meet([(chief, config), (present, config)], 0.02)
    assert all(isinstance(end, TrainingError) for end in ends)
    assert absent.name(2) in str(ends[0]) and present.name(1) not in str(ends[0])
    assert chief.name(0) in str(ends[1])


def test_another_configuration_is_refused_on_both_sides() -> None:
    chief, other = places(2)
    ends = all_meet([(chief, load_config(tiny())), (other, load_config(tiny(seed=1)))], 1)
    assert all(isinstance(end, ConfigError) and "another configuration" in str(end) for end in ends)


def test_other_backends_are_refused() -> None:
    with pytest.raises(CnnbenchError, match="mirrored is TensorFlow's; --backend jax trains on one device"):
        assemble(load_config(tiny(train__distribute="mirrored")), "jax", print)


def test_precision_is_named_for_several_workers(tmp_path: Path) -> None:
    config = write_config(tmp_path, tiny(train__distribute="multi_worker", train__precision="auto"))
    done = cnnbench("validate", config, cwd=tmp_path)
    assert done.returncode == 2 and "train.precision: auto measures on one machine" in done.stderr
