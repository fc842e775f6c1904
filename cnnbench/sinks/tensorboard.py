"""TensorBoard: event files in the run folder, written with TensorBoard's own parts and without TensorFlow."""

from __future__ import annotations

import io
import os
import platform
import struct
import time
import zipfile
from collections.abc import Sequence
from typing import Any

from cnnbench.config.dump import dump_yaml
from cnnbench.config.schema import Config
from cnnbench.files.whole import own_folder
from cnnbench.runs.folder import RunDir
from cnnbench.runs.run import Run
from cnnbench.sinks.places import tensorboard_folder
from cnnbench.sinks.values import epoch_numbers, measurements, settings, times_of
from cnnbench.text import printable
from cnnbench.training.monitor import Row

PNG_SIZE = slice(16, 24)  # width and height, big-endian, in the file's header


class TensorBoard:
    """Writes one event file; a run that goes on writes it anew, from what history.csv holds."""

    name = "tensorboard"
    failure = "could not be written"

    def __init__(self, run: RunDir, config: Config) -> None:
        self._run, self._config, self._folder = run, config, tensorboard_folder(run)
        self._file: io.BufferedWriter | None = None
        self._written = 0

    def update(self, history: Sequence[Row]) -> None:
        """Write configuration and epochs."""
        try:
            self._write(history)
        except Exception:
            self._close()  # what follows a torn record cannot be read: the next time begins anew
            raise

    def _write(self, history: Sequence[Row]) -> None:
        if self._file is None:
            self._begin()
        ends = times_of(history)
        for row, when in zip(history[self._written :], ends[self._written :], strict=True):
            for name, value in epoch_numbers(row).items():
                self._scalar(_tag(name), value, int(row["epoch"]), when)
        self._written = len(history)
        assert self._file is not None
        self._file.flush()

    def finish(self, history: Sequence[Row]) -> None:
        """Write the end of the run: test results, plots, network, state."""
        self.update(history)
        try:
            self._end(len(history))
        finally:
            self._close()

    def _begin(self) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        own_folder(self._folder.parent, self._folder.name)
        for old in self._folder.glob("events.out.tfevents.*"):
            old.unlink()
        name = f"events.out.tfevents.{int(time.time()):010}.{platform.node()}.{os.getpid()}"
        self._file, self._written = (self._folder / name).open("wb"), 0
        self._record(Event(wall_time=time.time(), file_version="brain.Event:2"))
        self._text("config.yaml", dump_yaml(self._config), 0)
        self._summary(hparams_pb(settings(self._config), trial_id=str(self._run.path)), 0)

    def _end(self, step: int) -> None:
        from tensorboard.plugins.hparams import api_pb2

        told = Run(self._run.path)
        for name, value in measurements(told.metrics or {}).items():
            self._scalar(f"test/{name}", value, step, time.time())
        for plot in sorted(self._run.plots.glob("*.png")):
            self._image(f"plots/{plot.stem}", plot.read_bytes(), step)
        if self._run.model.suffix == ".keras" and self._run.model.exists():
            self._network()
        self._text("status", f"{told.status.get('state')}: {told.status.get('reason')}", step)
        done = told.status.get("state") == "done"
        self._session_end(api_pb2.STATUS_SUCCESS if done else api_pb2.STATUS_FAILURE)

    def _scalar(self, tag: str, value: float, step: int, when: float) -> None:
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb

        self._summary(scalar_pb(tag, value), step, when)

    def _text(self, tag: str, text: str, step: int) -> None:
        """Write plain text; indented, it is shown as it is and not read as Markdown."""
        from tensorboard.plugins.text.summary_v2 import text_pb

        indented = "".join(f"    {line}\n" for line in printable(text).splitlines())
        self._summary(text_pb(tag, indented), step)

    def _image(self, tag: str, png: bytes, step: int) -> None:
        from tensorboard.plugins.image.metadata import create_summary_metadata

        width, height = struct.unpack(">II", png[PNG_SIZE])
        metadata = create_summary_metadata(display_name=None, description=None)
        self._strings(tag, [str(width).encode(), str(height).encode(), png], metadata, step)

    def _network(self) -> None:
        """Write the layers as Keras describes them, which the graphs tab draws; `model.keras` is an archive."""
        from tensorboard.compat.proto.summary_pb2 import SummaryMetadata

        with zipfile.ZipFile(self._run.model) as archive:
            layers = archive.read("config.json")
        plugin = SummaryMetadata.PluginData(plugin_name="graph_keras_model", content=b"1")
        self._strings("keras", layers, SummaryMetadata(plugin_data=plugin), 0)

    def _strings(self, tag: str, value: Any, metadata: Any, step: int) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.util.tensor_util import make_tensor_proto

        summary = Summary()
        summary.value.add(tag=tag, metadata=metadata, tensor=make_tensor_proto(value))
        self._summary(summary, step)

    def _session_end(self, status: int) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.plugins.hparams import metadata
        from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo

        content = HParamsPluginData(session_end_info=SessionEndInfo(status=status, end_time_secs=time.time()))
        summary = Summary()
        described = metadata.create_summary_metadata(content)
        summary.value.add(tag=metadata.SESSION_END_INFO_TAG, metadata=described, tensor=metadata.NULL_TENSOR)
        self._summary(summary, 0)

    def _summary(self, summary: Any, step: int, when: float | None = None) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._record(Event(wall_time=when or time.time(), step=step, summary=summary))

    def _record(self, event: Any) -> None:
        from tensorboard.summary.writer.record_writer import RecordWriter

        RecordWriter(self._file).write(event.SerializeToString())

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _tag(name: str) -> str:
    """Return a tag that puts training and validation side by side: loss/train, loss/validation."""
    return f"{name.removeprefix('val_')}/{'validation' if name.startswith('val_') else 'train'}"
