"""One small input of each kind that once broke a promise, made here, and what every verb does with it."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from meshscope import open_snapshot
from meshscope.envoy.reading import read_document
from meshscope.location import Document
from meshscope.mesh.bodies import Bodies
from meshscope.work import UNFOLLOWED

from .commands import commands, kept

MANIFEST = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "VirtualService",
    "metadata": {"name": "x", "namespace": "n"},
}


def manifest(spec: str) -> bytes:
    return (json.dumps(MANIFEST)[:-1] + f', "spec": {spec}}}').encode()


def bootstrap(resources: str) -> bytes:
    return b'{"static_resources": {%s}}' % resources.encode()


def nested(depth: int, opener: str, closer: str) -> str:
    return opener * depth + "1" + closer * depth


def listener(chain: str) -> bytes:
    address = '{"socket_address": {"address": "0.0.0.0", "port_value": 80}}'
    return bootstrap(f'"listeners": [{{"name": "l", "address": {address}, "filter_chains": [{chain}]}}]')


def zipped(*, offset: int | None = None, end: int | None = None) -> bytes:
    """A member, and a directory whose offsets of 64 bits lie."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.json", b"{}")
    raw = bytearray(out.getvalue())
    entry, last = raw.rfind(b"PK\x01\x02"), raw.rfind(b"PK\x05\x06")
    if offset is not None:
        extra = struct.pack("<HHQ", 1, 8, offset)
        raw[entry + 42 : entry + 46] = b"\xff" * 4
        raw[entry + 30 : entry + 32] = struct.pack("<H", len(extra))
        raw[entry + 52 : entry + 52] = extra
        last = raw.rfind(b"PK\x05\x06")
        raw[last + 12 : last + 16] = struct.pack("<I", last - entry)
    if end is not None:
        record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, end, end)
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, last, 1)
        raw[last:last] = record + locator
        raw[-10:-2] = b"\xff" * 8
    return bytes(raw)


