"""The curves of several runs as numbers."""

from __future__ import annotations

from cnnbench.repeats.curves import curve_rows

SHORT = [{"epoch": 1.0, "loss": 2.0, "val_loss": 5.0}]
LONG = [{"epoch": 1.0, "loss": 4.0}, {"epoch": 2.0, "loss": 3.0}]


def test_mean_and_band_of_each_epoch() -> None:
    header, rows = curve_rows([SHORT, LONG])
    assert header == [
        *("epoch", "runs", "loss_mean", "loss_min", "loss_max"),
        *("val_loss_mean", "val_loss_min", "val_loss_max"),
    ]
    assert rows == [[1, 2, 3.0, 2.0, 4.0, 5.0, 5.0, 5.0], [2, 1, 3.0, 3.0, 3.0, "", "", ""]]


def test_no_epochs_are_no_rows() -> None:
    assert curve_rows([[], []]) == (["epoch", "runs"], [])
