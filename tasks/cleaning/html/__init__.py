"""Articles from web pages: blocks, the choice among them, and what is no article."""

from copydesk.tasks.cleaning.html.article import clean_html

__all__ = ["clean_html"]
