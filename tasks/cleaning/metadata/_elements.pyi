from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.metadata.elements import TellingElements

FITS: bool

def find(tree: LexborHTMLParser) -> TellingElements: ...
