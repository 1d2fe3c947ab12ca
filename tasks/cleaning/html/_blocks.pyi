from selectolax.lexbor import LexborNode

from copydesk.tasks.cleaning.html.page import Page

FITS: bool

def read(body: LexborNode, page: Page) -> None: ...
