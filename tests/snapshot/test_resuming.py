"""What a recording holds stays, whatever the next run does; only the same document, captured anew, takes its place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope import open_snapshot
from meshscope.errors import UsageError
from meshscope.location import Document
from meshscope.snapshot import exchange
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.resuming import earlier_recording, resume_recording
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot

ENDINGS = ["rec", "rec.tar.gz", "rec.zip"]
PLACES = ("http://a:15000", "http://b:15000", "file.json")


def resumed(out: Path, snapshot: Snapshot) -> None:
    resume_recording(earlier_recording(out), snapshot, out)


def files(out: Path) -> Mapping[str, bytes]:
    if out.is_dir():
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    if out.suffix == ".zip":
        with zipfile.ZipFile(out) as zipped:
            return {name: zipped.read(name) for name in zipped.namelist() if not name.endswith("/")}
    with tarfile.open(out) as packed:
        found = ((one.name, packed.extractfile(one)) for one in packed.getmembers() if one.isfile())
        return {name: opened.read() for name, opened in found if opened}


def document(place: str, kind: str, body: bytes, name: str = "", failure: str = "") -> Captured:
    """As the source at `place` gives it: a server's documents have an owner, a file's and a cluster's lists do not."""
    called = f"{place}/{name or kind}"
    captured = Document.lost(called, failure) if failure else Document.of(called, body)
    owner = None if kind == "manifests" or not place.startswith("http") else ProxyId("", "ns", place[7:8])
    return Captured(captured, kind, owner, "", "2026-11-29T08:00:00Z", place)


def held(out: Path) -> list[tuple[str, ProxyId | None, bytes, str]]:
    return sorted(
        ((one.kind, one.owner, one.document.body, one.document.failure) for one in open_snapshot(str(out)).captured),
        key=repr,
    )


RUNS = st.lists(
    st.dictionaries(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(["config_dump", "clusters", "manifests"])),
        st.one_of(st.binary(min_size=1, max_size=3).map(bytes.hex), st.none()),
        max_size=5,
    ),
    min_size=1,
    max_size=4,
)


@given(RUNS, st.sampled_from(ENDINGS))
def test_each_run_adds_and_replaces_and_loses_nothing(
    runs: list[dict[tuple[str, str], str | None]], ending: str
) -> None:
    expected: dict[tuple[str, str], str | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / ending
        for number, run in enumerate(runs):
            captured = tuple(
                document(place, kind, (body or "").encode(), failure="" if body else "refused")
                for (place, kind), body in run.items()
            )
            snapshot = Snapshot(captured, (), tuple({place for place, _ in run}))
            if number:
                resumed(out, snapshot)
            else:
                write_recording(snapshot, out, is_named=True)
            expected |= {key: body for key, body in run.items() if body or not expected.get(key)}
        found = [(kind, owner, body.decode(), failure) for kind, owner, body, failure in held(out)]
    bodies = [text for text in expected.values() if text]
    assert sorted(body for _, _, body, _ in found if body) == sorted(bodies)
    lost = sum(text is None for text in expected.values())
    assert lost <= sum(bool(failure) for _, _, _, failure in found)


@pytest.mark.parametrize("ending", ENDINGS)
def test_files_that_nobody_named_stay_byte_by_byte(tmp_path: Path, ending: str) -> None:
    out = tmp_path / ending
    write_recording(Snapshot((document("http://a:1", "clusters", b"{}"),)), out, is_named=True)
    note, entry = b"\x00\xffnot a text", "proxies/ns/a/clusters.json"
    if out.is_dir():
        (out / "note.bin").write_bytes(note)
        (out / ".git").mkdir()
        (out / ".git" / "HEAD").write_bytes(b"ref")
        (out / "link").symlink_to("nowhere")
        (out / entry).write_bytes(b'{"by": "hand"}')
    elif out.suffix == ".zip":
        with zipfile.ZipFile(out, "a") as zipped:
            zipped.writestr("note.bin", note)
    before = files(out)
    resumed(out, Snapshot((document("http://b:1", "clusters", b"[]"),)))
    after = files(out)
    assert before.items() - after.items() == {("meshscope.json", before["meshscope.json"])}
    assert set(after) - set(before) == {"proxies/ns/b/clusters.json"}
    assert not out.is_dir() or (out / "link").is_symlink()


def test_a_list_that_is_shorter_now_leaves_no_page_behind_and_one_that_breaks_off_replaces_none(tmp_path: Path) -> None:
    out, place = tmp_path / "rec", "k8s:east"
    pages = tuple(
        document(place, "manifests", b"%d" % n, f"api/v1/services{f' (page {n})' if n > 1 else ''}") for n in (1, 2, 3)
    )
    others = document(place, "manifests", b"9", "apis/x/v1/services")
    write_recording(Snapshot((*pages, others), (), (place,)), out, is_named=True)
    broken = document(place, "manifests", b"", "api/v1/services", failure="page 2 and all after it: answered 500")
    resumed(out, Snapshot((document(place, "manifests", b"4", "api/v1/services"), broken)))
    assert [body for _, _, body, _ in held(out)] == [b"1", b"2", b"3", b"9"]
    assert "page 2 and all after it: answered 500" in {one.message for one in open_snapshot(str(out)).problems}
    resumed(out, Snapshot((document(place, "manifests", b"5", "api/v1/services"),)))
    assert [body for _, _, body, _ in held(out)] == [b"5", b"9"]


def test_problems_of_sources_that_are_not_asked_again_stay(tmp_path: Path) -> None:
    out = tmp_path / "rec"
    write_recording(Snapshot((), (Problem("", "a is slow"),), ("http://a:1",)), out, is_named=True)
    resumed(out, Snapshot((), (Problem("", "b is slow"),), ("http://b:1",)))
    assert {one.message for one in open_snapshot(str(out)).problems} >= {"a is slow", "b is slow"}
    resumed(out, Snapshot((), (), ("http://a:1", "http://b:1")))
    assert not {"a is slow", "b is slow"} & {one.message for one in open_snapshot(str(out)).problems}


@pytest.mark.parametrize("ending", ["mine", "mine.tar.gz", "mine.zip"])
def test_what_is_no_recording_is_left_alone(tmp_path: Path, ending: str) -> None:
    out = tmp_path / ending
    if "." in ending:
        out.write_bytes(b"mine")
    else:
        out.mkdir()
        (out / "thesis.txt").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"cannot resume .*: it has no meshscope\.json"):
        earlier_recording(out)
    assert b"mine" in (out.read_bytes() if out.is_file() else (out / "thesis.txt").read_bytes())


