"""What a request holds: image files, as parts of a form or as base64 in JSON, from nobody who is trusted."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from cnnbench.errors import did_you_mean, shortened
from cnnbench.serve.limits import Limits, Refused
from cnnbench.text import printable

FIELD = "images"
FORM, JSON = "multipart/form-data", "application/json"


@dataclass(frozen=True)
class Upload:
    """An image file: what it holds and the name it was sent with."""

    content: bytes
    name: str | None = None


async def body(chunks: AsyncIterator[bytes], announced: str | None, limits: Limits) -> bytes:
    """Return all of a request's body; raises Refused where it is too large or too slow."""
    if announced is not None and announced.isdigit() and int(announced) > limits.bytes:
        raise _too_large(limits)
    received = bytearray()
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in chunks:
                received += chunk
                if len(received) > limits.bytes:
                    raise _too_large(limits)
    except TimeoutError:
        raise Refused(408, f"the request's body took more than {limits.seconds:g} seconds to arrive") from None
    return bytes(received)


def uploads(content_type: str, content: bytes, limits: Limits) -> list[Upload]:
    """Return the image files of a body, at least one; raises Refused."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        found = _of_form(content_type, content, limits)
    elif kind == JSON:
        found = _of_json(content, limits)
    else:
        given = f'"{_quoted(kind)}"' if kind else "no content type"
        raise Refused(415, f"{given}: images are sent as {FORM}, or in base64 as {JSON}")
    if not found:
        raise Refused(422, f"no image: send at least one as {FIELD}")
    return found


def _of_form(content_type: str, content: bytes, limits: Limits) -> list[Upload]:
    from python_multipart import create_form_parser
    from python_multipart.exceptions import FormParserError

    found: list[Upload] = []

    def on_file(file: object) -> None:
        if (name := _text(file.field_name)) != FIELD:  # type: ignore[attr-defined]
            raise _unknown(name)
        _refuse_many(len(found) + 1, limits)
        file.file_object.seek(0)  # type: ignore[attr-defined]
        found.append(Upload(file.file_object.read(), _text(file.file_name) or None))  # type: ignore[attr-defined]

    def on_field(field: object) -> None:
        name = _text(field.field_name)  # type: ignore[attr-defined]
        if name != FIELD:
            raise _unknown(name)
        raise Refused(422, f"{FIELD}: a text, not a file (a part of the form is a file where it has a file name)")

    in_memory = {"MAX_MEMORY_FILE_SIZE": len(content) + 1}
    try:
        parser = create_form_parser({"Content-Type": content_type.encode("latin-1")}, on_field, on_file, in_memory)
        parser.write(content)
        parser.finalize()
    except (FormParserError, ValueError) as e:
        raise Refused(422, f"not a form that can be read ({_quoted(str(e))})") from None
    return found


def _of_json(content: bytes, limits: Limits) -> list[Upload]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as e:
        raise Refused(422, f"not JSON that can be read ({_quoted(str(e))})") from None
    images = document.get(FIELD) if isinstance(document, dict) else None
    if not isinstance(images, list) or not all(isinstance(image, str) for image in images):
        raise Refused(422, f'expected {{"{FIELD}": ["...", ...]}}, each image file in base64')
    if unknown := [key for key in document if key != FIELD]:
        raise _unknown(unknown[0])
    _refuse_many(len(images), limits)
    return [Upload(_plain(image, place)) for place, image in enumerate(images, 1)]


def _plain(text: str, place: int) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(422, f"image {place}: not base64") from None


def _refuse_many(count: int, limits: Limits) -> None:
    if count > limits.images:
        raise Refused(413, f"more than {limits.images} images in one request")


def _too_large(limits: Limits) -> Refused:
    return Refused(413, f"a request may have {limits.bytes} bytes")


def _unknown(name: str) -> Refused:
    return Refused(422, f'"{_quoted(name)}": unknown{did_you_mean(name, [FIELD])}; images are sent as {FIELD}')


def _text(name: bytes | None) -> str:
    return (name or b"").decode("utf-8", "replace")


def _quoted(text: str) -> str:
    return printable(shortened(text))


def named(upload: Upload, place: int) -> str:
    """Return what a message calls an image."""
    return f"image {place}" + (f" ({_quoted(upload.name)})" if upload.name else "")
