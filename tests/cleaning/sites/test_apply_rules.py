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


BROKEN_OFF = """<html><head><title>The late boat</title>{head}</head><body>
<article><p>The last boat home will leave at twenty to ten from March on, says the board.</p>
<p>Most of the people who asked for it work in the hospital, where the late shift ends […]</p>
</article>
<div id="whole"><p>The last boat home will leave at twenty to ten, from the first of March on.</p>
<p>It will cost no more than the boats before it, the harbour board said.</p></div>
{below}</body></html>"""
WHOLE = '[[site]]\nmatch = "ferry.example"\nbody = "#whole"\n'
FREE = '<meta name="article:content_tier" content="free">'


def test_access_is_that_of_the_text_that_a_rule_selects() -> None:
    page = BROKEN_OFF.format(head="", below="")
    general = clean(page, url=URL)
    article = clean(page, url=URL, rules=read_rules(WHOLE))
    assert isinstance(general, Article)
    assert isinstance(article, Article)
    assert (general.access, "ends in […]" in general.evidence["access"]) == ("cut_off", True)
    assert (article.access, "access" in article.evidence) == (None, False)


def test_what_a_page_states_and_shows_below_a_ruled_text_is_its_access() -> None:
    rules = read_rules(WHOLE)
    stated = clean(BROKEN_OFF.format(head=FREE, below=""), url=URL, rules=rules)
    assert isinstance(stated, Article)
    assert stated.access == "free"
    assert stated.evidence["access"] == "meta article:content_tier: free"
    gate = "<p>Subscribe to continue reading.</p>"
    asked = clean(BROKEN_OFF.format(head="", below=gate), url=URL, rules=rules)
    assert isinstance(asked, Article)
    assert asked.access == "paywalled"
    assert asked.evidence["access"] == "at the end: “subscribe to continue”"


def test_a_refused_page_that_a_rule_selects_from_has_its_metadata() -> None:
    page = (
        '<html lang="en"><head><title>One short note</title><meta name="robots" content="noai">'
        '<meta name="author" content="Ines Calder"><meta name="paywall" content="hard">'
        "</head><body><ul><li><a href='/a'>One</a></li></ul><p class=x>A short note.</p></body>"
    )
    assert isinstance(clean(page, url=URL), Reject)
    article = clean(page, url=URL, rules=read_rules(WHOLE.replace("#whole", "p.x")))
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("One short note", "A short note.")
    assert (article.authors, article.access) == (("Ines Calder",), "paywalled")
    assert article.reservations == {"noai": "meta robots"}
