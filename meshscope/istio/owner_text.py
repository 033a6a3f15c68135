"""The words by which an answer names the manifest behind it: `AuthorizationPolicy bank/ledger rules[2]`."""

from __future__ import annotations

import re

from msgspec import Struct

from meshscope.path import Path

_TEXT = re.compile(r"(?P<kind>\w+) (?:(?P<namespace>[^/ ]+)/)?(?P<name>[^ /]+)(?: rules?[\[ ](?P<rule>\d+)\]?)?")


class OwnerText(Struct, frozen=True):
    """`namespace` is "" for an object without one; `rule` counts from 0 in its `spec.rules`, None for the whole object."""

    kind: str
    namespace: str
    name: str
    rule: int | None = None

    @property
    def whole(self) -> str:
        """The object without its rule."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def part(self) -> Path:
        """Where the rule is in the object; empty for the whole object."""
        return () if self.rule is None else ("spec", "rules", self.rule)


def parse_owner(text: str) -> OwnerText | None:
    """None for words of another form."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    rule = found["rule"]
    return OwnerText(found["kind"], found["namespace"] or "", found["name"], None if rule is None else int(rule))
