"""Places of real documents where a secret may stand: each is a function of the secret that gives a part of a document."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

Place = Callable[[str], Any]
TYPE = "type.googleapis.com/"
FILTERS = TYPE + "envoy.extensions.filters."
WASM = FILTERS + "http.wasm.v3.Wasm"


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def typed(type_name: str, /, **members: Any) -> dict[str, Any]:
    """An extension's configuration."""
    return {"typed_config": {"@type": TYPE + type_name, **members}}


def header_set(name: str) -> Place:
    return lambda s: {"request_headers_to_add": [{"header": {"key": name, "value": s}}]}


def header_matched(name: str) -> Place:
    return lambda s: {"match": {"prefix": "/", "headers": [{"name": name, "string_match": {"exact": s}}]}}


def parameter_matched(name: str) -> Place:
    return lambda s: {"match": {"prefix": "/", "query_parameters": [{"name": name, "string_match": {"exact": s}}]}}


HEADERS = """
    Authorization Ocp-Apim-Subscription-Key x-functions-key x-access-key x-license-key x-key x-shared-key x-tenant-key
    x-honeycomb-team x-forwarded-authorization x-serverless-authorization authentication x-pass x-sid x-signature
    x-hub-signature-256 x-amz-signature jwt session-id token x_token x-auth cookie set-cookie x-zorbulon end-user
    """.split()  # noqa: SIM905  # a list of words is read as words
PARAMETERS = "access_token api_key token auth code sig key X-Amz-Credential zorbulon".split()  # noqa: SIM905

