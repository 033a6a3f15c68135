"""Snapshots of files go to other processes, and answers come back: a document is opened again where it arrives."""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from meshscope.location import Document, Location
from meshscope.mesh.mesh import Mesh
from meshscope.redaction.redacting import redacted_snapshot
from meshscope.simulation.request import Request
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.snapshot import Captured, Snapshot

from . import process_work
from .meshes import RECORDINGS

ROOT = Path(__file__).parents[2]
REQUEST = Request(source="productpage", dest="reviews")


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """One fresh process: it shares nothing with this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as started:
            yield started


@pytest.fixture(scope="module", params=["folder", ".tar.gz", ".zip"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recording = RECORDINGS / "bookinfo"
    if request.param == "folder":
        return recording
    out = tmp_path_factory.mktemp("archives") / f"bookinfo{request.param}"
    write_recording(open_snapshot(str(recording)), out)
    return out


def test_a_worker_answers_as_this_process_does(pool: ProcessPoolExecutor, source: Path) -> None:
    snapshot = open_snapshot(str(source))
    trace, rows, problems = pool.submit(process_work.answers, snapshot, REQUEST).result()
    assert (trace, rows, problems) == process_work.answers(snapshot, REQUEST)
    located = [row.location for row in rows]
    assert located
    assert all(location.place().line for location in located)
    assert pool.submit(process_work.places, located[:50]).result() == process_work.places(located[:50])


def test_a_relative_source_is_found_in_a_process_of_another_directory(
    pool: ProcessPoolExecutor, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent)
    snapshot = open_snapshot(source.name)
    pool.submit(os.chdir, str(tmp_path)).result()
    assert set(pool.submit(process_work.failures, snapshot).result()) == {""}


def test_what_is_sent_and_comes_back_is_the_very_same_document(source: Path) -> None:
    snapshot = open_snapshot(str(source))
    first = pickle.loads(pickle.dumps(snapshot))  # noqa: S301  # made here
    assert first == snapshot
    assert all(one.document is other.document for one, other in zip(first.captured, snapshot.captured, strict=True))
    sent = pickle.dumps(Location(snapshot.captured[0].document, ("a", 1)))
    expected = Location(Document.of(snapshot.captured[0].document.name, b""), ("a", 1))
    del first, snapshot
    gc.collect()
    one, other = pickle.loads(sent), pickle.loads(sent)  # noqa: S301  # made here
    assert one == other == expected
    assert one.document is other.document
    assert one.document.body


def test_an_archive_is_gone_through_once_for_all_of_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.tar.gz"
    write_recording(open_snapshot(str(RECORDINGS / "website")), out)
    sent = pickle.dumps(open_snapshot(str(out)))
    gc.collect()
    opened = []
    before = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *args: (opened.append(path), before(path, *args))[1])  # type: ignore[func-returns-value]  # both
    documents = [one.document for one in pickle.loads(sent).captured]  # noqa: S301  # made here
    assert opened == []
    assert all(document.body for document in documents[:3])
    assert len(opened) == 2 + 3  # to recognise it, for its index, and a member each


def test_a_file_that_has_changed_in_between_fails_to_load(tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    write_recording(open_snapshot(str(RECORDINGS / "website")), out)
    sent = pickle.dumps(open_snapshot(str(out)))
    gc.collect()
    out.write_bytes(out.read_bytes() + b"\0")
    documents = [one.document for one in pickle.loads(sent).captured]  # noqa: S301  # made here
    assert (documents[0].body, documents[0].failure) == (b"", "the archive was changed while it was being read")


def test_a_text_that_is_held_in_memory_stays_where_it_is_and_the_other_side_says_so() -> None:
    document = Document.of("-", b'{"configs": []}')
    there = pickle.loads(pickle.dumps(Snapshot((Captured(document),))))  # noqa: S301  # made here
    assert there.captured[0].document.failure == "its text is in the memory of another process"
    assert pickle.loads(pickle.dumps(Location(document, ("configs",)))) == Location(document, ("configs",))  # noqa: S301
    lost = pickle.loads(pickle.dumps(Document.lost("x", "answered 403")))  # noqa: S301  # made here
    assert (lost.name, lost.failure) == ("x", "answered 403")


def test_a_redacted_document_never_crosses_as_the_one_with_its_secrets() -> None:
    snapshot = redacted_snapshot(open_snapshot(str(RECORDINGS / "website")))
    there = pickle.loads(pickle.dumps(snapshot))  # noqa: S301  # made here
    assert all(one.document.failure and not one.document.body for one in there.captured)


def test_every_value_of_an_answer_survives() -> None:
    mesh = Mesh(open_snapshot(str(RECORDINGS / "website")))
    values = (mesh.objects, mesh.problems, mesh.proxies[0].id, mesh.graph(mesh.proxies[0]).edges, mesh.snapshot)
    for value in values:
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301  # made here
