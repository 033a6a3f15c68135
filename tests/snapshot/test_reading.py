"""What the user names is opened: a directory, an archive, a file, stdin or the demo. All else is one clear line."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from meshscope.errors import UsageError
from meshscope.snapshot import cleaning, member, reading
from meshscope.snapshot.layout import debug_endpoint
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.snapshot import Problem, ProxyId, Snapshot
from meshscope.work import Work

RECORDED = Path(__file__).parent.parent / "data" / "snapshot" / "recorded"
GATEWAY = ProxyId("", "istio-system", "istio-ingressgateway-bc70f77432-0efe7")


def _inside(snapshot: Snapshot, top: str) -> list[tuple[str, bytes, ProxyId | None, str]]:
    return sorted(
        (one.document.name.removeprefix(top)[1:], one.document.body, one.owner, one.istiod) for one in snapshot.captured
    )


def _packed(form: str, out: Path) -> Path:
    made = Path(shutil.make_archive(str(out / "made"), {"tar": "tar", "gz": "gztar", "zip": "zip"}[form], RECORDED))
    return made.rename(out / "download")


@pytest.mark.parametrize("form", ["tar", "gz", "zip"])
def test_a_directory_and_its_archives_say_the_same_whatever_they_are_called(tmp_path: Path, form: str) -> None:
    packed = str(_packed(form, tmp_path))
    plain, archived = open_snapshot(str(RECORDED)), open_snapshot(packed)
    assert _inside(archived, packed) == _inside(plain, str(RECORDED))
    assert plain.problems == archived.problems == ()
    assert len(plain.captured) == 10


def test_layouts_of_a_real_recording_tell_owners_and_control_planes() -> None:
    snapshot = open_snapshot(str(RECORDED))
    of_gateway = {Path(one.document.name).name for one in snapshot.captured if one.owner == GATEWAY}
    log = "istio-ingressgateway-bc70f77432-0efe7.jsonl"
    assert of_gateway == {"listeners.json", "listeners.txt", "server_info.json", log}
    answers = {debug_endpoint(one.document.name) for one in snapshot.captured if one.istiod == "istiod-1"}
    assert answers == {"cachez", "clusterz", "list", "mcsz", ""}
    assert {one.kind for one in snapshot.captured} == {""}


def _bug_report(top: Path) -> None:
    pod = top / "proxies/default/reviews-v1-6f"
    istiod = top / "istio/istio-system/istiod-1"
    for folder in (pod / "cores", istiod / "debug", top / "cluster"):
        folder.mkdir(parents=True)
    (pod / "config_dump?include_eds").write_text('{"configs": []}')
    (pod / "clusters").write_text("a::default_priority::max_connections::1\n")
    (pod / "cores/1.core").write_bytes(b"\x7fELF\x00\x00")
    (pod / "istio-proxy.log").write_bytes(b"")
    (istiod / "debug/mcsz").write_text("[]")
    (top / "cluster/crs").write_text("kind: List\n")


@pytest.mark.parametrize("prefix", ["", "bug-report/"])
def test_a_bug_report_is_read_with_and_without_its_folder(tmp_path: Path, prefix: str) -> None:
    _bug_report(tmp_path / prefix if prefix else tmp_path)
    snapshot = open_snapshot(str(tmp_path))
    assert snapshot.problems == ()
    assert {Path(one.document.name).name: (one.owner, one.istiod) for one in snapshot.captured} == {
        "config_dump?include_eds": (ProxyId("", "default", "reviews-v1-6f"), ""),
        "clusters": (ProxyId("", "default", "reviews-v1-6f"), ""),
        "mcsz": (None, "istiod-1"),
        "crs": (None, ""),
    }


def test_a_single_file_is_one_document_under_the_name_that_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dump.tar.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf200\n{}", mtime=0))
    (one,) = open_snapshot("dump.tar.gz").captured
    assert (one.document.name, one.document.body, one.document.skipped_lines) == ("dump.tar.gz", b"{}", 1)
    assert (one.source, one.owner, one.kind) == ("dump.tar.gz", None, "")


def test_one_pods_folder_or_file_of_a_layout_still_tells_its_owner() -> None:
    folder = RECORDED / "proxies" / GATEWAY.namespace / GATEWAY.name
    assert {one.owner for one in open_snapshot(str(folder)).captured} == {GATEWAY}
    assert [one.owner for one in open_snapshot(str(folder / "listeners.txt")).captured] == [GATEWAY]


def test_sources_add_up_in_their_order(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    sources = [str(tmp_path / name) for name in "bca"]
    snapshot = open_snapshot(*sources)
    assert snapshot.sources == tuple(sources)
    assert [one.document.body for one in snapshot.captured] == [b"b", b"c", b"a"]
    assert [one.source for one in snapshot.captured] == sources
    assert open_snapshot() == Snapshot()


def test_a_name_before_a_path_is_its_mesh_cluster() -> None:
    source = f"east-1={RECORDED}"
    snapshot = open_snapshot(source)
    assert snapshot.sources == (source,)
    assert {one.mesh_cluster for one in snapshot.captured} == {"east-1"}
    assert {one.owner.mesh_cluster for one in snapshot.captured if one.owner} == {"east-1"}
    assert snapshot.captured[0].document.name.startswith(str(RECORDED))


def test_a_path_with_an_equals_sign_that_exists_is_that_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("east=a", "a"):
        Path(name).write_text(name)
    (one,) = open_snapshot("east=a").captured
    assert (one.mesh_cluster, one.document.body) == ("", b"east=a")
    Path("east=a").unlink()
    (one,) = open_snapshot("east=a").captured
    assert (one.mesh_cluster, one.document.body) == ("east", b"a")


def _usage(source: str) -> str:
    with pytest.raises(UsageError) as caught:
        open_snapshot(source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_path_names_its_nearest_neighbours(tmp_path: Path) -> None:
    (tmp_path / "recordings/bookinfo").mkdir(parents=True)
    near = str(tmp_path / "recordings")
    assert repr(near) in _usage(str(tmp_path / "recording"))
    assert repr(near) in _usage(str(tmp_path / "recrdings" / "bookinfo"))
    assert repr(str(tmp_path / "recordings/bookinfo")) in _usage(str(tmp_path / "recordings" / "bokinfo"))
    assert "did you mean" not in _usage(str(tmp_path / "zzz"))
    for odd in ("", "a\nb", "x" * 5000, "east=missing", "nul\0byte", str(tmp_path / "recordings/bookinfo/a/b/c")):
        assert "no file or directory" in _usage(odd)


@pytest.mark.parametrize(
    "source",
    [
        "http://h:15000",
        "HTTPS://h",
        "http+unix://%2Ftmp%2Fx",
        "istiod+http://h:15014",
        "k8s:",
        "k8s:ctx/ns",
        "east=k8s:",
    ],
)
def test_live_sources_are_refused_in_one_line_that_says_what_to_do(source: str) -> None:
    assert "files and recordings only" in _usage(source)


def test_a_wrong_source_is_told_before_any_other_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        open_snapshot(str(RECORDED), str(tmp_path / "missing"), work=Work(lambda *_: pytest.fail("read too early")))


def test_what_holds_nothing_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "core").write_bytes(b"\x7fELF\0\0")
    with tarfile.open(tmp_path / "tar", "w"):
        pass
    for name, message in {
        "empty": "no text in it",
        "file": "the file is empty",
        "core": "neither a text nor an archive (.tar, .tar.gz, .zip)",
        "tar": "neither a text nor an archive (.tar, .tar.gz, .zip)",
    }.items():
        snapshot = open_snapshot(str(tmp_path / name))
        assert (snapshot.captured, snapshot.problems) == ((), (Problem(str(tmp_path / name), message),))


def test_an_empty_file_among_others_is_a_problem_but_an_empty_log_is_none(tmp_path: Path) -> None:
    for name in ("a.json", "current.log"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "core").write_bytes(b"\x7fELF\0\0")
    (tmp_path / "b.json").write_text("{}")
    (tmp_path / "more.tar").write_bytes(b"x" * 257 + b"ustar\x0000")
    snapshot = open_snapshot(str(tmp_path))
    assert [Path(one.document.name).name for one in snapshot.captured] == ["b.json"]
    assert [Path(problem.document).name for problem in snapshot.problems] == ["a.json", "more.tar"]


@pytest.mark.parametrize("content", [b'{"configs": []}', gzip.compress(b'{"configs": []}', mtime=0)])
def test_stdin_is_read_as_bytes(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    (one,) = open_snapshot("-").captured
    assert (one.document.name, one.document.body, one.source) == ("-", b'{"configs": []}', "-")


def test_an_archive_comes_through_stdin_too(tmp_path: Path) -> None:
    packed = _packed("gz", tmp_path).read_bytes()
    program = "from meshscope import open_snapshot as o; print(len([c.document.body for c in o('a=-').captured]))"
    done = subprocess.run([sys.executable, "-c", program], input=packed, capture_output=True, check=True)
    assert done.stdout.split() == [b"10"]


def test_an_empty_or_closed_stdin_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert open_snapshot("-").problems == (Problem("-", "the file is empty"),)
    monkeypatch.setattr(sys, "stdin", None)
    assert open_snapshot("-").problems == (Problem("-", "no text in it"),)


def test_a_stream_beyond_the_bound_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "MOST_BYTES", 10)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 11)))
    assert "larger than 10 bytes" in open_snapshot("-").problems[0].message


@pytest.mark.parametrize("begin", [bytes(5000), b"\x7fELF\x00" * 1000])
def test_a_stream_that_begins_as_nothing_that_is_read_is_read_no_further(
    monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= cleaning.HEAD, "it is endless"
            return begin[:size]

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Endless()))
    assert "neither a text nor an archive" in open_snapshot("-").problems[0].message


def test_a_body_that_is_let_go_leaves_its_bytes_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(gzip.compress(b" " * 1000, mtime=0))
    monkeypatch.setattr(member, "SMALL_TOTAL", 1500)
    monkeypatch.setattr(member, "MOST_TIMES", 1)
    for captured in 3 * open_snapshot(str(tmp_path)).captured:
        assert len(captured.document.transient_body()) == 1000
    one, two, _ = open_snapshot(str(tmp_path)).captured
    assert (len(one.document.body), len(two.document.body)) == (1000, 0)
    one.document.forget()
    one.document.forget()
    two.document.forget()
    assert len(two.document.body) == 1000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_a_pipe_of_the_shell_is_read_like_stdin(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"kind: List\n",))
    writer.start()
    (one,) = open_snapshot(str(tmp_path / "pipe")).captured
    writer.join()
    assert one.document.body == b"kind: List\n"


def test_texts_of_one_source_share_one_bound_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(gzip.compress(b" " * 1000, mtime=0))
    monkeypatch.setattr(member, "SMALL_TOTAL", 2500)
    monkeypatch.setattr(member, "MOST_TIMES", 1)
    one, two, three = open_snapshot(str(tmp_path)).captured
    assert len(one.document.body) == len(three.document.body) == 1000
    assert two.document.body == b""
    assert "unfold to more than" in two.document.failure
    assert len(one.document.body) == 1000


def test_the_demo_is_the_bundled_recording_and_else_the_repositorys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "meshscope"
    monkeypatch.setattr(reading, "__file__", str(package / "snapshot" / "reading.py"))
    assert "lacks the demo recording" in _usage("demo")
    for place in (tmp_path / "recordings" / "bookinfo", package / "bundled" / "bookinfo"):
        shutil.copytree(RECORDED, place)
        snapshot = open_snapshot("demo")
        assert {one.source for one in snapshot.captured} == {"demo"}
        assert all(Path(one.document.name).is_relative_to(place) for one in snapshot.captured)


def test_a_stop_keeps_the_sources_that_are_done() -> None:
    asked = iter([False] * 30)
    snapshot = open_snapshot(str(RECORDED), str(RECORDED), work=Work(cancelled=lambda: next(asked, True)))
    assert len(snapshot.captured) == 10
    assert snapshot.problems == (Problem(str(RECORDED), "stopped before it was read"),)


def test_bytes_that_are_not_utf_8_spoil_only_themselves(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a": "\xff", "b": 1}')
    (one,) = open_snapshot(str(tmp_path / "a.json")).captured
    assert one.document.body.decode() == '{"a": "\ufffd", "b": 1}'


def test_opening_a_recording_needs_neither_yaml_nor_a_network_nor_the_rooms_above() -> None:
    program = (
        "import sys; from meshscope import open_snapshot as o; o(sys.argv[1]);"
        "print(*(m for m in sys.modules if m.startswith('meshscope.') or m in ('yaml', 'zipfile', 'click', 'httpx')))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(RECORDED)], capture_output=True, check=True)
    loaded = done.stdout.decode().split()
    assert {name.split(".")[1] for name in loaded if "." in name} == {
        "snapshot",
        "location",
        "errors",
        "once",
        "work",
        "collect",
        "path",
        "typed",
        "version",
    }
    assert {name for name in loaded if "collect" in name} == {
        "meshscope.collect", "meshscope.collect.live", "meshscope.collect.opening",
    }  # fmt: skip
    assert not {"yaml", "click", "zipfile", "httpx"} & set(loaded)
