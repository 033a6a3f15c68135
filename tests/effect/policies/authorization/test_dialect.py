from __future__ import annotations

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.policies.authorization.dialect import Dialect, dialect

from .. import small_mesh
from ..small_mesh import policy

BOB = "/ns/a/sa/bob"


def of(version: str) -> Dialect:
    configuration = Configuration(small_mesh.mesh(small_mesh.proxy(version=version), policy("AuthorizationPolicy", {})))
    (client,) = configuration.clients
    return dialect(configuration, "shop", client)


@pytest.mark.parametrize(
    ("principal", "domains", "found"),
    [
        ("cluster.local", ("new", "old"), ("new", "old")),
        ("old", ("new", "old"), ("new", "old")),
        ("other", ("new", "old"), ("other",)),
        ("*-td", ("old-td", "new-td"), ("*-td",)),
        ("*-td", ("old-td", "new"), ("*-td", "new")),
        ("*", ("new", "old"), ("*",)),
        ("cluster.local", ("cluster.local",), ("cluster.local",)),
    ],
)
def test_a_principal_of_the_mesh_counts_for_each_of_its_trust_domains(
    principal: str, domains: tuple[str, ...], found: tuple[str, ...]
) -> None:
    spoken = Dialect("shop", trust_domains=domains)
    assert spoken.principals((principal + BOB,)) == tuple(domain + BOB for domain in found)


def test_what_is_no_principal_of_a_trust_domain_is_left_alone() -> None:
    assert Dialect("shop", trust_domains=("new", "old")).principals(("*", "sa/bob")) == ("*", "sa/bob")


def test_special_characters_are_quoted_as_in_go() -> None:
    assert Dialect("shop").quoted("a.b-c[0]") == r"a\.b-c\[0\]"
    assert Dialect("shop", quotes=False).quoted("a.b") == "a.b"


@pytest.mark.parametrize(
    ("version", "quotes", "known"),
    [
        ("1.20.0", False, {"is_old_jwt"}),
        ("1.21.0", False, set()),
        ("1.22.0", False, {"templates"}),
        ("1.25.0", False, {"templates", "service_accounts"}),
        ("1.28.6", False, {"templates", "service_accounts"}),
        ("1.28.7", True, {"templates", "service_accounts"}),
        ("1.30.1", True, {"templates", "service_accounts"}),
        ("1.30.2", True, {"templates", "service_accounts", "trust_domain_fields"}),
    ],
)
def test_each_version_knows_what_it_knows(version: str, quotes: bool, known: set[str]) -> None:
    found = of(version)
    fields = ("is_old_jwt", "templates", "service_accounts", "trust_domain_fields")
    assert (found.quotes, {field for field in fields if getattr(found, field)}) == (quotes, known)