def test_a_folder_around_recordings_is_none_and_an_archive_with_one_in_a_folder_is(tmp_path: Path) -> None:
    snapshot = Snapshot((document("http://a:1", "clusters", b"{}"),))
    for inner in ("ring/2026-11-29T080000.000Z.tar.gz", "around/rec"):
        (tmp_path / inner).parent.mkdir()
        write_recording(snapshot, tmp_path / inner, is_named=True)
        with pytest.raises(UsageError, match=r"it has no meshscope\.json"):
            earlier_recording((tmp_path / inner).parent)
    with tarfile.open(tmp_path / "packed.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "around", arcname="")
    resumed(tmp_path / "packed.tar.gz", Snapshot((document("http://b:1", "clusters", b"[]"),)))
    assert [body for _, _, body, _ in held(tmp_path / "packed.tar.gz")] == [b"{}", b"[]"]


def test_a_manifest_of_another_format_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "meshscope.json").write_text('{"format": 99}')
    with pytest.raises(UsageError, match=r"cannot resume .*: a recording of format 99"):
        earlier_recording(tmp_path)


def test_a_redacted_recording_is_left_alone(tmp_path: Path) -> None:
    write_recording(Snapshot((), (), ("a",), "", {"header value": 1}), tmp_path / "out")
    with pytest.raises(UsageError, match="it is redacted, and --resume adds documents as they are"):
        earlier_recording(tmp_path / "out")


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_directory_takes_the_place_of_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(exchange, "_is_exchanged", lambda *_: False)
    old, new = tmp_path / "old", tmp_path / "new"
    for place in (old, new):
        place.mkdir()
        (place / "name").write_text(place.name)
    exchange.put_directory(new, old)
    assert (old / "name").read_text() == "new"
    assert list(tmp_path.iterdir()) == [old]


KILLED = """
import sys
from pathlib import Path
from meshscope.snapshot.resuming import earlier_recording, resume_recording
from meshscope.snapshot.snapshot import Snapshot
out = Path(sys.argv[1])
print("ready", flush=True)
while True:
    resume_recording(earlier_recording(out), Snapshot(), out)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="two names are exchanged in one step")
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_process_that_is_killed_while_it_writes_leaves_the_recording_whole(tmp_path: Path, ending: str) -> None:
    out = tmp_path / ending
    snapshot = Snapshot(tuple(document(place, "clusters", b"{}") for place in PLACES), (), PLACES)
    write_recording(snapshot, out, is_named=True)
    before = held(out)
    for attempt in range(12):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(out)], stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(0.01 + attempt * 0.007)
            os.kill(process.pid, signal.SIGKILL)
        assert held(out) == before
