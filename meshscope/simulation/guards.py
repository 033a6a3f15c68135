"""Where Envoy's releases and its `envoy.reloadable_features` guards change what matches.

A guard that a release does not have cannot be overridden in it. Sources: Envoy's release notes,
https://www.envoyproxy.io/docs/envoy/latest/version_history/version_history
"""

from __future__ import annotations

from meshscope.simulation.connection import Envoy

_AUGUST_2026 = ((1, 36, 10), (1, 37, 6), (1, 38, 4), (1, 39, 1))


def match_headers_individually(envoy: Envoy) -> bool:
    """Header matchers of all but RBAC try each value of a repeated header on its own."""
    return envoy.at_least(1, 39) and envoy.guard("match_headers_individually", default=True)


def rbac_match_headers_individually(envoy: Envoy) -> bool:
    """RBAC's header matchers do, whatever the other guard says."""
    patched = fixed_in(envoy, (1, 34, 13), (1, 35, 9), (1, 36, 5), (1, 37, 1))
    return patched and envoy.guard("rbac_match_headers_individually", default=True)


def sees_all_header_values(envoy: Envoy) -> bool:
    """A repeated header is joined; before, its first value alone counted."""
    return fixed_in(envoy, (1, 12, 7), (1, 13, 5), (1, 14, 5), (1, 15, 1))


def strip_path_parameters_per_segment(envoy: Envoy) -> bool:
    """`ignore_path_parameters_in_path_matching` cuts `;…` from each segment; before, the path ended at the first `;`."""
    return fixed_in(envoy, *_AUGUST_2026) and envoy.guard("strip_path_parameters_per_segment", default=True)


def rbac_respect_ignore_path_parameters(envoy: Envoy) -> bool:
    """RBAC's `url_path` looks at `ignore_path_parameters_in_path_matching` too."""
    return fixed_in(envoy, *_AUGUST_2026) and envoy.guard("rbac_respect_ignore_path_parameters", default=True)


def re2_use_latin1_mode(envoy: Envoy) -> bool:
    """Regular expressions see bytes; before, UTF-8. It matters only where something is not ASCII."""
    return fixed_in(envoy, *_AUGUST_2026) and envoy.guard("re2_use_latin1_mode", default=True)


def query_param_present_match(envoy: Envoy) -> bool:
    """`present_match: false` asks for absence; before, any `present_match` asked for presence."""
    return envoy.at_least(1, 34) and envoy.guard("enable_new_query_param_present_match_behavior", default=True)


def uri_template_match_on_asterisk(envoy: Envoy) -> bool:
    """The globs of a URI template match a literal `*` too."""
    patched = fixed_in(envoy, (1, 31, 8), (1, 32, 6), (1, 33, 3), (1, 34, 1))
    return patched and envoy.guard("uri_template_match_on_asterisk", default=True)


def uri_template_mixed_variable_literals(envoy: Envoy) -> bool:
    """A URI template's variable may stand beside literal text in one segment."""
    return envoy.at_least(1, 39) and envoy.guard("uri_template_mixed_variable_literals", default=True)


def prefix_map_resumes(envoy: Envoy) -> bool:
    """A prefix map goes on with a shorter prefix when the longer one's subtree misses."""
    guarded = not envoy.at_least(1, 40)
    return envoy.at_least(1, 35) and (
        not guarded or envoy.guard("prefix_map_matcher_resume_after_subtree_miss", default=True)
    )


def fixed_in(envoy: Envoy, *releases: tuple[int, int, int]) -> bool:
    """Whether a fix is in: `releases` are the patches that carry it, oldest first; so does every later minor release."""
    if not envoy.version:
        return True
    line = next((release for release in releases if release[:2] == envoy.version[:2]), None)
    return envoy.version >= line if line else envoy.version[:2] > releases[-1][:2]
