from __future__ import annotations

from copydesk.schemas.article import Article, Reject
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.sites.rules import read_rules

URL = "https://ferry.example/news/1"
PAGE = """<!doctype html><html><head><title>The late boat – Ferry News</title></head><body>
<nav><a href="/">Home</a><a href="/tides">Tides</a></nav>
<div class="story"><h2>The late boat</h2>
<p>The last boat home will leave at twenty to ten from March on, the harbour board decided.</p>
<div class="box"><p>Sign up for our newsletter and never miss a boat again, my friend.</p></div>
<p>Most of the people who asked for it work in the hospital, where the late shift ends at eight.</p>
<p class="by">By Ines Calder</p></div>
<div class="more"><p>Also today: the pier will be closed until May for repairs.</p></div>
</body></html>"""
RULES = """[[site]]
match = "ferry.example"
body = ".story"
title = "h2"
author = ".by"
remove = [".box", ".by"]
"""


def test_a_rule_takes_the_place_of_the_general_cleaner() -> None:
    article = clean(PAGE, url=URL, rules=read_rules(RULES))
    assert isinstance(article, Article)
    assert article.title == "The late boat"
    assert article.authors == ("Ines Calder",)
    assert article.text.split("\n\n") == [
        "The last boat home will leave at twenty to ten from March on, the harbour board decided.",
        "Most of the people who asked for it work in the hospital, where the late shift ends at "
        "eight.",
    ]
    assert article.evidence["site_rule"] == "ferry.example"
    cut = " ".join(cut.text for cut in article.cuts)
    assert "newsletter" in cut
    assert "Also today" in cut
    assert "The late boat" in cut


def test_a_rule_for_another_site_changes_nothing() -> None:
    other = RULES.replace("ferry.example", "train.example")
    assert clean(PAGE, url=URL, rules=read_rules(other)) == clean(PAGE, url=URL)


def test_a_rule_that_stopped_matching_is_named() -> None:
    stale = read_rules(RULES.replace('".story"', '".story-2019"').replace('"h2"', '".headline"'))
    article = clean(PAGE, url=URL, rules=stale)
    general = clean(PAGE, url=URL)
    assert isinstance(article, Article)
    assert isinstance(general, Article)
    assert article.evidence["site_rule_stopped"] == "body, title"
    assert (article.title, article.text) == (general.title, general.text)


def test_a_rule_makes_an_article_of_what_looked_like_none() -> None:
    page = (
        "<html><body><ul><li><a href='/a'>One</a></li></ul><p class=x>Short note.</p></body></html>"
    )
    assert isinstance(clean(page, url=URL), Reject)
    rules = read_rules('[[site]]\nmatch = "ferry.example"\nbody = "p.x"\ntitle = "li"\n')
    article = clean(page, url=URL, rules=rules)
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("One", "Short note.")
