"""Broken input never breaks the program: mutated recordings give answers, listed problems, or one clear line.

CI runs a few hundred examples; `MESHSCOPE_EXAMPLES=5000 pytest -m fuzz` any number.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meshscope.errors import MeshscopeError
from meshscope.listing.describe import describe
from meshscope.listing.find import find
from meshscope.listing.registry import KINDS, kind_named, kind_of_name
from meshscope.listing.selection import Selection
from meshscope.location import Document
from meshscope.mesh.graph import Graph
from meshscope.mesh.mesh import Mesh
from meshscope.render.machine import as_json
from meshscope.snapshot.archive import Archive, archive_form, read_archive
from meshscope.snapshot.cleaning import CleanedDocument
from meshscope.snapshot.snapshot import Captured, Problem, Snapshot
from meshscope.work import Work

pytestmark = pytest.mark.fuzz
RECORDINGS = Path(__file__).parent.parent / "recordings"
EXAMPLES = settings(
    max_examples=int(os.environ.get("MESHSCOPE_EXAMPLES", "80")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
WEBSITE = RECORDINGS / "website"
SEEDS = [
    *(WEBSITE / "proxies").glob("*/*/config_dump.json"),
    *(WEBSITE / "proxies").glob("*/istio-ingressgateway*/clusters.json"),
    *(WEBSITE / "istiod").glob("*/debug/*z.json"),
    *(RECORDINGS / "bookinfo-v2" / "proxies").glob("default/sleep*/istiod_config_dump.json"),
    *(RECORDINGS / "bookinfo" / "manifests").glob("*.yaml"),
]
TOKENS = (
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"null",
    b"-1",
    b"1e999",
    b"99999999999999999999999",
    b"\xff\xfe",
    b"\0",
    b"\x1b[31m",
)


class Damaged(bytes):
    """A body whose text in a report is short."""

    def __repr__(self) -> str:
        return f"Damaged({len(self)} bytes, {hash(bytes(self)):x})"


@st.composite
def damaged(draw: st.DrawFn) -> Damaged:
    """A real document, cut, patched and shuffled a little."""
    body = draw(st.sampled_from(SEEDS)).read_bytes()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        change = draw(st.sampled_from(("cut", "drop", "token", "byte", "repeat")))
        width = draw(st.integers(1, 400))
        if change == "cut":
            body = body[:at]
        elif change == "drop":
            body = body[:at] + body[at + width :]
        elif change == "token":
            body = body[:at] + draw(st.sampled_from(TOKENS)) + body[at:]
        elif change == "byte":
            body = body[:at] + draw(st.binary(min_size=1, max_size=3)) + body[at + 1 :]
        else:
            body = body[:at] + body[at : at + width] * 2 + body[at + width :]
    return Damaged(body)


def as_read(name: str, body: bytes) -> Document:
    """As every source gives it: bytes that are not UTF-8 are replaced."""
    return CleanedDocument(name, lambda: body)


def told(missing: tuple[str, ...], mesh: Mesh) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    return missing, mesh.problems


def one_line(refused: MeshscopeError) -> None:
    assert "\n" not in str(refused)


def everything(snapshot: Snapshot) -> None:
    """Ask all there is to ask."""
    try:
        mesh = Mesh(snapshot)
        kinds = [*map(kind_of_name, KINDS), kind_named("virtualservices"), kind_named("pods")]
        for kind in kinds:
            rows = list(kind.rows(mesh, Selection(state="all")))
            missing = kind.missing(mesh, Selection())
            text = "".join(as_json(iter(rows[:20]), partial(told, missing, mesh)))
            assert msgspec.json.decode(text)["version"] == 1
            for row in rows[:2]:
                describe(mesh, kind, Selection(name=kind.key(row)))
        list(find(mesh, "10.20.0.21"))
        for proxy in mesh.proxies:
            _ = Graph(proxy).dangling
    except MeshscopeError as refused:
        one_line(refused)


@EXAMPLES
@given(damaged())
def test_a_damaged_document_beside_a_whole_one_costs_itself_alone(body: Damaged) -> None:
    whole = next((WEBSITE / "proxies").glob("*/nginx*/config_dump.json"))
    everything(
        Snapshot(
            (
                Captured(as_read("damaged", body), source="x"),
                Captured(as_read("whole", whole.read_bytes()), source="x"),
            ),
            sources=("x",),
        )
    )


@EXAMPLES
@given(damaged())
def test_a_damaged_document_alone_is_answered_or_refused_in_one_line(body: Damaged) -> None:
    everything(Snapshot((Captured(as_read("damaged", body), source="damaged"),), sources=("damaged",)))


@EXAMPLES
@given(st.data())
def test_a_damaged_archive_is_read_as_far_as_it_holds_together(data: st.DataObject) -> None:
    body = bytearray(ARCHIVE)
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    raw = bytes(body[: data.draw(st.integers(len(body) // 2, len(body)))])
    archive = Archive("damaged.tar.gz", lambda: io.BytesIO(raw), len(raw))
    form = archive_form(archive)
    if form:
        for member in read_archive(archive, form, Work()).members:
            try:
                member.load()
            except OSError:
                continue


def _archive() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for seed in SEEDS[:4]:
            tar.add(seed, arcname=f"bug-report/proxies/default/{seed.parent.name}/{seed.name}")
    return gzip.compress(out.getvalue(), mtime=0)


ARCHIVE = _archive()
