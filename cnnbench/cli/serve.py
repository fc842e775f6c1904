"""`cnnbench serve`: a trained run behind HTTP."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnbench.cli.options import Backend, Json, Quiet, RunFolder
from cnnbench.cli.output import emit, say
from cnnbench.cli.waiting import Waiting
from cnnbench.errors import ConfigError, did_you_mean
from cnnbench.serve.limits import Limits

if TYPE_CHECKING:
    from cnnbench.runs.run import Run

ENGINES = ("uvicorn", "ray")


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
    engine: Annotated[str, typer.Option(help="uvicorn, or ray: replicas on Ray Serve.")] = "uvicorn",
    replicas: Annotated[int, typer.Option(min=1, help="With --engine ray.")] = 1,
    cluster: Annotated[
        str | None,
        typer.Option(help="Of --engine ray: auto, or the address of a cluster that runs.", metavar="ADDRESS"),
    ] = None,
    container: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Serve nothing: write a folder to build a container image from.")
    ] = None,
    backend: Backend = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Answer over HTTP what images show: POST /predict, GET /health, /metrics and /docs, and a page to try it at /."""
    _refuse_missing(engine)
    _refuse_options(token, engine, replicas, cluster)
    from cnnbench.machine.runtime import checked
    from cnnbench.runs.named import open_finished
    from cnnbench.serve import listen
    from cnnbench.serve.on_ray import serve_on_ray
    from cnnbench.serve.recipe import Recipe

    wanted, opened = checked(backend), open_finished(run)
    if container is not None:
        return _write_container(opened, container, json)
    limits = Limits(max_bytes, max_pixels, max_images, max_requests)
    recipe = Recipe(opened.path.absolute(), wanted, max_batch, limits, batch_wait_ms / 1000, token)
    with listen.listening(host, port, token) as taken:
        ready = partial(_tell, opened, listen.url_of(taken), json)
        if engine == "ray":
            address, number = taken.getsockname()[:2]
            taken.close()  # Ray takes it itself
            return serve_on_ray(recipe, replicas, cluster, address, number, ready)
        with Waiting(quiet) as show:
            app = recipe.application(show)
        return listen.serve(app, taken, ready)


def _tell(run: Run, url: str, json: bool) -> None:
    if json:
        emit({"url": url, "model": run.name, "classes": list(run.class_names)})
    else:
        say(f"{run.name}: {url}\n")


def _write_container(run: Run, folder: Path, json: bool) -> None:
    from cnnbench.serve.container import write_container

    write_container(run, folder)
    if json:
        emit({"container": str(folder)})
    else:
        say(f"{folder}: docker build -t {run.name} {folder}\n")


def _refuse_missing(engine: str) -> None:
    """Raise ConfigError where what serves is not installed."""
    needed = ("fastapi", "prometheus_client", "python_multipart", "uvicorn", *(["ray"] if engine == "ray" else []))
    if absent := [name for name in needed if find_spec(name) is None]:
        extras = "serve,ray-serve" if "ray" in absent else "serve"
        raise ConfigError(f"serve: {absent[0]} is not installed: pip install 'cnnbench[{extras}]'")


def _refuse_options(token: str | None, engine: str, replicas: int, cluster: str | None) -> None:
    if token is not None and not (token.isascii() and token.isprintable() and token.strip() == token and token):
        raise ConfigError("--token: expected visible ASCII characters")
    if engine not in ENGINES:
        raise ConfigError(f"--engine {engine}: allowed are {', '.join(ENGINES)}{did_you_mean(engine, ENGINES)}")
    if engine != "ray" and (replicas > 1 or cluster is not None):
        raise ConfigError("--replicas and --cluster: have no effect without --engine ray")
