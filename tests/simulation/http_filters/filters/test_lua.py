from __future__ import annotations

from typing import Any

import pytest

from ..walks import context, entry, filter_list, only, request, scope, typed


@pytest.mark.parametrize(
    ("own", "per_route", "verdict"),
    [
        ({}, None, "yes"),
        ({"inline_code": "x"}, None, "unknown"),
        ({"default_source_code": {"inline_string": "x"}}, None, "unknown"),
        ({"inline_code": "x"}, {"disabled": True}, "yes"),
        ({}, {"source_code": {"inline_string": "x"}}, "unknown"),
        ({"source_codes": {"a": {"inline_string": "x"}}}, {"name": "a"}, "unknown"),
        ({"source_codes": {"a": {"inline_string": "x"}}}, {"name": "b"}, "yes"),
    ],
)
def test_a_filter_with_a_script_is_unknown_and_one_without_passes(own: Any, per_route: Any, verdict: str) -> None:
    route = scope(per_route and typed("lua.v3.LuaPerRoute", **per_route))
    assert only(filter_list(entry("lua.v3.Lua", **own)), request(), context(route=route)).steps[0].verdict == verdict
