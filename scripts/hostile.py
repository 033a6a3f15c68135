"""Shows that hostile inputs end as they should: uv run python scripts/hostile.py FOLDER

Every file of the folder is given to every verb, each time in a process with bounds of its own. A file of Python is an admin
that is started and recorded from (its docstring names its port), a shell script gets the addresses of two living admins of
its own. A row is kept if the process ended by itself, in time, within its memory, with an exit code of the contract, in plain
lines, and if nothing that is named LEAK-… is left in what was redacted. Exit 1 where a row is not kept.
"""

from __future__ import annotations

import gzip
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

MOST_SECONDS, MOST_MIB = 60.0, 2_048
_ADDRESS_SPACE = 6 << 30
_BOUNDED = f"""
import resource
resource.setrlimit(resource.RLIMIT_AS, ({_ADDRESS_SPACE}, {_ADDRESS_SPACE}))
from meshscope.cli import main
main()
"""
_CODES = {0, 1, 2, 3, 4}
_VERBS = (
    ("get", "all"), ("get", "clusters", "-o", "json"), ("get", "vs", "-o", "yaml"), ("describe", "vs/x"), ("find", "x"),
    ("trace", "http://x/"), ("trace", "--listener", "l", "http://x/server_info"), ("effect",), ("report", "-"),
)  # fmt: skip
_SHARED = ((), ("--redact",), ("--anonymize",))
_LEAK = re.compile(rb"LEAK-\d+")


class Row(NamedTuple):
    what: str
    seconds: float
    mib: float
    wrong: str


def rows(folder: Path) -> Iterator[Row]:
    for file in sorted(folder.iterdir()):
        with tempfile.TemporaryDirectory() as scratch:
            if file.suffix == ".py":
                yield from _admin(file, Path(scratch))
            elif file.suffix == ".sh":
                yield _script(file, Path(scratch))
            elif file.is_file() and file.suffix != ".md":
                yield from _source(file, Path(scratch))


def _source(file: Path, scratch: Path) -> Iterator[Row]:
    source = file
    if file.name.endswith(".gz.gz"):  # packed twice, so that it is small
        source = scratch / file.stem
        source.write_bytes(gzip.decompress(file.read_bytes()))
    for words in _VERBS:
        row, out = _ran(file.name, [*words, "--from", str(source)])
        if (
            "no-loop" in file.name
            and words[0] == "trace"
            and "--listener" in words
            and b"loop" in out.replace(b"no-loop", b"")
        ):
            row = row._replace(wrong="a loop that is none")
        yield row
    for how in _SHARED:
        out_file = scratch / f"out{len(how)}{''.join(how)}"
        row, _ = _ran(file.name, ["record", str(out_file), *how, "--from", str(source)])
        left = {found for path in out_file.rglob("*") if path.is_file() for found in _LEAK.findall(path.read_bytes())}
        yield row._replace(wrong=row.wrong or (f"{len(left)} secrets left" if how and left else ""))


def _admin(file: Path, scratch: Path) -> Iterator[Row]:
    found = re.search(r"Port (\d+)", file.read_text(encoding="utf-8"))
    if found is None:
        return
    port = int(found[1])
    with subprocess.Popen([sys.executable, str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            ends = time.monotonic() + 120
            while not _is_open(port) and time.monotonic() < ends:
                time.sleep(0.2)
            yield _ran(file.name, ["record", str(scratch / "out"), "--from", f"http://127.0.0.1:{port}"])[0]
            yield _ran(file.name, ["get", "proxies", "--from", f"http://127.0.0.1:{port}"])[0]
        finally:
            server.kill()


def _script(file: Path, scratch: Path) -> Row:
    """What the first recording lists has to be in the last one, too."""
    with _living("a-1") as one, _living("b-1") as two:
        environment = _environment() | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        started = time.monotonic()
        words = ["sh", str(file.resolve()), one, two]
        done = subprocess.run(
            words, cwd=scratch, env=environment, capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip
    proxies = [line for line in done.stdout.splitlines() if line.endswith("config_dump.json")]
    lost = proxies and proxies.count(proxies[0]) < done.stdout.count("meshscope.json")
    wrong = "a document is gone" if lost else "" if len(proxies) > 2 else "it recorded less than two proxies"
    return Row(f"{file.name}: sh", time.monotonic() - started, 0, wrong)


@contextmanager
def _living(pod: str) -> Iterator[str]:
    node = {"id": f"sidecar~10.0.0.1~{pod}.default~default.svc.cluster.local"}
    kind = "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump"
    answers = {
        "/server_info": {"state": "LIVE", "node": node},
        "/config_dump": {"configs": [{"@type": kind, "bootstrap": {"node": node}}]},
    }

    class Admin(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """In silence."""

        def do_GET(self) -> None:
            body = json.dumps(answers.get(self.path.partition("?")[0], {})).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Admin) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environment() -> dict[str, str]:
    """A script finds the `meshscope` of this Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return dict(os.environ) | {"KUBECONFIG": os.devnull, "PATH": path}


def _ran(name: str, words: list[str]) -> tuple[Row, bytes]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", _BOUNDED, *words], stdout=out, stderr=err, env=_environment()
        )  # fmt: skip
        timer = threading.Timer(MOST_SECONDS, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        seconds, mib = time.monotonic() - started, usage.ru_maxrss / 1024
        out.seek(0)
        err.seek(0)
        told = err.read().decode("utf-8", "replace")
        problems = {
            "did not end": seconds >= MOST_SECONDS,
            f"exit code {code}": code not in _CODES,
            "a defect": "internal error" in told or "Traceback" in told,
            "out of memory": mib > MOST_MIB or "out of memory" in told,
        }
        wrong = ", ".join(what for what, is_so in problems.items() if is_so)
        return Row(f"{name}: {' '.join(words[:3])}", seconds, mib, wrong), out.read()


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    found, kept = [], True
    for row in rows(Path(sys.argv[1])):
        found.append(row)
        kept = kept and not row.wrong
        mark = "NOT" if row.wrong else "ok "
        print(f"{mark} {row.seconds:6.2f} s {row.mib:6.0f} MiB  {row.what}  {row.wrong}", flush=True)
    longest, largest = max(found, key=lambda row: row.seconds), max(found, key=lambda row: row.mib)
    print(f"{len(found)} runs, {sum(bool(row.wrong) for row in found)} not kept")
    print(f"the longest: {longest.seconds:.1f} s, {longest.what}; the largest: {largest.mib:.0f} MiB, {largest.what}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
