from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import pytest

from cnnbench.cli import report_live
from cnnbench.cli.browser import show_in_browser
from cnnbench.files.lock import held
from cnnbench.report.write import page_now
from cnnbench.runs.folder import RunDir
from tests.builders.runs import digits, write_interrupted_run, write_run, write_status
from tests.report.command import cnnbench
from tests.tools import start

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def running(tmp_path) -> Iterator[RunDir]:
    """A run that this process works on, as a training would."""
    run = write_interrupted_run(tmp_path, digits())
    write_status(run, state="running", ended=None)
    with held(run.path, "held"):
        yield run


def fetched(address: str, path: str = "", **headers: str) -> str:
    request = urllib.request.Request(address + path, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def until(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def files(folder: Path) -> dict[Path, tuple[int, bytes]]:
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_the_page_follows_a_run_to_its_end_and_nothing_is_written(running, monkeypatch):
    monkeypatch.setattr(report_live, "LEAST_PAUSE", 0.05)
    monkeypatch.setattr(report_live, "DRAWING", 0)
    told: list[str] = []
    before = files(running.path)
    draw = partial(page_now, running)
    following = Thread(target=report_live.follow, args=(running.path, draw, told.append))
    following.start()
    until(lambda: bool(told))
    (address,) = told
    page = fetched(address)
    assert "This page follows what runs." in page and "connect-src 'self'" in page
    assert files(running.path) == before

    version = fetched(address, "version")
    rows = running.history.read_text().splitlines()
    running.history.write_text("\n".join([*rows, rows[-1].replace("8,", "9,", 1)]) + "\n")
    until(lambda: ">9 (last)<" in fetched(address))  # the file is seen half written, too
    assert fetched(address, "version") != version

    write_status(running, state="done")
    until(lambda: "It has ended: this page stays as it is." in fetched(address))
    following.join(30)
    assert not following.is_alive()
    assert files(running.path).keys() == before.keys()


def test_a_page_on_its_way_while_the_run_ends_is_not_the_last(running):
    """Else the server would be gone before the browser hears of the end."""
    served = report_live.Served(running.path)
    served.shown = report_live.Shown(b"." * 2**25)  # more than a connection takes before it is read
    with answering(served) as address:
        with urllib.request.urlopen(address, timeout=10) as answer:
            served.renew(page_now(running), ended=True)
            assert len(answer.read()) == 2**25
        assert not served.last.wait(0.2)
        assert "It has ended" in fetched(address)
        assert served.last.wait(10)


@contextmanager
def serving(run: RunDir) -> Iterator[str]:
    served = report_live.Served(run.path)
    served.renew(page_now(run), ended=False)
    with answering(served) as address:
        yield address


@contextmanager
def answering(served: report_live.Served) -> Iterator[str]:
    with report_live.ThreadingHTTPServer((report_live.LOOPBACK, 0), report_live._handler(served)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def refused(address: str, path: str, **headers: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as error:
        fetched(address, path, **headers)
    return error.value.code


def test_other_pages_can_neither_ask_nor_look_elsewhere(running):
    with serving(running) as address:
        assert refused(address, "", Host="evil.example:80") == 403
        assert refused(address, "config.yaml", Host="evil.example:80") == 403
        assert refused(address, "../") == 404


def test_files_that_the_page_links_to_are_served_as_what_they_are(running):
    (running.path / "plots").mkdir()
    (running.path / "plots" / "a b.png").write_bytes(PNG)
    with serving(running) as address:
        page = fetched(address)
        for name, kind, body in (
            ("history.csv", "text/csv; charset=utf-8", running.history.read_bytes()),
            ("config.yaml", "text/plain; charset=utf-8", running.config.read_bytes()),
            ("status.json", "application/json", running.status.read_bytes()),
            ("plots/a%20b.png", "image/png", PNG),
        ):
            assert f'href="{name}"' in page
            with urllib.request.urlopen(address + name, timeout=10) as answer:
                assert (answer.headers["Content-Type"], answer.read()) == (kind, body)
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_else_is_served_and_nothing_out_of_the_folder(running, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (running.path / "out.txt").symlink_to(tmp_path / "secret.txt")
    (running.path / "report_train.html").write_text(
        '<a href="../secret.txt">x</a><a href="//evil/a.csv">x</a><a href="/etc/hostname">x</a><a href="a%00b">x</a>'
    )
    with serving(running) as address:
        page = fetched(address)
        (running.path / "later.csv").write_text("not linked")
        assert 'href="out.txt"' in page and 'href="report_train.html"' in page
        with urllib.request.urlopen(address + "report_train.html", timeout=10) as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "'sha256-" in policy and "connect-src" not in policy
        unlinked = ("later.csv", ".lock", "../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "plots/../later.csv")
        for name in (*unlinked, "out.txt", "etc/hostname", "a.csv", "/etc/hostname", "a%00b", "report.html"):
            assert refused(address, name) == 404, name


def test_pages_and_folders_that_are_linked_lead_on(running):
    """As those of a sweep's trials do: from the page to a trial's, from there to its files."""
    child = running.path / "seed-0"
    child.mkdir()
    (child / "report.html").write_text(
        '<a href="history.csv">history</a><a href="../later">all</a><a href="#top">up</a>'
    )
    (child / "history.csv").write_text("epoch\n1\n")
    (running.path / "later" / "deep").mkdir(parents=True)
    (running.path / "later" / "deep" / "<b>.txt").write_text("found")
    with serving(running) as address:
        fetched(address, "seed-0/report.html")
        assert fetched(address, "seed-0/history.csv") == "epoch\n1\n"
        assert 'href="./later/deep"' in fetched(address, "later")
        listed = fetched(address, "later/deep")
        assert "&lt;b&gt;.txt" in listed and fetched(address, "later/deep/%3Cb%3E.txt") == "found"


def test_interrupting_it_is_exit_code_130(running, tmp_path):
    command = start("report", running.path, "--live", cwd=tmp_path, PYTHONUNBUFFERED="1")
    assert command.stdout is not None
    line = command.stdout.readline()
    assert re.fullmatch(rf"http://127.0.0.1:\d+/ follows {re.escape(str(running.path))}; Ctrl-C ends it\n", line)
    os.kill(command.pid, signal.SIGINT)
    try:
        assert command.wait(30) in (130, -signal.SIGINT)
    except subprocess.TimeoutExpired:
        command.kill()
        raise


def test_of_what_has_ended_the_page_stays_as_it_is(tmp_path):
    run = write_run(tmp_path, digits())
    assert cnnbench("report", run.path, "--live") == (0, f"done, nothing runs there: {run.report}\n", "")
    assert not run.report.exists()


def test_without_a_display_open_says_where_the_page_is(tmp_path, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    run = write_interrupted_run(tmp_path, digits())
    said = f"no display to open it on: {run.report}\n"
    assert cnnbench("report", run.path, "--open") == (0, f"{run.report}\n", said)


def test_with_one_the_browser_opens_it(tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    show_in_browser("file:///tmp/x.html", "/tmp/x.html")
    assert seen.read_text() == "file:///tmp/x.html\n"
