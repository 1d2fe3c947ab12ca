"""Made pages, texts and headers with the access and the reservations that they have.

A list to conform to: declarations, requests to subscribe, endings that break off, and opt-outs, in
many languages, and beside each kind what only looks like it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_ROWS = [
    line.split("\t")
    for line in Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
]
BODIES = {language: paragraphs for language, _, *paragraphs in _ROWS}
TITLES = {language: title for language, title, *_ in _ROWS}
URL = "https://coast.example/2026/fish-market"
FREE, METERED, PAYWALLED, CUT_OFF = "free", "metered", "paywalled", "cut_off"
TDM, CRAWLERS, SIGNAL = "tdm-reservation", "ai-crawlers", "content-signal"


@dataclass(frozen=True, slots=True)
class Case:
    """A document, how it was read, and what is to be found: its access, its kinds of reservations.

    ``kind`` names what it is a case of. ``head`` is markup of the page's head, ``after`` of what
    stands below the text, ``end`` replaces the text's last words.
    """

    kind: str
    name: str
    access: str | None = None
    reserved: tuple[str, ...] = ()
    language: str = "en"
    head: str = ""
    after: str = ""
    end: str = ""
    transport: Mapping[str, str] = field(default_factory=dict)
    is_text: bool = False

    @property
    def paragraphs(self) -> list[str]:
        """The text's paragraphs."""
        paragraphs = list(BODIES[self.language])
        if self.end:
            paragraphs[-1] = paragraphs[-1][:-12].rstrip() + self.end
        return paragraphs

    @property
    def document(self) -> str:
        """The page, or the copied text."""
        title = TITLES[self.language]
        if self.is_text:
            lines = [title, *self.paragraphs, *filter(None, [self.after])]
            return "\n\n".join(lines)
        body = "\n".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)
        if self.name == "around the text":
            body = f'<div class="paywall-article">{body}</div>'
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{title} – Coast Wire</title>{self.head}</head><body>"
            '<nav><a href="/">Coast Wire</a> <a href="/news">News</a></nav>'
            f"<main><article><h1>{title}</h1>{body}{self.after}</article></main>"
            "<footer><p>© Coast Wire</p></footer></body></html>"
        )


def _ld(fields: str, kind: str = "NewsArticle") -> str:
    return (
        '<script type="application/ld+json">{"@context": "https://schema.org", '
        f'"@type": "{kind}", "url": "{URL}", {fields}}}</script>'
    )


def _meta(name: str, content: str, by: str = "name") -> str:
    return f'<meta {by}="{name}" content="{content}">'


_PART = (
    '"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".x"}'
)


def _box(text: str, name: str = "offer") -> str:
    return f'<div class="{name}"><p>{text}</p></div>'


_OFFER = "Get the whole story for one coin a week, today."

