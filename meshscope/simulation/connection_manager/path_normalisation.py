"""What becomes of a path before routing: fragment, escaped slashes, normal form, merged slashes, in this order.

https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
Only what stands before `?` is touched. Routing, RBAC and the upstream all see the result.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.connection_manager.canonical_path import canonical_path, without_dot_parameters
from meshscope.simulation.connection_manager.refusal import Refusal, by_manager
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


def path_normalised(
    manager: HttpConnectionManager,
    request: HttpRequest,
    stage: StageContext = PLAIN,
) -> Outcome[HttpRequest]:
    """The request with its path as routing sees it, or Envoy's own answer: 400, or a redirect to the unescaped path."""
    if not request.path:
        return Outcome(request)
    found = _normalised(manager, request, stage.envoy)
    if isinstance(found, Refusal):
        refused = found.outcome(StepKind.CONNECTION_MANAGER, stage)
        return replace(refused, assuming=(*refused.assuming, *_drawn(manager, request, stage.envoy)))
    arrived = request if found == request.path else replace(request, path=found)
    return Outcome(arrived, assuming=_drawn(manager, request, stage.envoy))


def _drawn(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> tuple[str, ...]:
    """The shares of requests that runtime takes as strictly some: Envoy draws for each request, here they hold."""
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


def _normalised(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> str | Refusal:
    target = request.path
    if "#" in target and fixed_in(envoy, (1, 18, 4), (1, 19, 1)):
        if envoy.guard("http_reject_path_with_fragment", default=True):
            return by_manager(request, 400, DETAILS, "the path holds a fragment (#)")
        target = target.partition("#")[0]
    path, mark, query = target.partition("?")
    redirects = False
    action = escaped_slashes_action(manager, request, envoy)
    if action != "KEEP_UNCHANGED" and (unescaped := _unescaped(path)) != path:
        if action == "REJECT_REQUEST":
            return by_manager(request, 400, DETAILS, "the path holds an escaped slash (%2F or %5C)")
        redirects = action == "UNESCAPE_AND_REDIRECT"
        path = unescaped
    canonical = _canonical(path, envoy) if normalises(manager, request, envoy) else path
    if canonical is None:
        return by_manager(request, 400, DETAILS, "the path holds %00")
    target = (_merged(canonical) if manager.merge_slashes and "//" in canonical else canonical) + mark + query
    if not redirects:
        return target
    because = "the path holds an escaped slash (%2F or %5C): path_with_escaped_slashes_action UNESCAPE_AND_REDIRECT"
    if is_grpc(request):
        return by_manager(request, 400, DETAILS, f"{because}, which gRPC cannot follow")
    return Refusal(End(Disposition.REDIRECT, Response(code=307, details=DETAILS, location=target)), because)


def _canonical(path: str, envoy: Envoy) -> str | None:
    return canonical_path(without_dot_parameters(path) if strips_dot_parameters(envoy) else path)


def escaped_slashes_action(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> str:
    """KEEP_UNCHANGED, REJECT_REQUEST, UNESCAPE_AND_REDIRECT or UNESCAPE_AND_FORWARD; the runtime fills in for the default.

    Runtime may also switch the action off; Envoy draws that share for each request, and here it holds unless it is 0.
    """
    action = manager.path_with_escaped_slashes_action.upper()
    if action == "IMPLEMENTATION_SPECIFIC_DEFAULT":
        value = _runtime(f"{_RUNTIME}path_with_escaped_slashes_action", request, envoy)
        action = _ACTIONS.get(value, "KEEP_UNCHANGED")
    if action == "KEEP_UNCHANGED":
        return action
    return action if fraction_in_effect(_ENABLED, request, envoy).numerator else "KEEP_UNCHANGED"


def normalises(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> bool:
    """`normalize_path`; where it is not set, the runtime says (a share, off by default)."""
    if manager.normalize_path is not None:
        return manager.normalize_path
    value = _runtime(f"{_RUNTIME}normalize_path", request, envoy)
    return value.lower() == "true" or (value.isdecimal() and int(value) > 0)


def strips_dot_parameters(envoy: Envoy) -> bool:
    """`/..;x/` counts as `/../` since August 2026 (CVE-2026-73551)."""
    patched = fixed_in(envoy, (1, 36, 10), (1, 37, 6), (1, 38, 4), (1, 39, 1))
    return patched and envoy.guard("strip_dotdot_segments_with_parameters", default=True)


def _runtime(key: str, request: HttpRequest, envoy: Envoy) -> str:
    value = runtime_value(request.runtime, key)
    return str(runtime_value(envoy.runtime, key) if value is None else value)


def _unescaped(path: str) -> str:
    if "%" not in path:
        return path
    for escape, character in (("%2F", "/"), ("%2f", "/"), ("%5C", "\\"), ("%5c", "\\")):
        path = path.replace(escape, character)
    return path


def _merged(path: str) -> str:
    """A path of slashes alone becomes `//`: Envoy keeps the first and the last."""
    inner = "/".join(part for part in path.split("/") if part)
    return f"{'/' if path.startswith('/') else ''}{inner}{'/' if path.endswith('/') else ''}"
