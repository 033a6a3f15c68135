"""A selector of labels, by values and by expressions.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.typed import Typed


class LabelSelectorRequirement(Typed, frozen=True):
    """`operator` is In, NotIn, Exists or DoesNotExist."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()

    def holds(self, labels: Labels) -> bool:
        if self.operator in ("Exists", "DoesNotExist"):
            return labels.has(self.key) == (self.operator == "Exists")
        is_in = labels.has(self.key) and labels.get(self.key) in self.values
        return is_in == (self.operator == "In")


class LabelSelector(Typed, frozen=True, rename="camel"):
    match_labels: Labels = Labels()
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()

    def selects(self, labels: Labels) -> bool:
        """The empty selector selects everything; callers decide what it means."""
        return labels.match(self.match_labels) and all(one.holds(labels) for one in self.match_expressions)
