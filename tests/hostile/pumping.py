"""How the time of a pattern grows: inputs made from its own parse tree, and their CPU time.

Each repeated part is repeated n times and 2n times, behind what may stand before it and before
what nearly ends the match; what begins a match is repeated, too, for a search tries each of them.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

try:
    from re import _parser as sre_parse
except ImportError:  # Python 3.10
    import sre_parse  # type: ignore[no-redef]

STEEPEST = 1.5
"""Exponent of the growth that is refused: 1 is linear, 2 quadratic."""

LONGEST = 4_000  # characters of a probe: a quadratic search takes 2.5 ms of it, a linear one .15 ms
WORTH_A_LOOK = 1 / 16
"""Share of the time that the slowest quadratic search of the longest probe takes on this machine:
a millisecond where that is 16 of them. Bounded repeats are quadratic in shorter probes, which take
as long on a slow machine."""
BOUNDED_SECONDS = 0.1
ATTEMPTS = 3
_COUNTS = (*range(8, 33, 4), 40, 48, 64, 128, 512, 4096)
"""Near together where time may double with each, then far apart: the longest take most time."""
_MANY = 12  # repetitions from which a bounded repeat is pumped like one without an end
_VARIANTS = 4
_POOL = " a0A\n-._</>\"'=&;:[](){}#*|@\téд一\u0301\u0e01"
_TAILS = ("", "\x00", "\n", "z")
_ANCHORED = frozenset({"match", "fullmatch"})


@dataclass(frozen=True)
class Growth:
    """The steepest growth that was seen, as an exponent, and the input it was seen with."""

    exponent: float
    sample: str
    seconds: float = 0.0


LINEAR = Growth(1.0, "")


class _Witness:
    """Strings that parts of a pattern match, as short as they may be, and chosen to be reused."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        text = pattern.pattern
        self.tree = sre_parse.parse(text, pattern.flags & ~re.DEBUG)
        self.groups: dict[int, str] = {}
        source = text.decode("latin-1") if isinstance(text, bytes) else text
        binary = isinstance(text, bytes)
        letters = dict.fromkeys(source + _POOL)
        self.pool = [letter for letter in letters if not binary or ord(letter) < 256]

    def letters(self, node: tuple[Any, Any]) -> list[str]:
        """Give the pool's letters that a node of one letter matches."""
        single = sre_parse.SubPattern(self.tree.state, [node])
        flags = self.tree.state.flags
        from re import _compiler  # what the parser's tree is for

        code = _compiler.compile(single, flags & (re.I | re.S | re.U | re.A))
        return [letter for letter in self.pool if code.fullmatch(self.coded(letter))]

    def coded(self, text: str) -> str | bytes:
        return text.encode("latin-1") if isinstance(self.tree.state.str, bytes) else text

    def of(self, items: Sequence[tuple[Any, Any]], choice: int = 0) -> str:
        """Give a string that the items match one after the other; assertions are not asked."""
        return "".join(self.item(item, choice) for item in items)

    def item(self, node: tuple[Any, Any], choice: int) -> str:
        name, value = str(node[0]), node[1]
        if name == "LITERAL":
            return chr(value)
        if name in {"ANY", "IN", "NOT_LITERAL", "CATEGORY"}:
            letters = self.letters(node)
            return letters[choice % len(letters)] if letters else "?"
        if name == "BRANCH":
            branches = value[1]
            return self.of(branches[choice % len(branches)], choice)
        if name == "SUBPATTERN":
            text = self.of(value[3], choice)
            self.groups[value[0]] = text
            return text
        if name == "ATOMIC_GROUP":
            return self.of(value, choice)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            return self.of(value[2], choice) * value[0]
        if name == "GROUPREF":
            return self.groups.get(value, "")
        if name == "GROUPREF_EXISTS":
            return self.of(value[1], choice)
        if name == "ASSERT" and value[0] < 0:
            return self.of(value[1], choice)
        return ""

    def repeats(self) -> Iterator[tuple[str, list[str], str]]:
        """Give what stands before each repeated part, forms of the part, and what follows it."""
        yield from self._repeats(list(self.tree), "", "")

    def _repeats(
        self, items: list[tuple[Any, Any]], before: str, after: str
    ) -> Iterator[tuple[str, list[str], str]]:
        for number, (code, value) in enumerate(items):
            name = str(code)
            prefix = before + self.of(items[:number])
            remainder = self.of(items[number + 1 :]) + after
            inner: list[Any] = []
            if name == "BRANCH":
                inner = value[1]
            elif name == "SUBPATTERN":
                inner = [value[3]]
            elif name in {"ASSERT", "ASSERT_NOT"}:
                inner = [value[1]]
            elif name == "ATOMIC_GROUP":
                inner = [value]
            elif name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
                if value[1] is sre_parse.MAXREPEAT or value[1] >= _MANY:
                    yield prefix, self._forms(list(value[2])), remainder
                inner = [value[2]]
            for part in inner:
                yield from self._repeats(list(part), prefix, remainder)

    def _forms(self, items: list[tuple[Any, Any]]) -> list[str]:
        if len(items) == 1 and str(items[0][0]) in {"ANY", "IN", "NOT_LITERAL", "CATEGORY"}:
            letters = self.letters(items[0])
            # the pattern's own letters first: those that another part may take as well
            return letters[:_VARIANTS] + [x for x in " a0\n" if x in letters[_VARIANTS:]]
        forms = dict.fromkeys(self.of(items, choice) for choice in range(_VARIANTS))
        inner = (
            prefix + form * 2 + remainder
            for prefix, forms_, remainder in self._repeats(items, "", "")
            for form in forms_[:2]
        )
        return [form for form in dict.fromkeys([*forms, *inner]) if form][: 2 * _VARIANTS]


