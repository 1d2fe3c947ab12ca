"""Find reporters' names in Chinese, Japanese and Korean text, without spaces or capitals.

Surnames, roles and places are in ``data/cjk_names.toml``. A name is recognised by its surname and
by what surrounds it ("本报讯（记者王敬照）", "記者劉世怡台北11日電", "항만일보=김민수 기자").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

HAN: Final = r"\u3400-\u9fff\uf900-\ufaff\u3005"
CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7af]")
_DESK: Final = re.compile("(?:부|팀|국|센터|인턴|선임|전문|수습|객원|시민)$")
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_ROLE_SIGNS: Final = ("者", "员", "員", "撰", "作", "译", "譯", "笔", "筆", "采", "採", "生")

# Characters at a text's beginning and end where a dateline's brackets may name a reporter.
_HEAD: Final = 110
_TAIL: Final = 70
_SHORT: Final = 60  # maximum characters of a line that is only a byline
_NEAR: Final = 8  # maximum characters of an organisation's name before a role
_OPEN, _CLOSE = "（(【[〔［「", "）)】]〕］」"
_BRACKETED: Final = re.compile(
    rf"[{re.escape(_OPEN)}]([^{re.escape(_OPEN + _CLOSE)}]{{2,60}})[{re.escape(_CLOSE)}]"
)
_BETWEEN: Final = re.compile(r"[\s\u3000、，,;；&＆・]+")
# Fields that describe the site, such as "财讯网_提供股票" or "以及个人理财咨询等服务".
_LONGEST: Final = 8
_SENTENCE: Final = re.compile(r"^[\u3400-\u9fff_]*(?:_|以及|提供|服务$|服務$|的)")
_AT_ONCE: Final = " \t\u3000:：/／╱\\|｜=＝・"
# Text that follows a reporter's name: "／台北報導", "11日電", "报道", "摄".
_REPORTS: Final = re.compile(
    r"(?P<photo>[摄攝]影?|供?[图圖])|(?:综合|綜合|采访|採訪|专题|專題)?(?:报道|報導|報道|报导)"
    r"|\d{1,2}\s?日?\s?[专專]?[电電讯訊]|[电電讯訊](?=$|\s)|整理|发自|發自|[/／╱|｜\\]|\d"
)
_LABELLED: Final = re.compile(rf"(?:^|[\s\u3000,，;；|｜／/([（【［])[{HAN}]{{1,8}}[:：]")
_LINE_START: Final = re.compile(
    rf"[\s\u3000\\\\◎●▲■※◆★○►▶#＃*]*(?:[{HAN}\w]{{2,12}}[╱／/|｜:：－\s\u3000-]{{1,3}})?"
)
_END_NAME: Final = re.compile(rf"[（(【［][{HAN}=＝・、\s\u3000]{{2,24}}[）)】］]\s*$")


class _Tables(NamedTuple):
    """The vocabulary as sets and compiled patterns."""

    han: frozenset[str]
    han_double: frozenset[str]
    hangul: frozenset[str]
    hangul_double: frozenset[str]
    japanese: frozenset[str]
    places: frozenset[str]
    not_names: frozenset[str]
    han_role: re.Pattern[str]
    japanese_role: re.Pattern[str]
    hangul_role: re.Pattern[str]
    not_author: re.Pattern[str]
    heads: frozenset[str]
    head: re.Pattern[str]


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    path = files("copydesk.tasks.cleaning") / "data" / "cjk_names.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))

    def either(*names: str) -> str:
        entries = [word for name in names for word in table[name]]
        return "|".join(map(re.escape, sorted(entries, key=len, reverse=True)))

    return _Tables(
        han=frozenset("".join(table["han_surnames"])),
        han_double=frozenset(table["han_double_surnames"]),
        hangul=frozenset("".join(table["hangul_surnames"])),
        hangul_double=frozenset(table["hangul_double_surnames"]),
        japanese=frozenset(table["japanese_surnames"]),
        places=frozenset(table["han_places"]),
        not_names=frozenset(table["not_names"]),
        # Bounded, because a run of prefixes without a role would be rescanned from each prefix.
        han_role=re.compile(rf"(?:{either('han_role_heads')}){{0,6}}(?:{either('han_roles')})"),
        japanese_role=re.compile(rf"(?:{either('japanese_roles')})$"),
        hangul_role=re.compile(rf"(?:{either('hangul_roles')})$"),
        heads=frozenset(table["heads"]),
        head=re.compile(rf"(?:{either('heads')})\s*[:：/／=＝・|｜]\s*(?=\S)"),
        not_author=re.compile(
            rf"(?:{either('not_authors')})(?:\s*[:：/／=＝|｜]|\s[가-힣]{{2,5}}$)"
        ),
    )


def is_han_name(name: str) -> bool:
    """Return whether Han characters form a Chinese name: a surname and one or two characters."""
    if "·" in name:
        return 3 <= len(name) <= 20
    tables = _tables()
    if name in tables.places:
        return False
    return (len(name) in {2, 3} and name[0] in tables.han) or (
        len(name) in {3, 4} and name[:2] in tables.han_double
    )


def is_hangul_name(name: str) -> bool:
    """Return whether syllables form a Korean name: a surname and one to three syllables."""
    tables = _tables()
    return (2 <= len(name) <= 4 and name[0] in tables.hangul) or (
        3 <= len(name) <= 5 and name[:2] in tables.hangul_double
    )


def names_of(part: str, language: str | None = None) -> tuple[str, ...]:
    """Return the names of a byline's part in these scripts, without roles, houses and places."""
    part = part.strip(" \t\u3000=＝・:：/／╱|｜")
    if part[:1] in _OPEN and part[-1:] in _CLOSE:
        part = part[1:-1].strip()
    if not part or (not _KANA.search(part) and len(part) > _LONGEST and _SENTENCE.search(part)):
        return ()
    tables = _tables()
    if tables.not_author.match(part) or part in tables.heads:
        return ()
    if head := tables.head.match(part):
        part = part[head.end() :]
    if _HANGUL.search(part):
        return _korean(part)
    if language == "ja" or _KANA.search(part):
        return _japanese(part)
    return _chinese(part)


