"""The elements and words that the metadata search looks for, and its limits.

Shared by ``elements.py`` and the compiled ``_elements.pyx``.
"""

from __future__ import annotations

import re
from typing import Final

# Above what any page of the development sets has; a hostile page has 100,000 elements.
MAX_ELEMENTS: Final = 400
MAX_MARKS: Final = 120
MAX_CLASSED: Final = 20_000
MAX_CLASS_CHARS: Final = 500
MAX_TELLING: Final = 20_000
MAX_ANCESTORS: Final = 8

# Words in class names that may mean an author or a date.
CLASS_WORDS: Final = (
    "author", "byline", "date", "time", "publi", "posted", "autor", "auteur", "writer", "reporter",
    "contributor",
)  # fmt: skip
# Links that may lead to a page about a person.
TO_PERSON: Final = re.compile(r"/author|/people/|/staff/|\A(?>.*?/aut).*r/", re.S)
# Attributes that describe an element.
LABELS: Final = ("class", "id", "rel", "itemprop", "data-testid")
# Elements whose text is not visible text of the element around: programs, drawings, and
# pronunciation guides (ruby). Text after the latter continues without a space.
UNREAD: Final = ("script", "style", "template", "svg")
RUBY_BASES: Final = ("ruby", "rb")
RUBY_READINGS: Final = ("rt", "rp", "rtc")
# Attributes of meta elements that hold the names of what they say.
META_NAMES: Final = ("property", "name", "itemprop", "http-equiv")
MAX_META_CONTENTS: Final = 30

# Bylines and dates are short; a longer element is a box about the author or the page itself.
MAX_MARK_CHARS: Final = 240
# Allowance for white space between tags.
ROOM: Final = 8
# Elements that contain a page or a region, whatever their class.
REGIONS: Final = frozenset(
    {"html", "body", "main", "article", "section", "form", "input", "nav", "style", "script"}
    | {"img", "svg", "button", "select", "textarea", "iframe", "picture", "template", "noscript"}
)
# Elements without text, which are marks only as microdata.
MICRODATA: Final = frozenset({"meta", "link"})
# Addresses of author pages. /profile/ and /people/ alone may be about anyone.
PROFILE: Final = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|people|staff|profile|contributors?)/[^/]", re.I
)
# Class names of readers' comments; "comments-open" and the like belong to the article.
COMMENTS: Final = re.compile(
    r"(?<![\w-])(?:wp-block-)?(?:(?:latest|post|user|reader)-)?comments?(?:__\w+)?(?![\w-])"
    r"|(?<![\w-])(?:\w+-)*comments?[-_](?:list|area|body|meta|form|author|content|item|thread|"
    r"wrap|wrapper|container|section|respond|metadata|text|header)|disqus|usercomment"
)