@dataclass(frozen=True)
class Pump:
    """An input of any length: a beginning, a part to be repeated, and an end."""

    head: str
    unit: str
    tail: str

    def text(self, count: int) -> str:
        return self.head + self.unit * count + self.tail

    def __str__(self) -> str:
        return f"{self.head!r} + {self.unit!r} * n + {self.tail!r}"


def pumps(pattern: re.Pattern[Any]) -> list[Pump]:
    """Make the inputs that a pattern is timed with."""
    witness = _Witness(pattern)
    whole = witness.of(list(witness.tree))
    created: dict[Pump, None] = {}
    for prefix, forms, remainder in witness.repeats():
        near = (remainder[:-1], remainder[:-1] + "\x00", remainder)
        for form in forms:
            for tail in dict.fromkeys((*_TAILS, *near)):
                created[Pump(prefix, form, tail)] = None
            for head in ("", "\n", "x"):
                created[Pump(head, form, "\x00")] = None
            for unit in (prefix, prefix + form, prefix + form * 2, prefix + form + remainder[:-1]):
                created[Pump("", unit, "\x00")] = None
    for unit in (whole, whole[:-1], *witness.pool[:40]):
        created[Pump("", unit, "\x00")] = None
    return [pump for pump in created if pump.unit]


def runner(pattern: re.Pattern[Any], methods: frozenset[str]) -> Callable[[Any], object]:
    """Give the way to time a pattern: by a search, unless it is only ever matched at the start."""
    if methods and methods <= _ANCHORED:
        return pattern.fullmatch if methods == {"fullmatch"} else pattern.match
    return lambda text: sum(1 for _ in pattern.finditer(text))


def growth(
    pattern: re.Pattern[Any],
    methods: frozenset[str] = frozenset(),
    longest: int | None = None,
) -> Growth:
    """Find the steepest growth of a pattern's time, or the first that is refused.

    ``longest`` bounds the characters of its inputs: up to there 100 ms may pass, however they grow.
    """
    run = runner(pattern, methods)
    binary = isinstance(pattern.pattern, bytes)
    worst = LINEAR
    for pump in pumps(pattern):
        result = _growth(run, pump, binary=binary, longest=longest or LONGEST)
        if result.exponent > worst.exponent:
            worst = result
        if worst.exponent >= STEEPEST:  # one such input is enough
            break
    return worst


@cache
def _quadratic_seconds() -> float:
    """Time such a search: machines differ in speed."""
    probe, times = " " * LONGEST, []
    for _ in range(5):
        start = time.thread_time()
        re.search(r"\s+,", probe)
        times.append(time.thread_time() - start)
    return min(times)


def _growth(run: Callable[[Any], object], pump: Pump, *, binary: bool, longest: int) -> Growth:
    def seconds(count: int) -> float:
        text = pump.text(count)
        value = text.encode("latin-1", "replace") if binary else text
        start = time.thread_time()
        run(value)
        return time.thread_time() - start

    size = len(pump.unit)
    is_bounded = longest != LONGEST
    worth = BOUNDED_SECONDS if is_bounded else WORTH_A_LOOK * _quadratic_seconds()

    def is_slow(count: int) -> bool:  # twice: others use the machine
        return seconds(count) >= worth and seconds(count) >= worth

    quick = 0
    for count in _COUNTS:
        repeats = count if count <= 32 else min(count, max(longest // size, 32))
        if is_slow(repeats):
            between = math.isqrt(quick * repeats)
            return _measured(seconds, between if is_slow(between) else repeats, pump)
        if count * size >= longest:
            break
        quick = repeats
    return LINEAR


def _measured(seconds: Callable[[int], float], count: int, pump: Pump) -> Growth:
    """Compare the times of half and whole; the least of some attempts, for others use the machine.

    Never more than the length that was slow: where time doubles with each repetition, a longer
    one would not end.
    """
    exponent, last = math.inf, 0.0
    for _ in range(ATTEMPTS):
        first = max(min(seconds(count // 2) for _ in range(2)), 2e-6)
        last = min(seconds(count) for _ in range(2))
        exponent = min(exponent, math.log2(max(last, 1e-9) / first))
        if exponent < STEEPEST:
            break
    return Growth(exponent, str(pump), last)
