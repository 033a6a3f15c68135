"""A name table in all its forms."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from meshscope.istio.recognition.recognise import recognise

from ..name_tables import BARE, TABLE, read

TYPE = "type.googleapis.com/istio.networking.nds.v1.NameTable"
FORMS: dict[str, Any] = {
    "from an agent": BARE,
    "from an old istiod": [{"@type": TYPE, **BARE}],
    "from istiod": {"resource": {"@type": TYPE, **BARE}},
    "in a ConfigDump": {"configs": [{"@type": TYPE, **BARE}]},
    "resource by resource": [
        {"name": host, "resource": {"@type": TYPE, "nameInfo": info}} for host, info in TABLE.items()
    ],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_the_table_is_recognised_and_has_the_same_hosts(form: Any) -> None:
    hosts, problems = read(form)
    assert recognise(Raw(json.dumps(form).encode())) == "debug/ndsz"
    assert problems == ()
    assert {host.host: host.ips for host in hosts} == {
        host: tuple(info["ips"]) for host, info in TABLE.items() if host != "range.example.com"
    }
    www = next(host for host in hosts if host.host == "www.example.com")
    assert www.location.place().line == 1


@pytest.mark.parametrize(
    "value", [{"table": {"a": {"b": 1}}}, {"table": []}, [{"@type": "x/istio.other"}], {"name": "x"}]
)
def test_a_document_that_only_resembles_a_table_has_no_hosts(value: Any) -> None:
    assert recognise(Raw(json.dumps(value).encode())) != "debug/ndsz"
    assert read(value)[0] == ()


def test_an_entry_of_another_shape_costs_itself_alone() -> None:
    hosts, (problem,) = read({"table": {"a": {"ips": 3}, "b": {"ips": ["10.0.0.1"]}}})
    assert [host.host for host in hosts] == ["b"]
    assert problem.message.startswith("table.a: ")
