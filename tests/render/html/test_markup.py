from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.html.markup import BREAK, Markup, element, escaped, joined
from meshscope.render.html.scope import data
from meshscope.render.text import safe

from .pages import Read

ANY = st.text(st.characters()) | st.sampled_from(
    ["</script>", "<!--", "]]>", "&lt;", "&#60;", '"', "'", "\x00", "\u202e"]
)


@given(st.lists(ANY))
def test_texts_are_read_back_as_they_were_given_and_make_no_element(texts: list[str]) -> None:
    read = Read([element("p", *texts)])
    assert "".join(read.of("p")) == "".join(map(safe, texts))
    assert read.elements == ["p"]


@given(st.lists(ANY, min_size=1))
def test_markup_stays_and_texts_beside_it_are_escaped(texts: list[str]) -> None:
    read = Read([element("ul", joined((element("li", text) for text in texts), BREAK))])
    assert read.elements == ["ul", *("li" for _ in texts)]
    assert read.of("li") == [safe(text) for text in texts if text]


@given(ANY.filter(lambda text: text and not {"\r", "\x00"} & set(text)))  # a parser changes those
def test_an_attribute_is_read_back_as_it_was_given(text: str) -> None:
    assert Read([element("p", data_n=text)]).attributes == [("p", "data-n", text)]


def test_an_attribute_without_a_value_is_left_out_but_zero_is_one() -> None:
    assert element("rect", class_="", x=0) == '<rect x="0"/>'


def test_what_is_markup_is_not_escaped_again_and_a_text_made_of_it_is() -> None:
    assert escaped(Markup("<b>")) == "<b>"
    assert escaped("" + Markup("<b>") + "") == "&lt;b&gt;"


@given(st.recursive(ANY, lambda inner: st.lists(inner) | st.dictionaries(ANY, inner)))
def test_data_in_a_script_block_is_read_back_and_cannot_end_it(value: object) -> None:
    read = Read([element("script", data(value), type="application/json")])
    assert json.loads("".join(read.of("script"))) == value
    assert read.elements == ["script"]


@pytest.mark.parametrize("end", ["</script>", "</SCRIPT ", "<!--<script>"])
def test_nothing_in_data_looks_like_markup(end: str) -> None:
    assert not {"<", ">", "&"} & set(data([end]))
