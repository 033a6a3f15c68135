"""The filter of a plugin, and what its proxies are sent of a module of Wasm (ECDS), as JSON.

https://github.com/istio/istio/tree/master/pilot/pkg/networking/core/extension
"""

from __future__ import annotations

import copy

import msgspec

from meshscope.effect.configuration import Configuration
from meshscope.istio.objects.extension import WasmConfig
from meshscope.overlay.draft import Json
from meshscope.overlay.extensions.plugins import Plugin

_TYPE = "type.googleapis.com/envoy.extensions.filters.http"
_WASM = f"{_TYPE}.wasm.v3.Wasm"
_TEXT = "type.googleapis.com/google.protobuf.StringValue"
_SOURCE = {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}
_POLICIES = {"FAIL_OPEN": "FAIL_OPEN", "FAIL_RELOAD": "FAIL_RELOAD"}
_VM = "vm_config"


def filter_of(one: Plugin) -> Json:
    """As it stands in a connection manager: the code of Lua itself, a reference to a module of Wasm."""
    if one.is_wasm:
        discovery = {"config_source": copy.deepcopy(_SOURCE), "type_urls": [_WASM, f"{_TYPE}.rbac.v3.RBAC"]}
        return {"name": one.name, "config_discovery": discovery}
    config = {"@type": f"{_TYPE}.lua.v3.Lua", "default_source_code": {"inline_string": one.asked.lua}}
    return {"name": one.name, "typed_config": config}


def module_of(configuration: Configuration, one: Plugin, wasm: WasmConfig) -> Json:
    """The extension configuration that istiod sends; the agent of the proxy puts a file in the place of the address."""
    own = f"{one.owner.namespace}.{one.owner.item.name}"
    config: Json = {"name": own, "root_id": wasm.plugin_name, **_failure(configuration, wasm)}
    if text := _configuration(wasm):
        config["configuration"] = {"@type": _TEXT, "value": text}
    variables = wasm.vm_config.env if wasm.vm_config else ()
    environment = {
        "host_env_keys": [each.name for each in variables if each.value_from == "HOST"],
        "key_values": {each.name: each.value for each in variables if each.value_from == "INLINE"},
    }
    config[_VM] = {
        "runtime": "envoy.wasm.runtime.v8",
        "code": _code(wasm),
        "environment_variables": {key: value for key, value in environment.items() if value},
    }
    return {"name": one.name, "typed_config": {"@type": _WASM, "config": config}}


def changed_module(today: Json, old: Json, new: Json) -> Json:
    """Today's body with what differs between two that istiod sends; the whole of the new one where today's is no module."""
    if (today.get("typed_config") or {}).get("@type") != _WASM:
        return new if _config(old)[_VM] != _config(new)[_VM] else today  # it stands in for one that was not fetched
    body = copy.deepcopy(today)
    config = _config(body)
    for field in {**_config(old), **_config(new)}:
        before, after = _config(old).get(field), _config(new).get(field)
        if before == after:
            continue
        if after is None:
            config.pop(field, None)
        else:
            config[field] = after
    return body


def said(module: Json) -> dict[str, str]:
    """The fields of a module by their names, in words."""
    config = _config(module)
    vm = config.get(_VM) or {}
    fields = {
        "config.root_id": config.get("root_id"),
        "config.failure_policy": config.get("failure_policy") or ("FAIL_OPEN" if config.get("fail_open") else ""),
        "config.configuration": (config.get("configuration") or {}).get("value"),
        "config.vm_config.code": _address(vm.get("code") or {}),
        "config.vm_config.environment_variables": vm.get("environment_variables"),
    }
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode() if value else ""
        for name, value in fields.items()
    }


def _config(module: Json) -> Json:
    return (module.get("typed_config") or {}).get("config") or {}


def _failure(configuration: Configuration, wasm: WasmConfig) -> Json:
    if not configuration.is_since(1, 25):
        return {"fail_open": True} if wasm.fail_strategy == "FAIL_OPEN" else {}
    return {"failure_policy": _POLICIES.get(wasm.fail_strategy, "FAIL_CLOSED")}


def _configuration(wasm: WasmConfig) -> str:
    """An empty configuration is none."""
    value = msgspec.json.decode(wasm.plugin_config) if bytes(wasm.plugin_config) else None
    return msgspec.json.encode(value).decode() if value else ""


def _code(wasm: WasmConfig) -> Json:
    if wasm.url.startswith("file:"):
        return {"local": {"filename": wasm.url.removeprefix("file://")}}
    uri = wasm.url if "://" in wasm.url else f"oci://{wasm.url}"
    remote: Json = {"http_uri": {"uri": uri, "cluster": "_", "timeout": "30s"}}
    if wasm.sha256:
        remote["sha256"] = wasm.sha256
    return {"remote": remote}


def _address(code: Json) -> str:
    remote = code.get("remote") or {}
    address = (remote.get("http_uri") or {}).get("uri") or (code.get("local") or {}).get("filename") or ""
    return f"{address} {remote.get('sha256', '')}".strip()
