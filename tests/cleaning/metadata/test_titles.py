from __future__ import annotations

import pytest

from copydesk.tasks.cleaning.metadata.model import Evidence
from copydesk.tasks.cleaning.metadata.titles import choose_title


def chosen(
    title: str | None = None,
    *,
    h1: tuple[str, ...] = (),
    og: str | None = None,
    headline: tuple[str, ...] = (),
    sites: tuple[str, ...] = ("The Daily Ferry", "www.dailyferry.example"),
) -> str | None:
    evidence = Evidence(
        title=title, headings=h1, meta={"og:title": (og,)} if og is not None else {}
    )
    choice = choose_title(evidence, headlines=headline, sites=sites)
    return choice.text if choice else None


def test_the_site_s_name_goes() -> None:
    assert chosen("Ferries are late - The Daily Ferry") == "Ferries are late"
    assert chosen("The Daily Ferry | Ferries are late") == "Ferries are late"
    assert chosen("Ferries are late | Daily Ferry") == "Ferries are late"


def test_an_unknown_site_s_name_goes_where_another_place_goes_without() -> None:
    assert chosen("Ferries are late - Bay News", h1=("Ferries are late",)) == "Ferries are late"


def test_a_title_is_not_cut_in_half() -> None:
    whole = "Ferries are late – and the mail with them"
    assert chosen(f"{whole} | The Daily Ferry", og=whole) == whole
    assert chosen("Ferry: why mail is late", h1=("Ferry: why mail is late",)) == (
        "Ferry: why mail is late"
    )


def test_a_page_named_as_its_site_keeps_its_name() -> None:
    title = "Daily Ferry: what works"
    assert chosen(title, h1=(title,), og=title) == title


def test_the_heading_that_others_repeat_wins() -> None:
    h1 = ("The Daily Ferry", "Ferries are late", "Most read")
    assert chosen("Ferries are late", h1=h1) == "Ferries are late"


def test_a_logo_is_no_title() -> None:
    assert chosen("Why ferries run late", h1=("Harbour Times",)) == "Why ferries run late"


def test_readers_form_comes_first() -> None:
    assert chosen(
        "7 ferry tips for 2025", h1=("Our best ferry tips",), og="7 ferry tips for 2025"
    ) == ("Our best ferry tips")


def test_typography_is_that_of_the_page() -> None:
    assert chosen('"Late" -- again', h1=("“Late” — again",)) == "“Late” — again"


def test_capitals_do_not_shout_when_another_place_does_not() -> None:
    assert chosen("Ferries are late", h1=("FERRIES ARE LATE",)) == "Ferries are late"


def test_words_that_markup_breaks_are_mended() -> None:
    assert (
        chosen("Cycle routes: a guide", h1=("C ycle routes : a guide",)) == "Cycle routes: a guide"
    )


@pytest.mark.parametrize("text", ["渡轮误点", "フェリーが遅れる理由", "Почему опаздывает паром"])
def test_every_script(text: str) -> None:
    assert chosen(f"{text} - The Daily Ferry", h1=(text,)) == text


def test_a_page_that_says_nothing_has_no_title() -> None:
    assert chosen() is None
    assert chosen("The Daily Ferry") == "The Daily Ferry"
