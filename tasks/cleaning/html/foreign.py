"""Remove passages that do not belong to the article, judged by their position in the page.

The model judges each block; these rules judge its choice as a whole: passages separate from the
article's start, in parts of the page marked as comments, author boxes or forms.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from copydesk.schemas.article import CutKind
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.html.rules import Ruling
from copydesk.tasks.cleaning.html.story_lists import story_lists, teaser_series
from copydesk.tasks.cleaning.html.surroundings import Surroundings, start_of, surroundings
from copydesk.tasks.cleaning.html.text_features import joined, texts_in
from copydesk.tasks.cleaning.vocabulary import block_words
from copydesk.tasks.cleaning.vocabulary.class_names import DIALOG, FOOTER, HIDDEN
from copydesk.tasks.cleaning.vocabulary.phrases import names_other_stories

_RELATED: Final = 1 << list(block_words.GROUPS).index("related")
_BULK: Final = 0.5
"""Minimum share of the chosen words that is visible, for hidden ones to be removed: pages that show
their text by scripts hide all of it."""
_LABEL_CHARS: Final = 30
"""Maximum characters besides the link in a line that leads to another story: "Read more:"."""
_WHOLE_WORDS: Final = 60
"""Minimum words of an ``article`` element with the whole story: a shorter one may be only its head,
with the story below."""
_SECTIONS, _MUCH_MORE = frozenset({"h2", "h3"}), 5
"""Headings of sections, and how many times as many words as that element they have together."""
_SURE: Final = 0.84
"""Minimum mean probability at which text after that element is still part of the story."""
_CONSENT: Final = [
    *("cookie", "consent", "gdpr", " iab ", "privacy", "prywatno", "ciastecz", "zgodę", "zgody"),
    *("datenschutz", "einwillig", "zustimm", "données personnelles", "confidentialité"),
    *("consentimiento", "privacidad", "toestemming", "consenso", "riservatezza", "personoppl"),
    *("samtyck", "integritets", "evästee", "suostumu", "soukrom", "souhlas", "hozzájárul"),
    *("adatvéd", "confidențial", "согласи", "конфиденциал", "персональн", "çerez", "gizlilik"),
    *("kişisel veri", "απορρήτ", "συγκατάθεσ", "隐私", "隱私", "個人情報", "プライバシー", "同意"),
    *("쿠키", "개인정보", "خصوصية", "ملفات تعريف", "עוגיות", "פרטיות", "คุกกี้", "ส่วนบุคคล"),
]
"""Stems of words in such boxes, in lower case."""
_EXTERNAL: Final = (
    *("external content", "embedded content", "third part", "third-part", "externe inhalt"),
    *("externen inhalt", "externer inhalt", "drittplattform", "drittanbieter", "dritte "),
    *("contenu externe", "contenus externe", "tiers", "contenido externo", "terceros"),
    *("conteúdo externo", "terceiros", "contenuto esterno", "contenuti esterni", "terze parti"),
    *("externe inhoud", "externe content", "derden", "externt innehåll", "tredje part"),
    *("eksternt ind", "tredjepart", "ulkoi", "kolmans", "zewnętrzn", "podmiot", "externí obsah"),
    *("třetí", "külső tartal", "harmadik", "conținut extern", "terț", "внешн", "третьим лиц"),
    *("третіх", "зовнішн", "dış içerik", "üçüncü", "εξωτερικ", "τρίτ", "外部内容", "外部內容"),
    *(
        "第三方",
        "外部コンテンツ",
        "第三者",
        "외부 콘텐츠",
        "제3자",
        "محتوى خارجي",
        "طرف ثالث",
        "צד שלישי",
    ),
    *("ภายนอก", "บุคคลที่สาม"),
)
"""Stems of words in placeholders of a video or post that is not loaded without consent."""
_EMBEDDING: Final = [*_CONSENT, *_EXTERNAL]
_APPEALS: Final = (
    *("donat", "support us", "support our", "supporter", "reader", "journalis", "newsroom"),
    *("paywall", "subscri", "newsletter", "free for all", "membership", "contribut"),
    *("spende", "unterstützen", "bezahlschranke", "abonnier", "redaktion", "leser", "soutenez"),
    *("vos dons", "faites un don", "mur payant", "abonne", "rédaction", "lecteurs", "dona ahora"),
    *("apoya", "suscr", "redacción", "periodis", "lectores", "doação", "apoie", "assine"),
    *("sostieni", "donazion", "abbonat", "lettori", "steun ons", "doneer", "lezers", "stöd oss"),
    *("støtt", "støt ", "swish", "wesprzyj", "darowizn", "redakc", "czytelni", "podpoř", "daruj"),
    *("пожертвован", "поддержите", "подписывайтесь", "подпишитесь", "редакци", "журналист"),
    *("підтрима", "δωρεά", "στηρίξτε", "bağış", "destek ol", "abone", "捐款", "捐贈", "贊助"),
    *("赞助", "編輯部", "编辑部", "付費", "付费", "新聞", "订阅", "訂閱", "寄付", "支援", "購読"),
    *("후원", "구독", "تبرع", "ادعم", "اشترك", "حمایت", "کمک مالی", "תרומ", "תמכו", "दान"),
    *("सहयोग", "บริจาค", "สนับสนุน", "ผู้อ่าน", "ủng hộ", "quyên góp", "donasi", "dukung"),
    *("tue meitä", "tue työtä", "lahjoi", "lukij", "toimitu", "támogas", "adomány", "olvasó"),
    *("donea", "susține", "cititor"),
)
"""Stems of words in such boxes, in lower case."""
_FEW_STEMS: Final = 2
_APPEAL_WORDS: Final = 150
_LINKED: Final = 0.6
_LINK_WORDS: Final = 14
"""Minimum share of links, and maximum words, of a line of topics. Such lines at the end belonged to
the article on one page of twelve."""
_BOXES: Final = frozenset({"div", "section", "aside"})
_CONSENT_WORDS: Final = 40
_WORDS_A_STEM: Final = 50
"""Maximum words per stem: an article about privacy has more other words."""
_PLACEHOLDER_WORDS: Final = 100
_PLACEHOLDER_DENSITY: Final = 25
"""Maximum words of such a box, and per stem in it."""
_CONTROLS: Final = frozenset({"button", "label"})
_SERIES: Final = 3
_BOX_LEVELS: Final = 6  # containers from a block up to its box
_HEAD_WORDS: Final = 14
"""Maximum words of a comment's or a teaser's head, and minimum words of its text."""
_BOX_WORDS: Final = 100
"""Maximum words of a box about the author, or around a form."""
_NUMBERS: Final = re.compile(r"\d{1,5}(?:\n\d{1,5})*")


def foreign_passages(analysis: PageAnalysis, body: Sequence[int]) -> list[Ruling]:
    """Return the rulings on the chosen blocks, which are in document order."""
    if not body:
        return []
    rulings: list[Ruling] = []
    remaining = list(body)
    places = surroundings(analysis.page, start_of(analysis.word_counts, remaining), remaining)
    for judge in _JUDGES:
        new_rulings = judge(analysis, remaining, places)
        if new_rulings:
            rulings += new_rulings
            cut_indexes = {ruling.index for ruling in new_rulings}
            remaining = [index for index in remaining if index not in cut_indexes]
            if not remaining:
                break
            places.drop(cut_indexes)
    return rulings


def _total(words: Sequence[float], indexes: Sequence[int]) -> float:
    return sum([words[index] for index in indexes])


def _hidden(analysis: PageAnalysis, body: Sequence[int], places: Surroundings) -> list[Ruling]:
    if not places.landmarks:
        return []
    words = analysis.word_counts
    unseen = [index for index, marks in places.landmarks.items() if marks & HIDDEN]
    if not unseen or _total(words, unseen) > (1 - _BULK) * _total(words, body):
        return []
    return [Ruling(index, CutKind.HIDDEN, "hidden") for index in unseen]


def _line_numbers(analysis: PageAnalysis, body: Sequence[int], _: Surroundings) -> list[Ruling]:
    """Find the numbers beside lines of code, in an element of their own."""
    if not analysis.has_code:
        return []
    page = analysis.page
    tags = page.containers.tag
    code = [index for index in body if tags[page.container[index]] == "pre"]
    return [
        Ruling(index, CutKind.OTHER, "line_numbers")
        for index in code
        if len(code) > 1 and _NUMBERS.fullmatch(page.text[index])
    ]


def _story_lists(analysis: PageAnalysis, body: Sequence[int], _: Surroundings) -> list[Ruling]:
    """Find lists of other stories, with their labels."""
    return story_lists(analysis, body)


def _teasers(analysis: PageAnalysis, body: Sequence[int], _: Surroundings) -> list[Ruling]:
    """Find teasers of other stories in a row, without a label."""
    return teaser_series(analysis, body)


def _read_more(analysis: PageAnalysis, body: Sequence[int], _: Surroundings) -> list[Ruling]:
    """Find lines that consist of a label and a link to another story."""
    page = analysis.page
    links = page.links
    rulings = []
    for index in body:
        if links[index] != 1:
            continue
        text, linked = page.text[index], page.linked[index]
        beside = len(text) - linked
        if beside > _LABEL_CHARS or linked < beside:
            continue
        label, colon, story = text.replace("：", ":").partition(":")
        if not colon and beside > 1:
            label, story = text[:beside], text[beside:]
        if len(label) <= _LABEL_CHARS and story.strip() and _leads_on(label, sure=not colon):
            rulings.append(Ruling(index, CutKind.RELATED, "read_more"))
    return rulings


def _leads_on(label: str, *, sure: bool) -> bool:
    """Return whether a label says "read more"; with ``sure`` it must say nothing else."""
    words = block_words.WORD.findall(label.lower())
    if block_words.word_groups(words) & _RELATED:
        return not sure or all(block_words.BITS.get(word, 0) & _RELATED for word in words)
    return names_other_stories(label)


def _by_place(analysis: PageAnalysis, body: Sequence[int], places: Surroundings) -> list[Ruling]:
    """Find passages in a part for readers' comments, a form, a footer or a dialogue."""
    if not (places.comments or places.form or places.landmarks):
        return []
    marks = places.landmarks
    common = marks.get(start_of(analysis.word_counts, body), 0)
    rulings = []
    for index in body:
        mark = marks.get(index, 0) & ~common
        if index in places.comments:
            rulings.append(Ruling(index, CutKind.COMMENTS, "in_comments"))
        elif index in places.form:
            rulings.append(Ruling(index, CutKind.FORM, "in_form"))
        elif mark & DIALOG:
            rulings.append(Ruling(index, CutKind.OTHER, "in_dialog"))
        elif mark & FOOTER:
            rulings.append(Ruling(index, CutKind.SITE, "in_footer"))
    return rulings


