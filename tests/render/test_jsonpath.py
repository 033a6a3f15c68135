from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import UsageError
from meshscope.render.jsonpath import filled
from meshscope.render.text import safe

LIST: Any = {
    "kind": "List",
    "items": [
        {
            "kind": "None",
            "metadata": {"name": "127.0.0.1", "labels": {"kubernetes.io/hostname": "127.0.0.1"}},
            "status": {"capacity": {"cpu": "4"}, "addresses": [{"type": "LegacyHostIP", "address": "127.0.0.1"}]},
        },
        {
            "kind": "None",
            "metadata": {"name": "127.0.0.2"},
            "status": {
                "capacity": {"cpu": "8"},
                "addresses": [
                    {"type": "LegacyHostIP", "address": "127.0.0.2"},
                    {"type": "another", "address": "127.0.0.3"},
                ],
            },
        },
    ],
    "users": [{"name": "myself", "user": {}}, {"name": "e2e", "user": {"username": "admin", "password": "secret"}}],
}
"""The object of https://kubernetes.io/docs/reference/kubectl/jsonpath/."""


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("kind is {.kind}", "kind is List"),
        ("{['kind']}", "List"),
        ("{..name}", "127.0.0.1 127.0.0.2 myself e2e"),
        ("{.items[*].metadata.name}", "127.0.0.1 127.0.0.2"),
        ("{.users[0].name}", "myself"),
        ("{.items[*]['metadata.name', 'status.capacity']}", '127.0.0.1 {"cpu":"4"} 127.0.0.2 {"cpu":"8"}'),
        ('{.users[?(@.name=="e2e")].user.password}', "secret"),
        (
            "{range .items[*]}[{.metadata.name}, {.status.capacity}] {end}",
            '[127.0.0.1, {"cpu":"4"}] [127.0.0.2, {"cpu":"8"}] ',
        ),
        (r"{range .items[*]}{.metadata.name}{'\t'}{end}", "127.0.0.1\t127.0.0.2\t"),
        (r"{.items[0].metadata.labels.kubernetes\.io/hostname}", "127.0.0.1"),
        (r"{.items[0].metadata.labels['kubernetes\.io/hostname']}", "127.0.0.1"),
    ],
)
def test_the_examples_of_kubectls_documentation_give_what_it_says(template: str, shown: str) -> None:
    """kubectl's page orders the union by keys and shows objects as `map[cpu:4]`; its programs print JSON."""
    assert filled(template, LIST) == shown


def test_the_object_itself_is_its_json() -> None:
    assert json.loads(filled("{@}", LIST)) == LIST
    assert json.loads(filled("{$}", LIST)) == LIST


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        (".kind", "List"),
        ("{$.kind}", "List"),
        ("{.items[-1].metadata.name}", "127.0.0.2"),
        ("{.items[-1:].metadata.name}", "127.0.0.2"),
        ("{.items[:1].metadata.name}", "127.0.0.1"),
        ("{.items[0:2:1].metadata.name}", "127.0.0.1 127.0.0.2"),
        ("{.items[::-1].metadata.name}", "127.0.0.2 127.0.0.1"),
        ("{.items[1,0].metadata.name}", "127.0.0.2 127.0.0.1"),
        ("{.items[7].metadata.name}", ""),
        ("{.nothing.of[*].that['kind']}", ""),
        ("{.items[*].status.addresses[?(@.type!='another')].address}", "127.0.0.1 127.0.0.2"),
        ("{.users[?(@.user.password)].name}", "e2e"),
        ('{.users[?(@.name=="a)]b")].name}', ""),
        ("{.items[?(@.status.addresses[1].type=='another')].metadata.name}", "127.0.0.2"),
        (
            '{range .items[*]}{range .status.addresses[*]}{.address} {end}{"\\n"}{end}',
            "127.0.0.1 \n127.0.0.2 127.0.0.3 \n",
        ),
        ("{range .items[*]}{.kind} {$.kind} {end}", "None List None List "),
        ("{.users[*].*}", 'myself {} e2e {"username":"admin","password":"secret"}'),
        ("{\"a\\\"b\"}{'it\\'s'}", "a\"bit's"),
        ("plain text{.kind}", "plain textList"),
        ('{"{braces}"}', "{braces}"),
        (".items[*].metadata.name", "127.0.0.1 127.0.0.2"),
    ],
)
def test_a_template_gives_what_was_worked_out_by_hand(template: str, shown: str) -> None:
    assert filled(template, LIST) == shown


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("@.port==80", "a"),
        ("@.port!=80", "b c"),
        ("@.port<443", "a"),
        ("@.port<=443", "a b"),
        ("@.port > 80", "b c"),
        ("@.port>=443", "b c"),
        ("@.on==true", "a"),
        ("@.on", "a b"),
        ('@.port=="80"', ""),
        ('@.name<"b"', "a"),
        ('@.name<80', ""),
    ],
)  # fmt: skip
def test_a_filter_compares_values_of_one_type(condition: str, names: str) -> None:
    items = [
        {"name": "a", "port": 80, "on": True},
        {"name": "b", "port": 443, "on": False},
        {"name": "c", "port": 8080},
    ]
    assert filled("{.items[?(" + condition + ")].name}", {"items": items}) == names


@pytest.mark.parametrize(
    "template",
    [
        "{.items[",
        "{.a",
        "{.items[abc]}",
        "{.items[]}",
        "{.items[0,]}",
        "{.items[0:1:0]}",
        "{.items[?(name)]}",
        "{.items[?(@.a==b)]}",
        "{range .items[*]}{.name}",
        "{.name}{end}",
        "{end}{range .items[*]}",
        "{.a b}",
        "}",
        '{"open}',
    ],
)
def test_a_template_that_cannot_be_read_is_a_usage_error_that_shows_it(template: str) -> None:
    with pytest.raises(UsageError, match="jsonpath: "):
        filled(template, LIST)


KEYS = st.text("abcdefgh_-", min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_every_member_is_found_by_its_path(root: Any) -> None:
    for path, value in _members("", root):
        text = filled("{" + path + "}", root)
        assert text == value if isinstance(value, str) else json.loads(text) == value


def _members(path: str, value: Any) -> list[tuple[str, Any]]:
    found = [(path, value)] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in pairs:
        found += _members(f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}", member)
    return found


@given(st.text(max_size=30))
def test_any_template_gives_text_or_a_usage_error(template: str) -> None:
    with suppress(UsageError):
        assert isinstance(filled(template, LIST), str)


def test_what_is_found_can_be_made_harmless_and_what_was_typed_stays() -> None:
    assert filled('{.name}{"\\n"}', {"name": "\x1b[2J\n"}, safe) == "\\x1b[2J\\n\n"
    assert filled("{.name}", {"name": "\x1b[2J\n"}) == "\x1b[2J\n"
