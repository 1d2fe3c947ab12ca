from collections.abc import Callable, Mapping

from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.metadata.elements import TellingElements
from copydesk.tasks.cleaning.metadata.model import Mark

FITS: bool

def find(tree: LexborHTMLParser) -> TellingElements: ...
def marks(
    elements: TellingElements, attribute_date: Callable[[Mapping[str, str | None]], str]
) -> list[Mark]: ...
