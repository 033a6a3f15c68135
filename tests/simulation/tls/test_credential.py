from __future__ import annotations

from typing import Any

from meshscope.simulation.connection import Peer
from meshscope.simulation.tls.credential import Credential, credentials, shown_to
from meshscope.simulation.tls.secrets import NO_SECRETS, Secrets
from meshscope.xds.secret import Secret
from meshscope.xds.tls import CommonTlsContext

from ...certificates import authority, leaf
from ..reading import read

A = authority("A")
ONE, TWO = leaf(A, "a.example", "spiffe://td/one"), leaf(A, "*.b.example")


def listed(common: dict[str, Any], secrets: Secrets = NO_SECRETS) -> tuple[Credential, ...]:
    return credentials(read(CommonTlsContext, common), secrets)


def test_a_certificate_is_written_in_the_context_or_delivered_by_sds() -> None:
    inline = {"tls_certificates": [{"certificate_chain": {"inline_string": ONE.pem + A.pem}}]}
    assert listed(inline) == (Credential((ONE.der, A.der)),)
    by_name = {"tls_certificate_sds_secret_configs": [{"name": "own"}]}
    assert listed(by_name) == (Credential(name="own"),)
    own = read(Secret, {"name": "own", "tls_certificate": {"certificate_chain": {"inline_string": TWO.pem}}})
    assert listed({**inline, **by_name}, Secrets({"own": own}.get)) == (Credential((TWO.der,), "own"),)
    assert listed({}) == ()


def test_the_other_side_sees_the_names_and_an_identity_of_istio_where_it_was_not_captured() -> None:
    peer = Credential((ONE.der, A.der)).peer
    assert (peer.presented, peer.validated, peer.uri_sans, peer.dns_sans) == (
        True, None, ("spiffe://td/one",), ("a.example",))  # fmt: skip
    assert (peer.der, peer.intermediates, peer.subject) == (ONE.der, (A.der,), "")
    assert Credential((leaf(A, "10.0.0.1", subject="x").der,)).peer.other_sans == ("10.0.0.1",)
    assert Credential((leaf(A, subject="x").der,)).peer.subject == "CN=x"
    istio = Secrets(lambda _: None, identity=lambda: "spiffe://td/i")
    (own,), (other,) = (
        listed({"tls_certificate_sds_secret_configs": [{"name": name}]}, istio) for name in ("default", "x")
    )
    assert own.peer == Peer(presented=True, validated=True, uri_sans=("spiffe://td/i",))
    assert other.peer == Peer(presented=True)


def test_of_several_certificates_the_servers_name_chooses() -> None:
    one, two = Credential((ONE.der,)), Credential((TWO.der,))
    assert shown_to("a.example", (two, one)) == (one,)
    assert shown_to("x.b.example", (one, two)) == (two,)
    assert shown_to("b.example", (one, two)) == (one, two), "a wildcard stands for one label"
    assert shown_to("", (two, one)) == (two, one)
    assert shown_to("a.example", (one, Credential(name="s"))) == (one, Credential(name="s"))
