from __future__ import annotations

from typing import Any

from ..walks import context, entry, filter_list, request, request_after, scope, typed


def overwrite(name: str, value: str) -> dict[str, Any]:
    return {"append": {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}


def mutations(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"mutations": {"request_mutations": list(changes)}}


def test_mutations_are_applied_in_order_and_see_each_other() -> None:
    changes = (
        overwrite("x-b", "new"),
        {"append": {"header": {"key": "x-n", "value": "%REQ(x-b)%"}}},
        {"remove": "x-gone"},
        {"remove_on_match": {"key_matcher": {"prefix": "x-r"}}},
    )
    filters = filter_list(entry("header_mutation.v3.HeaderMutation", **mutations(*changes)))
    after = request_after(filters, request("/", ("x-b", "old"), ("x-gone", "1"), ("x-r1", "1"), ("x-keep", "1")))
    assert after.headers == (("x-b", "new"), ("x-keep", "1"), ("x-n", "new"))


def test_the_virtual_host_is_applied_last_unless_the_most_specific_wins() -> None:
    per = "header_mutation.v3.HeaderMutationPerRoute"
    route = scope(typed(per, **mutations(overwrite("x", "route"))), typed(per, **mutations(overwrite("x", "host"))))
    for wins, expected in ((False, "host"), (True, "route")):
        config = {**mutations(overwrite("x", "own")), "most_specific_header_mutations_wins": wins}
        filters = filter_list(entry("header_mutation.v3.HeaderMutation", **config))
        assert request_after(filters, request(), context(route=route)).values("x") == (expected,)
