from selectolax.lexbor import LexborNode

from tasks.cleaning.html.page import Page

FITS: bool

def read(body: LexborNode, page: Page) -> None: ...
