from __future__ import annotations

import json
from threading import Thread
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.envoy import long_dumps, section_reader
from meshscope.envoy.dump import Dump
from meshscope.envoy.dump_builder import FAILURES
from meshscope.envoy.long_dumps import sections_one_by_one
from meshscope.envoy.reading import read_document
from meshscope.envoy.sections import Spelling, spelling
from meshscope.location import Document

from .pieces import ADMIN, recorded

SPELLINGS: tuple[Literal["camel"] | None, ...] = (None, "camel")
TEXTS = [
    json.dumps(recorded(file), indent=indent).encode()
    for file in ("sidecar.json", "sidecar_istiod.json", "gateway_1.4.json")
    for indent in (None, 1)
]
TRAPS = ['"', "\\", "{", "}", "[", "]", ",", '{"@type": "', f'{{"@type": "{ADMIN}X"}}', f'{ADMIN}"', "\n", "a"]
"""What a search for the starts of sections may be misled by."""
names = st.lists(st.sampled_from(TRAPS), max_size=4).map("".join)
inner = st.fixed_dictionaries({"@type": st.just(ADMIN + "ClustersConfigDump"), "name": names})
sections = st.fixed_dictionaries(
    {"@type": st.sampled_from([ADMIN + "ClustersConfigDump", "other"])},
    optional={
        "version_info": names,
        "static_clusters": st.lists(st.fixed_dictionaries({"cluster": inner}), max_size=2),
    },
)
dumps = st.fixed_dictionaries(
    {"configs": st.lists(sections, max_size=4)}, optional={"more": st.lists(sections, max_size=2)}
)


def encoded(found: list[Any] | None) -> bytes | None:
    return None if found is None else msgspec.json.encode(found)


def whole(rename: Literal["camel"] | None, text: bytes) -> bytes | None:
    try:
        return encoded(spelling(rename).dump.decode(text).configs)
    except FAILURES:
        return None


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("rename", SPELLINGS)
def test_the_sections_of_a_real_dump_are_found_without_a_scan(text: bytes, rename: Literal["camel"] | None) -> None:
    found = encoded(sections_one_by_one(spelling(rename), text))
    assert found is not None
    assert found == whole(rename, text)


@given(dumps, st.sampled_from([None, 1]))
def test_whatever_is_found_is_what_a_scan_finds(dump: object, indent: int | None) -> None:
    text = json.dumps(dump, indent=indent).encode()
    found = encoded(sections_one_by_one(spelling(None), text))
    assert found in (None, whole(None, text))


@given(st.sampled_from(TEXTS), st.data())
def test_of_a_damaged_dump_too(text: bytes, data: st.DataObject) -> None:
    start, stop = sorted(data.draw(st.integers(0, len(text))) for _ in range(2))
    damaged = text[:start] + data.draw(names).encode() + text[data.draw(st.sampled_from([start, stop])) :]
    found = encoded(sections_one_by_one(spelling(None), damaged))
    assert found in (None, whole(None, damaged))


def test_beside_the_main_thread_a_long_dump_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(section_reader, "LONG", 1000)
    counted = list[bytes]()

    def counting(decoders: Spelling, body: bytes) -> list[Any] | None:
        counted.append(body)
        return sections_one_by_one(decoders, body)

    monkeypatch.setattr(long_dumps, "sections_one_by_one", counting)

    def one() -> Dump:
        ((_, dump),), _ = read_document(Document.of("dump.json", TEXTS[0]))
        return dump

    here, there = one(), list[Dump]()
    assert not counted
    thread = Thread(target=lambda: there.append(one()))
    thread.start()
    thread.join()
    assert counted
    assert [(each.name, bytes(each.raw), each.location.path) for each in there[0].resources] == [
        (each.name, bytes(each.raw), each.location.path) for each in here.resources
    ]
