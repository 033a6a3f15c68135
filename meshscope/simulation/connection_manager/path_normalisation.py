"""The path before routing: fragment, escaped slashes, canonical form, merged slashes, in this order.

https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
Only the part before `?` changes. Routing, RBAC and the upstream all see the result.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.connection_manager.canonical_path import canonical_path, without_dot_parameters
from meshscope.simulation.connection_manager.refusal import Refusal, manager_refusal
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.guards import fixed_in
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.runtime_fraction import denominator, fraction_in_effect, runtime_value
from meshscope.simulation.trace import Response, StepKind
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.route_match import FractionalPercent, RuntimeFractionalPercent

DETAILS = "path_normalization_failed"
_RUNTIME = "http_connection_manager."
_ACTIONS = {"2": "REJECT_REQUEST", "3": "UNESCAPE_AND_REDIRECT", "4": "UNESCAPE_AND_FORWARD"}
_ENABLED = RuntimeFractionalPercent(
    default_value=FractionalPercent(numerator=100), runtime_key=f"{_RUNTIME}path_with_escaped_slashes_action_enabled"
)


def normalise_path(
    manager: HttpConnectionManager, request: HttpRequest, stage: StageContext = PLAIN
) -> Outcome[HttpRequest]:
    """The request with its path as routing sees it, or Envoy's own answer: 400, or a redirect to the unescaped path."""
    if not request.path:
        return Outcome(request)
    path = _normalised_path(manager, request, stage.envoy)
    assuming = _assumed_shares(manager, request, stage.envoy)
    if isinstance(path, Refusal):
        outcome = path.outcome(StepKind.CONNECTION_MANAGER, stage)
        return replace(outcome, assuming=(*outcome.assuming, *assuming))
    return Outcome(request if path == request.path else replace(request, path=path), assuming=assuming)


def _assumed_shares(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> tuple[str, ...]:
    """The runtime shares between 0 and 100 %. Envoy draws a number for each request; here the share holds."""
    shares = []
    if escaped_slashes_action(manager, request, envoy) != "KEEP_UNCHANGED":
        fraction = fraction_in_effect(_ENABLED, request, envoy)
        if 0 < fraction.numerator < denominator(fraction):
            shares.append(_ENABLED.runtime_key)
    if manager.normalize_path is None:
        value = _runtime(f"{_RUNTIME}normalize_path", request, envoy)
        if value.isdecimal() and 0 < int(value) < 100:
            shares.append(f"{_RUNTIME}normalize_path")
    return tuple(f"runtime {key} holds for this request" for key in shares)


def _normalised_path(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> str | Refusal:
    target = request.path
    if "#" in target and fixed_in(envoy, (1, 18, 4), (1, 19, 1)):
        if envoy.guard("http_reject_path_with_fragment", default=True):
            return manager_refusal(request, 400, DETAILS, "the path contains a fragment (#)")
        target = target.partition("#")[0]
    path, mark, query = target.partition("?")
    redirects = False
    action = escaped_slashes_action(manager, request, envoy)
    if action != "KEEP_UNCHANGED" and (unescaped_path := _unescape_slashes(path)) != path:
        if action == "REJECT_REQUEST":
            return manager_refusal(request, 400, DETAILS, "the path contains an escaped slash (%2F or %5C)")
        redirects = action == "UNESCAPE_AND_REDIRECT"
        path = unescaped_path
    canonical = _canonical(path, envoy) if normalises(manager, request, envoy) else path
    if canonical is None:
        return manager_refusal(request, 400, DETAILS, "the path contains %00")
    target = (_merge_slashes(canonical) if manager.merge_slashes and "//" in canonical else canonical) + mark + query
    if not redirects:
        return target
    because = (
        "the path contains an escaped slash (%2F or %5C): path_with_escaped_slashes_action is UNESCAPE_AND_REDIRECT"
    )
    if is_grpc(request):
        return manager_refusal(request, 400, DETAILS, f"{because}, and gRPC is not redirected")
    return Refusal(End(Disposition.REDIRECT, Response(code=307, details=DETAILS, location=target)), because)


def _canonical(path: str, envoy: Envoy) -> str | None:
    return canonical_path(without_dot_parameters(path) if strips_dot_parameters(envoy) else path)


def escaped_slashes_action(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> str:
    """KEEP_UNCHANGED, REJECT_REQUEST, UNESCAPE_AND_REDIRECT or UNESCAPE_AND_FORWARD; runtime decides the default.

    Runtime may also enable the action for a share of requests; here it is enabled unless that share is 0.
    """
    action = manager.path_with_escaped_slashes_action.upper()
    if action == "IMPLEMENTATION_SPECIFIC_DEFAULT":
        value = _runtime(f"{_RUNTIME}path_with_escaped_slashes_action", request, envoy)
        action = _ACTIONS.get(value, "KEEP_UNCHANGED")
    if action == "KEEP_UNCHANGED":
        return action
    return action if fraction_in_effect(_ENABLED, request, envoy).numerator else "KEEP_UNCHANGED"


def normalises(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> bool:
    """`normalize_path`; where it is not set, runtime decides (a share of requests, 0 by default)."""
    if manager.normalize_path is not None:
        return manager.normalize_path
    value = _runtime(f"{_RUNTIME}normalize_path", request, envoy)
    return value.lower() == "true" or (value.isdecimal() and int(value) > 0)


def strips_dot_parameters(envoy: Envoy) -> bool:
    """Whether `/..;x/` counts as `/../`: since August 2026 (CVE-2026-73551)."""
    is_patched = fixed_in(envoy, (1, 36, 10), (1, 37, 6), (1, 38, 4), (1, 39, 1))
    return is_patched and envoy.guard("strip_dotdot_segments_with_parameters", default=True)


def _runtime(key: str, request: HttpRequest, envoy: Envoy) -> str:
    value = runtime_value(request.runtime, key)
    return str(runtime_value(envoy.runtime, key) if value is None else value)


def _unescape_slashes(path: str) -> str:
    if "%" not in path:
        return path
    for escape, character in (("%2F", "/"), ("%2f", "/"), ("%5C", "\\"), ("%5c", "\\")):
        path = path.replace(escape, character)
    return path


def _merge_slashes(path: str) -> str:
    """Envoy keeps the first and the last slash, so that a path of slashes alone becomes `//`."""
    inner = "/".join(part for part in path.split("/") if part)
    return f"{'/' if path.startswith('/') else ''}{inner}{'/' if path.endswith('/') else ''}"
