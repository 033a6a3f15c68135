"""ProxyConfig: whether a proxy was started with it. It is read when a pod is injected.

https://istio.io/latest/docs/reference/config/networking/proxy-config/ and
https://github.com/istio/istio/blob/master/pilot/pkg/model/proxy_config.go
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.reach import everywhere
from meshscope.effect.policies.selection import not_selected
from meshscope.effect.written import Written
from meshscope.istio.objects.proxy_config import ProxyConfig, ProxyConfigSpec, ProxyImage
from meshscope.path import Path

HIDDEN = "[redacted"
_VARIABLES = "environmentVariables"
_RESTART = (
    "a pod takes it when it is injected, so that it has to be restarted; its annotation proxy.istio.io/config wins"
)


class Started(Struct, frozen=True, rename="camel"):
    """`PROXY_CONFIG` of a proxy's node: the settings that it was started with."""

    concurrency: int | None = None
    proxy_metadata: dict[str, str] = {}
    image: ProxyImage | None = None


def rules(value: ProxyConfig) -> Iterator[Path]:
    """Each field that is set, and each variable."""
    spec = value.spec
    if spec.concurrency is not None:
        yield ("spec", "concurrency")
    yield from (("spec", _VARIABLES, name) for name, _ in spec.environment_variables)
    if spec.image is not None:
        yield ("spec", "image")


def outcomes(configuration: Configuration, one: Written[ProxyConfig], client: Client) -> Iterator[Outcome]:
    paths = tuple(rules(one.value))
    if not configuration.is_since(1, 13):
        yield from everywhere(paths, State.NOT_IN_EFFECT, "Istio before 1.13 has no ProxyConfig")
        return
    if client.kind == "envoy":
        yield from everywhere(paths, State.NOT_IN_EFFECT, "the proxy is not Istio's", is_meant=False)
        return
    level = _level(configuration, one, client)
    if isinstance(level, str):
        yield from everywhere(paths, State.NOT_IN_EFFECT, level, is_meant=False)
        return
    node = client.proxy.node
    held = node.value("PROXY_CONFIG") if node else None
    try:
        started = msgspec.convert(held, Started, strict=False)
    except msgspec.ValidationError:
        yield from everywhere(paths, State.UNKNOWN, "what the proxy was started with was not captured")
        return
    applied = sorted(_applied(configuration, client), key=lambda pair: -pair[0])
    for path in paths:
        winner = next(other for _, other in applied if _value(other.value.spec, path) is not None)
        if winner.item.ref != one.item.ref:
            yield Outcome(path, State.NOT_IN_EFFECT, f"{winner} sets it at a closer level, or is older")
        else:
            yield _compared(path, _value(one.value.spec, path), _held(started, path))


def _compared(path: Path, wanted: str | None, actual: str | None) -> Outcome:
    name = ".".join(str(part) for part in path[1:])
    if wanted == actual:
        return Outcome(path, State.IN_EFFECT, f"the proxy was started with {name} {actual}")
    if actual is not None and actual.startswith(HIDDEN):
        return Outcome(path, State.UNKNOWN, f"the value of {name} is hidden in this input")
    because = f"the proxy was started with {name} {actual if actual is not None else 'unset'}: {_RESTART}"
    return Outcome(path, State.NOT_IN_EFFECT, because, differences=(Difference(name, wanted or "", actual or ""),))


def _level(configuration: Configuration, one: Written[ProxyConfig], client: Client) -> int | str:
    """0 the mesh's, 1 the namespace's, 2 the workload's; words where it does not apply."""
    root, selector = configuration.settings.root_namespace, one.value.spec.selector
    is_wide = selector is None or not selector.match_labels
    if one.namespace != client.namespace:
        if one.namespace != root:
            return f"it is for workloads of namespace {one.namespace}"
        return 0 if is_wide else "an object with a selector is for its own namespace alone"
    if is_wide:
        return 0 if one.namespace == root else 1
    return not_selected(selector, client) or 2


def _applied(configuration: Configuration, client: Client) -> Iterator[tuple[int, Written[ProxyConfig]]]:
    """With their levels; of one level the oldest first."""
    for one in configuration.mesh.derived(
        "proxy configs by age", lambda: tuple(configuration.typed("ProxyConfig", ProxyConfig))
    ):
        level = _level(configuration, one, client)
        if isinstance(level, int):
            yield level, one


def _value(spec: ProxyConfigSpec, path: Path) -> str | None:
    return _held(Started(spec.concurrency, dict(spec.environment_variables), spec.image), path)


def _held(started: Started, path: Path) -> str | None:
    if path[1] == _VARIABLES:
        return started.proxy_metadata.get(str(path[2]))
    if path[1] == "image":
        return started.image.image_type if started.image else None
    return None if started.concurrency is None else str(started.concurrency)
