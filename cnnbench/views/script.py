"""Scripts of a page: each is a file of `scripts/`, written into the page whole and allowed by its hash alone."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from cnnbench.text import printable

FOLDER = Path(__file__).parent / "scripts"
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {scripts}; base-uri 'none'; "
    "form-action 'none'"
)
LIVE = "live"  # the script that follows what still runs
_IN_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@cache
def source(name: str) -> str:
    """Return a script, as it stands in the page."""
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")


def policy(names: Iterable[str]) -> Markup:
    """Return the content security policy of a page with these scripts: these run, nothing is loaded or sent.

    A page that follows what runs asks the command that serves it, and nobody else.
    """
    scripts = list(names)
    digests = (hashlib.sha256(source(name).encode()).digest() for name in scripts)
    hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    asks = "; connect-src 'self'" if LIVE in scripts else ""
    return Markup(POLICY.format(scripts=" ".join(hashes) or "'none'") + asks)


def as_json(data: Any) -> Markup:
    """Return plain values as JSON that no text in them can leave; numbers that are not finite become null.

    Invisible characters in texts are replaced, as everywhere on a page.
    """
    written = json.dumps(_plain(data), allow_nan=False, separators=(",", ":"))
    return Markup(written.translate(_IN_HTML))


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {printable(str(name)): _plain(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, str):
        return printable(data)
    return None if isinstance(data, float) and not math.isfinite(data) else data
