from __future__ import annotations

import pytest

from meshscope.listing.certificates import certificate_word

from ..mesh.meshes import bootstrap, clusters, dump, mesh_of, recorded

# sleep's certificate is valid from 2026-11-24T17:07:16Z to 2026-11-25T17:09:16Z


@pytest.mark.parametrize(
    ("at", "word"),
    [
        ("", "23h"),
        ("2026-11-24T18:09:16Z", "23h"),
        ("2026-11-25T16:09:16Z", "1h"),
        ("2026-11-25T16:09:17Z", "0h"),
        ("2026-11-25T17:09:16Z", "0h"),
        ("2026-11-25T17:09:17Z", "✗ expired"),
        ("2026-11-24T00:00:00Z", "✗ not yet valid"),
        ("2026-11-25T19:09:17+02:00", "✗ expired"),
    ],
)
def test_a_certificate_is_judged_at_the_time_of_capture_or_at_a_given_one(at: str, word: str) -> None:
    mesh = recorded("bookinfo")
    (sleep,) = (proxy for proxy in mesh.proxies if proxy.name.startswith("sleep"))
    assert certificate_word(mesh, sleep, at) == word


def test_what_was_not_captured_is_unknown() -> None:
    mesh = mesh_of(dump(bootstrap(), clusters()))
    assert certificate_word(mesh, mesh.proxies[0], "2026-11-25T00:00:00Z") == "?"
