"""What was replaced, by kind: counted document by document, so that one that is read twice counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping


class ReplacedCounts(Mapping[str, int]):
    """Replaced values by their kind, of all documents that have been read so far."""

    def __init__(self) -> None:
        self._documents: dict[str, Counter[str]] = {}

    def document(self, name: str) -> Counter[str]:
        """An empty count for a document that is read now."""
        count = self._documents[name] = Counter()
        return count

    def _sum(self) -> Counter[str]:
        return sum(self._documents.values(), Counter())

    def __getitem__(self, kind: str) -> int:
        return self._sum()[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._sum()))

    def __len__(self) -> int:
        return len(self._sum())