def lying_tar(size: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("a.json")
        info.pax_headers = {"size": size}
        tar.addfile(info, io.BytesIO(b""))
    return out.getvalue()


def packed(*bodies: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for number, body in enumerate(bodies):
            info = tarfile.TarInfo(f"{number}.json")
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return out.getvalue()


V2 = '{{"clusters": [{{"name": "c", "type": "STATIC", "hosts": [], "tls_context": {value}}}]}}'
KINDS: dict[str, bytes] = {
    **{f"a number {text[:6]}": manifest(f'{{"a": {text}}}') for text in ("1e999", "-1e999", "9" * 5000)},
    **{f"a number {text[:6]} in Envoy": listener(
        f'{{"filters": [{{"name": "t", "typed_config": {{"@type": "x", "x": {text}}}}}],'
        ' "filter_chain_match": {"server_names": "h"}}'
    ) for text in ("1e999", "9" * 5000)},
    "a number 1e999 in YAML": b"kind: Service\napiVersion: v1\nmetadata: {name: x}\nspec: {a: 1e999, b: %s}" % (b"9" * 5000),
    **{f"an object {depth} deep": manifest(nested(depth, '{"a":', "}")) for depth in (150, 400, 900, 950, 5000)},
    **{f"a list {depth} deep": manifest(nested(depth, "[", "]")) for depth in (400, 950)},
    **{f"Envoy {depth} deep": bootstrap(f'"clusters": [{{"name": "c", "metadata": {nested(depth, "[", "]")}}}]')
       for depth in (400, 900)},
    **{f"v2 with a tls_context {value}": f'{{"static_resources": {V2.format(value=value)}}}'.encode()
       for value in ('"text"', "5", "[]", "null", "true", '[{"a": 1}]')},
    **{f"zip64, an offset of {offset:x}": zipped(offset=offset) for offset in (1 << 62, 1 << 63, (1 << 64) - 1)},
    **{f"zip64, a directory at {end:x}": zipped(end=end) for end in (1 << 40, 1 << 63, (1 << 64) - 1)},
    **{f"tar, a size of {size[:6]}": lying_tar(size) for size in ("9223372036854775807", "9" * 19, "9" * 30, "-1", "1e9")},
    "an archive of archives": packed(packed(b"{}"), gzip.compress(b"{}"), zipped()),
    "a document of half a character": manifest('{"a": "\\ud800"}'),
    "NaN": manifest('{"a": NaN}'),
    "a fence without end": b"# a\n```yaml\nkind: A\n",
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_every_verb_ends_as_commands_end(name: str, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(KINDS[name])
    for seed in range(3):
        for words in commands(Random(seed), tmp_path):  # noqa: S311  # no secret
            kept(words, str(source))
    for words in (
        ["find", "x"],
        ["describe", "vs/x"],
        ["get", "all"],
        ["trace", "--listener", "l", "http://x/"],
        ["effect"],
    ):
        kept(words, str(source))


def test_what_cannot_be_shown_of_an_object_does_not_hide_the_rest_of_the_folder(tmp_path: Path, capsys: Any) -> None:
    from meshscope.cli.app import run

    (tmp_path / "deep.json").write_bytes(KINDS["an object 950 deep"])
    (tmp_path / "number.json").write_bytes(KINDS["a number 1e999"].replace(b'"x"', b'"y"'))
    (tmp_path / "other.json").write_bytes(manifest('{"hosts": ["wanted.example"]}').replace(b'"x"', b'"z"'))
    assert run(["find", "wanted.example", "--from", str(tmp_path)]) == 0
    assert "n/z" in capsys.readouterr().out


@pytest.mark.parametrize(
    "make",
    [
        lambda n: b"---\nkind: A\nmetadata: {name: n}\n" * n,
        lambda n: b"# comment\n" * n + b"kind: List\n",
        lambda n: b"#" * (30 * n) + b"\nkind: List\n",
        lambda n: b"\n \n" * (10 * n),
        lambda n: b"# a\n```yaml\nkind: A\n```\n" * (n // 2),
    ],
)
def test_texts_of_many_parts_are_read_in_linear_time(make: Callable[[int], bytes], tmp_path: Path) -> None:
    """Quadratic time makes minutes of these seconds; benchmarks/scaling.py measures more shapes."""
    from meshscope.cli.app import run

    (tmp_path / "in").write_bytes(make(20_000))
    started = time.monotonic()
    run(["get", "vs", "--from", str(tmp_path / "in")])
    assert time.monotonic() - started < 15


def test_an_archive_unfolds_to_a_multiple_of_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from meshscope.snapshot import member

    monkeypatch.setattr(member, "SMALL_TOTAL", 1 << 20)
    (tmp_path / "bomb.tar.gz").write_bytes(packed(*[b" " * (1 << 20)] * 40))
    snapshot = open_snapshot(str(tmp_path / "bomb.tar.gz"))
    assert sum(len(one.document.transient_body()) for one in snapshot.captured) < 10 << 20
    assert "unfolds to more than" in snapshot.problems[0].message


@pytest.mark.parametrize("tiny", [b"{}", b"[]", b"1", b'{"a":1}', b'{"@type":"x"}', b'{"version_info":"1"}'])
@pytest.mark.parametrize("around", [b'{"configs":[%s]}', b"[%s]", b"%s"])
def test_what_is_mostly_noise_is_left_after_the_first_of_it(around: bytes, tiny: bytes, tmp_path: Path) -> None:
    """Each part that cannot be read would cost a hundred microseconds and a problem."""
    from meshscope.mesh.opening.loading import load  # a mesh of nothing is an error

    (tmp_path / "in.json").write_bytes(around % (b"\n" if around == b"%s" else b",").join([tiny] * 100_000))
    started = time.monotonic()
    found = load(open_snapshot(str(tmp_path / "in.json")), Bodies(), "", UNFOLLOWED)
    assert len(found.problems) <= 10_001
    assert time.monotonic() - started < 8


def test_what_is_left_unread_is_no_evidence() -> None:
    section = b'{"@type":"type.googleapis.com/envoy.admin.v3.ClustersConfigDump","dynamic_active_clusters":[]}'
    for many, knows_all in ((10, True), (20_000, False)):
        document = Document.of("x.json", b'{"configs":[%s,%s]}' % (section, b",".join([b"{}"] * many)))
        ((_, dump),), problems = read_document(document)
        assert ("the rest is not looked at" in problems[-1].message) is not knows_all
        assert ("cluster" in dump.evidence, "cluster" in dump.open_kinds) == (True, not knows_all)
