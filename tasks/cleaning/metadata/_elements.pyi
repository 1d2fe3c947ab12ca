from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning.metadata.elements import Found

FITS: bool

def find(tree: LexborHTMLParser) -> Found: ...
