"""`values.json` of a trial: its value on every axis of the sweep, by the key's path."""

from __future__ import annotations

from cnnbench.runs.json_file import JsonFile

VALUES = JsonFile({})
