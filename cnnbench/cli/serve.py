"""`cnnbench serve`: a trained run behind HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnbench.cli.options import Backend, Json, Quiet, RunFolder
from cnnbench.cli.output import emit, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError
from cnnbench.serve.limits import Limits


def serve(
    run: RunFolder,
    host: Annotated[str, typer.Option(help="Where to listen; others than this machine need --token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one, which is printed.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="CNNBENCH_TOKEN", show_envvar=True, help="Answer only who sends it: Authorization: Bearer TOKEN."
        ),
    ] = None,
    batch_wait_ms: Annotated[
        float, typer.Option(min=0, max=1000, help="Milliseconds that images wait for those of other requests.")
    ] = 2,
    max_batch: Annotated[int, typer.Option(min=1, max=1024, help="Images asked for at once.")] = 32,
    max_bytes: Annotated[int, typer.Option(min=1, help="Of a request.")] = 16 * 2**20,
    max_pixels: Annotated[int, typer.Option(min=1, help="Of an image.")] = 25_000_000,
    max_images: Annotated[int, typer.Option(min=1, help="In a request.")] = 64,
    max_requests: Annotated[int, typer.Option(min=1, help="Under way; more are told to ask again.")] = 64,
    backend: Backend = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Answer over HTTP what images show: POST /predict, GET /health, /metrics and /docs, and a page to try it at /."""
    _refuse_missing()
    from cnnbench.machine.runtime import checked
    from cnnbench.serve.app import application
    from cnnbench.serve.listen import listening, url_of
    from cnnbench.serve.listen import serve as answer
    from cnnbench.serve.served import open_served

    _refuse_token(token)
    limits = Limits(max_bytes, max_pixels, max_images, max_requests)
    wanted = checked(backend)
    with listening(host, port, token) as taken:
        with Waiting(quiet) as show:
            served = open_served(run, wanted, max_batch, show)
        url = url_of(taken)

        def ready() -> None:
            if json:
                emit({"url": url, "model": served.name, "classes": list(served.class_names)})
            else:
                say(f"{served.name}: {url}\n")

        answer(application(served, limits, batch_wait_ms / 1000, token), taken, ready)


def _refuse_missing() -> None:
    """Raise ConfigError where what serves is not installed."""
    try:
        import fastapi  # noqa: F401
        import prometheus_client  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError as e:
        if e.name not in ("fastapi", "prometheus_client", "python_multipart", "uvicorn"):
            raise
        raise ConfigError(f"serve: {e.name} is not installed: pip install 'cnnbench[serve]'") from None


def _refuse_token(token: str | None) -> None:
    if token is not None and not (token.isascii() and token.isprintable() and token.strip() == token and token):
        raise ConfigError("--token: expected visible ASCII characters")
