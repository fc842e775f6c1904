"""The application: routes, who may ask, and how many at a time. It runs on uvicorn and on Ray Serve alike."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect

from cnnbench import __version__
from cnnbench.errors import explained
from cnnbench.machine.cpu import available_cores
from cnnbench.serve import received
from cnnbench.serve.batches import Batches
from cnnbench.serve.counted import Counted
from cnnbench.serve.decoded import decoded
from cnnbench.serve.described import BODY, Health, Predictions, refusals
from cnnbench.serve.limits import Limits, Refused
from cnnbench.serve.metrics import CONTENT_TYPE, Metrics
from cnnbench.serve.pages import docs_page, upload_page
from cnnbench.serve.received import Upload
from cnnbench.serve.served import Served

Read = tuple[list[Upload], list[NDArray[Any]]]


def application(served: Served, limits: Limits, wait: float, token: str | None = None) -> FastAPI:
    """Return the application that answers for a model; images wait at most `wait` seconds for others.

    With a token, predictions and metrics are for who has it.
    """
    desk = Desk(served, limits, wait)
    app = FastAPI(
        title=served.name,
        version=__version__,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=desk.lifespan,
    )
    app.add_middleware(Counted, metrics=desk.metrics)
    app.add_exception_handler(Refused, _refusal)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _failure)
    guard = [] if token is None else [Depends(_who_has(token))]
    locked = () if token is None else (401,)

    @app.post(
        "/predict",
        response_model=Predictions,
        responses=refusals(*locked, 408, 413, 415, 422, 429),
        openapi_extra={"requestBody": BODY},
        dependencies=guard,
        summary="Classify images",
        response_description="what the images show",
    )
    async def predict(request: Request) -> Response:
        """Say what the images of a form, or those in base64 of a JSON document, show."""
        return await desk.predict(request)

    @app.get("/health", summary="What is served", response_description="it answers")
    async def health() -> Health:
        """Say that the server answers, and what it serves."""
        return desk.health(token is not None)

    @app.get(
        "/metrics",
        response_class=Response,
        responses=METRICS | refusals(*locked),
        dependencies=guard,
        summary="Counts and times",
        response_description="for Prometheus",
    )
    async def metrics() -> Response:
        """Return counts and times in the form that Prometheus reads."""
        return Response(desk.metrics.text(), headers={"content-type": CONTENT_TYPE})

    @app.get("/", include_in_schema=False)
    async def upload() -> Response:
        page, policy = upload_page()
        return HTMLResponse(page, headers={"content-security-policy": policy})

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        host = request.headers.get("host", "")
        url = f"http://{host if HOST.fullmatch(host) else '127.0.0.1:8000'}"
        return HTMLResponse(docs_page(app.openapi(), url, token is not None))

    return app


class Desk:
    """Where requests for one model come together."""

    def __init__(self, served: Served, limits: Limits, wait: float) -> None:
        self.served, self.limits = served, limits
        self.metrics = Metrics(served.name)
        self._under_way = 0
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._decoding = ThreadPoolExecutor(available_cores(), thread_name_prefix="decode")
        self._batches = Batches(self.metrics.watched(served.answer), served.most, wait, self._asking)

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """End the threads with the server."""
        yield
        self._asking.shutdown()
        self._decoding.shutdown()

    async def predict(self, request: Request) -> Response:
        """Answer one request; raises Refused."""
        began = time.perf_counter()
        with self._place():
            with self._batches.coming():
                found, images = await self._received(request)
            said = await self._batches.ask(images)
        rows = [{"file": upload.name, **self.served.said(one)} for upload, one in zip(found, said, strict=True)]
        self.metrics.seconds.observe(time.perf_counter() - began)
        return JSONResponse({"model": self.served.name, "predictions": rows})

    def health(self, has_token: bool) -> Health:
        """Return what is served."""
        return Health(
            status="ok",
            model=self.served.name,
            classes=list(self.served.class_names),
            input_shape=list(self.served.trained.input_shape),
            probabilities=self.served.trained.gives_probabilities,
            token=has_token,
        )

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Take one of the places of requests under way; raises Refused where there is none."""
        if self._under_way >= self.limits.requests:
            raise Refused(429, f"{self.limits.requests} requests are under way: ask again in a moment")
        self._under_way += 1
        self.metrics.under_way.set(self._under_way)
        try:
            yield
        finally:
            self._under_way -= 1
            self.metrics.under_way.set(self._under_way)

    async def _received(self, request: Request) -> Read:
        content = await received.body(request.stream(), request.headers.get("content-length"), self.limits)
        kind = request.headers.get("content-type", "")
        return await asyncio.get_running_loop().run_in_executor(self._decoding, self._read, kind, content)

    def _read(self, kind: str, content: bytes) -> Read:
        found = received.uploads(kind, content, self.limits)
        return found, decoded(found, self.served, self.limits)


def _who_has(token: str) -> Callable[..., Awaitable[None]]:
    """Return what refuses requests without the token; how long that takes says nothing of the token."""
    wanted = token.encode()

    async def check(given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> None:
        if given is None or not secrets.compare_digest(given.credentials.encode("utf-8", "replace"), wanted):
            raise Refused(401, "the token is missing or wrong: send it as Authorization: Bearer TOKEN")

    return check


async def _refusal(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    more = {401: {"www-authenticate": "Bearer"}, 429: {"retry-after": "1"}}.get(refused.status)
    return JSONResponse({"detail": refused.detail, "problems": refused.problems}, refused.status, more)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it


async def _failure(request: Request, error: Exception) -> Response:
    known = explained(error)
    return JSONResponse({"detail": str(known or "unexpected failure; the server's log has it"), "problems": []}, 500)


HOST = re.compile(r"[\w.:\[\]-]{2,253}", re.ASCII)
BEARER = HTTPBearer(auto_error=False, description="What the server was started with as --token.")
METRICS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
ABOUT = "Images of any size are brought to the network's input as those were that it was trained on."
