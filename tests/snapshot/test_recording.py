"""A recording that was written is read back with everything that was in it, whatever holds it."""

from __future__ import annotations

import json
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from meshscope import __version__, open_snapshot
from meshscope.errors import UsageError
from meshscope.location import Document
from meshscope.snapshot import manifest
from meshscope.snapshot.manifest import ManifestError, UnknownFormatError, decoded
from meshscope.snapshot.recording import recorded_files, write_recording
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot

RECORDED = Path(__file__).parent.parent / "data" / "snapshot" / "recorded"
ENDINGS = ["rec", "rec.tar.gz", "rec.tgz", "rec.zip"]
LATER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)

WORDS = st.text(max_size=12) | st.sampled_from(["", ".", "..", "-", "a/b", "CON", "é" * 90, "A", "a", "x" * 300, "%41"])
KINDS = st.sampled_from(
    ["", "config_dump", "clusters", "manifests", "debug/syncz", "access_log", "odd/../kind", "..", "É"]
)
OWNERS = st.none() | st.builds(ProxyId, st.sampled_from(["", "east"]), WORDS, WORDS)
BODIES = st.text(max_size=60).map(str.encode) | st.sampled_from(
    [b"", b"\0", b"200\n{}", b"\xef\xbb\xbf[]", b"\x1f\x8b\x08", b"PK\x03\x04", b'{"format": 1}', b"BZh"]
)


@st.composite
def captured(draw: st.DrawFn) -> Captured:
    body = draw(BODIES).decode("utf-8", "replace").encode()
    owner = draw(OWNERS)
    return Captured(
        document=Document.of(draw(WORDS), body),
        kind=draw(KINDS),
        owner=owner,
        istiod=draw(st.sampled_from(["", "istiod-1", "../x"])),
        captured_at=draw(st.sampled_from(["", "2026-08-20T10:11:12Z"])),
        mesh_cluster=draw(st.sampled_from(["", "east", "a/b"])),
    )


SNAPSHOTS = st.builds(
    Snapshot,
    st.lists(captured(), min_size=1, max_size=6).map(tuple),
    st.lists(st.builds(Problem, st.just("never captured"), WORDS), max_size=3).map(tuple),
    st.just(("live",)),
    st.sampled_from(["", "2026-08-20T10:11:12Z"]),
)


def content(snapshot: Snapshot) -> Any:
    """What must survive: everything but the names and sources, which tell where the snapshot lies now."""
    documents = [
        (one.document.body, one.kind, one.owner, one.istiod, one.captured_at, one.mesh_cluster)
        for one in snapshot.captured
    ]
    return documents, snapshot.problems, snapshot.captured_at


@LATER
@given(SNAPSHOTS, st.sampled_from(ENDINGS))
def test_a_recording_read_back_is_equal(
    tmp_path_factory: pytest.TempPathFactory, snapshot: Snapshot, ending: str
) -> None:
    out = tmp_path_factory.mktemp("out") / ending
    write_recording(snapshot, out)
    assert content(open_snapshot(str(out))) == content(snapshot)


@LATER
@given(SNAPSHOTS)
def test_paths_are_safe_and_all_different_without_regard_to_case(snapshot: Snapshot) -> None:
    paths = [path for path, _ in recorded_files(snapshot)]
    assert len({path.casefold() for path in paths}) == len(paths) == len(snapshot.captured) + 1
    for path in paths:
        assert path.isascii()
        for part in path.split("/"):
            assert part
            assert not part.startswith(".")
            assert len(part) < 200
            assert not set(part) & set('\\:*?"<>|\0')


