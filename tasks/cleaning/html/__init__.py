"""Extract articles from web pages: text blocks, the choice among them, and refusals."""

from copydesk.tasks.cleaning.html.article import clean_html

__all__ = ["clean_html"]
