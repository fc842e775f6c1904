"""A process that prepares a training with so many threads and takes a step for each line on its standard input."""

from __future__ import annotations

import json
import os
import sys

from cnnbench.config.dump import load_plain
from cnnbench.config.load import load_config
from cnnbench.machine.runtime import checked
from cnnbench.profiling.begin import begin
from cnnbench.profiling.clock import seconds


def main() -> None:
    """Answer `ready`, then the seconds of a step for each line."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    asked = json.loads(sys.stdin.readline())
    config = load_config(load_plain(asked["config"]), [f"train.threads={asked['threads']}"])
    subject = begin(config, checked(os.environ.get("KERAS_BACKEND")), offline=True, show=lambda _: None)
    step = subject.step(config.train.batch_size)
    step()
    print("ready", file=answers, flush=True)
    for _ in sys.stdin:
        print(seconds(step), file=answers, flush=True)


if __name__ == "__main__":
    main()