ENVOY: list[Place] = [
    *map(header_set, HEADERS),
    *map(header_matched, HEADERS),
    *map(parameter_matched, PARAMETERS),
    lambda s: {"tls_certificate": {"private_key": {"inline_string": s}, "password": {"inline_bytes": base64(s)}}},
    lambda s: {"tls_certificate": {"pkcs12": {"inline_bytes": base64(s)}}},
    lambda s: {"private_key_provider": typed("acme.Qat", private_key={"inline_string": s}, pin=s)},
    lambda s: {"session_ticket_keys": {"keys": [{"inline_bytes": base64(s)}]}},
    lambda s: {"generic_secret": {"secret": {"inline_string": s}, "secrets": {"a": {"inline_string": s}}}},
    lambda s: typed("envoy.extensions.filters.http.basic_auth.v3.BasicAuth", users={"inline_string": s}),
    lambda s: typed(
        "envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth", credentials=[{"key": s, "client": "c"}]
    ),
    lambda s: typed(
        "envoy.extensions.filters.network.redis_proxy.v3.RedisProxy", downstream_auth_passwords=[{"inline_string": s}]
    ),
    lambda s: {"from_headers": [{"name": "x-a", "value_prefix": s}]},
    lambda s: typed("envoy.extensions.http.injected_credentials.generic.v3.Generic", header_value_prefix=f"Key {s}"),
    lambda s: typed("envoy.extensions.filters.http.lua.v3.Lua", inline_code=f'h:add("x-api-key", "{s}")'),
    lambda s: typed(
        "envoy.extensions.filters.http.lua.v3.Lua", default_source_code={"inline_string": f'local key = "{s}"'}
    ),
    lambda s: typed("envoy.extensions.filters.http.lua.v3.Lua", default_source_code={"inline_bytes": base64(s)}),
    lambda s: typed(
        "envoy.extensions.filters.http.wasm.v3.Wasm",
        config={
            "configuration": {
                "@type": TYPE + "google.protobuf.StringValue",
                "value": json.dumps({"pwd": s, "api_keys": [s], "salt": s}),
            }
        },
    ),
    lambda s: typed(
        "envoy.extensions.filters.http.wasm.v3.Wasm",
        config={"configuration": {"@type": TYPE + "google.protobuf.BytesValue", "value": base64(s)}},
    ),
    lambda s: typed(
        "envoy.extensions.filters.http.wasm.v3.Wasm",
        config={
            "configuration": {
                "@type": TYPE + "google.protobuf.Struct",
                "value": {"pin": s, "name": s, "host": s, "cluster": s},
            }
        },
    ),
    lambda s: typed(
        "envoy.extensions.filters.http.wasm.v3.Wasm",
        config={
            "vm_config": {"environment_variables": {"key_values": {"API": s}}, "code": {"local": {"inline_string": s}}}
        },
    ),
    lambda s: typed("udpa.type.v1.TypedStruct", type_url="acme.Filter", value={"name": s, "domains": [s], "prefix": s}),
    lambda s: typed("acme.Filter", name=s, cluster=s, path=s, nested={"host": s}),
    lambda s: {
        "health_checks": [
            {"tcp_health_check": {"send": {"text": s.encode().hex()}, "receive": [{"binary": base64(s)}]}}
        ]
    },
    lambda s: {
        "health_checks": [
            {
                "http_health_check": {
                    "path": f"/?key={s}",
                    "request_headers_to_add": [{"header": {"key": "a", "value": s}}],
                }
            }
        ]
    },
    lambda s: {"redirect": {"path_redirect": f"/x?sig={s}"}},
    lambda s: {"redirect": {"host_redirect": f"user:{s}@host"}},
    lambda s: {"direct_response": {"status": 200, "body": {"inline_string": f"welcome {s}"}}},
    lambda s: {"initial_metadata": [{"key": "x-honeycomb-team", "value": s}]},
    lambda s: {"query_parameter_mutations": [{"append": {"record": {"key": "sig", "value": s}}}]},
    lambda s: {
        "google_grpc": {"call_credentials": [{"access_token": s}, {"google_refresh_token": {"refresh_token": s}}]}
    },
    lambda s: {"filter_metadata": {"acme": {"name": s, "config": s}}},
    lambda s: {"metadata": {"DB_PASS": s, "PROXY_CONFIG": {"proxyMetadata": {"DB": s}}, "ANNOTATIONS": {"team": s}}},
    lambda s: {"error_state": {"details": f"x authorization: {s}"}},
    lambda s: {"command_line_options": {"config_yaml": f"a: {s}", "log_path": f"/?key={s}"}},
    lambda s: {"local_jwks": {"inline_string": json.dumps({"keys": [{"kty": "RSA", "n": "n", "e": "AQAB", "d": s}]})}},
    lambda s: {"local_jwks": {"inline_string": json.dumps({"keys": [{"kty": "oct", "k": s}]})}},
    lambda s: {"local_jwks": {"inline_string": '{"keys": [{"kty": "oct", "k": "' + s}},
    lambda s: {"local_jwks": {"inline_string": json.dumps({"keys": [{"k": s}]})}},
    lambda s: {
        "access_log": [
            {
                "name": "a",
                **typed(
                    "envoy.extensions.access_loggers.file.v3.FileAccessLog",
                    log_format={"text_format_source": {"inline_string": f"%REQ(A)% {s}"}},
                ),
            }
        ]
    },
    lambda s: {"layered_runtime": {"layers": [{"name": "l", "static_layer": {"acme.key": s}}]}},
    lambda s: {"address": f"https://user:{s}@registry.example/x?sig={s}"},
    lambda s: {"cluster_name": f"x?token={s}", "name": f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n{s}"},
    lambda s: {
        "matcher_tree": {
            "input": {
                "name": "i",
                "typed_config": {
                    "@type": TYPE + "envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
                    "header_name": "x-key",
                },
            },
            "exact_match_map": {"map": {s: {"action": {"name": "a"}}}},
        }
    },
    lambda s: typed(
        "envoy.extensions.filters.http.set_metadata.v3.Config",
        metadata=[{"metadata_namespace": "a", "value": {"b": s}}],
    ),
    lambda s: {
        "match": {"headers": [{"name": "cookie", "string_match": {"safe_regex": {"regex": f"^(.*; )?sid={s}=="}}}]}
    },
    lambda s: {"request_headers_to_add": [{"header": {"key": "cookie", "value": f"sid={s}=={s}="}}]},
    lambda s: {"name": "acme", "config": {"name": s, "host": s}},
    lambda s: typed("acme.Filter", clients={s: "a"}, **{"@other": [{s: {s: 1}}]}),
    lambda s: {"tokens": [s], "secretList": [s], "apiKeys": [s], "acme": {"zorbulon": s}},
]
"""In the terms of Envoy's configuration."""


def pod(**container: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", **container}]},
    }


def config_map(name: str, text: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {name: text}}


def custom(kind: str, group: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "x", "namespace": "n"}, "spec": spec}