CASES: tuple[Case, ...] = (
    # what a page declares
    Case("declared", "true", FREE, head=_ld('"isAccessibleForFree": true')),
    Case("declared", "the word True", FREE, head=_ld('"isAccessibleForFree": "True"')),
    Case("declared", "schema's address", FREE,
         head=_ld('"isAccessibleForFree": "http://schema.org/True"')),
    Case("declared", "false", PAYWALLED, language="de", head=_ld('"isAccessibleForFree": false')),
    Case("declared", "the word no", PAYWALLED, head=_ld('"isAccessibleForFree": "no"')),
    Case("declared", "a part is not free", PAYWALLED, language="ja", head=_ld(_PART)),
    Case("declared", "whole and part", PAYWALLED, language="fr",
         head=_ld(f'"isAccessibleForFree": "False", {_PART}')),
    Case("declared", "of the page", PAYWALLED, head=_ld('"isAccessibleForFree": false', "WebPage")),
    Case("declared", "microdata", PAYWALLED, language="it",
         head=_meta("isAccessibleForFree", "false", "itemprop")),
    Case("declared", "in a graph", PAYWALLED, head=(
        '<script type="application/ld+json">{"@context": "https://schema.org", "@graph": ['
        '{"@type": "WebSite", "name": "Coast Wire"}, {"@type": ["Article", "NewsArticle"], '
        f'"url": "{URL}", "isAccessibleForFree": ["False"]}}]}}</script>')),
    Case("declared", "another spelling", PAYWALLED, head=_ld('"isAccessibleforFree": "false"')),
    Case("declared", "RDFa", PAYWALLED,
         head=_meta("schema:isAccessibleForFree", "false", "property")),
    Case("declared", "microdata of an element", PAYWALLED,
         after='<span itemprop="isAccessibleForFree" content="false"></span>'),
    Case("declared", "tier free", FREE, head=_meta("article:content_tier", "free", "property")),
    Case("declared", "tier metered", METERED, language="es",
         head=_meta("article:content_tier", "metered", "property")),
    Case("declared", "tier locked", PAYWALLED, language="pl",
         head=_meta("article:content_tier", "locked", "property")),
    Case("declared", "metered and not free", METERED,
         head=_meta("article:content_tier", "metered") + _ld('"isAccessibleForFree": false')),
    Case("declared", "a meta of a paywall", PAYWALLED, language="sv",
         head=_meta("paywall", "true")),
    Case("declared", "a meta of no paywall", None, head=_meta("paywall", "false")),
    Case("declared", "of another article", None, head=(
        '<script type="application/ld+json">{"@context": "https://schema.org", '
        '"@type": "ItemList", '
        '"itemListElement": [{"@type": "NewsArticle", "url": "https://coast.example/other", '
        '"headline": "Ferry late", "isAccessibleForFree": false}]}</script>')),
    Case("declared", "nothing", None),
    Case("declared", "a value that is none", None, head=_ld('"isAccessibleForFree": "maybe"')),
    # what stands below the text
    *(
        Case("prompt", f"in {language}", PAYWALLED, language=language, after=_box(text, "paywall"))
        for language, text in (
            ("en", "This article is for subscribers only. Already a subscriber? Log in"),
            ("de", "Jetzt abonnieren und weiterlesen: Sie möchten weiterlesen? 1 Monat für 1 €"),
            ("fr", "La suite est réservée aux abonnés. Déjà abonné ? Connectez-vous"),
            ("es", "Contenido exclusivo para suscriptores. Suscríbete para seguir leyendo"),
            ("it", "Articolo riservato agli abbonati. Abbonati per continuare a leggere"),
            ("pl", "Artykuł dostępny tylko dla prenumeratorów. Wykup dostęp, aby czytać dalej"),
            ("sv", "För att läsa vidare behöver du logga in. Endast för prenumeranter"),
            ("ru", "Материал доступен только по подписке. Оформите подписку, чтобы читать дальше"),
            ("tr", "Devamını okumak için abone olun. Abonelere özel içerik"),
            ("ja", "この記事は有料会員限定です。残り1234文字 続きを読むには登録してください"),
            ("zh", "付费内容 订阅后继续阅读全文"),
            ("ar", "هذا المحتوى للمشتركين فقط. اشترك لمتابعة القراءة"),
        )
    ),
    # markup says it, in words that no table has
    *(
        Case("markup", name, access, after=after)
        for name, access, after in (
            ("a class", PAYWALLED, _box(_OFFER, "paywall")),
            ("a part of a class", PAYWALLED, _box(_OFFER, "article-paywall__box")),
            ("camel case", PAYWALLED, _box(_OFFER, "PaywallInlineBarrier-x1")),
            ("an id", PAYWALLED, '<div id="paywall"><p>Who are you? Tell us, and go on.</p></div>'),
            ("hidden", None, f'<div class="paywall" style="display:none"><p>{_OFFER}</p></div>'),
            ("empty", None, '<div class="paywall"></div>'),
            ("around the text", None, ""),
            ("beside one", None, _box("Other stories that our readers liked", "below-paywall")),
        )
    ),
    Case("prompt", "of copied text", PAYWALLED, is_text=True,
         after="To continue reading this article, subscribe to Coast Wire."),
    Case("prompt", "declared free all the same", FREE, head=_ld('"isAccessibleForFree": true'),
         after=_box("Subscribe to read our newsletter every morning")),
    Case("prompt", "a newsletter", None,
         after=_box("Sign up for our newsletter: the harbour in your inbox every Friday", "nl")),
    Case("prompt", "a newsletter, German", None, language="de",
         after=_box("Newsletter bestellen: der Hafen jeden Freitag in Ihrem Postfach", "nl")),
    *(
        Case("prompt", f"what only looks like it, in {language}", None, language=language,
             after=f"<p>{text}</p>")
        for language, text in (
            ("en", "Subscribe to our letters, and read them with your coffee."),
            ("fr", "Il vous reste trois jours pour voter."),
            ("pl", "Do końca głosowania pozostało 14 dni."),
            ("ru", "Подписывайтесь на наш канал, чтобы не пропустить новости порта."),
            ("tr", "Haberler için kanalımıza abone olun."),
            ("ja", "大会は残り三日となった。"),
            ("es", "Para seguir navegando, acepte las cookies."),
        )
    ),
    Case("prompt", "more stories", None,
         after='<h2>Read more</h2><ul><li><a href="/a">Ferry late again</a></li></ul>'),
    # endings
    Case("ending", "dots in brackets", CUT_OFF, end=" […]"),
    Case("ending", "three dots in brackets", CUT_OFF, language="de", end=" [...]"),
    Case("ending", "dots behind a space", CUT_OFF, language="fr", end=" ..."),
    Case("ending", "read on, in a paragraph", CUT_OFF, end="… Continue reading →"),
    Case("ending", "read on, and the headline", CUT_OFF,
         end=" … Continue reading Harbour council restores the fish market →"),
    Case("ending", "dots before a word of reading on", None, end="… more than ever before."),
    Case("ending", "read on, in German", CUT_OFF, language="de", end=" … Weiterlesen »"),
    Case("ending", "read on, in Spanish", CUT_OFF, language="es", end="... Leer más"),
    Case("ending", "read on, in Polish", CUT_OFF, language="pl", end="… Czytaj dalej"),
    Case("ending", "read on, in Russian", CUT_OFF, language="ru", end="… Читать далее"),
    Case("ending", "read on, in Turkish", CUT_OFF, language="tr", end="... Devamını oku"),
    Case("ending", "read on, in Chinese", CUT_OFF, language="zh", end="…… 阅读全文"),
    Case("ending", "copied text", CUT_OFF, is_text=True, end=" [...]"),
    Case("ending", "declared free, yet broken off", CUT_OFF, end=" […]",
         head=_ld('"isAccessibleForFree": true')),
    Case("ending", "dots as style", None, end=", who knows…"),
    Case("ending", "a quotation", None, end=" said: “We shall see…”"),
    Case("ending", "an omission within", None, end=" […] and the roof was saved."),
    # how it was read
    Case("transport", "a feed's excerpt", CUT_OFF, end="…", transport={"from": "feed"}),
    Case("transport", "a feed's whole text", None, transport={"from": "feed"}),
    Case("transport", "the crawler stopped", CUT_OFF, transport={"truncated": "length"}),
    # reservations
    Case("tdm", "a meta", reserved=(TDM,), head=_meta("tdm-reservation", "1")),
    Case("tdm", "a meta and a policy", reserved=(TDM,), language="fr", head=_meta(
        "tdm-reservation", "1") + _meta("tdm-policy", "https://coast.example/tdm.json")),
    Case("tdm", "a meta of 0", head=_meta("tdm-reservation", "0")),
    Case("tdm", "a policy alone", head=_meta("tdm-policy", "https://coast.example/tdm.json")),
    Case("tdm", "a header", reserved=(TDM,), transport={"tdm-reservation": "1"}),
    Case("tdm", "a header of 0", transport={"tdm-reservation": "0"}),
    Case("tdm", "two headers", reserved=(TDM,), transport={"tdm-reservation": "1, 1"}),
    Case("tdm", "the site's file", reserved=(TDM,), is_text=True,
         transport={"tdmrep.json": "1 https://coast.example/tdm"}),
    Case("noai", "a meta", reserved=("noai", "noimageai"),
         head=_meta("robots", "index, follow, noai, noimageai")),
    Case("noai", "a meta, capitals", reserved=("noai",), head=_meta("ROBOTS", "NOAI")),
    Case("noai", "a header", reserved=("noai", "noimageai"),
         transport={"x-robots-tag": "noai, noimageai"}),
    Case("noai", "plain robots", head=_meta("robots", "noindex, nofollow, noarchive")),
    Case("noai", "max-snippet",
         transport={"x-robots-tag": "max-snippet:-1, max-image-preview:large"}),
    Case("crawlers", "robots.txt", reserved=(CRAWLERS,),
         transport={"robots.txt": "GPTBot, CCBot, Google-Extended"}),
    Case("crawlers", "a meta", reserved=(CRAWLERS,), head=_meta("CCBot", "nofollow")),
    Case("crawlers", "a meta that allows", head=_meta("GPTBot", "index, follow")),
    Case("crawlers", "a header for one", reserved=(CRAWLERS,),
         transport={"x-robots-tag": "GPTBot: noindex, nofollow"}),
    Case("crawlers", "a header for a search engine",
         transport={"x-robots-tag": "googlebot: noindex, unavailable_after: 25 Jun 2027 15:00:00"}),
    Case("crawlers", "content signals", reserved=(SIGNAL,),
         transport={"content-signal": "search=yes, ai-train=no"}),
    Case("crawlers", "content signals that allow", transport={"content-signal": "search=yes"}),
    Case("crawlers", "several at once", PAYWALLED, reserved=(CRAWLERS, "noai", TDM), language="de",
         head=_meta("robots", "noai") + _ld('"isAccessibleForFree": false'),
         transport={"robots.txt": "ClaudeBot", "tdm-reservation": "1"}),
)  # fmt: skip
