from __future__ import annotations

import click

from meshscope.cli.get import command
from meshscope.listing.selection import Selection
from meshscope.render.options import option_of, options_text


def test_filters_are_spelled_as_they_are_typed() -> None:
    assert options_text((("proxy", "reviews"), ("namespace", "default"))) == "--proxy reviews -n default"
    assert options_text(()) == ""


def test_every_field_that_filters_has_an_option_of_get() -> None:
    known = {word for option in command.params if isinstance(option, click.Option) for word in option.opts}
    fields = set(Selection.__struct_fields__) - {"at", "with_counters", "with_objects"}
    assert {option_of(field) for field in fields} <= known
