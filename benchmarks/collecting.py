"""Recording 200 proxies over loopback, against a plain download of the same bytes; and with every third one misbehaving."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Result, peak_mib, processes
from processes import MESHSCOPE

from meshscope.collect.envoy_admin import DUMP, INFO

PROXIES, MEGABYTES, CONCURRENCY = 200, 2, 16
DOWNLOAD = f"""
import asyncio, httpx, sys
async def one(client, turn, address):
    async with turn:
        for path in ("{INFO}", "{DUMP}"):
            async with client.stream("GET", address + path) as answer:
                async for _ in answer.aiter_bytes():
                    pass
async def main():
    turn = asyncio.Semaphore({CONCURRENCY})
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=60, limits=limits) as client:
        await asyncio.gather(*(one(client, turn, address) for address in sys.argv[1:]))
asyncio.run(main())
"""


def results(folder: Path, runs: int) -> Iterator[Result]:
    out = folder / "recorded"
    with _served(0) as addresses:
        record = (sys.executable, "-c", _ANEW, str(out), *MESHSCOPE, "record", str(out), "-q", *_from(addresses))
        ours, plain = processes([record, (sys.executable, "-c", DOWNLOAD, *addresses)], runs)
        yield Result(
            f"`record` of {PROXIES} proxies with dumps of {MEGABYTES} MB",
            f"{ours:.2f} s = {ours / plain:.2f} × a plain httpx download ({plain:.2f} s)",
            "2 × the download + 1 s",
            ours <= 2 * plain + 1,
        )
        peak = peak_mib(record)
        yield Result("peak memory of that", f"{peak:.0f} MiB", "150 MiB", peak <= 150)
    with _served(3) as addresses:
        shutil.rmtree(out, ignore_errors=True)
        command = (*MESHSCOPE, "record", str(out), "-q", "--timeout", "2", *_from(addresses))
        subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])})
        whole = len(
            [path for path in out.glob("proxies/*/*/config_dump.json") if path.stat().st_size > MEGABYTES * 9e5]
        )
        sound = PROXIES - PROXIES // 3
        yield Result(
            "every third one hangs, resets, breaks off or answers a message",
            f"{whole} of the other {sound} dumps are whole",
            "all",
            whole == sound,
        )
    shutil.rmtree(out, ignore_errors=True)


_ANEW = """
import shutil, subprocess, sys
shutil.rmtree(sys.argv[1], ignore_errors=True)
subprocess.run(sys.argv[2:], check=True)
"""
"""A recording is not written over another one."""


def _from(addresses: list[str]) -> list[str]:
    return [word for address in addresses for word in ("--from", address)]


@contextmanager
def _served(every: int) -> Iterator[list[str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(__file__).with_name("mesh_server.py")
    command = [sys.executable, str(script), str(port), str(MEGABYTES), str(every)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            yield [f"http://127.0.1.{number}:{port}" for number in range(1, PROXIES + 1)]
        finally:
            server.terminate()
