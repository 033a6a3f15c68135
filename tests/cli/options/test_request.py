"""Fields of a request and the options of the command line: one table, which the verb and all hints agree with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from meshscope.cli.options.request import OPTIONS, hint_text
from meshscope.cli.trace import command
from meshscope.simulation import hints
from meshscope.simulation.hints import Hint
from meshscope.simulation.journey.words import Words
from meshscope.simulation.request import Request

from ..running import Answer

HINTS = {name: hint for name, hint in vars(hints).items() if isinstance(hint, Hint)}


def test_every_field_of_words_has_an_option_that_the_verb_takes() -> None:
    assert set(OPTIONS) == set(Words.__struct_fields__) - {"places"}
    taken = {option: parameter.name for parameter in command.params for option in parameter.opts}
    assert {option: taken[option] for option in OPTIONS.values()} == {
        option: field for field, option in OPTIONS.items()
    }


@pytest.mark.parametrize("name", HINTS)
def test_every_field_of_a_hint_is_one_of_a_request_and_has_an_option(name: str) -> None:
    hint = HINTS[name]
    assert hint.fields
    assert set(hint.fields) <= set(OPTIONS) & set(Request.__struct_fields__)
    assert hint_text(hint).startswith("-")


def test_hints_are_spelled_as_they_are_typed() -> None:
    assert hint_text(hints.DESTINATION) == "--to IP:PORT"
    assert hint_text(hints.REQUEST_ID) == "-H 'x-request-id: VALUE'"
    assert hint_text(hints.CLIENT_CERTIFICATE) == "--client-cert or --principal"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("productpage", "--to", "x"), "--to: 'x' is not IP[:PORT]"),
        (("productpage", "-H", "no colon", "b"), "-H: 'no colon' is not 'name: value'"),
        (("productpage", "--jwt", "sub", "b"), "--jwt: 'sub' is not name=value"),
        (("--curl", "curl"), "--curl: no URL"),
        (("--source-ip", "1.2.3.4"), "no destination: name one, or give its address (--to IP:PORT)"),
    ],
)
def test_errors_name_options(words: tuple[str, ...], message: str, meshscope: Callable[..., Answer]) -> None:
    given = meshscope("trace", *words, "--from", "../../recordings/bookinfo")
    assert given.code == 2
    assert given.error_line == f"meshscope: {message}"
