"""Extract articles from web pages: text blocks, the choice among them, and refusals.

``article.clean_html`` is not imported here: cleaning of copied text needs only the trees.
"""
