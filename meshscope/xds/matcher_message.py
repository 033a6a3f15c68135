"""What messages that decide share: a field that meshscope does not know is kept by name, for it may change the decision.

Elsewhere an unknown field is skipped. Here it makes the matcher unknown, and nothing else.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType, field

from meshscope.xds.marks import UNREAD
from meshscope.xds.message import Message


class MatcherMessage(Message, frozen=True, forbid_unknown_fields=True):
    """Base of the matchers. `unread` names fields that are in the document and not known to meshscope; unset without any, so
    that no JSON shows it.
    """

    unread: tuple[str, ...] | UnsetType = field(name=UNREAD, default=UNSET)

    @property
    def doubt(self) -> str:
        """Why this matcher cannot decide; "" where each of its fields is known."""
        if not self.unread:
            return ""
        if len(self.unread) == 1:
            return f"field {self.unread[0]} is not known to meshscope"
        return f"fields {', '.join(self.unread)} are not known to meshscope"

    def with_doubt(self, text: str) -> str:
        """Words for this matcher, with the fields that are not known behind them."""
        return f"{text} ({self.doubt})" if self.unread else text


class ExtensionMatcher(MatcherMessage, frozen=True):
    """Base of the matchers that stand in an Any, beside its `@type`."""

    type_url: str = field(name="@type", default="")


class MatcherPart(Message, frozen=True, forbid_unknown_fields=True):
    """Base of what a matcher is made of; an unknown field of a part counts as one of the matcher around it."""
