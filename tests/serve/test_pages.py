"""The pages that a browser gets: what they tell, and that they need nothing from elsewhere."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_needs_no_network(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", answer.text) == []
    policy = answer.headers.get("content-security-policy") or unescape(answer.text)
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy


def test_docs_tell_what_the_openapi_document_does(client: TestClient) -> None:
    page, document = client.get("/docs").text, client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert set(document["paths"]) == {"/predict", "/health", "/metrics"}
    assert {*document["paths"]["/predict"]["post"]["responses"]} == {"200", "408", "413", "415", "422", "429"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"<h2>{method.upper()} {path}</h2>" in page
            assert all(answer["description"] in page for answer in operation["responses"].values())
    assert "curl -F images=@first.png" in page and "multipart/form-data" in page


def test_a_host_that_cannot_be_one_does_not_show_up(client: TestClient) -> None:
    for host in ("[", 'x"><script>', "a b"):
        answer = client.get("/docs", headers={"host": host})
        assert answer.status_code == 200 and "http://127.0.0.1:8000/predict" in answer.text
