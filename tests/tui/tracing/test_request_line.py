"""A request as a line of words is read as the command line reads it, and written so that it is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.cli.options import request as request_options
from meshscope.errors import UsageError
from meshscope.simulation import hints
from meshscope.simulation.hints import Hint
from meshscope.simulation.request import Request
from meshscope.tui.tracing.request_line import (
    OPTIONS,
    command_of,
    completed,
    hint_text,
    known_words,
    line_of,
    request_of_line,
)

from ...mesh.meshes import recorded

WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1).filter(lambda t: not t.startswith("-"))
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).map(str.strip).filter(bool)
NAMES = st.from_regex(r"[a-z][a-z0-9-]*", fullmatch=True)
REQUESTS = st.builds(
    Request,
    source=WORDS,
    dest=WORDS,
    method=st.sampled_from(("", "GET", "POST")),
    headers=st.lists(st.tuples(NAMES, TEXTS), max_size=3).map(tuple),
    authority=st.one_of(st.none(), st.just(""), WORDS),
    to=st.sampled_from(("", "10.0.0.1:80")),
    tls=st.one_of(st.none(), st.booleans()),
    alpn=st.one_of(st.none(), st.just(("h2", "http/1.1"))),
    source_port=st.one_of(st.none(), st.integers(0, 65535)),
    client_cert=st.sampled_from((None, True)),
    random=st.one_of(st.none(), st.integers(0, 2**64 - 1)),
    jwt=st.one_of(st.none(), st.dictionaries(NAMES, st.one_of(TEXTS, st.integers(), st.booleans()), min_size=1)),
)


@given(REQUESTS)
def test_a_request_that_is_written_is_read_again(request: Request) -> None:
    assert request_of_line(line_of(request)) == request


def test_words_are_those_of_the_command_line() -> None:
    request = request_of_line("productpage http://reviews:9080/x -H 'end-user: jason' -X POST")
    assert request.source == "productpage"
    assert request.dest == "http://reviews:9080/x"
    assert request.headers == (("end-user", "jason"),)
    assert request.method == "POST"


@pytest.mark.parametrize("line", ["a b -XPOST", "a b --method=POST", "a b --method POST", "-X POST a b"])
def test_an_option_takes_its_value_in_each_usual_form(line: str) -> None:
    assert request_of_line(line) == Request(source="a", dest="b", method="POST")


def test_each_option_of_the_command_line_is_known_under_its_first_name() -> None:
    first = {field: options[0] for field, options in OPTIONS.items()}
    assert first == {field: option.partition("/")[0] for field, option in request_options.OPTIONS.items()}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "type who sends"),
        ("a b -H 'x", "quotation mark"),
        ("a b -Z 1", "no option -Z"),
        ("a b --hoost x", "did you mean --host"),
        ("a b --to", "--to needs a value"),
        ("a b --random much", "--random is a number"),
        ("a b -H nothing", "-H: 'nothing' is not 'name: value'"),
        ("a b c", "not 3 words"),
    ],
)
def test_a_line_that_is_no_request_says_why_in_one_line(line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        request_of_line(line)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("hint", [value for value in vars(hints).values() if isinstance(value, Hint)])
def test_a_hint_is_spelled_as_on_the_command_line(hint: Hint) -> None:
    assert hint_text(hint) == request_options.hint_text(hint)


def test_the_command_of_a_line_names_the_sources() -> None:
    assert command_of("a b", ("demo", "my file")) == "meshscope trace --from demo --from 'my file' a b"


def test_the_last_word_is_completed_to_what_the_mesh_has() -> None:
    known = known_words(recorded("bookinfo"))
    assert completed("productpage http://rev", known) == "productpage http://reviews.default.svc.cluster.local:9080/"
    assert completed("productpage --ho", known) == "productpage --host"
    assert completed("productpage reviews -H 'end-user: j", known) == "productpage reviews -H 'end-user: jason'"
    assert completed("gw http://bookinfo.example.com/prod", known) == "gw http://bookinfo.example.com/productpage"
    assert completed("productpage ", known) is None
    assert completed("nothing-like-it", known) is None