def _form_boxes(analysis: PageAnalysis, _: Sequence[int], places: Surroundings) -> list[Ruling]:
    """Find small boxes that contain a form: a newsletter, a poll, a search."""
    words = analysis.word_counts
    return [
        Ruling(index, CutKind.NEWSLETTER, "box_with_form")
        for box in _by_container(places.box).values()
        if _total(words, box) <= _BOX_WORDS
        for index in box
    ]


def _consent(analysis: PageAnalysis, body: Sequence[int], places: Surroundings) -> list[Ruling]:
    """Find separate boxes that ask for consent to cookies, partners or purposes."""
    page, words = analysis.page, analysis.word_counts
    boxes = _by_container(places.branch)
    candidates = [
        box
        for box in (boxes.values() if len(boxes) < len(places.branch) else ())
        if len(box) > 1 and box[0] not in places.article and _total(words, box) >= _CONSENT_WORDS
    ]
    if not candidates:
        return []
    rulings = []
    # They precede or follow the story.
    story = [index for index in body if index not in places.branch]
    story += [box[0] for box in boxes.values() if len(box) == 1]
    first, last = (min(story), max(story)) if story else (-1, -1)
    for box in candidates:
        if first < box[0] < last:
            continue
        stems = _stems(page, box, _CONSENT)
        if len(stems) >= 2 and sum(stems) * _WORDS_A_STEM >= _total(words, box):
            rulings += [Ruling(index, CutKind.LEGAL, "consent") for index in box]
    return rulings


