from __future__ import annotations

import pytest

from meshscope.effect.policies.authorization.dialect import Dialect
from meshscope.effect.policies.authorization.expected import Expected, expected
from meshscope.istio.kubernetes import decode
from meshscope.istio.objects.authorization_policy import AuthorizationPolicy, Rule

from ....istio.objects import built_object
from ..small_mesh import Json

SHOP = Dialect("shop")
OLD = Dialect("shop", is_old_jwt=True, is_old_host=True, quotes=False, templates=False)


def rule(value: Json) -> Rule:
    read = decode(
        built_object("AuthorizationPolicy", "security.istio.io/v1", spec={"rules": [value]}), AuthorizationPolicy
    )
    assert isinstance(read, AuthorizationPolicy)
    return read.spec.rules[0]


def made(value: Json, dialect: Dialect = SHOP, *, is_allow: bool = True, is_tcp: bool = False) -> Expected:
    return expected(rule(value), dialect, is_allow=is_allow, is_tcp=is_tcp)


def by(**source: Json) -> Json:
    return {"from": [{"source": source}]}


def to(**operation: Json) -> Json:
    return {"to": [{"operation": operation}]}


def test_an_empty_rule_asks_nothing() -> None:
    assert made({}).words == "any by any"
    assert made({"from": [{}], "to": [{"operation": {}}]}).words == "any by any"


def test_members_of_one_entry_hold_together_and_entries_one_by_one() -> None:
    found = made({"to": [{"operation": {"methods": ["GET"], "ports": ["1"]}}, {"operation": {"ports": ["2"]}}]})
    assert found.words == "(destination port 1 and header :method=GET) or destination port 2 by any"


def test_conditions_hold_for_each_entry() -> None:
    when = [{"key": "source.ip", "values": ["10.0.0.1"]}]
    found = made({**to(ports=["1"]), "from": [{"source": {"namespaces": ["a"]}}, {}], "when": when})
    assert found.words == (
        "destination port 1 by (peer address 10.0.0.1/32 and principal ~.*/ns/a/.*) or peer address 10.0.0.1/32"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (by(requestPrincipals=["a/*"]), "metadata istio_authn[request.auth.principal] ^=a/"),
        (
            {"when": [{"key": "request.auth.audiences", "values": ["x"]}]},
            "metadata istio_authn[request.auth.audiences] =x",
        ),
        (
            {"when": [{"key": "request.auth.claims[a][b]", "values": ["x"]}]},
            "metadata istio_authn[request.auth.claims][a][b] has =x",
        ),
        (by(namespaces=["te.am"]), "principal ~.*/ns/te.am/.*"),
    ],
)
def test_claims_and_regular_expressions_of_old_versions(value: Json, words: str) -> None:
    assert made(value, OLD).words == f"any by {words}"


@pytest.mark.parametrize(
    ("host", "pattern"),
    [("a.example", r"(?i)a\.example"), ("*.example", r"(?i).*\.example"), ("a.*", r"(?i)a\..*"), ("*", "")],
)
def test_hosts_of_old_proxies_are_regular_expressions(host: str, pattern: str) -> None:
    assert made(to(hosts=[host]), OLD).words == f"header :authority{'~' + pattern if pattern else ''} by any"


def test_a_template_of_an_old_version_is_a_path() -> None:
    assert made(to(paths=["/a/{*}"])).words == "path template /a/* by any"
    assert made(to(paths=["/a/{*}"]), OLD).words == "path =/a/{*} by any"


@pytest.mark.parametrize(
    "value",
    [
        to(ports=["http"]),
        to(ports=["65536"]),
        by(ipBlocks=["10.0.0"]),
        {"when": [{"key": "request.headers", "values": ["a"]}]},
        {"when": [{"key": "request.auth.claims", "values": ["a"]}]},
        {"when": [{"key": "experimental.envoy.filters.a", "values": ["a"]}]},
    ],
)
def test_a_value_that_cannot_be_used_takes_an_allow_rule_and_leaves_others(value: Json) -> None:
    allowed, denied = made(value), made(value, is_allow=False)
    assert (allowed.policy, bool(allowed.left_out)) == (None, True)
    assert (denied.words, denied.left_out) == ("any by any", allowed.left_out)


def test_an_unknown_condition_takes_every_rule() -> None:
    for is_allow in (True, False):
        found = made({"when": [{"key": "request.mood", "values": ["a"]}]}, is_allow=is_allow)
        assert (found.policy, found.left_out) == (None, ("when[0] (request.mood)",))


def test_on_connections_members_of_requests_are_left_out() -> None:
    value = {**to(methods=["GET"], ports=["1"]), **by(requestPrincipals=["*"], namespaces=["a"])}
    denied = made(value, is_allow=False, is_tcp=True)
    assert denied.words == "destination port 1 by principal ~.*/ns/a/.*"
    assert denied.left_out == ("to[0].methods", "from[0].requestPrincipals")
    assert made(value, is_tcp=True).policy is None


def test_members_that_are_not_modelled_or_too_new_are_named() -> None:
    found = made({"when": [{"key": "source.trustDomain", "values": ["a"]}]})
    assert found.unknown == ("when[0] (source.trustDomain)",)
    old = Dialect("shop", service_accounts=False, trust_domain_fields=False)
    found = made(by(serviceAccounts=["a"], trustDomains=["b"]), old)
    assert (found.words, found.too_new) == ("any by any", ("from[0].serviceAccounts", "from[0].trustDomains"))
