"""Show a page in the user's browser, where there is one to see it in."""

from __future__ import annotations

import os
import sys
import webbrowser

from cnnbench.cli.output import one_line


def show_in_browser(address: str, name: str) -> None:
    """Open an address; without a display, or a browser, say on standard error where the page is instead."""
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")  # whoever names a browser knows where it shows
    seen = sys.platform in ("darwin", "win32") or any(os.environ.get(one) for one in displays)
    if not (seen and webbrowser.open(address)):
        sys.stderr.write(f"no display to open it on: {one_line(name)}\n")
