"""What is looked for in a page's elements, and how much of it.

One place for ``elements.py``, which asks the parser, and for ``_elements.pyx``, compiled.
"""

from __future__ import annotations

import re
from typing import Final

# More of one kind than any page of the development sets has; a hostile page has 100,000.
MAX_ELEMENTS: Final = 400
MAX_MARKS: Final = 120
MAX_CLASSED: Final = 20_000
MAX_CLASS_CHARS: Final = 500
MAX_TELLING: Final = 20_000
MAX_ANCESTORS: Final = 8

# In a class, these may mean an author or a date.
CLASS_WORDS: Final = (
    "author", "byline", "date", "time", "publi", "posted", "autor", "auteur", "writer", "reporter",
    "contributor",
)  # fmt: skip
# The links that may lead to a page about a person.
TO_PERSON: Final = re.compile(r"/author|/people/|/staff/|\A(?>.*?/aut).*r/", re.S)
# Attributes whose words say what an element is.
LABELS: Final = ("class", "id", "rel", "itemprop", "data-testid")
# Elements inside others whose text is no part of theirs: programs, drawings, and how characters
# are read aloud (ruby). The text after the latter goes on without a space.
UNREAD: Final = ("script", "style", "template", "svg")
RUBY_BASES: Final = ("ruby", "rb")
RUBY_READINGS: Final = ("rt", "rp", "rtc")