def _placeholders(analysis: PageAnalysis, _: Sequence[int], places: Surroundings) -> list[Ruling]:
    """Find boxes within the story that ask for consent to embed another site's content."""
    page, words = analysis.page, analysis.word_counts
    rulings = []
    for branch, box in _by_container(places.branch).items():
        if _total(words, box) > _PLACEHOLDER_WORDS or not _holds_control(page, branch):
            continue
        stems = _stems(page, box, _EMBEDDING)
        if len(stems) >= _FEW_STEMS and sum(stems) * _PLACEHOLDER_DENSITY >= _total(words, box):
            rulings += [Ruling(index, CutKind.LEGAL, "placeholder") for index in box]
    return rulings


def _stems(page: Page, box: list[int], stems: list[str]) -> list[int]:
    """Return how often each of the stems occurs in some blocks, of those that do."""
    text = joined(page.text, box)
    return [text.count(stems[each]) for each in texts_in(stems, text).nonzero()[0].tolist()]


def _by_container(containers: dict[int, int]) -> dict[int, list[int]]:
    """Return the blocks that are in such a container, by the container."""
    blocks: dict[int, list[int]] = defaultdict(list)
    for index, container in containers.items():
        blocks[container].append(index)
    return blocks


def _holds_control(page: Page, box: int) -> bool:
    """Return whether a container contains a button or a label."""
    tags, parents = page.containers.tag, page.containers.parent
    at = box
    while at < len(tags) and (at == box or parents[at] >= box):
        if tags[at] in _CONTROLS:
            return True
        at += 1
    return False


