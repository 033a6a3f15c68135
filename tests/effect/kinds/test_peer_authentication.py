from __future__ import annotations

import copy

import pytest

from meshscope.effect.answer import RuleEffect, State

from ...mesh.meshes import TLS, manifest
from ..policies import small_mesh
from ..policies.small_mesh import Json, http_chain, inbound, policy, tcp_chain

MTLS_HTTP = ["istio-http/1.0", "istio-http/1.1", "istio-h2"]
MTLS_TCP = ["istio-peer-exchange", "istio"]
SOCKET: Json = {
    "name": "tls",
    "typed_config": {"@type": f"{TLS}DownstreamTlsContext", "require_client_certificate": True},
}
ROOT = "istio-system"


def _mutual(make: Json, port: int | None, *alpn: str) -> Json:
    return make(port=port, match=_match("tls", alpn), transport_socket=SOCKET)


def _match(transport: str, alpn: tuple[str, ...] = ()) -> Json:
    asked = {"application_protocols": list(alpn)} if alpn else {}
    return {**({"transport_protocol": transport} if transport else {}), **asked}


def _open(make: Json, port: int | None, transport: str, *alpn: str) -> Json:
    return make(port=port, match=_match(transport, alpn))


def chains(mode: str, kind: str, port: int | None) -> list[Json]:
    """What istiod makes of a mode for a port of HTTP, of connections, or of a protocol that is found out."""
    make = {"http": http_chain, "tcp": tcp_chain}.get(kind, tcp_chain)
    if kind == "auto":
        return {
            "STRICT": [_mutual(http_chain, port, *MTLS_HTTP), _mutual(tcp_chain, port)],
            "DISABLE": [_open(http_chain, port, "raw_buffer", "http/1.1", "h2c"), _open(tcp_chain, port, "raw_buffer")],
            "PERMISSIVE": [
                _mutual(http_chain, port, *MTLS_HTTP),
                _open(http_chain, port, "raw_buffer", "http/1.1", "h2c"),
                _mutual(tcp_chain, port, *MTLS_TCP),
                _open(tcp_chain, port, "raw_buffer"),
                _open(tcp_chain, port, "tls"),
            ],
        }[mode]
    foreign = [_open(make, port, "tls")] if kind == "tcp" else []
    return {
        "STRICT": [_mutual(make, port)],
        "DISABLE": [_open(make, port, "")],
        "PERMISSIVE": [_mutual(make, port, *MTLS_TCP, *MTLS_HTTP), *foreign, _open(make, port, "raw_buffer")],
    }[mode]


def judged(found: list[Json], *objects: Json, version: str = "1.31.0", kind: str = "sidecar") -> dict[str, RuleEffect]:
    """Of the first object, by rule."""
    proxy = small_mesh.proxy(inbound(*found), version=version, kind=kind)
    return {one.rule: one for one in small_mesh.judged(small_mesh.mesh(proxy, *objects))}


def authentication(mode: str = "", name: str = "p", namespace: str = "shop", ports: Json = None, **more: Json) -> Json:
    spec: Json = {"mtls": {"mode": mode}} if mode else {}
    if labels := more.pop("labels", None):
        spec["selector"] = {"matchLabels": labels}
    if ports:
        spec["portLevelMtls"] = {port: {"mode": each} for port, each in ports.items()}
    created = {"creationTimestamp": f"2026-01-0{more.pop('day', 1)}T00:00:00Z"}
    return policy("PeerAuthentication", spec, name, namespace, **created)


