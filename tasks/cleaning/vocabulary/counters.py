"""Lines of nothing but a page's own counts: "5 min read", "12,345 views", "3 of 12".

Sites set them anywhere, also between two paragraphs.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import cache, lru_cache
from itertools import product
from typing import Final

MOST_CHARS: Final = 60
"""Characters of such a line at most."""
_PARTS: Final = re.compile(r"[•·|｜∙]|\s[–—-]\s")
_DIGIT: Final = re.compile(r"\d")
_NUMBER: Final = re.compile(r"(\D*)(\d[\d.,'’٬٫\s]*(?:[-–]\s?\d{1,3}(?!\d))?)([^\d]*)")
"""What stands before a number, the number or a span, and what stands behind it."""
_SIGNS: Final = re.compile(r"[\s.:：()（）~≈–-]+")  # between words that are compared
_UNITS: Final = (
    *("minute", "minutes", "min", "mins", "minuten", "minuti", "minuto", "minutos", "minuter"),
    *("minutter", "minuttia", "minuut", "minuty", "minuta", "minutę", "minut", "dk", "dakika"),
    *("dakikada", "dakikalık", "мин", "минут", "минуты", "минута", "хв", "хвилин", "хвилини"),
    *("λεπτά", "λεπτό", "phút", "menit", "perc", "分钟", "分鐘", "分", "분", "דקות", "دقائق"),
    *("دقيقة", "دقیقه", "นาที", "मिनट"),
)
_READING: Final = (
    *("read", "reading", "reading time", "to read", "lesezeit", "lesedauer", "lesen"),
    *("de lecture", "de lectura", "di lettura", "de leitura", "leestijd", "lezen", "lästid"),
    *("lesetid", "læsetid", "læsning", "lukuaika", "okuma", "okuma süresi", "okunma süresi"),
    *("czytania", "чтения", "на чтение", "читання", "ανάγνωση", "ανάγνωσης", "đọc", "baca"),
    *(
        "membaca",
        "olvasás",
        "olvasási idő",
        "čtení",
        "阅读",
        "閱讀",
        "で読めます",
        "で読み終わります",
    ),
    *("읽기", "소요", "קריאה", "للقراءة", "قراءة", "مطالعه", "पढ़ें", "का समय"),
)
_READING_LABELS: Final = (
    *("reading time", "read time", "estimated reading time", "est reading time", "time to read"),
    *("lesezeit", "lesedauer", "geschätzte lesezeit", "temps de lecture", "tiempo de lectura"),
    *("tempo di lettura", "tempo de leitura", "leestijd", "lästid", "lesetid", "læsetid"),
    *("lukuaika", "okuma süresi", "tahmini okuma süresi", "czas czytania", "время чтения"),
    *("время на чтение", "час читання", "χρόνος ανάγνωσης", "thời gian đọc", "waktu baca"),
    *(
        "olvasási idő",
        "doba čtení",
        "阅读时间",
        "阅读时长",
        "预计阅读时间",
        "閱讀時間",
        "預計閱讀時間",
    ),
    *("読了時間", "読了目安", "読了まで", "この記事は", "この記事の読了時間", "読む時間"),
    *("읽는 시간", "זמן קריאה", "مدة القراءة", "وقت القراءة", "زمان مطالعه", "อ่าน", "เวลาอ่าน"),
    *("पढ़ने का समय",),
)
_ABOUT: Final = ("約", "约", "약", "ca", "approx", "about", "около", "yaklaşık", "khoảng")
_VIEWS: Final = (
    *("view", "views", "page views", "pageviews", "read", "reads", "hits", "aufruf", "aufrufe"),
    *("klicks", "mal gelesen", "vue", "vues", "lecture", "lectures", "visita", "visitas", "vistas"),
    *("lectura", "lecturas", "visualizaciones", "visualizzazioni", "letture", "visualizações"),
    *("leituras", "weergaven", "keer gelezen", "keer bekeken", "visningar", "visninger"),
    *("katselua", "katselukertaa", "lukukertaa", "odsłon", "odsłony", "wyświetleń", "wyświetlenia"),
    *("zobrazení", "přečtení", "megtekintés", "vizualizări", "просмотр", "просмотра"),
    *("просмотров", "прочтений", "перегляд", "перегляди", "переглядів", "προβολές", "αναγνώσεις"),
    *("görüntüleme", "görüntülenme", "okundu", "kez okundu", "defa okundu", "okunma", "lượt xem"),
    *("kali dibaca", "kali dilihat", "مشاهدات", "مشاهدة", "قراءة", "بازدید", "צפיות", "คนดู"),
    *("ครั้ง", "次阅读", "次浏览", "人阅读", "次閱讀", "次瀏覽", "阅读", "浏览", "ビュー", "回視聴"),
    *("회 조회", "बार देखा गया", "व्यूज"),
)
_VIEW_LABELS: Final = (
    *("views", "page views", "pageviews", "hits", "reads", "aufrufe", "zugriffe", "vues", "visto"),
    *("visitas", "lecturas", "letture", "visualizzazioni", "visualizações", "weergaven"),
    *("visningar", "visninger", "katselut", "lukukerrat", "odsłony", "wyświetlenia", "zobrazení"),
    *("просмотров", "просмотры", "прочитано", "переглядів", "перегляди", "προβολές", "okunma"),
    *(
        "görüntülenme",
        "lượt xem",
        "dibaca",
        "阅读",
        "阅读量",
        "阅读数",
        "阅读次数",
        "浏览",
        "浏览量",
    ),
    *(
        "浏览次数",
        "點閱",
        "點閱數",
        "點閱率",
        "瀏覽",
        "瀏覽數",
        "瀏覽人次",
        "人氣",
        "点击",
        "閲覧数",
    ),
    *("アクセス数", "조회", "조회수", "عدد المشاهدات", "مشاهدات", "بازدید", "เข้าชม", "ผู้ชม"),
    *("अब तक देखा गया",),
)
_VOTES: Final = (
    *("vote", "votes", "votes cast", "total votes", "responses", "stimmen", "stimmen abgegeben"),
    *("voto", "votos", "voti", "stemmen", "röster", "stemmer", "ääntä", "głos", "głosy", "głosów"),
    *("hlasů", "hlasy", "szavazat", "voturi", "oy", "kişi oy verdi", "oy kullanıldı", "голос"),
    *(
        "голоса",
        "голосов",
        "голоси",
        "голосів",
        "ψήφοι",
        "phiếu",
        "suara",
        "票",
        "人投票",
        "人参与",
    ),
    *("표", "명 참여", "صوت", "صوتا", "أصوات", "رای", "הצבעות", "โหวต", "वोट"),
)
_SCALES: Final = (
    *("", "k", "m", "b", "mil", "tys", "тыс", "млн", "bin", "rb", "nghìn", "万", "萬", "천", "만"),
    *("พัน", "ألف", "هزار", "次", "人", "回", "회"),
)
_OF: Final = (
    *("of", "von", "sur", "de", "di", "van", "af", "av", "z", "ze", "из", "з", "από", "trên"),
    *("dari", "من", "از", "จาก", "में से", "מתוך"),
)
_PLACE: Final = re.compile(rf"\d{{1,3}}\s?(?:[/／]|{'|'.join(_OF)})\s?\d{{1,3}}")


class Count(Enum):
    """What a line counts."""

    READERS = auto()
    """Minutes of reading, or how often the page was seen."""
    VOTES = auto()
    """Votes of a poll."""
    PICTURES = auto()
    """A picture's place among others; a fraction, where there is no picture."""


