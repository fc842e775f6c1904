"""What a browser gets: a page to try the model on, and one that tells how programs ask. Neither needs a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cnnbench.views.page import Code, Page, Section, Text, render, stylesheet
from cnnbench.views.table import Column, Table

FOLDER = Path(__file__).parent / "page"
EXAMPLES = {
    "/predict": "curl {key}-F images=@first.png -F images=@second.jpg {url}/predict\n\n"
    """echo '{{"images": ["'$(base64 -w0 first.png)'"]}}' > images.json\n"""
    'curl {key}-H "Content-Type: application/json" -d @images.json {url}/predict',
    "/health": "curl {url}/health",
    "/metrics": "curl {key}{url}/metrics",
}


@cache
def upload_page() -> tuple[str, str]:
    """Return the page and its content security policy: its own script, pictures of what is chosen, and this server."""
    style = stylesheet() + _read("upload.css")
    script = _read("upload.js")
    page = _read("upload.html").replace("{{style}}", style).replace("{{script}}", script)
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page, policy


def docs_page(document: Mapping[str, Any], url: str, has_token: bool) -> str:
    """Return the page that tells what stands in an OpenAPI document; `url` is that of the server in its examples."""
    key = '-H "Authorization: Bearer $CNNBENCH_TOKEN" ' if has_token else ""
    examples = {path: text.format(url=url, key=key) for path, text in EXAMPLES.items()}
    sections = [_operation(*one, examples) for one in _operations(document)]
    schemas = document["components"]["schemas"]
    return render(
        Page(
            title=f"{document['info']['title']}: how programs ask",
            headline=("", ""),
            sections=[*sections, Section("json", "What JSON holds", [_fields(schemas)])],
            source=f"Version {document['info']['version']}.",
            about=[
                Text(document["info"]["description"], "soft"),
                Text("The same as an OpenAPI document", "soft", link="openapi.json"),
                Text("Try it in this browser", "soft", link="./"),
            ],
        )
    )


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _operation(method: str, path: str, operation: Mapping[str, Any], examples: Mapping[str, str]) -> Section:
    title = f"{method.upper()} {path}"
    takes = ", ".join(operation.get("requestBody", {}).get("content", {}))
    answers: list[tuple[str, str, str]] = [
        (status, _content(answer), answer["description"]) for status, answer in operation["responses"].items()
    ]
    columns: list[Column[tuple[str, str, str]]] = [
        Column("status", lambda row: row[0], left=True),
        Column("body", lambda row: row[1], left=True),
        Column("when", lambda row: row[2], left=True),
    ]
    parts = [
        Text(operation["description"]),
        Text(f"Takes {takes}.") if takes else None,
        Code(f"example of {title}", examples.get(path, "")),
        Table(f"answers of {title}", columns, answers),
    ]
    return Section(path.strip("/"), title, parts)


def _content(answer: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{kind} {_type(content.get('schema', {}))}".strip() for kind, content in answer.get("content", {}).items()
    )


def _fields(schemas: Mapping[str, Any]) -> Table[Any]:
    rows = [
        (schema, name, _type(field), field.get("description", ""))
        for schema, told in schemas.items()
        for name, field in told.get("properties", {}).items()
    ]
    columns: list[Column[tuple[str, str, str, str]]] = [
        Column("in", lambda row: row[0], left=True),
        Column("field", lambda row: row[1], left=True),
        Column("kind", lambda row: row[2], left=True),
        Column("meaning", lambda row: row[3], left=True),
    ]
    return Table("fields", columns, rows, whole=True)


def _type(schema: Mapping[str, Any]) -> str:
    """Return a word for what a schema allows."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if isinstance(inner := schema.get("additionalProperties"), dict):
        return f"object of {_type(inner)}"
    return str(schema.get("type", ""))


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