def _lab() -> Snapshot:
    snapshot = open_snapshot(str(RECORDED))
    return replace(
        snapshot,
        captured=tuple(
            replace(one, kind=Path(one.document.name).stem if one.owner else "") for one in snapshot.captured
        ),
        captured_at="2026-08-20T10:11:12Z",
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_real_recording_read_back_is_equal_and_tells_problems_by_their_new_names(tmp_path: Path, ending: str) -> None:
    snapshot = _lab()
    first = snapshot.captured[0].document.name
    snapshot = replace(snapshot, problems=(Problem(first, "half of it"), Problem("elsewhere", "timed out")))
    write_recording(snapshot, tmp_path / ending)
    back = open_snapshot(str(tmp_path / ending))
    assert content(back)[0] == content(snapshot)[0]
    assert back.problems == (Problem(back.captured[0].document.name, "half of it"), Problem("elsewhere", "timed out"))
    assert {one.source for one in back.captured} == {str(tmp_path / ending)}


@pytest.mark.parametrize("ending", ENDINGS[1:])
def test_equal_content_gives_equal_bytes(tmp_path: Path, ending: str) -> None:
    (tmp_path / "b").mkdir()
    write_recording(_lab(), tmp_path / ending)
    write_recording(_lab(), tmp_path / "b" / ending)
    assert (tmp_path / ending).read_bytes() == (tmp_path / "b" / ending).read_bytes()


def test_members_come_in_the_order_of_the_documents_and_have_no_time_and_no_owner(tmp_path: Path) -> None:
    write_recording(_lab(), tmp_path / "r.tgz")
    with tarfile.open(tmp_path / "r.tgz") as packed:
        members = packed.getmembers()
    assert [one.name for one in members if one.isfile()] == list(dict(recorded_files(_lab())))
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname) for one in members} == {(0, 0, 0, "", "")}
    write_recording(_lab(), tmp_path / "r.zip")
    with zipfile.ZipFile(tmp_path / "r.zip") as zipped:
        assert {one.date_time for one in zipped.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert zipped.testzip() is None


def _one(**fields: Any) -> Captured:
    return Captured(Document.of(fields.pop("name", "some/where/x.yaml"), fields.pop("body", b"{}")), **fields)


POD = ProxyId("", "default", "reviews-v1")


@pytest.mark.parametrize(
    ("one", "path"),
    [
        (_one(kind="config_dump", owner=POD), "proxies/default/reviews-v1/config_dump.json"),
        (_one(kind="config_dump", owner=POD, istiod="istiod-1"), "proxies/default/reviews-v1/istiod_config_dump.json"),
        (_one(kind="debug/sidecarz", owner=POD), "proxies/default/reviews-v1/istiod_sidecarz.json"),
        (_one(kind="clusters", owner=POD, body=b"a::b"), "proxies/default/reviews-v1/clusters.txt"),
        (_one(kind="clusters", owner=ProxyId("", "", "h:1")), "proxies/-/h%3A1/clusters.json"),
        (_one(kind="debug/syncz", istiod="istiod-1"), "istiod/istiod-1/debug/syncz.json"),
        (_one(kind="access_log", owner=POD), "logs/reviews-v1.jsonl"),
        (_one(kind="access_log", owner=POD, body=b"[2026] x"), "logs/reviews-v1.jsonl"),
        (_one(kind="access_log", owner=POD, body=b"- x"), "logs/reviews-v1.log"),
        (_one(kind="manifests"), "manifests/x.yaml"),
        (_one(), "documents/x.yaml"),
        (_one(kind="config_dump"), "documents/x.yaml"),
        (_one(owner=POD), "documents/x.yaml"),
        (_one(kind="debug/syncz"), "documents/x.yaml"),
        (_one(name="a.tar.gz!b/.c.json"), "documents/%2Ec.json"),
        (_one(kind="manifests", mesh_cluster="east"), "mesh_clusters/east/manifests/x.yaml"),
    ],
)
def test_a_document_lies_where_the_layout_wants_it(one: Captured, path: str) -> None:
    assert set(dict(recorded_files(Snapshot((one,))))) == {"meshscope.json", path}


def test_a_recording_without_its_manifest_still_tells_whose_files_are(tmp_path: Path) -> None:
    one = _one(kind="clusters", owner=ProxyId("", "", "h:1"))
    two = _one(kind="access_log", owner=POD, name="log")
    three = _one(kind="config_dump", owner=POD)
    write_recording(Snapshot((one, two, three)), tmp_path / "r")
    (tmp_path / "r" / "meshscope.json").unlink()
    owners = {Path(one.document.name).name: one.owner for one in open_snapshot(str(tmp_path / "r")).captured}
    assert owners == {"clusters.json": one.owner, "reviews-v1.jsonl": POD, "config_dump.json": POD}


def test_the_manifest_has_the_fields_of_format_1(tmp_path: Path) -> None:
    one = _one(kind="config_dump", owner=POD, captured_at="2026-08-20T10:11:12Z", source="live")
    write_recording(Snapshot((one,), (Problem("x", "y"),), ("live",), "2026-08-20T10:11:12Z"), tmp_path / "r")
    written = json.loads((tmp_path / "r" / "meshscope.json").read_text())
    assert written == {
        "format": 1,
        "written_by": __version__,
        "captured_at": "2026-08-20T10:11:12Z",
        "sources": ["live"],
        "documents": [
            {
                "path": "proxies/default/reviews-v1/config_dump.json",
                "kind": "config_dump",
                "proxy": {"mesh_cluster": "", "namespace": "default", "name": "reviews-v1"},
                "captured_at": "2026-08-20T10:11:12Z",
                "from": "live",
                "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
                "bytes": 2,
                "error": "",
            }
        ],
        "problems": [{"document": "x", "message": "y"}],
    }


def _failing() -> bytes:
    raise OSError("the pod went away")


def test_a_document_that_cannot_be_read_is_noted_with_its_error(tmp_path: Path) -> None:
    write_recording(Snapshot((_one(), Captured(Document("gone", _failing), "clusters", POD))), tmp_path / "r.zip")
    back = open_snapshot(str(tmp_path / "r.zip"))
    there, gone = back.captured
    assert there.document.body == b"{}"
    assert gone.document.name == f"{tmp_path / 'r.zip'}!proxies/default/reviews-v1/clusters.txt"
    assert (gone.document.failure, gone.kind, gone.owner) == ("the pod went away", "clusters", POD)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    documents = (_one(kind="manifests"), _one(kind="config_dump", owner=POD, body=b'{"configs": []}'))
    write_recording(Snapshot(documents), tmp_path / "rec")
    return tmp_path / "rec"


def _edited(recording: Path, edit: Callable[[Any], object]) -> Snapshot:
    tree = json.loads((recording / "meshscope.json").read_text())
    edit(tree)
    (recording / "meshscope.json").write_text(json.dumps(tree))
    return open_snapshot(str(recording))


def test_a_missing_file_is_a_problem_and_the_rest_is_read(recording: Path) -> None:
    (recording / "manifests/x.yaml").unlink()
    back = open_snapshot(str(recording))
    assert [one.kind for one in back.captured] == ["config_dump"]
    assert back.problems == (Problem(str(recording / "manifests/x.yaml"), "the manifest names it, but it is missing"),)


def test_a_changed_file_says_so_when_it_is_asked_for_and_not_before(recording: Path) -> None:
    (recording / "manifests/x.yaml").write_text("{ }")
    back = open_snapshot(str(recording))
    assert (len(back.captured), back.problems) == (2, ())
    assert back.captured[0].document.body == b""
    assert "changed since it was recorded" in back.captured[0].document.failure
    assert back.captured[1].document.body == b'{"configs": []}'


def test_a_file_that_the_manifest_does_not_name_is_read_by_its_content(recording: Path) -> None:
    back = _edited(recording, lambda tree: tree["documents"].pop(1))
    assert [(one.kind, one.owner) for one in back.captured] == [("manifests", None), ("", POD)]


def test_a_recording_in_a_single_folder_is_one_and_in_one_of_two_is_none(recording: Path) -> None:
    top = recording.parent
    assert [one.kind for one in open_snapshot(str(top)).captured] == ["manifests", "config_dump"]
    (top / "other.json").write_text("{}")
    assert {one.kind for one in open_snapshot(str(top)).captured} == {""}


@pytest.mark.parametrize("path", ["../secret", "/etc/hostname", "manifests/../../secret", "..\\secret", "link"])
def test_a_manifest_reaches_no_file_outside_its_recording(recording: Path, path: str) -> None:
    (recording.parent / "secret").write_text("secret")
    (recording / "link").symlink_to(recording.parent / "secret")
    back = _edited(recording, lambda tree: tree["documents"][0].update(path=path, sha256=""))
    assert {one.document.body for one in back.captured} == {b"{}", b'{"configs": []}'}
    assert any("missing" in problem.message for problem in back.problems)


def test_a_file_that_is_named_twice_counts_once(recording: Path) -> None:
    back = _edited(recording, lambda tree: tree["documents"].append(tree["documents"][0]))
    assert len(back.captured) == 2
    assert "twice" in back.problems[0].message


def test_an_unknown_format_is_one_problem_and_nothing_is_guessed(recording: Path) -> None:
    back = _edited(recording, lambda tree: tree.update(format=7))
    assert back.captured == ()
    assert [problem.message for problem in back.problems] == ["a recording of format 7; this version reads up to 1"]


@pytest.mark.parametrize("text", ['{"format": 1, "documents": 3}', '{"format": 1, "documents": [{"path": 1}]}'])
def test_a_damaged_manifest_is_a_problem_and_the_files_are_read_without_it(recording: Path, text: str) -> None:
    (recording / "meshscope.json").write_text(text)
    back = open_snapshot(str(recording))
    assert [one.owner for one in back.captured] == [None, POD]
    assert "read without it" in back.problems[0].message


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "meshscope"}', "meshscope"])
def test_another_file_of_that_name_is_a_file_like_others(recording: Path, text: str) -> None:
    (recording / "meshscope.json").write_text(text)
    back = open_snapshot(str(recording))
    assert (len(back.captured), back.problems) == (3, ())


