"""`--fail-under`."""

from __future__ import annotations

import pytest

from cnnbench.errors import ConfigError, ThresholdError
from cnnbench.evaluation.thresholds import check, check_means, parse

METRICS = {"split": "test", "images": 10, "accuracy": 0.9, "macro": {"f1": 0.8}}


def test_reached_thresholds_pass() -> None:
    assert parse(["accuracy=0.9", "macro.f1=0.8"]) == {"accuracy": 0.9, "macro.f1": 0.8}
    check({"accuracy": 0.9, "macro.f1": 0.8}, METRICS)


def test_every_missed_threshold_is_a_line() -> None:
    with pytest.raises(ThresholdError) as missed:
        check({"accuracy": 0.90001, "macro.f1": 0.9}, METRICS)
    assert missed.value.exit_code == 5
    assert [line.split(":")[0] for line in missed.value.problems] == [
        "--fail-under accuracy=0.90001",
        "--fail-under macro.f1=0.9",
    ]


@pytest.mark.parametrize(
    ("text", "fragment"),
    [("acc=0.9", "unknown metric"), ("macro.f2=0.9", "did you mean macro.f1?"), ("accuracy", "expected metric=value")]
    + [(f"accuracy={value}", "no number from 0 to 1") for value in ("", "high", "1.1", "-0.1", "nan", "90%")],
)
def test_bad_thresholds(text: str, fragment: str) -> None:
    with pytest.raises(ConfigError, match="--fail-under") as refused:
        parse([text])
    assert fragment in str(refused.value)


def test_a_correlation_may_be_negative() -> None:
    assert parse(["matthews_correlation=-0.5"]) == {"matthews_correlation": -0.5}
    with pytest.raises(ConfigError, match="no number from -1 to 1"):
        parse(["matthews_correlation=-2"])


@pytest.mark.parametrize("of", [{"roc_auc": None}, {}])
def test_what_is_undefined_on_these_images_is_missed(of: dict[str, None]) -> None:
    with pytest.raises(ThresholdError, match="roc_auc is undefined, measured on 10 test images"):
        check({"roc_auc": 0.0}, METRICS | of)
    with pytest.raises(ThresholdError, match="mean roc_auc is undefined, over 2 runs on 10 test images"):
        check_means({"roc_auc": 0.0}, {"metrics": {}, "runs": 2, "images": 10, "split": "test"})
