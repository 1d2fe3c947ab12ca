"""What is found of access and reservations on made pages: ``python -m benchmarks.trust``.

A row for each kind of cases in ``made_trust.py``: cases right, wrong (something else was found, or
something where nothing is) and absent (nothing was found where something is).
"""

from __future__ import annotations

from collections import Counter, defaultdict

from benchmarks.made_trust import CASES, URL, Case
from copydesk.schemas.article import Article
from copydesk.tasks.cleaning import clean

Found = tuple[str | None, tuple[str, ...]]


def found(case: Case) -> Found:
    """Return the access and the kinds of reservations that cleaning finds."""
    media_type = "text/plain" if case.is_text else "text/html"
    result = clean(
        case.document.encode(), media_type=media_type, url=URL, transport=case.transport or None
    )
    if not isinstance(result, Article):
        raise TypeError(f"{case.kind}, {case.name}: {result.detail}")
    return result.access, tuple(sorted(result.reservations))


def verdict(case: Case) -> str:
    """Return right, wrong or absent."""
    access, reserved = found(case)
    if (access, reserved) == (case.access, tuple(sorted(case.reserved))):
        return "right"
    nothing = access is None and not reserved
    return "absent" if nothing else "wrong"


def main() -> None:
    """Print the table."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for case in CASES:
        counts[case.kind][verdict(case)] += 1
    print(f"{'':12}" + "".join(f"{name:>8}" for name in ("cases", "right", "wrong", "absent")))
    for kind, of_kind in counts.items():
        figures = (of_kind.total(), of_kind["right"], of_kind["wrong"], of_kind["absent"])
        print(f"{kind:12}" + "".join(f"{figure:8}" for figure in figures))


if __name__ == "__main__":
    main()
