"""Whether a certificate's subject alternative names are among those that a validation context asks for.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-subjectaltnamematcher
One name that one matcher takes is enough; without matchers every name will do. Either side may ask: `asks` and `shows` are
`server` and `client`, or the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.simulation.connection import Envoy, Peer
from meshscope.simulation.matching.string import string_matches
from meshscope.simulation.verdict import YES, Verdict, any_of, no, unknown
from meshscope.xds.matcher import StringMatcher
from meshscope.xds.tls import CertificateValidationContext

_OTHER = ("IP_ADDRESS", "EMAIL")
_VISIBLE = {"URI", "DNS", "IP_ADDRESS", "EMAIL"}


def names_match(validation: CertificateValidationContext, peer: Peer, envoy: Envoy, *, shows: str) -> Verdict:
    """Unknown where a matcher asks for a kind of name that a Peer does not hold, or no name of it is known."""
    wanted_names = tuple(_wanted(validation))
    doubt = next((unknown(each.doubt) for each in validation.match_typed_subject_alt_names if each.unread), None)
    if not wanted_names and doubt is None:
        return YES
    if not peer.sans and not peer.der:
        return unknown(f"the names in the {shows}'s certificate are not given")
    verdict = any_of(
        (*(_matches(kind, matcher, peer, envoy) for kind, matcher in wanted_names), *((doubt,) if doubt else ()))
    )
    if verdict.is_no:
        return _none_of(tuple(str(matcher) for _, matcher in wanted_names), peer, shows)
    return verdict


def one_of(names: tuple[str, ...], peer: Peer, *, shows: str) -> Verdict:
    """Whether the certificate has one of these names, as a request's host asks for it (`auto_san_validation`)."""
    if not peer.sans and not peer.der:
        return unknown(f"the names in the {shows}'s certificate are not given")
    has = any(name in peer.sans or any(_dns(name, own).is_yes for own in peer.dns_sans) for name in names)
    return YES if has else _none_of(names, peer, shows)


def _none_of(names: tuple[str, ...], peer: Peer, shows: str) -> Verdict:
    asks = "server" if shows == "client" else "client"
    wanted, has = " or ".join(names[:4]), ", ".join(peer.sans) or "none"
    return no(f"the {asks} asks for a certificate with name {wanted}; the {shows}'s has {has}")


def _wanted(validation: CertificateValidationContext) -> Iterator[tuple[str, StringMatcher]]:
    """`match_subject_alt_names` is the older field, of any kind; it counts where the typed one is empty."""
    typed = validation.match_typed_subject_alt_names
    yield from ((each.san_type, each.matcher) for each in typed if not each.unread)
    if not typed:
        yield from (("", matcher) for matcher in validation.match_subject_alt_names)


def _matches(kind: str, matcher: StringMatcher, peer: Peer, envoy: Envoy) -> Verdict:
    if kind and (kind not in _VISIBLE or (kind in _OTHER and not peer.der)):
        return unknown(f"names of kind {kind} in the certificate")
    plain = (*(peer.uri_sans if kind in ("", "URI") else ()), *(peer.other_sans if kind in ("", *_OTHER) else ()))
    verdicts = [string_matches(matcher, name, envoy) for name in plain]
    for name in peer.dns_sans if kind in ("", "DNS") else ():
        is_exact = matcher.exact is not None
        verdicts.append(_dns(matcher.exact or "", name) if is_exact else string_matches(matcher, name, envoy))
    return any_of(verdicts)


def _dns(wanted: str, name: str) -> Verdict:
    """A name in a certificate may begin with `*.`, which stands for one label."""
    wanted, name = wanted.lower(), name.lower()
    label, dot, rest = wanted.partition(".")
    fits = wanted == name or (name.startswith("*.") and bool(label and dot) and rest == name[2:])
    return YES if fits else no(f"{name} is not {wanted}")