def _appeals(analysis: PageAnalysis, body: Sequence[int], places: Surroundings) -> list[Ruling]:
    """Find small boxes after the story that ask for money or an address."""
    page, words = analysis.page, analysis.word_counts
    tags = page.containers.tag
    box: list[int] = []
    for index in reversed(body):
        branch = places.branch.get(index)
        if branch is None or tags[branch] not in _BOXES:
            break
        box.append(index)
    if not box or _total(words, box) > _APPEAL_WORDS or len(box) == len(body):
        return []
    text = joined(page.text, box)
    if sum(stem in text for stem in _APPEALS) < _FEW_STEMS:
        return []
    return [Ruling(index, CutKind.ADVERTISEMENT, "appeal") for index in box]


def _behind_article(
    analysis: PageAnalysis, body: Sequence[int], places: Surroundings
) -> list[Ruling]:
    """Find passages after the ``article`` element that contains the story from its start."""
    if not places.article or body[-1] in places.article:
        return []
    words = analysis.word_counts
    inside = [index for index in body if index in places.article]
    behind = [index for index in body if index > inside[-1]] if inside else []
    if not behind:
        return []
    if _goes_on(analysis, inside, behind):
        return []
    series = _in_series(analysis, behind)
    foreign = [index for index in behind if index not in series]
    sizes = analysis.words[foreign]
    sure = (sizes * analysis.chance[foreign]).sum() >= _SURE * sizes.sum()
    if sure or _total(words, inside) < _WHOLE_WORDS:
        foreign = []
    return [Ruling(index, CutKind.OTHER, "behind_article") for index in sorted([*series, *foreign])]


def _goes_on(analysis: PageAnalysis, inside: Sequence[int], behind: Sequence[int]) -> bool:
    """Return whether the element holds a story's abstract, and its sections stand below."""
    page, words = analysis.page, analysis.word_counts
    headed = any(page.containers.tag[page.container[index]] in _SECTIONS for index in behind)
    return headed and _total(words, behind) > _MUCH_MORE * _total(words, inside)


def _in_series(analysis: PageAnalysis, behind: Sequence[int]) -> set[int]:
    """Return the blocks in similar boxes that each have a head and a text: comments, teasers."""
    page, words = analysis.page, analysis.word_counts
    boxes = page.containers
    makes: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index in range(behind[0], len(page)):
        box = page.container[index]
        for _ in range(_BOX_LEVELS):
            if box >= 0:
                makes[boxes.key[box]][box].append(index)
                box = boxes.parent[box]
    indexes: set[int] = set()
    for series in makes.values():
        if sum(_has_head([words[index] for index in box]) for box in series.values()) >= _SERIES:
            indexes.update(index for box in series.values() for index in box)
    return indexes.intersection(behind)


def _has_head(words: Sequence[float]) -> bool:
    return len(words) > 1 and words[0] <= _HEAD_WORDS < words[1]


def _author_box(analysis: PageAnalysis, body: Sequence[int], places: Surroundings) -> list[Ruling]:
    """Find passages about the author below the text."""
    words = analysis.word_counts
    box: list[int] = []
    for index in reversed(body):
        if index not in places.author:
            break
        box.append(index)
    if not box or _total(words, box) > _BOX_WORDS:
        return []
    return [Ruling(index, CutKind.BYLINE, "about_the_author") for index in box]


def _links_below(analysis: PageAnalysis, body: Sequence[int], _: Surroundings) -> list[Ruling]:
    """Find short lines of links below the text, such as topics, outside lists."""
    page = analysis.page
    tags, share = page.containers.tag, analysis.rows[:, analysis.column_numbers["text:link_share"]]
    rulings = []
    for index in reversed(body):
        if share[index] < _LINKED or analysis.word_counts[index] > _LINK_WORDS:
            break
        if tags[page.container[index]] == "li":
            break
        rulings.append(Ruling(index, CutKind.METADATA, "links_below"))
    return rulings if len(rulings) < len(body) else []


_JUDGES: Final = (
    *(_hidden, _line_numbers, _story_lists, _teasers, _read_more, _by_place),
    *(_form_boxes, _consent, _placeholders, _appeals, _behind_article, _author_box, _links_below),
)
