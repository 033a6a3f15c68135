from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from meshscope.mesh.mesh import Mesh
from meshscope.render.html import page as module
from meshscope.render.html.page import TraceOutline
from meshscope.render.html.report import Followed
from meshscope.render.text import safe
from meshscope.render.trace.outline import outline
from meshscope.render.trace.question import question_words
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ...mesh.meshes import ADMIN, bootstrap, clusters, dump, http_listener, listeners, mesh_of, recorded, routes, static
from ...tui.sick import hostile
from .pages import Read, page_of

DANGEROUS = st.sampled_from([
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"'><svg/onload=1>", "&amp;&lt;", "<!--", "]]>",
    "\x1b[31m", "a\u202eb", "\u2066", "line\u2028two", "</title>", "</style>", "{{7*7}}", "javascript:alert(1)", "https://evil/",
])  # fmt: skip
NAMES = st.lists(DANGEROUS | st.text(min_size=1, max_size=12), min_size=1, max_size=3).map("".join)


def mesh_named(name: str) -> Mesh:
    """Every name is this one: of a proxy, a refused listener with its reason, a route, a cluster that exists."""
    host = {
        "name": name,
        "domains": [name],
        "routes": [{"name": name, "match": {"prefix": name}, "route": {"cluster": name}}],
    }
    refused = {"name": name, "error_state": {"failed_configuration": http_listener(name, name), "details": name}}
    return mesh_of(
        dump(
            bootstrap(f"{name}.{name}"),
            clusters(static(name, "10.0.0.9:80")),
            {"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": [refused]},
            listeners(http_listener(f"{name}.", name)),
            routes({"name": name, "virtual_hosts": [host]}),
        )
    )


def asked(name: str) -> Request:
    return Request(source="productpage", dest="reviews", headers=(("x", name),))


def followed(name: str) -> Followed:
    found = trace(recorded("bookinfo"), asked(name))
    return Followed((found,), (TraceOutline(outline(found)), TraceOutline(error=name)))


PLAIN = Read([page_of(mesh_named("plain"), followed("plain"))])


def told(read: Read) -> list[tuple[tuple[str, ...], str]]:
    """The texts that a reader sees."""
    return [(path, text) for path, text in read.texts if path[-1] not in ("script", "style")]


@given(NAMES)
def test_every_name_is_read_back_as_it_was_given(name: str) -> None:
    read = Read([page_of(mesh_named(name), followed(name))])
    shown = safe(name)
    assert f"cluster {shown}" in read.of("title")
    assert f"listener {shown} was refused: {shown}" in read.of("td")
    assert f" {shown}" in [text for path, text in told(read) if path[-2:] == ("article", "p")]
    assert safe(question_words(asked(name))) in read.of("span")
    for _, text in told(read):
        assert text.replace("\n", "").isprintable()


@given(NAMES)
def test_no_name_makes_an_element(name: str) -> None:
    read = Read([page_of(mesh_named(name), followed(name))])
    assert set(read.elements) <= set(PLAIN.elements)
    for tag in ("script", "style", "svg", "g", "path", "a", "details", "article", "meta", "title"):
        assert read.elements.count(tag) == PLAIN.elements.count(tag), tag


@given(NAMES)
def test_no_name_gets_into_an_attribute_a_script_or_a_style(name: str) -> None:
    read = Read([page_of(mesh_named(name), followed(name))])
    for tag, key, value in read.attributes:
        assert not key.startswith("on"), (tag, key)
        if (tag, key) != ("meta", "content"):
            assert re.fullmatch(r"[\w .,()/#-]*", value, re.ASCII), (tag, key, value)
        if key == "href":
            assert re.fullmatch(r"#[a-z]+", value)
    own = [module._own("page.css"), module._own("page.js")]
    graph = re.compile(r'[\d,\[\]{}:"a-z]*')
    for text in (*read.of("script"), *read.of("style")):
        assert text in own or graph.fullmatch(text)


def test_nothing_is_asked_of_anybody_and_only_our_own_style_and_script_are_allowed() -> None:
    read = Read([page_of(recorded("bookinfo"))])
    (policy,) = [
        value for tag, name, value in read.attributes if (tag, name) == ("meta", "content") and "-src" in value
    ]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts["default-src"] == parts["base-uri"] == parts["form-action"] == "'none'"
    for kind, text in (("style-src", read.of("style")[0]), ("script-src", read.of("script")[-1])):
        assert parts[kind] == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
    assert not {"link", "img", "iframe", "object", "embed", "base", "form", "a:href"} & set(read.elements)
    assert not [one for one in read.attributes if one[1] in ("src", "srcset", "style", "xmlns", "action")]
    assert "url(" not in read.of("style")[0]
    assert "@import" not in read.of("style")[0]


def test_style_and_script_are_the_same_in_every_encoding() -> None:
    assert module._own("page.css").isascii()
    assert module._own("page.js").isascii()


def test_the_parts_are_in_their_order_and_linked_from_the_head() -> None:
    read = Read([page_of(recorded("bookinfo"), followed("x"))])
    assert read.of("h2") == ["Overview", "Traces", "Scope"]
    assert read.of("a") == ["Overview", "Traces 2", "Scope 3"]
    ids = [value for _, name, value in read.attributes if name == "id"]
    assert [value.removeprefix("#") for _, name, value in read.attributes if name == "href"] == [
        one for one in ids if "-" not in one
    ]
    assert len(ids) == len(set(ids))
    assert "captured 2026-11-24 17:10 " in read.of("p")


def test_without_a_trace_there_is_no_part_for_traces() -> None:
    assert Read([page_of(recorded("bookinfo"))]).of("h2") == ["Overview", "Scope"]


def test_every_step_is_there_and_has_an_end() -> None:
    found = trace(recorded("bookinfo"), Request(source="productpage", dest="reviews"))
    steps = outline(found, all_steps=True)
    many = steps * (module.MOST_LINES // len(steps) + 1)
    pages = [
        Read([page_of(recorded("bookinfo"), Followed((found,), (TraceOutline(outline(found), lines),)))])
        for lines in (steps, many)
    ]
    assert [page.of("summary").count("every step") for page in pages] == [1, 1]
    more = len(many) - module.MOST_LINES
    assert f"… {more} more lines; meshscope trace -w shows them" in pages[1].of("p")
    assert not [text for text in pages[0].of("p") if "more lines" in text]


def test_a_page_of_hostile_names_is_a_page() -> None:
    read = Read([page_of(hostile())])
    assert read.elements[:2] == ["html", "head"]
    assert len(page_of(hostile())) < 300_000
