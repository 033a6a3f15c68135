from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State

from ..policies import small_mesh
from ..policies.small_mesh import Json, http_chain, inbound, outbound, policy, tcp_chain

GROUP = "telemetry.istio.io"
LOGGERS = "type.googleapis.com/envoy.extensions.access_loggers"
SETTINGS: Json = {
    "extensionProviders": [
        {"name": "file", "envoyFileAccessLog": {"path": "/logs"}},
        {"name": "otel", "envoyOtelAls": {"service": "otel.x", "port": 4317}},
        {"name": "zip", "zipkin": {"service": "zipkin.x", "port": 9411}},
        {"name": "prometheus", "prometheus": {}},
    ]
}
NO_PROVIDER = "it names no provider, and the mesh has no default one"


def telemetry(spec: Json, name: str = "p", namespace: str = "shop", created: str = "2026-01-01T00:00:00Z") -> Json:
    return policy("Telemetry", spec, name, namespace, group=GROUP, creationTimestamp=created)


def file_log(path: str = "/logs", expression: str = "") -> Json:
    log: Json = {"name": "f", "typed_config": {"@type": f"{LOGGERS}.file.v3.FileAccessLog", "path": path}}
    if expression:
        cel = {"@type": f"{LOGGERS}.filters.cel.v3.ExpressionFilter", "expression": expression}
        log["filter"] = {"extension_filter": {"name": "cel", "typed_config": cel}}
    return log


def logging(*logs: Json, **more: Json) -> Json:
    return http_chain(manager={"access_log": list(logs)}, **more)


def judged(
    spec: Json, *listeners: Json, objects: tuple[Json, ...] = (), settings: Json = SETTINGS, **proxy: Any
) -> dict[str, RuleEffect]:
    one = small_mesh.mesh(small_mesh.proxy(*listeners, **proxy), telemetry(spec), *objects, config=settings)
    return {found.rule: found for found in small_mesh.judged(one, group=GROUP)}


def log(entry: Json, *listeners: Json, **more: Any) -> RuleEffect:
    return judged({"accessLogging": [entry]}, *listeners, **more)["accessLogging[0]"]


FILE: Json = {"providers": [{"name": "file"}]}
LOGGED, SILENT = inbound(logging(file_log())), inbound(logging())


@pytest.mark.parametrize(
    ("entry", "listener", "state", "because"),
    [
        (FILE, LOGGED, State.IN_EFFECT, ""),
        (FILE, SILENT, State.NOT_IN_EFFECT, "has no log to /logs"),
        (FILE, inbound(logging(file_log("/other"))), State.NOT_IN_EFFECT, "has no log to /logs"),
        ({**FILE, "disabled": True}, SILENT, State.IN_EFFECT, ""),
        ({**FILE, "disabled": True}, LOGGED, State.NOT_IN_EFFECT, "still has the log to /logs"),
        ({**FILE, "filter": {"expression": "a"}}, inbound(logging(file_log(expression="a"))), State.IN_EFFECT, ""),
        ({**FILE, "filter": {"expression": "a"}}, LOGGED, State.PARTLY, "has the log to /logs"),
        ({"providers": [{"name": "FILE"}]}, LOGGED, State.IN_EFFECT, ""),
        ({"providers": [{"name": "nobody"}]}, LOGGED, State.NOT_IN_EFFECT, "extensionProviders have no nobody"),
        ({"providers": [{"name": "zip"}]}, LOGGED, State.NOT_IN_EFFECT, "provider zip writes no access log"),
        ({"providers": [{"name": "otel"}]}, LOGGED, State.NOT_IN_EFFECT, "has no OpenTelemetryAccessLogConfig"),
        ({}, LOGGED, State.NOT_IN_EFFECT, NO_PROVIDER),
        ({"disabled": True}, SILENT, State.IN_EFFECT, ""),
    ],
)
def test_a_log_is_in_every_chain_of_its_side(entry: Json, listener: Json, state: State, because: str) -> None:
    found = log(entry, listener)
    assert found.state is state, found.because
    assert because in found.because


