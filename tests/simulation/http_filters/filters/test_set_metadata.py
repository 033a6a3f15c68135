from __future__ import annotations

from ..walks import entry, filter_list, request, request_after


def test_metadata_of_an_existing_namespace_is_kept_or_merged() -> None:
    entries = [
        {"metadata_namespace": "n", "value": {"a": "1", "l": ["x"]}},
        {"metadata_namespace": "n", "value": {"a": "2"}},
        {"metadata_namespace": "n", "value": {"b": "3", "l": ["z"]}, "allow_overwrite": True},
    ]
    filters = filter_list(entry("set_metadata.v3.Config", metadata=entries))
    assert request_after(filters, request()).metadata == {"n": {"a": "1", "b": "3", "l": ["x", "z"]}}
