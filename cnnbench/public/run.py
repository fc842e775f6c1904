"""A run in Python: what its folder holds, and what a trained run can be used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnbench.experiment.result import Result
from cnnbench.runs.named import open_finished

if TYPE_CHECKING:
    from cnnbench.export.export import Export


class Run(Result):
    """A result that can be handed on; each method calls what the command of its name calls."""

    def explain(
        self,
        images: str | Path | Sequence[str | Path] = (),
        *,
        index: Sequence[int] = (),
        classes: Sequence[str] = (),
        offline: bool = False,
        thorough: bool = False,
    ) -> Mapping[str, Any]:
        """Look at what it looks at, draw that on its page, and return it in numbers, as `cnnbench explain --json` does.

        It is asked about image files or folders, test images by their `index` in predictions.csv, or about some of
        both kinds, right and wrong, of its own choice; `classes` are explained besides the predicted one; `thorough`
        asks about large images as often as about small ones, which takes minutes an image. Raises ConfigError where
        there is no finished model, DataError where images cannot be read, and OutputError where the run folder cannot
        be written.
        """
        from cnnbench.explain.explain import Wanted, explain
        from cnnbench.explain.write import write

        given = [images] if isinstance(images, str | Path) else images
        opened = open_finished(self.path)
        wanted = Wanted([str(one) for one in given], list(index), list(classes), offline=offline, thorough=thorough)
        found = explain(opened, wanted)
        write(opened, found)
        return found.facts

    def export(
        self,
        format: str,
        out: str | Path,
        *,
        check: bool = True,
        images: int | None = None,
        tolerance: float | None = None,
        offline: bool = False,
    ) -> Export:
        """Write it as a file of a format, "onnx" or another of `cnnbench export`, its labels and a card beside it.

        The file is asked about the test images, or so many `images` of them, in its own runtime; `found` of what is
        returned says what came out. Raises ConfigError where there is no finished model or the format cannot say it,
        and ThresholdError where the file, which is kept, is further from the run than `tolerance`.
        """
        from cnnbench.export.export import Asked, export

        asked = Asked(check, images, tolerance, offline=offline)
        done = export(open_finished(self.path), format, Path(out), asked)
        done.refuse_too_far()
        return done
