from __future__ import annotations

import pytest

from cnnbench.compare.measures import check_measure, measures
from cnnbench.errors import ConfigError

METRICS = {
    "split": "test",
    "accuracy": 0.9,
    "accuracy_interval": [0.8, 0.95],
    "top_k": {"5": 1},
    "macro": {"f1": 0.8},
    "per_class": [{"class": "a.b", "f1": 0.5, "support": 3}],
    "times": {"training_seconds": 3.5},
}


def test_every_number_by_dotted_path():
    assert measures(METRICS) == {
        "accuracy": 0.9,
        "top_k.5": 1,
        "macro.f1": 0.8,
        "per_class.a.b.f1": 0.5,
        "per_class.a.b.support": 3,
        "times.training_seconds": 3.5,
    }


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("acuracy", "--by acuracy: no run has this metric; did you mean accuracy?"),
        ("f1", "--by f1: no run has this metric; there are accuracy, macro.f1, times.training_seconds, top_k.5 and"),
    ],
)
def test_an_unknown_measure_is_refused(wanted, said):
    with pytest.raises(ConfigError) as e:
        check_measure(wanted, measures(METRICS))
    assert str(e.value).startswith(said)