def _chinese(part: str) -> tuple[str, ...]:
    """Return Chinese names, such as ``李海`` in ``本报记者 李海 北京报道`` or ``李 海``."""
    tables = _tables()
    if label := _LABELLED.search(part):  # "武彩霞 来源：经济参考网"
        part = part[: label.start()].rstrip() or part[label.end() :]
    if tables.han_role.search(part):
        return tuple(_reporters(part, None))
    cut = _REPORTS.search(part)
    if cut and cut.start():
        if cut["photo"]:
            return ()
        attached = "报道報導导".find(cut[0][:1]) >= 0
        return tuple(_han_names(part[: cut.start()], attached=attached))
    words = _BETWEEN.split(part)
    if len(words) > 1 and all(map(is_han_name, words)):
        return tuple(words)
    if len(words) == 2 and all(len(word) == 1 for word in words):  # "王 明"
        return ("".join(words),)
    return (part,)


def _korean(part: str) -> tuple[str, ...]:
    """Return Korean names, such as ``김민수`` in ``항만일보=김민수 선임기자`` or ``글 김민수``."""
    role = _tables().hangul_role
    sides = [side.split() for side in re.split("[=＝]", part) if side.strip()]
    for words in sides:
        for at, word in enumerate(words):
            if (match := role.search(word)) is None:
                continue
            before = [word[: match.start()], *reversed(words[:at])]
            names = (w for w in before if is_hangul_name(w) and not _DESK.search(w))
            if name := next(names, None):
                return (name,)
    if len(sides) > 1 and len(sides[-1]) == 1:
        return (sides[-1][0],)
    return (part,)


def _japanese(part: str) -> tuple[str, ...]:
    """Return Japanese names, such as ``山田太郎`` in ``文・山田太郎`` or ``山田太郎記者``."""
    pieces = [piece for piece in re.split(r"[=＝／/]", part) if piece.strip()]
    bare = [_tables().japanese_role.sub("", piece.strip()) for piece in pieces]
    names = [piece for piece in bare if _is_japanese(piece)]
    if names:
        return tuple(names)
    return (bare[0],) if bare and bare[0] and len(bare[0]) < len(part) else (part,)


def _is_japanese(name: str) -> bool:
    surname, space, given_name = name.replace("\u3000", " ").partition(" ")
    surnames = _tables().japanese
    if space:
        return surname in surnames and 1 <= len(given_name) <= 5
    return 3 <= len(name) <= 6 and any(name[:n] in surnames for n in (2, 3, 1) if n < len(name))