NETWORKING, SECURITY, EXTENSIONS = "networking.istio.io", "security.istio.io", "extensions.istio.io"
GATEWAY = "gateway.networking.k8s.io"
KUBERNETES: list[Place] = [
    lambda s: {"apiVersion": "v1", "kind": "Secret", "data": {"tls.key": base64(s)}, "stringData": {"plain": s}},
    lambda s: {"kind": "SecretList", "items": [{"data": {"tls.key": base64(s)}}]},
    lambda s: {
        "apiVersion": "v1",
        "kind": "List",
        "items": [{"apiVersion": "v1", "kind": "Secret", "stringData": {"a": s}}],
    },
    lambda s: pod(
        env=[{"name": "DB", "value": s}], args=["--token", s, f"--api-key={s}"], command=["curl", "-u", f"u:{s}"]
    ),
    lambda s: pod(
        livenessProbe={
            "exec": {"command": ["mysql", f"-p{s}"]},
            "httpGet": {"httpHeaders": [{"name": "x", "value": s}]},
        }
    ),
    lambda s: pod(image=f"user:{s}@registry/x"),
    lambda s: {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "p",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": s,
                "team": s,
                "proxy.istio.io/config": f"proxyMetadata:\n  DB: {s}\n",
                "sidecar.istio.io/userVolume": json.dumps({"a": s}),
                "sidecar.istio.io/x": f"a={s}; b",
            },
        },
    },
    *(
        lambda s, form=form: config_map("application.properties", form.replace("X", s))
        for form in (
            "password=X",
            'password="a b X"',
            "password=ab,X",
            "password=$X",
            "token=/X",
            'secret => "X"',
            "AccountKey=X",
            "pwd: X",
            "machine h login u password X",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nX",
            "X",
            "https://hooks.slack.com/services/X",
            '{"auths": {"r": {"auth": "X"}}}',
            "x: &a X\npassword: *a\n",
            "static_resources: {secrets: [{generic_secret: {secret: {inline_string: X}}}]}",
        )
    ),
    lambda s: config_map(
        "mesh",
        f"extensionProviders: [{{name: a, envoyFileAccessLog: {{logFormat: {{text: '{s}', labels: {{a: '{s}'}}}}}}}}]",
    ),
    lambda s: config_map("mesh", f"defaultConfig: {{proxyMetadata: {{A: {s}}}, tracing: {{acme: {s}}}}}\n# {s}\n"),
    lambda s: custom(
        "VirtualService",
        NETWORKING,
        http=[
            {
                "headers": {"request": {"set": {"authorization": s, "jwt": s}, "add": {"a": s}}},
                "match": [
                    {
                        "headers": {"x-api-key": {"exact": s}, "token": {"regex": s}},
                        "queryParams": {"api_key": {"exact": s}},
                        "withoutHeaders": {"session": {"prefix": s}},
                    }
                ],
                "directResponse": {"body": {"string": s}},
            }
        ],
    ),
    lambda s: custom(
        "HTTPRoute",
        GATEWAY,
        rules=[
            {
                "matches": [{"headers": [{"name": "x-key", "value": s}], "queryParams": [{"name": "sig", "value": s}]}],
                "filters": [
                    {
                        "type": "RequestHeaderModifier",
                        "requestHeaderModifier": {
                            "set": [{"name": "a", "value": s}],
                            "add": [{"name": "b", "value": s}],
                        },
                    }
                ],
            }
        ],
    ),
    lambda s: custom(
        "AuthorizationPolicy",
        SECURITY,
        rules=[
            {
                "when": [
                    {"key": "request.headers[token]", "values": [s], "notValues": [s]},
                    {"key": "request.headers[x-auth]", "values": [s]},
                    {"key": "request.auth.claims[groups]", "values": [s]},
                ]
            }
        ],
    ),
    lambda s: custom(
        "RequestAuthentication",
        SECURITY,
        jwtRules=[{"issuer": "i", "jwks": json.dumps({"keys": [{"kty": "oct", "k": s}]})}],
    ),
    lambda s: custom(
        "WasmPlugin",
        EXTENSIONS,
        url=f"oci://u:{s}@r/x?sig={s}",
        pluginConfig={"name": s, "credentials": [s], "pin": s},
        vmConfig={"env": [{"name": "A", "value": s}]},
    ),
    lambda s: custom(
        "EnvoyFilter",
        NETWORKING,
        configPatches=[
            {
                "applyTo": "HTTP_FILTER",
                "patch": {
                    "operation": "ADD",
                    "value": {
                        "name": "lua",
                        "typed_config": {
                            "@type": FILTERS + "http.lua.v3.Lua",
                            "inlineCode": f'h:httpCall("c", {{["authorization"]="Basic {s}"}})',
                        },
                    },
                },
            }
        ],
    ),
    lambda s: custom(
        "Telemetry",
        "telemetry.istio.io",
        accessLogging=[{"filter": {"expression": f"a == '{s}'"}}],
        tracing=[{"customTags": {"a": {"literal": {"value": s}, "header": {"name": "x", "defaultValue": s}}}}],
    ),
    lambda s: {
        "apiVersion": "acme.example/v1",
        "kind": "ZorbulonList",
        "items": [{"metadata": {"name": "a"}, "spec": {"host": s}}],
    },
    lambda s: {
        "apiVersion": "v1",
        "kind": "ConfigMapList",
        "items": [{"metadata": {"name": "a"}, "data": {"host": s}}],
    },
    lambda s: {"apiVersion": "v1", "kind": "Pod", "status": {"reason": f"it said {s}", "message": s}},
    lambda s: custom(
        "IstioOperator", "install.istio.io", values={"pilot": {"env": {"NAME": s, "host": s}}, "acme": {"token": s}}
    ),
    lambda s: custom("Zorbulon", "acme.example", host=s, name=s, nested={"path": s, "labels": {"a": s}}),
    lambda s: {
        "apiVersion": "v1",
        "kind": "Config",
        "users": [{"name": "u", "user": {"token": s, "password": s, "exec": {"args": [s]}}}],
    },
]
"""Objects of Kubernetes, Istio and the Gateway API."""

