"""One extension at the filter chains that its match asks for.

https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
https://github.com/istio/istio/blob/master/pilot/pkg/model/trafficextension.go
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import PolicyChain, chains_by_mode, knows_listeners
from meshscope.effect.policies.reach import readable
from meshscope.envoy.resource import ECDS
from meshscope.istio.objects.extension import TrafficSelector, WasmConfig
from meshscope.location import Location
from meshscope.path import Path
from meshscope.xds.data_source import DataSource
from meshscope.xds.extension import Extension
from meshscope.xds.http_filter_config import Lua
from meshscope.xds.istio_filters import Wasm, WasmModule
from meshscope.xds.message import Undecodable, decode, present

WHOLE: Path = ("spec",)
_PORTS = "its match names ports; whether istiod compares a Service's port or the port of its pods is not modelled"
_ANY_MODE = ("UNDEFINED", "CLIENT_AND_SERVER")
_FAILURE = {"FAIL_CLOSE": "FAIL_CLOSED"}
"""Envoy's words for Istio's."""


class Asked(Struct, frozen=True, kw_only=True):
    """`names` are those that the filter may have, the newest first. One of `wasm` and `lua`, the code itself."""

    names: tuple[str, ...]
    match: tuple[TrafficSelector, ...]
    wasm: WasmConfig | None = None
    lua: str = ""

    @property
    def is_http(self) -> bool:
        return self.wasm is None or self.wasm.type != "NETWORK"

    @property
    def names_ports(self) -> bool:
        return any(one.ports for one in self.match)

    def is_for(self, mode: str, port: int | None) -> bool:
        """Without a match it is for all traffic; chains of all ports are those of no port in particular."""
        return not self.match or any(
            one.mode in (*_ANY_MODE, mode) and (not one.ports or port in {each.number for each in one.ports})
            for one in self.match
        )


def outcomes(configuration: Configuration, asked: Asked, client: Client) -> Iterator[Outcome]:
    """One for each filter chain that should have the filter."""
    by_mode = tuple(chains_by_mode(configuration, client))
    _, unread = readable(chain for _, chain in by_mode)
    for because in unread:
        yield Outcome(WHOLE, State.UNKNOWN, because)
    wanted = [
        chain
        for mode, chain in by_mode
        if isinstance(chain, PolicyChain) and chain.is_http == asked.is_http and asked.is_for(mode, chain.port)
    ]
    if not wanted and not knows_listeners(client):
        yield Outcome(WHOLE, State.UNKNOWN, "not all listeners of the proxy were captured")
    elif not wanted and asked.names_ports:
        yield Outcome(WHOLE, State.UNKNOWN, _PORTS)
    elif not wanted:
        kind = "HTTP" if asked.is_http else "TCP"
        matched = " that its match asks for" if asked.match else ""
        yield Outcome(WHOLE, State.NOT_IN_EFFECT, f"the proxy has no {kind} filter chain{matched}")
    for chain in wanted:
        yield _at(chain, asked, client)


def _at(chain: PolicyChain, asked: Asked, client: Client) -> Outcome:
    found = next(((path, one) for path, one in chain.filters() if one.name in asked.names), None)
    if found is None:
        because = f"the {chain} has no filter {asked.names[0]}"
        if asked.names_ports:
            return chain.told(WHOLE, State.UNKNOWN, f"{because}; {_PORTS}")
        return chain.told(WHOLE, State.NOT_IN_EFFECT, because)
    path, extension = found
    made = chain.resource.location.below(path)
    if asked.wasm is None:
        return _lua(chain, extension, asked.lua, made)
    if present(extension.config_discovery):
        return _delivered(chain, asked.wasm, extension.name, client)
    return _module(chain, extension, asked.wasm, made)


def _lua(chain: PolicyChain, extension: Extension, code: str, made: Location) -> Outcome:
    config = extension.config
    if not isinstance(config, Lua):
        return chain.told(
            WHOLE, State.UNKNOWN, f"filter {extension.name} of the {chain} is no Lua filter that reads", made=made
        )
    source = decode(config.default_source_code, DataSource) if present(config.default_source_code) else DataSource()
    text = config.inline_code or (None if isinstance(source, Undecodable) else source.text)
    if text is None:
        return chain.told(WHOLE, State.UNKNOWN, f"the code that the {chain} has is not in this input", made=made)
    if text == code:
        return chain.told(WHOLE, State.IN_EFFECT, f"the {chain} has the code", made=made)
    difference = Difference("default_source_code", _short(code), _short(text))
    return chain.told(WHOLE, State.PARTLY, f"the {chain} has other code", difference, made=made)


def _delivered(chain: PolicyChain, wasm: WasmConfig, name: str, client: Client) -> Outcome:
    """The chain only names the filter; its configuration comes by ECDS, after the agent has fetched the module."""
    resource = next((one for one in client.proxy.resources(ECDS) if one.name == name), None)
    if resource is None:
        if not client.proxy.has_evidence(ECDS):
            return chain.told(WHOLE, State.UNKNOWN, f"the extension configuration {name} (ECDS) was not captured")
        because = f"the extension configuration {name} (ECDS) has not arrived: its module may not be fetched yet"
        return chain.told(WHOLE, State.NOT_IN_EFFECT, because)
    body = client.proxy.read(resource, Extension)
    if isinstance(body, Undecodable):
        return chain.told(WHOLE, State.UNKNOWN, f"the extension configuration {name} does not read: {body.why}")
    if body.type_name.endswith(".RBAC"):
        because = f"the module could not be fetched from {wasm.url}; an RBAC filter stands in ({wasm.fail_strategy})"
        return chain.told(WHOLE, State.NOT_IN_EFFECT, because, made=resource.location)
    return _module(chain, body, wasm, resource.location)


def _module(chain: PolicyChain, extension: Extension, wasm: WasmConfig, made: Location) -> Outcome:
    """The code itself is not compared: the agent replaces its address by that of a file."""
    config = extension.config
    if not isinstance(config, Wasm):
        return chain.told(
            WHOLE, State.UNKNOWN, f"filter {extension.name} of the {chain} is no Wasm filter that reads", made=made
        )
    differences = tuple(_differences(wasm, config.config))
    if differences:
        because = f"the {chain} has the filter, and {differences[0]}"
        return chain.told(WHOLE, State.PARTLY, because, *differences, made=made)
    return chain.told(WHOLE, State.IN_EFFECT, f"the {chain} has the filter", made=made)


def _differences(wasm: WasmConfig, module: WasmModule) -> Iterator[Difference]:
    if module.root_id != wasm.plugin_name:
        yield Difference("config.root_id", wasm.plugin_name, module.root_id)
    expected = _FAILURE.get(wasm.fail_strategy, wasm.fail_strategy)
    actual = "FAIL_OPEN" if module.fail_open else module.failure_policy
    if expected != ("FAIL_CLOSED" if actual == "UNSPECIFIED" else actual):
        yield Difference("config.failure_policy", expected, actual)
    wanted, held = _json(wasm.plugin_config), _json(_text(module))
    if wanted != held:
        yield Difference("config.configuration", _short(wanted), _short(held))


def _text(module: WasmModule) -> bytes:
    """Istio packs the configuration into a StringValue."""
    value = decode(module.configuration, _StringValue) if present(module.configuration) else _StringValue()
    return b"" if isinstance(value, Undecodable) else value.value.encode()


class _StringValue(Struct, frozen=True):
    value: str = ""


def _json(body: msgspec.Raw | bytes) -> object:
    """An empty configuration is none."""
    try:
        return (msgspec.json.decode(body) if bytes(body) else None) or None
    except msgspec.DecodeError:
        return bytes(body).decode(errors="replace")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode() if value is not None else ""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
