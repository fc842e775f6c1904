"""The tutorial, as a kernel of Jupyter runs it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

TUTORIAL = Path(__file__).parents[1] / "docs" / "tutorial.ipynb"
SECONDS = 240  # of a cell


def test_its_outputs_are_not_kept() -> None:
    cells = nbformat.read(TUTORIAL, as_version=4).cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells if cell.cell_type == "code")


@pytest.mark.slow
def test_the_tutorial_runs_from_top_to_bottom(tmp_path: Path) -> None:
    found = nbformat.read(TUTORIAL, as_version=4)
    NotebookClient(found, timeout=SECONDS, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in found.cells if cell.cell_type == "code" for output in cell.outputs]
    kinds = [set(output.get("data", {})) for output in shown]
    pages = [output.data["text/html"] for output in shown if "text/html" in output.get("data", {})]
    said = "".join(output.text for output in shown if output.output_type == "stream" and output.name == "stdout")
    assert "<h4>lenet5-digits</h4>" in pages[0] and "val_accuracy" in pages[1]
    assert any("image/png" in kind for kind in kinds)
    assert said.startswith("True ") and "taken for [0 1 2 3" in said and "slower: 0." in said
    assert len(list((tmp_path / "outputs" / "lenet5-digits").iterdir())) == 2