def _reporters(text: str, language: str | None) -> Iterator[str]:
    """Yield the names after each role in a short text."""
    tables = _tables()
    roles = list(tables.han_role.finditer(text))
    for number, role in enumerate(roles):
        end = roles[number + 1].start() if number + 1 < len(roles) else len(text)
        before = text[max(0, role.start() - 5) : role.start()]
        if tables.not_author.search(before):
            continue
        following = text[role.end() : end].lstrip(_AT_ONCE)
        other = tables.not_author.search(following)
        cut = _REPORTS.search(following)
        if cut and cut["photo"] and not (other and other.start() <= cut.start()):
            continue
        stop = min(
            cut.start() if cut else len(following), other.start() if other else len(following)
        )
        attached = bool(cut and stop == cut.start() and cut[0][0] not in "/／╱|｜\\")
        names = list(_han_names(following[:stop], attached=attached))
        yield from names
        if not names and not following.strip():  # "王敬照记者"
            word = _BETWEEN.split(text[: role.start()].strip())[-1]
            if _is_japanese(word) if language == "ja" else is_han_name(word):
                yield word


def _han_names(text: str, *, attached: bool) -> Iterator[str]:
    """Yield names between spaces and commas; with ``attached``, the last may include a place."""
    bare = text.strip(" \t\u3000" + _CLOSE)
    words = [word for word in _BETWEEN.split(bare) if word]
    words = _closed_up(words)
    if attached and len(words) > 1 and text[-1:] == bare[-1:]:
        words.pop()
    for word in words:
        has_place = len(word) > 3 and attached and "·" not in word
        name = _without_place(word) if has_place else word
        halves = re.split("[和与與及]", name) if len(name) > 4 else [name]
        if not all(map(is_han_name, halves)):
            return
        yield from halves


def _closed_up(words: Sequence[str]) -> list[str]:
    """Join spaced single characters: ``方 敏``, typeset as wide as a longer name, is ``方敏``."""
    closed: list[str] = []
    half = False
    for word in words:
        if half and len(word) == 1:
            closed[-1] += word
            half = False
        else:
            closed.append(word)
            half = len(word) == 1
    return closed


def _without_place(word: str) -> str:
    """Remove a place from the end of a name: ``劉世怡台北`` becomes ``劉世怡``."""
    for place_name in _tables().places:
        if word.endswith(place_name) and len(word) - len(place_name) >= 2:
            return word[: -len(place_name)]
    return word[:3]


def reporters(texts: Sequence[str], language: str | None) -> tuple[str, ...]:
    """Return the reporters named by role in the first of the article's texts that names any.

    ``texts`` starts with the lines around the headline. Only brackets near a text's beginning or
    end and lines that are bylines count: reporters inside a sentence are mentioned, not authors.
    """
    for text in texts:
        if not any(sign in text for sign in _ROLE_SIGNS) or not _tables().han_role.search(text):
            continue
        for window in _windows(text):
            if _tables().not_author.match(window):
                continue
            if names := tuple(dict.fromkeys(_reporters(window, language))):
                return names
    if language == "ko":
        return _korean_reporter(texts)
    if language == "ja":
        return _at_the_end(texts)
    return ()


def _windows(text: str) -> Iterator[str]:
    """Yield brackets near a text's beginning and end, and short lines that are bylines."""
    role = _tables().han_role
    ends = text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    for match in _BRACKETED.finditer(ends):
        if role.search(match[1]):
            yield match[1]
    for line in text.split("\n"):
        role_match = role.search(line) if len(line) <= _SHORT else None
        if role_match is None:
            continue
        start = _LINE_START.match(line)
        if role_match.start() <= _NEAR or (start and role_match.start() <= start.end() + _NEAR):
            yield line
        elif labelled := re.search(r"作者\s?[:：]", line):
            yield line[labelled.start() :]


def _korean_reporter(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the name in the first short line that ends with a reporter's role or its address."""
    role = _tables().hangul_role
    for text in texts:
        words = text[: _SHORT + 1].split()
        if words and "@" in words[-1]:
            words.pop()
        if len(text) <= _SHORT and words and role.search(words[-1]):
            return tuple(filter(is_hangul_name, _korean(" ".join(words))))
    return ()


def _at_the_end(texts: Sequence[str]) -> tuple[str, ...]:
    """Return names in brackets at the end, such as ``…した。（山田太郎）``, by common surnames."""
    for text in reversed(texts):
        if match := _END_NAME.search(text[-30:]):
            words = _BETWEEN.split(re.sub("[=＝].*|^.*[=＝]", "", match[0].strip()[1:-1]))
            if words and all(map(_is_japanese, words)):
                return tuple(words)
    return ()


def told(texts: Iterable[str], name: str) -> bool:
    """Return whether a line names a person as the page's editor ("责任编辑：张麒麟")."""
    pattern = _tables().not_author
    for text in texts:
        if name in text and (at := text.find(name)) >= 0:
            before = text[max(0, at - 8) : at]
            if pattern.search(before.rstrip() if before.rstrip()[-1:] in ":：/／" else before):
                return True
    return False