MODES, KINDS = ("STRICT", "PERMISSIVE", "DISABLE"), ("http", "tcp", "auto")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shown", MODES)
@pytest.mark.parametrize("written", MODES)
def test_a_mode_is_in_effect_where_the_chains_show_it_and_no_other(written: str, shown: str, kind: str) -> None:
    found = judged(chains(shown, kind, 8080), authentication(written))["mtls"]
    if written == shown:
        assert (found.state, found.because) == (State.IN_EFFECT, shown)
    else:
        assert (found.state, found.because) == (
            State.NOT_IN_EFFECT,
            f"port 8080: the filter chains show {shown}, not {written}",
        )
        assert [str(one) for one in found.differences] == [f"mode is {shown}, {written} was expected"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", MODES)
def test_each_chain_with_another_socket_is_told(mode: str, kind: str) -> None:
    healthy = chains(mode, kind, 8080)
    for number, chain in enumerate(healthy):
        changed = copy.deepcopy(healthy)
        if "transport_socket" in chain:
            del changed[number]["transport_socket"]
        elif mode == "DISABLE" or sum("transport_socket" not in one for one in healthy) == 1:
            changed[number]["transport_socket"] = SOCKET
        else:
            continue
        assert judged(changed, authentication(mode))["mtls"].state is not State.IN_EFFECT, (mode, kind, number)
    if mode != "DISABLE":
        changed = copy.deepcopy(healthy)
        changed[0]["transport_socket"]["typed_config"]["require_client_certificate"] = False
        assert judged(changed, authentication(mode))["mtls"].state is not State.IN_EFFECT


def test_mutual_tls_of_a_sidecars_listener_is_not_the_meshs() -> None:
    own = copy.deepcopy(SOCKET)
    secret = {"name": "file-cert:cert.pem~key.pem"}
    context: Json = {"tls_certificate_sds_secret_configs": [secret], "combined_validation_context": {}}
    own["typed_config"]["common_tls_context"] = context
    assert judged([http_chain(transport_socket=own)], authentication("DISABLE"))["mtls"].state is State.IN_EFFECT
    names = {"match_subject_alt_names": [{"prefix": "spiffe://cluster.local/"}]}
    context["combined_validation_context"] = {"default_validation_context": names}
    assert judged([http_chain(transport_socket=own)], authentication("STRICT"))["mtls"].state is State.IN_EFFECT


def test_a_permissive_port_that_takes_no_plaintext_is_told() -> None:
    found = judged([*chains("STRICT", "http", 8080), _open(tcp_chain, 8080, "tls")], authentication("PERMISSIVE"))[
        "mtls"
    ]
    assert (found.state, found.because) == (State.PARTLY, "port 8080: no chain takes plaintext")


# --- ports ---------------------------------------------------------------------------------------------------------

WEB = {"app": "web"}


def test_a_port_has_its_own_mode_and_the_rest_the_policys() -> None:
    item = authentication("STRICT", labels=WEB, ports={"9090": "DISABLE", "9091": "UNSET"})
    right = [*chains("STRICT", "http", 8080), *chains("DISABLE", "http", 9090), *chains("STRICT", "tcp", 9091)]
    found = judged(right, item)
    assert {rule: one.state for rule, one in found.items()} == dict.fromkeys(
        ("mtls", "portLevelMtls.9090", "portLevelMtls.9091"), State.IN_EFFECT
    )
    wrong = [*chains("STRICT", "http", 8080), *chains("PERMISSIVE", "http", 9090), *chains("DISABLE", "tcp", 9091)]
    found = judged(wrong, item)
    assert {rule: one.state for rule, one in found.items()} == {
        "mtls": State.PARTLY,  # 9091 inherits it
        "portLevelMtls.9090": State.NOT_IN_EFFECT,
        "portLevelMtls.9091": State.NOT_IN_EFFECT,
    }


def test_a_port_of_a_service_is_not_one_of_the_workload() -> None:
    service = manifest("Service", "web", spec={"selector": WEB, "ports": [{"port": 80, "targetPort": 8080}]})
    item = authentication("STRICT", labels=WEB, ports={"80": "DISABLE", "8080": "STRICT"})
    passing = tcp_chain(port=80, match={"transport_protocol": "raw_buffer"})
    found = judged([*chains("STRICT", "http", 8080), {**passing, "name": "virtualInbound"}], item, service)
    assert found["portLevelMtls.8080"].state is State.IN_EFFECT
    assert (found["portLevelMtls.80"].state, found["portLevelMtls.80"].because) == (
        State.NOT_IN_EFFECT,
        "80 is the port of a Service; the workload's own, which counts here, is 8080",
    )


def test_a_port_without_a_chain_and_a_port_of_a_policy_without_a_selector() -> None:
    healthy = chains("STRICT", "http", 8080)
    missing = judged(healthy, authentication("STRICT", labels=WEB, ports={"1": "STRICT"}))["portLevelMtls.1"]
    assert (missing.state, missing.because) == (State.NOT_IN_EFFECT, "no inbound filter chain has port 1")
    old = judged(healthy, authentication("STRICT", labels=WEB, ports={"1": "STRICT"}), version="1.8.0")
    assert "before 1.9" in old["portLevelMtls.1"].because
    wide = judged(healthy, authentication("STRICT", ports={"8080": "STRICT"}))["portLevelMtls.8080"]
    assert (wide.state, wide.because) == (
        State.NOT_IN_EFFECT,
        "portLevelMtls counts only in a policy with a selector",
    )


# --- which policy counts -------------------------------------------------------------------------------------------

STRICT_8080 = chains("STRICT", "http", 8080)


@pytest.mark.parametrize(
    ("own", "other", "state", "because"),
    [
        (
            authentication("STRICT", day=2),
            authentication("STRICT", "older"),
            State.NOT_IN_EFFECT,
            "PeerAuthentication shop/older is older",
        ),
        (authentication("STRICT"), authentication("DISABLE", "younger", day=2), State.IN_EFFECT, "STRICT"),
        (
            authentication("DISABLE"),
            authentication("STRICT", "narrow", labels=WEB),
            State.NOT_IN_EFFECT,
            "PeerAuthentication shop/narrow says STRICT",
        ),
        (
            authentication("DISABLE", namespace=ROOT),
            authentication("STRICT", "narrow"),
            State.NOT_IN_EFFECT,
            "PeerAuthentication shop/narrow says STRICT",
        ),
        (
            authentication("STRICT", namespace=ROOT),
            authentication("UNSET", "unset"),
            State.IN_EFFECT,
            "STRICT",
        ),
        (
            authentication("UNSET"),
            authentication("STRICT", "mesh", ROOT),
            State.IN_EFFECT,
            "STRICT, inherited from PeerAuthentication istio-system/mesh",
        ),
        (
            authentication("UNSET", day=2),
            authentication("DISABLE", "older"),
            State.NOT_IN_EFFECT,
            "PeerAuthentication shop/older is older",
        ),
        (
            authentication("STRICT", namespace=ROOT, labels=WEB),
            authentication("STRICT"),
            State.NOT_IN_EFFECT,
            "with a selector in the root namespace istio-system it counts for no workload",
        ),
        (
            authentication("STRICT", labels={"app": "cart"}),
            authentication("STRICT", "x"),
            State.NOT_IN_EFFECT,
            "its selector asks for app=cart, which the proxy does not have",
        ),
        (
            authentication("STRICT", namespace="other"),
            authentication("STRICT"),
            State.NOT_IN_EFFECT,
            "it is for workloads of namespace other",
        ),
    ],
)
def test_the_narrowest_level_counts_and_there_the_oldest(own: Json, other: Json, state: State, because: str) -> None:
    found = judged(STRICT_8080, own, other)["mtls"]
    assert (found.state, found.because) == (state, because)


def test_an_older_policy_that_sets_nothing_leaves_the_younger_one_without_effect() -> None:
    younger, older = authentication("STRICT", day=2), authentication("UNSET", "older")
    assert judged(STRICT_8080, younger, older)["mtls"].because == "PeerAuthentication shop/older is older"
    inheriting = judged(chains("PERMISSIVE", "http", 8080), older, younger)["mtls"]
    assert (inheriting.state, inheriting.because) == (State.IN_EFFECT, "PERMISSIVE, the default")


def test_of_two_policies_of_unknown_age_nothing_is_said() -> None:
    first, second = authentication("STRICT"), authentication("DISABLE", "second")
    del second["metadata"]["creationTimestamp"]
    found = judged(STRICT_8080, first, second)["mtls"]
    assert (found.state, "their ages are not known" in found.because) == (State.UNKNOWN, True)


def test_what_is_inherited_is_unknown_where_the_root_namespace_cannot_be_seen() -> None:
    assert judged(STRICT_8080, authentication("UNSET"))["mtls"].state is State.UNKNOWN
    seen = authentication("UNSET", "mesh", ROOT)
    assert judged(STRICT_8080, authentication("UNSET"), seen)["mtls"].state is State.NOT_IN_EFFECT
    assert judged(chains("PERMISSIVE", "http", 8080), authentication("UNSET"))["mtls"].state is State.IN_EFFECT


def test_a_policy_that_says_nothing_is_one_as_a_whole() -> None:
    assert set(judged(chains("PERMISSIVE", "http", 8080), authentication())) == {""}


def test_a_gateway_follows_no_peer_authentication() -> None:
    found = judged(STRICT_8080, authentication("STRICT", labels=WEB), kind="router")["mtls"]
    assert (found.state, found.because) == (
        State.NOT_IN_EFFECT,
        "listeners of a gateway follow its Gateway, not a PeerAuthentication",
    )


def test_a_transport_socket_that_is_not_modelled_is_unknown() -> None:
    odd = [http_chain(transport_socket={"name": "x", "typed_config": {"@type": "type.googleapis.com/example.Odd"}})]
    assert judged(odd, authentication("STRICT"))["mtls"].state is State.UNKNOWN
