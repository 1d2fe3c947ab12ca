"""Tables of the meaning of elements and class names; none is specific to a site.

Class names are split into words (``postBody_related-links`` gives post, body, related, links); a
word belongs to groups exactly, or by a stem that it contains if no entry is exact.
"""

from __future__ import annotations

import re
from functools import lru_cache


def words(table: str) -> list[str]:
    """Split a table of words, in order."""
    return table.split()


# Elements whose content is never read: programs, drawings, form options, and pronunciation guides
# (ruby).
SKIPPED = frozenset(
    words(
        "script style noscript template svg iframe frame frameset noframes head select option "
        "textarea input canvas object embed audio video datalist map area annotation "
        "annotation-xml rt rp rtc"
    )
)
# Elements that break a line. Custom elements (with a hyphen in their name) do, too.
BLOCK = frozenset(
    words(
        "p div h1 h2 h3 h4 h5 h6 li ul ol menu table caption thead tbody tfoot tr td th section "
        "article blockquote pre figure figcaption dl dt dd main header footer aside form fieldset "
        "legend body nav hr details summary address center button label dialog hgroup search"
    )
)
TAGS = {
    tag: number
    for number, tag in enumerate(
        words(
            "other p div li td th h1 h2 h3 h4 h5 h6 blockquote pre figcaption dd dt section "
            "article header footer aside nav form body summary button label ul ol table tr "
            "figure main"
        )
    )
}
"""Numbers that the model's tag features use; the order is part of the model."""

# Landmarks: the meaning of an element's name or ``role`` for all of its content.
(
    ARTICLE,
    MAIN,
    NAV,
    FOOTER,
    HEADER,
    ASIDE,
    FORM,
    FIGURE,
    TABLE,
    LIST,
    HIDDEN,
    BODY,
    DIALOG,
    QUOTE,
) = (1 << bit for bit in range(14))
LANDMARKS = 14
BY_TAG = {
    "article": ARTICLE,
    "main": MAIN,
    "nav": NAV,
    "footer": FOOTER,
    "header": HEADER,
    "aside": ASIDE,
    "form": FORM,
    "button": FORM,
    "label": FORM,
    "fieldset": FORM,
    "search": FORM,
    "figure": FIGURE,
    "table": TABLE,
    "ul": LIST,
    "ol": LIST,
    "menu": LIST,
    "dialog": DIALOG,
    "blockquote": QUOTE,
}
NOT_CAPTIONS = frozenset(words("pre table blockquote"))
"""Elements inside a ``figure`` that are neither its picture nor its caption."""
BY_ROLE = {
    "article": ARTICLE,
    "main": MAIN,
    "navigation": NAV,
    "menu": NAV,
    "menubar": NAV,
    "contentinfo": FOOTER,
    "banner": HEADER,
    "complementary": ASIDE,
    "search": FORM,
    "form": FORM,
    "button": FORM,
    "dialog": DIALOG,
    "alertdialog": DIALOG,
    "tooltip": DIALOG,
}

SECOND_FORMS = frozenset(words("katex-html MJX_Assistive_MathML"))
"""Classes of the second form of a formula; readers see only one of the two."""
EDIT_LINKS = frozenset(words("mw-editsection editsection secedit"))
"""Classes of links that edit a section of a wiki's page."""
LINK_MARKS = frozenset(words("# ¶ § 🔗 ⚓ ⚓︎ ⚓️ ∞ ↩ ↩︎ ↩️ ⤴ ⤴︎ ⤴️ ↵ ↑ ^ ⬆ ⬆️ ⇧ ⇑"))
"""Whole texts of links within the page that lead to a heading itself, or back from a footnote."""
CODE_ROWS = frozenset(words("table tbody thead tr li"))
CODE_CELLS = frozenset(words("ol ul td th"))
"""Elements that arrange code inside ``pre``: with and without a line of their own."""
SENTENCES = frozenset(words("p li dd td blockquote"))
"""Elements in which a button followed by text is part of a sentence."""
CODE_LINES = frozenset(
    words("line code-line token-line view-line code-block-line code-snippet_outer")
)
"""Classes of a code line that style sheets put on a line of its own."""

GROUPS: dict[str, str] = {
    "article": "article story entry post artikel articulo blogpost blog",
    "content": "content contents body text prose rich wysiwyg markdown copy paragraph main "
    "richtext bodytext texto texte inhalt contenido contenu",
    "comment": "comment comments disqus respond reply replies discussion livefyre kommentar "
    "kommentare comentarios commentaires commento webmention webmentions waline valine twikoo "
    "cusdis spcv",
    "related": "related recommend recommended recommendations recirc suggested similar outbrain "
    "taboola trending popular latest recent more next readmore readnext alsolike mostread "
    "further ähnlich",
    "navigation": "nav navbar navigation menu breadcrumb breadcrumbs pagination pager toolbar "
    "masthead topbar submenu prev previous skip",
    "share": "share sharing social follow facebook twitter whatsapp linkedin pinterest sharebar "
    "addtoany sns",
    "promotion": "newsletter subscribe subscription signup optin promo promotion cta banner "
    "callout donate donation paywall membership offer teaser",
    "advertisement": "ad ads adv advert advertisement advertising sponsor sponsored dfp gpt "
    "adsense affiliate werbung publicidad anzeige",
    "footer": "footer copyright colophon legal disclaimer bottom foot",
    "side": "sidebar aside widget widgets rail complementary secondary side",
    "author": "author authors byline bio contributor avatar profile writer autor auteur autore "
    "reporter journalist",
    "meta": "meta metadata date time datetime published posted timestamp category categories tag "
    "tags kicker eyebrow topic topics taxonomy readtime views datum fecha terms info",
    "caption": "caption credit credits figcaption photo image images img gallery media legend "
    "figure picture thumb thumbnail video bild foto",
    "overlay": "modal popup overlay cookie cookies consent gdpr lightbox dialog tooltip onetrust "
    "drawer offcanvas",
    "toc": "toc tableofcontents outline jump anchors",
    "title": "title headline heading titre titel titulo",
    "lead": "summary excerpt dek standfirst lead lede intro subtitle subhead subheading deck "
    "teasertext vorspann chapo sapo bajada entradilla description desc",
    "card": "card cards grid tile tiles carousel slider slide swiper list listing item items feed "
    "archive cell col column row loop",
    "shop": "product products price cart shop rating ratings review reviews buy woocommerce "
    "basket checkout stars",
    "form": "form search login input contact field register signin password",
    "quote": "quote blockquote pullquote pull tweet",
    "header": "header hero head top",
    "fold": "faq faqs accordion tab tabs collapse collapsible toggle question answer expandable",
    "box": "box note infobox factbox takeaways highlight highlights keypoints alert notice panel",
    "legal": "terms privacy policy imprint impressum",
    "event": "live liveblog timeline score ticker poll quiz survey vote",
}
"""Words of class names and ids by what they are used for; the order is part of the model."""