def test_without_a_provider_the_meshs_own_log_stays() -> None:
    settings = {**SETTINGS, "accessLogFile": "/dev/stdout"}
    listener = inbound(logging(file_log("/dev/stdout")))
    found = log({"disabled": True}, listener, settings=settings)
    assert found.state is State.NOT_IN_EFFECT
    assert found.because == f"{NO_PROVIDER}: the log to /dev/stdout of the mesh's accessLogFile stays"
    assert log({}, listener, settings=settings).state is State.IN_EFFECT
    default = {**settings, "defaultProviders": {"accessLogging": ["file"]}}
    assert log({"disabled": True}, SILENT, settings=default).state is State.IN_EFFECT


@pytest.mark.parametrize(
    ("mode", "state"),
    [("SERVER", State.IN_EFFECT), ("CLIENT", State.NOT_IN_EFFECT), ("CLIENT_AND_SERVER", State.PARTLY)],
)
def test_a_mode_is_one_side_of_the_traffic(mode: str, state: State) -> None:
    silent = outbound(http_chain(port=None), tcp_chain(port=None))
    assert log({**FILE, "match": {"mode": mode}}, LOGGED, silent).state is state


def test_without_the_meshs_settings_nothing_is_guessed() -> None:
    found = log({"disabled": True}, SILENT, settings=None)
    assert (found.state, "settings were not captured" in found.because) == (State.UNKNOWN, True)


def test_the_meshs_default_providers_are_there_though_no_file_repeats_them() -> None:
    stdout = inbound(logging(file_log("/dev/stdout")))
    assert log({"providers": [{"name": "envoy"}]}, stdout).state is State.IN_EFFECT
    other = {"extensionProviders": [{"name": "envoy", "envoyFileAccessLog": {"path": "/logs"}}]}
    assert log({"providers": [{"name": "envoy"}]}, stdout, settings=other).state is State.NOT_IN_EFFECT
    assert log({"providers": [{"name": "envoy"}]}, LOGGED, settings=other).state is State.IN_EFFECT


def test_a_gateway_is_a_client() -> None:
    entry = {**FILE, "match": {"mode": "SERVER"}}
    found = log(entry, outbound(logging(file_log(), port=None)), kind="router")
    assert (found.state, found.because) == (State.NOT_IN_EFFECT, "its match is for the other side of the traffic")


def test_the_last_word_is_that_of_the_workload_and_of_the_last_member() -> None:
    own = telemetry({"selector": {"matchLabels": {"app": "web"}}, "accessLogging": [{**FILE, "disabled": True}]}, "own")
    found = log(FILE, SILENT, objects=(own,))
    assert (found.state, found.because) == (State.NOT_IN_EFFECT, "Telemetry shop/own has the last word on file")
    twice = judged({"accessLogging": [FILE, {**FILE, "disabled": True}]}, SILENT)
    assert twice["accessLogging[0]"].because == "accessLogging[1] has the last word on file"
    assert twice["accessLogging[1]"].state is State.IN_EFFECT


def test_another_objects_providers_leave_the_others_out() -> None:
    own = telemetry(
        {"selector": {"matchLabels": {"app": "web"}}, "accessLogging": [{"providers": [{"name": "otel"}]}]}, "own"
    )
    found = log(FILE, LOGGED, objects=(own,))
    assert (found.state, found.because) == (State.NOT_IN_EFFECT, "another object names other providers")