@cache
def _around() -> tuple[dict[str, Count], frozenset[str], frozenset[str]]:
    """Return what stands behind numbers alone, and the labels of views and of reading."""
    units, scales, abouts = (tuple(map(_key, words)) for words in (_UNITS, _SCALES, _ABOUT))
    behind = {a + b: Count.READERS for a, b in product(units, map(_key, _READING))}
    behind |= {a + b: Count.READERS for a, b in product(scales, map(_key, _VIEWS))}
    behind |= {a + b: Count.VOTES for a, b in product(scales, map(_key, _VOTES))}
    labels = {a + b for a, b in product(map(_key, _READING_LABELS), ("", *abouts))}
    return behind, frozenset(map(_key, _VIEW_LABELS)), frozenset(labels)


def _key(words: str) -> str:
    return _SIGNS.sub("", words)


@lru_cache(maxsize=4096)  # a site repeats them on every page
def count_in(text: str) -> Count | None:
    """Return what a line counts if it says nothing else; None for other text."""
    if _DIGIT.search(text) is None:
        return None
    parts = map(str.strip, _PARTS.split(text.casefold()))
    counts = {_kind(part) for part in parts if part}
    return counts.pop() if len(counts) == 1 else None


def _kind(part: str) -> Count | None:
    if _PLACE.fullmatch(part):
        return Count.PICTURES
    numbered = _NUMBER.fullmatch(part)
    if numbered is None:
        return None
    behind, views, reading = _around()
    before, after = _key(numbered[1]), _key(numbered[3])
    if not before:
        return behind.get(after)
    is_label = (before in views and after in _SCALES) or (
        before in reading and (after in _UNITS or behind.get(after) is Count.READERS)
    )
    return Count.READERS if is_label else None
