from __future__ import annotations

import pytest

from meshscope.simulation.http_filters.buffering import outgrows

from .walks import entry, filter_list, outcomes, request

SENT = (("content-length", "6"), ("content-type", "application/json"))


@pytest.mark.parametrize(
    ("body", "protocol", "limit", "expected"),
    [("yes", "http1", 5, True), ("yes", "http1", 6, False), ("yes", "http2", 5, None), ("whole", "http1", 5, False)],
)
def test_a_body_that_a_filter_has_buffered_never_outgrows_the_next(
    body: str, protocol: str, limit: int, expected: bool | None
) -> None:
    assert outgrows(request("/", *SENT, protocol=protocol, body=body), limit) is expected


def test_one_filter_waits_for_the_body_of_another() -> None:
    """Envoy 1.40: 413 by the buffer alone, not behind a filter that has read the body."""
    rules = {"rules": [{"selectors": [{"key": "k"}], "on_missing": {"key": "k", "value": "none"}}]}
    reads = entry("json_to_metadata.v3.JsonToMetadata", request_rules=rules)
    small = entry("buffer.v3.Buffer", max_request_bytes=5)
    large = entry("buffer.v3.Buffer", max_request_bytes=9)
    sent = request("/", *SENT, method="POST")
    for before, refused in ((large, False), (entry("cors.v3.Cors"), True), (reads, False)):
        ends = [one.steps[-1].verdict == "no" for one in outcomes(filter_list(before, small), sent)]
        assert set(ends) == {refused}