@pytest.mark.parametrize(
    ("spec", "namespace", "because"),
    [
        ({}, "shop", "Telemetry shop/first is older: of those of a namespace without a selector the oldest counts"),
        ({}, "other", "it is for workloads of namespace other"),
        ({"selector": {"matchLabels": {"app": "x"}}}, "shop", "its selector asks for app=x"),
        ({"selector": {"matchLabels": {"app": "web"}}}, "istio-system", "an object with a selector is for its own"),
    ],
)
def test_an_object_that_does_not_apply_says_why(spec: Json, namespace: str, because: str) -> None:
    first = telemetry({"accessLogging": [FILE]}, "first", created="2025-01-01T00:00:00Z")
    own = telemetry({**spec, "accessLogging": [FILE]}, "p", namespace)
    one = small_mesh.mesh(small_mesh.proxy(LOGGED), own, first, config=SETTINGS)
    (found,) = small_mesh.judged(one, group=GROUP)
    assert found.state is State.NOT_IN_EFFECT
    assert found.because.startswith(because)


def test_before_1_20_the_oldest_that_selects_counts_alone() -> None:
    selector = {"selector": {"matchLabels": {"app": "web"}}, "accessLogging": [FILE]}
    first = telemetry(selector, "first", created="2025-01-01T00:00:00Z")
    objects = telemetry(selector), first
    for version, state in (("1.19.0", State.NOT_IN_EFFECT), ("1.20.0", State.NOT_IN_EFFECT)):
        one = small_mesh.mesh(small_mesh.proxy(LOGGED, version=version), *objects, config=SETTINGS)
        own, older = (small_mesh.judged(one, index, group=GROUP)[0] for index in (0, 1))
        assert {own.state, older.state} == {state, State.IN_EFFECT}
        assert (own.state is state) == (version == "1.19.0")


# --- traces ------------------------------------------------------------------------------------------------------------

ZIPKIN = {
    "name": "envoy.tracers.zipkin",
    "typed_config": {"@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig"},
}
TAGS: Json = {
    "a": {"literal": {"value": "1"}},
    "b": {"header": {"name": "x-b", "defaultValue": "-"}},
    "c": {"environment": {"name": "POD"}},
}
HELD: Json = [
    {"tag": "a", "literal": {"value": "1"}},
    {"tag": "b", "request_header": {"name": "x-b", "default_value": "-"}},
    {"tag": "c", "environment": {"name": "POD"}},
    {"tag": "istio.mesh_id", "metadata": {}},
]
TRACE: Json = {"providers": [{"name": "zip"}], "randomSamplingPercentage": 5, "customTags": TAGS}
TRACING: Json = {"provider": ZIPKIN, "random_sampling": {"value": 5}, "custom_tags": HELD}


def tracing(held: Json) -> Json:
    return inbound(http_chain(manager={"tracing": held} if held is not None else {}), tcp_chain())


def trace(entry: Json, held: Json, **more: Any) -> RuleEffect:
    return judged({"tracing": [entry]}, tracing(held), **more)["tracing[0]"]


@pytest.mark.parametrize(
    ("entry", "held", "state", "because"),
    [
        (TRACE, TRACING, State.IN_EFFECT, ""),
        (TRACE, None, State.NOT_IN_EFFECT, "writes no traces"),
        (
            TRACE,
            {**TRACING, "random_sampling": {"value": 1}},
            State.PARTLY,
            "tracing.random_sampling is 1, 5 was expected",
        ),
        (TRACE, {**TRACING, "custom_tags": HELD[1:]}, State.PARTLY, "tracing.custom_tags.a is absent, 1 was expected"),
        (TRACE, {**TRACING, "provider": None}, State.PARTLY, "tracing.provider is absent, ZipkinConfig was expected"),
        ({**TRACE, "disableSpanReporting": True}, None, State.IN_EFFECT, ""),
        ({**TRACE, "disableSpanReporting": True}, TRACING, State.NOT_IN_EFFECT, "still writes traces"),
        ({"randomSamplingPercentage": 5}, None, State.NOT_IN_EFFECT, "no provider of traces is named or default"),
        ({"disableSpanReporting": True}, None, State.IN_EFFECT, ""),
        ({"providers": [{"name": "x"}]}, None, State.NOT_IN_EFFECT, "the mesh's extensionProviders have no x"),
        ({"providers": [{"name": "file"}]}, None, State.UNKNOWN, "traces of provider file are not modelled"),
    ],
)
def test_traces_are_compared_field_by_field(entry: Json, held: Json, state: State, because: str) -> None:
    found = trace(entry, held)
    assert found.state is state, found.because
    assert because in found.because


