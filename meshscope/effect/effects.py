"""The question: is this object in effect? One answer for each of its rules and each proxy that the rule should reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.accepted import not_accepted, other_version
from meshscope.effect.answer import WORST_FIRST, Made, RuleEffect, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.delivery import delivered
from meshscope.effect.made import made_of
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.references import EXPERIMENTAL, GROUP
from meshscope.istio.kubernetes import decode
from meshscope.istio.manifest import Object
from meshscope.path import Path, path_text
from meshscope.snapshot.snapshot import Problem
from meshscope.work import UNFOLLOWED, Work

Outcomes = Callable[[Configuration, Written[Any], Client], Iterable[Outcome]]


class EffectKind(Struct, frozen=True):
    """`module` of `meshscope.effect.kinds` has `rules` and `outcomes`, and `statics` where some answers are the same whatever
    the proxies have. `types` of `meshscope.istio` has the type, which bears the kind's name, "" for the module of the same name
    in `objects`.
    """

    group: str
    module: str
    types: str = ""

    @property
    def type_module(self) -> str:
        return f"meshscope.istio.{self.types or f'objects.{self.module}'}"


KINDS = {
    "VirtualService": EffectKind("networking.istio.io", "virtual_service"),
    "DestinationRule": EffectKind("networking.istio.io", "destination_rule"),
    "Gateway": EffectKind("networking.istio.io", "gateway"),
    "ServiceEntry": EffectKind("networking.istio.io", "service_entry"),
    "Sidecar": EffectKind("networking.istio.io", "sidecar"),
    "WorkloadEntry": EffectKind("networking.istio.io", "workload_entry"),
    "WorkloadGroup": EffectKind("networking.istio.io", "workload_group"),
    "ProxyConfig": EffectKind("networking.istio.io", "proxy_config"),
    "EnvoyFilter": EffectKind("networking.istio.io", "envoy_filter"),
    "PeerAuthentication": EffectKind("security.istio.io", "peer_authentication"),
    "RequestAuthentication": EffectKind("security.istio.io", "request_authentication"),
    "AuthorizationPolicy": EffectKind("security.istio.io", "authorization_policy"),
    "Telemetry": EffectKind("telemetry.istio.io", "telemetry"),
    "WasmPlugin": EffectKind("extensions.istio.io", "wasm_plugin"),
    "TrafficExtension": EffectKind("extensions.istio.io", "traffic_extension"),
}
"""Kinds that have an effect on proxies; a kind is imported when it is asked for."""

TRANSLATED = {
    "Gateway": EffectKind(GROUP, "gateway_api_listeners", "gateway_api.gateway"),
    "ListenerSet": EffectKind(GROUP, "gateway_api_listeners", "gateway_api.listener_set"),
    "HTTPRoute": EffectKind(GROUP, "gateway_api_routes", "gateway_api.http_route"),
    "GRPCRoute": EffectKind(GROUP, "gateway_api_routes", "gateway_api.grpc_route"),
    "TLSRoute": EffectKind(GROUP, "gateway_api_routes", "gateway_api.tls_route"),
    "TCPRoute": EffectKind(GROUP, "gateway_api_routes", "gateway_api.tcp_route"),
    "BackendTLSPolicy": EffectKind(GROUP, "backend_tls_policy", "gateway_api.backend_tls_policy"),
    "XBackendTrafficPolicy": EffectKind(
        EXPERIMENTAL, "x_backend_traffic_policy", "gateway_api.x_backend_traffic_policy"
    ),
    "Ingress": EffectKind("networking.k8s.io", "ingress", "kubernetes.ingress"),
}
"""Those that istiod translates; the Gateway API has a Gateway of its own."""
BACKENDS = {
    "XBackend": EffectKind(EXPERIMENTAL, "x_backend", "gateway_api.x_backend"),
    "InferencePool": EffectKind("inference.networking.k8s.io", "inference_pool", "gateway_api.inference_pool"),
    "ServiceImport": EffectKind("multicluster.x-k8s.io", "service_import", "gateway_api.service_import"),
}
"""Those that istiod makes services of."""
KIND_NAMES = tuple(dict.fromkeys((*KINDS, *TRANSLATED, *BACKENDS)))


def kind_of(item: Object) -> EffectKind | None:
    return kind_named(item.kind, item.group)


def kind_named(kind: str, group: str) -> EffectKind | None:
    found = (table.get(kind) for table in (KINDS, TRANSLATED, BACKENDS))
    return next((one for one in found if one and one.group == group), None)


def effects(  # noqa: PLR0913  # options of one question
    configuration: Configuration,
    item: Object,
    clients: Iterable[Client],
    *,
    named: bool = False,
    is_applied: bool = False,
    work: Work = UNFOLLOWED,
) -> tuple[RuleEffect, ...]:
    """In the order of the rules, then of the proxies. `named`: somebody asks for these proxies, so that each has an answer,
    also where the rule is not for it. `is_applied`: istiod is taken to have the object as it is, whatever it said before.
    Raises CancelledError.
    """
    kind = kind_of(item)
    if kind is None:
        return (_whole(item, State.UNKNOWN, f"effects of {item.kind} are not modelled"),)
    if not is_applied and (because := not_accepted(configuration.ages, item)):
        return (_whole(item, State.NOT_IN_EFFECT, because),)
    if configuration.hides(item.namespace or "default") and not _is_accepted(configuration, item):
        because = (
            f"istiod does not look into namespace {item.namespace or 'default'}: discoverySelectors do not select it"
        )
        return (_whole(item, State.NOT_IN_EFFECT, because),)
    value = decode(item, getattr(import_module(kind.type_module), item.kind))
    if isinstance(value, Problem):
        return (_whole(item, State.UNKNOWN, f"it does not read: {value.message}"),)
    written = Written(item, value)
    module = import_module(f"meshscope.effect.kinds.{kind.module}")
    outcomes: Outcomes = module.outcomes
    other = "" if is_applied else other_version(configuration.ages, item, value)
    asked = tuple(clients)
    found: dict[Path, _Answers] = {path: [] for path in module.rules(value)}
    for outcome in module.statics(configuration, written) if hasattr(module, "statics") else ():
        found.setdefault(outcome.path, []).append((None, (outcome,)))
    for number, client in enumerate(asked):
        work.step(number, len(asked))
        by_rule: dict[Path, list[Outcome]] = {}
        for outcome in outcomes(configuration, written, client):
            told = _of_known(client, _of_version(delivered(configuration, client, outcome), other))
            by_rule.setdefault(outcome.path, []).append(told)
        for path, some in by_rule.items():
            found.setdefault(path, []).append((client, tuple(some)))
    entries = [path for path in found if isinstance(path[-1], int)]
    with_parts = {path[:length] for path in entries for length in range(len(path))}  # matches have answers of their own
    paths = [path for path, answers in found.items() if named or _is_meant(answers) or path not in with_parts]
    answers = tuple(one for path in sorted(paths, key=_order) for one in _of_rule(item, path, found[path], named=named))
    return answers or (_whole(item, State.UNKNOWN, "it has no rules, so that there is nothing to compare"),)


def _is_accepted(configuration: Configuration, item: Object) -> bool:
    """Whether an istiod says that it has the object."""
    return configuration.ages.accepted is not None and configuration.ages.has(item)


_Answers = list[tuple[Client | None, tuple[Outcome, ...]]]


def _is_meant(answers: _Answers) -> bool:
    return any(one.is_meant for _, some in answers for one in some)


def _of_rule(item: Object, path: Path, answers: _Answers, *, named: bool) -> Iterator[RuleEffect]:
    meant = [(client, some) for client, all_ in answers if (some := tuple(one for one in all_ if one.is_meant))]
    if not meant and not named:
        reasons = Counter(one.because for _, some in answers for one in some)
        because = "; ".join(reason for reason, _ in reasons.most_common(3)) or "no proxy in this input"
        is_open = not reasons or any(one.state is State.UNKNOWN for _, some in answers for one in some)
        state = State.UNKNOWN if is_open else State.NOT_IN_EFFECT
        yield _effect(item, path, None, Outcome(path, state, because))
        return
    for client, some in answers if named else meant:
        relevant = tuple(one for one in some if one.is_meant) or some
        if any(one.state in (State.IN_EFFECT, State.PARTLY) for one in relevant):
            relevant = tuple(one for one in relevant if not one.is_local)
        worst = min(relevant, key=lambda one: WORST_FIRST.index(one.state))
        if worst.state is State.NOT_IN_EFFECT and any(one.state is State.IN_EFFECT for one in relevant):
            worst = replace(worst, state=State.PARTLY)  # it is somewhere, and not everywhere
        yield _effect(item, path, client, worst, made_of(client, relevant) if client else ())


def _effect(
    item: Object, path: Path, client: Client | None, outcome: Outcome, makes: tuple[Made, ...] = ()
) -> RuleEffect:
    return RuleEffect(
        object=str(item),
        rule=path_text(path[1:]),
        proxy=client.name if client else None,
        state=outcome.state,
        because=outcome.because,
        expected=outcome.expected,
        actual=outcome.actual,
        differences=outcome.differences,
        location=item.location.below(path),
        made=outcome.made,
        makes=makes,
    )


def _whole(item: Object, state: State, because: str) -> RuleEffect:
    return RuleEffect(object=str(item), rule="", proxy=None, state=state, because=because, location=item.location)


def _of_version(outcome: Outcome, other: str) -> Outcome:
    """What a proxy lacks of an object that istiod has in another version may be due to that one."""
    is_lacking = outcome.is_meant and outcome.state in (State.NOT_IN_EFFECT, State.PARTLY)
    return replace(outcome, because=f"{outcome.because}; {other}") if other and is_lacking else outcome


def _of_known(client: Client, outcome: Outcome) -> Outcome:
    """What a proxy lacks may not be for it, and what is not for it may be, as long as istiod knows more of the proxy."""
    if not client.unknown or outcome.state is not State.NOT_IN_EFFECT:
        return outcome
    return replace(outcome, state=State.UNKNOWN, because=f"{client.unknown}; without any: {outcome.because}")


def _order(path: Path) -> tuple[tuple[int, int, str], ...]:
    fields = {"parentRefs": 0, "hostnames": 1, "http": 2, "tls": 3, "tcp": 4}
    return tuple((0, part, "") if isinstance(part, int) else (1, fields.get(part, 9), part) for part in path)
