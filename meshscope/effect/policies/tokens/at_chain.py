"""The JWT rules of a RequestAuthentication at one filter chain of HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from meshscope.effect.answer import Difference, State
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import PolicyChain
from meshscope.effect.policies.tokens.provider import Known, differences, keys_of, rule_facts, too_new
from meshscope.effect.policies.tokens.requirement import expected, names_in, required
from meshscope.envoy.resource import LISTENER
from meshscope.istio.objects.request_authentication import JWTRule
from meshscope.path import Path
from meshscope.xds.jwt_authn import JwtAuthentication, JwtProvider
from meshscope.xds.message import Undecodable


class TokenRule(Struct, frozen=True, eq=False):
    """`path` leads to it in its object; those of other objects, which share the filter, have none."""

    rule: JWTRule
    path: Path = ()


def outcomes_at(chain: PolicyChain, asked: Sequence[TokenRule], known: Known) -> Iterator[Outcome]:
    """`asked` are the rules of every object that applies to the proxy."""
    found = list(_filters(chain))
    own = [one for one in asked if one.path]
    if unread := next((config for _, config in found if isinstance(config, Undecodable)), None):
        for one in own:
            yield _outcome(chain, one, State.UNKNOWN, f"the JWT filter of the {chain} does not read: {unread.why}")
        return
    configs = [(path, config) for path, config in found if isinstance(config, JwtAuthentication)]
    if not configs:
        for one in own:
            yield _outcome(chain, one, State.NOT_IN_EFFECT, f"the {chain} has no JWT filter")
        return
    path, config = configs[0]
    partners = _partners(asked, config, known)
    for one, name in zip(asked, partners, strict=True):
        if one.path:
            yield _judged(chain, one, name, config, path, asked, known)


def _filters(chain: PolicyChain) -> Iterator[tuple[Path, JwtAuthentication | Undecodable]]:
    for path, extension in chain.filters():
        config = extension.config
        if isinstance(config, JwtAuthentication) or (isinstance(config, Undecodable) and "jwt" in extension.type_name):
            yield path, config


def _partners(asked: Sequence[TokenRule], config: JwtAuthentication, known: Known) -> list[str | None]:
    """The name of the provider of each rule: one without a difference, else one of the same issuer, each once."""
    left = dict(config.providers)
    found: list[str | None] = [None] * len(asked)
    for is_exact in (True, False):
        for number, one in enumerate(asked):
            if found[number] is None:
                found[number] = next(
                    (
                        name
                        for name, provider in left.items()
                        if provider.issuer == one.rule.issuer
                        and not (is_exact and differences(one.rule, provider, known))
                    ),
                    None,
                )
                left.pop(found[number] or "", None)
    return found


def _judged(  # noqa: PLR0913, PLR0917  # what decides about a rule
    chain: PolicyChain,
    one: TokenRule,
    name: str | None,
    config: JwtAuthentication,
    path: Path,
    asked: Sequence[TokenRule],
    known: Known,
) -> Outcome:
    if name is None:
        because = f"the JWT filter of the {chain} has no provider for issuer {one.rule.issuer or 'without a name'}"
        return _outcome(chain, one, State.NOT_IN_EFFECT, because)
    provider = config.providers[name]
    where = (*path, "typed_config", "providers", name)
    if not any(name in names_in(rule.requires) for rule in config.rules) and name not in str(config.requirement_map):
        because = f"nothing in the JWT filter of the {chain} requires provider {name}"
        return _outcome(chain, one, State.NOT_IN_EFFECT, because, provider, where)
    found = differences(one.rule, provider, known)
    if any(each.rule.presence != "OPTIONAL" for each in asked):
        if not found:
            return _outcome(chain, one, State.UNKNOWN, "what presence requires is not modelled", provider, where)
    else:
        found = (*found, *_requirements(config))
    if found:
        because = f"{chain}: {'; '.join(map(str, found))}"
        return _outcome(chain, one, State.PARTLY, because, provider, where, found)
    if new := ", ".join(too_new(one.rule, known)):
        because = f"the control plane does not know {new}"
        return _outcome(chain, one, State.PARTLY, because, provider, where)
    because = f"provider {name}, keys {keys_of(provider)}"
    return _outcome(chain, one, State.IN_EFFECT, because, provider, where)


def _requirements(config: JwtAuthentication) -> Iterator[Difference]:
    """What all providers together are asked for."""
    wanted, found = expected(config.providers), "; ".join(required(config))
    if wanted != found:
        yield Difference("rules", wanted, found)
    if not config.bypass_cors_preflight:
        yield Difference("bypass_cors_preflight", "true", "")


def _outcome(  # noqa: PLR0913, PLR0917  # what an outcome is made of
    chain: PolicyChain,
    one: TokenRule,
    state: State,
    because: str,
    provider: JwtProvider | None = None,
    path: Path = (),
    found: tuple[Difference, ...] = (),
) -> Outcome:
    return Outcome(
        one.path,
        state,
        because,
        expected=", ".join(f"{field} {value}" for field, value in rule_facts(one.rule, Known()).items() if value),
        actual=f"issuer {provider.issuer}, keys {keys_of(provider)}" if provider else None,
        differences=found,
        made=chain.resource.location.below(path) if path else None,
        kind=LISTENER,
        name=chain.resource.name,
    )
