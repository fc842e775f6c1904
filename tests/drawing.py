"""Figures are left out of the pages that tests write where nobody asks for them: half of a small training is drawing.

It is asked for by the mark `drawn`, which sets an environment variable, so that it holds in the tests' own process
and in those that they fork.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from cnnbench.views import figure
from cnnbench.views.figure import Drawn, Figure

ASKED = "CNNBENCH_TESTS_DRAW"
_draw = figure.draw


def _draw_if_asked(figures: Iterable[Figure]) -> dict[str, Drawn]:
    return _draw(figures) if os.environ.get(ASKED) else {}


def only_if_asked() -> None:
    """Have no page of this process, and of its forks, draw figures where nobody asks for them."""
    figure.draw = _draw_if_asked
