"""Timing and memory that every benchmark shares: medians of repeated runs, children in turn, peak resident memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple


class Result(NamedTuple):
    """One line of the report; `limit` None where the figure is for information."""

    what: str
    measured: str
    limit: str
    kept: bool = True


def seconds(work: Callable[[], object], runs: int) -> float:
    """The median wall time of one call."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return median(taken)


def processes(commands: Sequence[Sequence[str]], runs: int) -> list[float]:
    """Median wall times of whole processes, run in turn (A B A B …) after one that does not count."""
    taken: list[list[float]] = [[] for _ in commands]
    for round_ in range(runs + 1):
        for index, command in enumerate(commands):
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
            if round_:
                taken[index].append(time.perf_counter() - started)
    return [median(times) for times in taken]


def peak_mib(command: Sequence[str]) -> float:
    """Peak resident memory of a process, in MiB."""
    code = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, *command], check=True, capture_output=True, text=True, env=environment()
    )
    return int(done.stdout.splitlines()[-1]) / 1024


def environment() -> dict[str, str]:
    """Bytecode is cached for both sides, as it is for anyone's second run; nobody's cluster is asked."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"KUBECONFIG": os.devnull}