# Stems that mean the same inside a longer word ("articlebody").
STEMS: dict[str, str] = {
    "article": "article",
    "story": "article",
    "content": "content",
    "body": "content",
    "text": "content",
    "comment": "comment",
    "disqus": "comment",
    "related": "related",
    "recommend": "related",
    "recirc": "related",
    "trending": "related",
    "popular": "related",
    "mostread": "related",
    "navigat": "navigation",
    "navbar": "navigation",
    "menu": "navigation",
    "breadcrumb": "navigation",
    "pagination": "navigation",
    "share": "share",
    "sharing": "share",
    "social": "share",
    "newsletter": "promotion",
    "subscri": "promotion",
    "signup": "promotion",
    "promo": "promotion",
    "paywall": "promotion",
    "banner": "promotion",
    "advert": "advertisement",
    "sponsor": "advertisement",
    "footer": "footer",
    "copyright": "footer",
    "disclaimer": "footer",
    "sidebar": "side",
    "widget": "side",
    "author": "author",
    "byline": "author",
    "publish": "meta",
    "category": "meta",
    "timestamp": "meta",
    "caption": "caption",
    "credit": "caption",
    "image": "caption",
    "gallery": "caption",
    "modal": "overlay",
    "popup": "overlay",
    "cookie": "overlay",
    "consent": "overlay",
    "headline": "title",
    "title": "title",
    "subtitle": "lead",
    "summary": "lead",
    "excerpt": "lead",
    "standfirst": "lead",
    "carousel": "card",
    "slider": "card",
    "product": "shop",
    "rating": "shop",
    "search": "form",
    "login": "form",
    "quote": "quote",
    "header": "header",
    "accordion": "fold",
    "question": "fold",
}

_BIT = {name: 1 << number for number, name in enumerate(GROUPS)}
EXACT: dict[str, int] = {}
for _name, _words in GROUPS.items():
    for _entry in _words.split():
        EXACT[_entry] = EXACT.get(_entry, 0) | _BIT[_name]
_STEMS = tuple((stem, _BIT[name]) for stem, name in STEMS.items())
_WORD = re.compile(r"[a-zà-ÿ]+")
READ_ALOUD = frozenset(
    words(
        "sr-only screen-reader-text screen-reader-only screenreader screen-reader visually-hidden "
        "visuallyhidden visuallyHidden u-visually-hidden assistive-text a11y-hidden "
        "element-invisible show-for-sr vh"
    )
)
"""Classes of text for those who have a page read to them."""
HIDING_CLASSES = READ_ALOUD | frozenset(
    words(
        "hidden hide is-hidden d-none invisible sr-hidden offscreen print-only u-hidden "
        "element-hidden displaynone display-none"
    )
)
"""Classes that hide in common style sheets; "hidden md:block" hides only on a small screen."""
SHOWING_CLASSES = frozenset(words("md:block lg:block xl:block md:flex lg:flex md:inline sm:block"))


LOOKED_AT = 300
"""Characters of class names that are looked at: longer ones are generated."""


def sets_a_line(style: str) -> bool:
    """Return whether an element's ``style`` puts it on a line of its own."""
    style = style.replace(" ", "").lower()
    return "display:block" in style or "display:flex" in style


def hiding_style(style: str) -> bool:
    """Return whether an element's ``style`` hides it."""
    if "none" not in style and "hidden" not in style and "-9999" not in style:
        return False
    style = style.replace(" ", "").lower()
    return (
        "display:none" in style
        or "visibility:hidden" in style
        or "left:-9999" in style
        or "text-indent:-9999" in style
    )


def group_bit(name: str) -> int:
    """Return the bit of a group in ``class_evidence``."""
    return _BIT[name]


@lru_cache(maxsize=65536)
def word_groups(word: str) -> int:
    """Return the groups (bits) of a lower-case word of a class name."""
    bits = EXACT.get(word)
    if bits is None:
        bits = 0
        for stem, bit in _STEMS:
            if stem in word:
                bits |= bit
    return bits


@lru_cache(maxsize=32768)
def class_evidence(names: str) -> tuple[int, bool]:
    """Return the groups (bits) of an element's class names and id, and whether they hide it."""
    bits = 0
    names = names[:LOOKED_AT]
    for word in _WORD.findall(names.lower()):
        bits |= word_groups(word)
    classes = names.split()
    unseen = not HIDING_CLASSES.isdisjoint(classes) and SHOWING_CLASSES.isdisjoint(classes)
    return bits, unseen
