"""Dumps in the code blocks of a pasted issue."""

from __future__ import annotations

import pytest

from meshscope.envoy.resource import LISTENER
from meshscope.errors import UnreadableError
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.opening.fenced import blocks, is_fenced
from meshscope.snapshot.snapshot import Captured, Snapshot

FILE = """static_resources:
  listeners:
  - name: {name}
    address: {{socket_address: {{address: 10.0.0.1, port_value: 80}}}}
"""


def named(text: str, source: str = "issue.md") -> Captured:
    return Captured(Document.of("issue.md", text.encode()), source=source)


def mesh(text: str) -> Mesh:
    return Mesh(Snapshot((named(text),)))


def fenced(text: str, fence: str = "```", language: str = "yaml") -> str:
    return f"{fence}{language}\n{text}{fence}\n"


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_a_block_is_a_document_with_the_lines_of_the_text(fence: str) -> None:
    (proxy,) = mesh("It breaks:\n\n" + fenced(FILE.format(name="one"), fence)).proxies
    (resource,) = proxy.resources(LISTENER)
    assert (proxy.name, resource.name, resource.location.place().line) == ("issue", "one", 6)


def test_several_configurations_are_of_several_proxies() -> None:
    text = (
        fenced(FILE.format(name="one"))
        + "and\n"
        + fenced("echo hello\n", language="sh")
        + fenced(FILE.format(name="two"))
    )
    assert [(one.name, one.resources(LISTENER)[0].name) for one in mesh(text).proxies] == [
        ("issue-1", "one"),
        ("issue-3", "two"),
    ]


def test_a_block_may_be_indented_quoted_open_and_behind_a_command() -> None:
    body = '$ curl localhost:15000/config_dump\nHTTP/1.1 200 OK\nserver: envoy\n\n{"configs": []}\n'
    indented = "".join(f"   {line}\n" for line in ["```json", *body.splitlines(), "```"])
    quoted = "".join(f"> {line}\n" for line in ["```json", *body.splitlines(), "```"])
    for text in ("```\n```\n" + indented, "```\n```\n" + quoted, "```\n```\n```json\n" + body):
        assert [one.document.body.strip() for one in blocks(named(text))] == [b"", b'{"configs": []}']


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert [one.document.body for one in blocks(named("````\n```\na: 1\n```\n````\n"))] == [b"```\na: 1\n```"]


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("```\na\n```\n", "issue.md", True),
        ("```\na\n```\n", "folder", False),
        ("kind: ConfigMap\ndata:\n  readme: |\n    ```\n    a\n    ```\n", "issue.md", False),
        ('{"a": "```"}', "issue.md", False),
        ("no code\n", "issue.md", False),
    ],
)
def test_markdown_is_a_text_that_its_user_named_with_a_fence_at_the_margin(
    text: str, source: str, expected: bool
) -> None:
    assert is_fenced(named(text, source)) == expected


def test_markdown_without_a_document_says_so() -> None:
    with pytest.raises(UnreadableError, match=r"issue\.md: Markdown: none of its code blocks"):
        mesh(fenced("echo hello\n", language="sh"))