def test_the_users_mesh_cluster_goes_to_documents_that_have_none(tmp_path: Path) -> None:
    west = _one(kind="clusters", owner=ProxyId("west", "default", "a"), mesh_cluster="west")
    write_recording(Snapshot((_one(kind="clusters", owner=POD), west)), tmp_path / "r")
    back = open_snapshot(f"east={tmp_path / 'r'}")
    assert [(one.mesh_cluster, one.owner) for one in back.captured] == [
        ("east", ProxyId("east", "default", "reviews-v1")),
        ("west", west.owner),
    ]


def test_older_formats_are_read_through_a_chain_of_single_steps() -> None:
    def one_to_two(tree: dict[str, Any]) -> dict[str, Any]:
        return tree | {"format": 2, "captured_at": tree["time"]}

    def two_to_three(tree: dict[str, Any]) -> dict[str, Any]:
        return tree | {"format": 3, "sources": [*tree["sources"], "two"]}

    steps = {1: one_to_two, 2: two_to_three}
    found = decoded(b'{"format": 1, "time": "2020", "sources": ["one"]}', steps, newest=3)
    assert (found.format, found.captured_at, found.sources) == (3, "2020", ("one", "two"))
    for number in (0, 4):
        with pytest.raises(UnknownFormatError):
            decoded(b'{"format": %d}' % number, steps, newest=3)
    assert set(manifest.STEPS) == set(range(1, manifest.FORMAT))