LOG_LINES: list[Place] = [
    lambda s: (
        f'[2026-01-01T00:00:00.000Z] "GET /a?user={s} HTTP/1.1" 200 - via_upstream - "-" 0 5 1 1 "{s}" "{s}" "{s}" "shop" '
        f'"10.0.0.1:80" outbound|80||shop 10.0.0.2:1 10.0.0.3:80 10.0.0.2:2 - default "sid={s}" {s}'
    ),
    lambda s: json.dumps(
        {
            "response_code": 200,
            "response_flags": "-",
            "path": f"/a?x={s}",
            "req_cookie": s,
            "session_id": s,
            "jwt_payload": s,
            "user_agent": s,
            "nested": {"path": s},
            "authority": "shop",
        }
    ),
    lambda s: f"2026-01-01T00:00:00Z\tinfo\tenvoy token {s}",
    lambda s: '{"path": "' + s,
    lambda s: s,
]
"""Lines of access logs and of what stands between them."""


def bootstrap(part: Any) -> dict[str, Any]:
    """A bootstrap with a part somewhere in a listener's filter, a cluster and the node."""
    manager = {
        "@type": FILTERS + "network.http_connection_manager.v3.HttpConnectionManager",
        "route_config": {"name": "r", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [part]}]},
        "http_filters": [{"name": "f", **part}],
    }
    listener = {"name": "l", "filter_chains": [{"filters": [{"name": "m", "typed_config": manager}]}], **part}
    return {
        "node": {"id": "n", **part},
        "static_resources": {"listeners": [listener], "clusters": [{"name": "c", **part}]},
        **part,
    }
