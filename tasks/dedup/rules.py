"""The rules for copies and revisions, passed to the publisher.

The publisher keeps the tables and knows no rules; these functions know the rules and write nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from copydesk.tasks.dedup.bylines import Story, same_but_byline
from copydesk.tasks.dedup.clusters import duplicates
from copydesk.tasks.dedup.pairs import RULES, PairRules, PairSet, compare, settle
from copydesk.tasks.dedup.revision_diff import ChangeKind, measure
from copydesk.tasks.dedup.signatures import VERSION

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_REVISION: Final = 2
"""Increase it when the judging, assigning or describing of pairs changes: all is recomputed."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Implements ``copydesk.warehouse.publish.duplicates.Comparison`` with these rules."""

    rules: PairRules = RULES
    signing: int = VERSION

    @property
    def version(self) -> str:
        """Return the version of the rules; results of two versions cannot be mixed."""
        text = repr((_REVISION, self.signing, sorted(asdict(self.rules).items())))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def find(self, connection: duckdb.DuckDBPyConnection) -> PairSet:
        """Find the copies among fresh and known contents, using the views of ``dedup.pairs``."""
        return compare(connection, rules=self.rules)

    def settle(
        self, connection: duckdb.DuckDBPyConnection, edges: pa.Table, crowded: pa.Table
    ) -> pa.Table:
        """Check stored edges again, using the same views."""
        return settle(connection, edges, crowded, rules=self.rules)

    def duplicates(self, articles: pa.Table, edges: pa.Table) -> pa.Table:
        """Return for each article the earlier one that it repeats, if any."""
        return duplicates(articles, edges)

    def same_but_byline(
        self, first: tuple[str, str, Sequence[str]], second: tuple[str, str, Sequence[str]]
    ) -> bool:
        """Return whether two articles (title, text, authors) differ in a byline at most."""
        return same_but_byline(Story(*first), Story(*second))

    def change(
        self, before: tuple[str, str], after: tuple[str, str], *, reverted: bool
    ) -> tuple[str, float]:
        """Return the kind of a revision and the share of words that changed."""
        kind, share, _, _ = measure(before, after)
        return (ChangeKind.REVERTED if reverted else kind).value, share


COPIES: Final = Copies()