def test_a_step_that_leaves_nonsense_is_no_manifest() -> None:
    with pytest.raises(ManifestError):
        decoded(b'{"format": 1}', {1: lambda tree: tree | {"format": 2, "documents": 5}}, newest=2)


def test_nothing_is_left_behind_where_writing_fails(tmp_path: Path) -> None:
    for out in (tmp_path / "missing" / "r.zip", tmp_path / "missing" / "r"):
        with pytest.raises(UsageError, match=r"cannot write .*: no directory .*missing"):
            write_recording(_lab(), out)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    with pytest.raises(UsageError, match="it exists already"):
        write_recording(_lab(), tmp_path / "full")
    (tmp_path / "dir.zip").mkdir()
    with pytest.raises(UsageError, match="cannot write"):
        write_recording(_lab(), tmp_path / "dir.zip")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["dir.zip", "full", "mine"]


def test_an_archive_is_replaced_and_an_empty_directory_filled(tmp_path: Path) -> None:
    (tmp_path / "r.zip").write_text("old")
    (tmp_path / "r").mkdir()
    for ending in ("r.zip", "r"):
        write_recording(_lab(), tmp_path / ending)
        assert content(open_snapshot(str(tmp_path / ending))) == content(_lab())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r", "r.zip"]


def test_what_is_written_is_the_users_alone_also_once_it_is_unpacked(tmp_path: Path) -> None:
    for ending in ENDINGS:
        write_recording(_lab(), tmp_path / ending)
    folders = {path.parent for path in (tmp_path / "rec").rglob("*")} - {tmp_path}
    assert len(folders) > 3
    for path in (*tmp_path.iterdir(), *(tmp_path / "rec").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    with tarfile.open(tmp_path / ENDINGS[1]) as packed:
        modes = {one.name: one.mode for one in packed.getmembers()}
    with zipfile.ZipFile(tmp_path / ENDINGS[3]) as zipped:
        assert modes == {one.filename.rstrip("/"): one.external_attr >> 16 & 0o777 for one in zipped.infolist()}
    inside = {path.relative_to(tmp_path / "rec").as_posix(): path for path in (tmp_path / "rec").rglob("*")}
    assert modes == {name: 0o700 if path.is_dir() else 0o600 for name, path in inside.items()}


def test_a_manifest_round_trips_through_its_own_bytes() -> None:
    files = dict(recorded_files(_lab()))
    assert manifest.encoded(decoded(files["meshscope.json"])) == files["meshscope.json"]
    assert msgspec.json.decode(files["meshscope.json"])["documents"][0]["istiod"] == "istiod-1"
