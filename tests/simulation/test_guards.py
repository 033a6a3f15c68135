from __future__ import annotations

import pytest

from meshscope.simulation import guards
from meshscope.simulation.connection import Envoy

GUARDS = {
    "match_headers_individually": ([(1, 39, 0), (1, 40, 0)], [(1, 38, 4), (1, 12, 0)]),
    "rbac_match_headers_individually": (
        [(1, 34, 13), (1, 35, 9), (1, 36, 5), (1, 37, 1), (1, 38, 0), (1, 40, 0)],
        [(1, 34, 12), (1, 35, 0), (1, 36, 4), (1, 37, 0), (1, 33, 99)],
    ),
    "strip_path_parameters_per_segment": (
        [(1, 36, 10), (1, 37, 6), (1, 38, 4), (1, 39, 1), (1, 40, 0)],
        [(1, 36, 9), (1, 37, 5), (1, 38, 3), (1, 39, 0), (1, 35, 99)],
    ),
    "uri_template_match_on_asterisk": ([(1, 34, 1), (1, 35, 0)], [(1, 34, 0), (1, 30, 0)]),
    "uri_template_mixed_variable_literals": ([(1, 39, 0)], [(1, 38, 9)]),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_is_on_from_its_release_and_its_backports(name: str) -> None:
    ask = getattr(guards, name)
    on, off = GUARDS[name]
    assert [version for version in on if not ask(Envoy(version))] == []
    assert [version for version in off if ask(Envoy(version))] == []
    assert ask(Envoy())


@pytest.mark.parametrize("name", GUARDS)
@pytest.mark.parametrize("value", [False, "false"])
def test_the_runtime_turns_a_guard_off_but_not_on_where_it_is_not_known(name: str, value: object) -> None:
    ask = getattr(guards, name)
    on, off = GUARDS[name]
    key = f"envoy.reloadable_features.{name}"
    assert not ask(Envoy(on[-1], {key: value}))
    assert not ask(Envoy(off[0], {key: True}))


def test_the_prefix_map_guard_is_gone_in_1_40() -> None:
    off = {"envoy.reloadable_features.prefix_map_matcher_resume_after_subtree_miss": False}
    assert guards.prefix_map_resumes(Envoy((1, 40, 0), off))
    assert not guards.prefix_map_resumes(Envoy((1, 38, 0), off))
    assert not guards.prefix_map_resumes(Envoy((1, 34, 0)))
