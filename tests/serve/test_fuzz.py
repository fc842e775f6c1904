"""Requests that nobody would think of: whatever is sent, no answer is a failure or one that is not described."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cnnbench.serve.app import application
from cnnbench.serve.limits import Limits
from cnnbench.serve.served import Served


@pytest.mark.parametrize("path", ["POST /predict", "GET /health", "GET /metrics"])
@pytest.mark.parametrize("token", [None, "s3cret"])
def test_no_request_makes_it_fail(served: Served, path: str, token: str | None) -> None:
    method, _, place = path.partition(" ")
    schema = schemathesis.openapi.from_asgi("/openapi.json", application(served, Limits(), 0, token))
    operation = schema[place][method]
    requests = (
        operation.as_strategy()
        if token
        else operation.as_strategy() | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    )

    answers: list[int] = []

    @given(case=requests)
    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def hold(case: Case) -> None:
        # No schema can say what is an image.
        answer = case.call_and_validate(excluded_checks=[positive_data_acceptance])
        answers.append(answer.status_code)

    hold()
    assert answers and max(answers) < 500
