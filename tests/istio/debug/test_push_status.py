from __future__ import annotations

import pytest
from msgspec import Raw

from meshscope.istio.debug.push_status import PushStatus, read_push_status
from meshscope.snapshot.snapshot import Problem

from ..documents import value

KUBERNETES = PushStatus("pilot_eds_no_instances", "outbound|443||kubernetes.default.svc.cluster.local", "", "")


@pytest.mark.parametrize("line", ["1.4", "1.32"])
def test_both_forms_give_the_same_entries(line: str) -> None:
    found = read_push_status(value(line, "push_status.json"), "push_status")
    assert not isinstance(found, Problem)
    assert KUBERNETES in found
    assert list(found) == sorted(found)


def test_an_entry_keeps_the_proxy_and_the_message() -> None:
    body = Raw(b'{"pilot_no_ip": {"a": {"proxy": "b.shop", "message": "no ip"}}}')
    assert read_push_status(body, "push_status") == (PushStatus("pilot_no_ip", "a", "b.shop", "no ip"),)


@pytest.mark.parametrize("body", [b"{}", b'{"ProxyStatus": {}, "Version": ""}'])
def test_nothing_to_report_is_nothing(body: bytes) -> None:
    assert read_push_status(Raw(body), "push_status") == ()


def test_another_shape_is_a_problem() -> None:
    assert isinstance(read_push_status(Raw(b'{"pilot_no_ip": 3}'), "push_status"), Problem)