def test_a_later_object_takes_over_single_fields() -> None:
    selector = {"selector": {"matchLabels": {"app": "web"}}}
    own = telemetry({**selector, "tracing": [{"randomSamplingPercentage": 1}]}, "own")
    found = trace(TRACE, {**TRACING, "random_sampling": {"value": 1}}, objects=(own,))
    assert (found.state, found.because) == (
        State.PARTLY,
        "Telemetry shop/own has the last word on randomSamplingPercentage",
    )
    off = telemetry({**selector, "tracing": [{"disableSpanReporting": True}]}, "off")
    assert trace(TRACE, None, objects=(off,)).because == "Telemetry shop/off turns the traces off"


def test_connections_have_no_traces() -> None:
    found = judged({"tracing": [TRACE]}, inbound(tcp_chain()))["tracing[0]"]
    assert found.because == "the proxy has no HTTP filter chain: connections have no traces"


# --- metrics -----------------------------------------------------------------------------------------------------------


def stats(*metrics: Json) -> Json:
    config = {"@type": "type.googleapis.com/stats.PluginConfig", "metrics": list(metrics)}
    return {"name": "istio.stats", "typed_config": config}


def metric(entry: Json, *filters: Json, **more: Any) -> RuleEffect:
    listeners = inbound(http_chain(*filters), tcp_chain(*filters))
    return judged({"metrics": [{"providers": [{"name": "prometheus"}], **entry}]}, listeners, **more)["metrics[0]"]


COUNT: Json = {"metric": "REQUEST_COUNT", "mode": "SERVER"}
REMOVED: Json = {"match": COUNT, "tagOverrides": {"x": {"operation": "REMOVE"}, "y": {"value": "request.host"}}}


@pytest.mark.parametrize(
    ("overrides", "filters", "state", "because"),
    [
        ([], (stats(),), State.IN_EFFECT, ""),
        ([], (), State.NOT_IN_EFFECT, "has no filter istio.stats"),
        (
            [REMOVED],
            (stats({"name": "requests_total", "tags_to_remove": ["x"], "dimensions": {"y": "request.host"}}),),
            State.IN_EFFECT,
            "",
        ),
        ([REMOVED], (stats(),), State.PARTLY, "metrics.requests_total.x is absent, removed was expected"),
        ([{"match": COUNT, "disabled": True}], (stats({"name": "requests_total", "drop": True}),), State.IN_EFFECT, ""),
        ([{"match": COUNT, "disabled": True}], (stats(),), State.PARTLY, "metrics.requests_total.drop is false"),
        ([{"match": {**COUNT, "mode": "CLIENT"}, "disabled": True}], (stats(),), State.IN_EFFECT, ""),
        ([{"disabled": True}], (), State.IN_EFFECT, ""),
        ([{"disabled": True}], (stats(),), State.NOT_IN_EFFECT, "still has filter istio.stats"),
    ],
)
def test_metrics_are_in_the_filter_of_each_chain(
    overrides: Json, filters: tuple[Json, ...], state: State, because: str
) -> None:
    found = metric({"overrides": overrides}, *filters)
    assert found.state is state, found.because
    assert because in found.because


def test_metrics_of_other_providers_and_lines_are_unknown_by_name() -> None:
    other = {"extensionProviders": [{"name": "prometheus", "stackdriver": {}}]}
    assert metric({}, stats(), settings=other).because == "metrics of provider prometheus are not modelled"
    assert metric({}, stats(), version="1.15.0").because == "metrics before Istio 1.17 are not modelled"
    own = telemetry(
        {"selector": {"matchLabels": {"app": "web"}}, "metrics": [{"overrides": [{"disabled": True}]}]}, "own"
    )
    assert metric({}, objects=(own,)).because == "Telemetry shop/own disables all metrics of prometheus"
