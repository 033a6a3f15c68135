"""What the JWT filter requires, as a term: of several providers any token that is valid will do, and none is needed.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.xds.jwt_authn import JwtAuthentication, JwtRequirement
from meshscope.xds.message import present

MISSING = "allow missing"


def required(config: JwtAuthentication) -> Iterator[str]:
    """Of each rule: what it matches, and what it requires."""
    for rule in config.rules:
        requirement = rule.requires or config.requirement_map.get(rule.requirement_name)
        matched = " ".join((rule.match.path_specifier(), *rule.match.conditions()))
        yield f"{matched}: {_text(requirement) if requirement else 'nothing'}"


def expected(providers: Iterable[str]) -> str:
    names = tuple(providers)
    each = [f"any({', '.join(sorted((name, MISSING)))})" for name in names]
    if len(names) == 1:
        return f"/*: {each[0]}"
    return f"/*: any({', '.join(sorted((*names, _joined('all', each))))})"


def names_in(requirement: JwtRequirement | None) -> Iterator[str]:
    """The providers that it mentions."""
    if requirement is None:
        return
    if requirement.provider_name:
        yield requirement.provider_name
    if requirement.provider_and_audiences:
        yield requirement.provider_and_audiences.provider_name
    for some in (requirement.requires_any, requirement.requires_all):
        for one in some.requirements if some else ():
            yield from names_in(one)


def _text(one: JwtRequirement) -> str:
    if one.requires_any is not None:
        return _joined("any", map(_text, one.requires_any.requirements))
    if one.requires_all is not None:
        return _joined("all", map(_text, one.requires_all.requirements))
    if one.provider_and_audiences is not None:
        asked = one.provider_and_audiences
        return f"{asked.provider_name} for {', '.join(sorted(asked.audiences))}"
    if present(one.allow_missing_or_failed):
        return "allow missing or failed"
    if present(one.extract_only_without_validation):
        return "extract only"
    return MISSING if present(one.allow_missing) else one.provider_name or "nothing"


def _joined(word: str, parts: Iterable[str]) -> str:
    return f"{word}({', '.join(sorted(parts))})"
