from __future__ import annotations

import pickle

import pytest

from copydesk.schemas.items import RawDocument
from copydesk.schemas.source_kinds import SourceKind
from copydesk.schemas.sources import EXAMPLE, SettingsError, parse_sources, read_sources
from copydesk.tasks.sources import SourceError
from copydesk.tasks.sources.open_named import open_named
from copydesk.tasks.sources.secrets import NoSecretError, reveal
from copydesk.tasks.sources.web.source import WebSource


def test_the_example_is_right_and_says_what_it_says():
    file = read_sources(EXAMPLE)
    assert list(file.sources) == [
        "harbour-blog", "city-news", "press-archive", "intranet", "letters", "exports",
    ]  # fmt: skip
    blog, news, press = (file.sources[n] for n in ("harbour-blog", "city-news", "press-archive"))
    assert blog.contact == file.defaults.contact
    assert (blog.delay, press.delay, press.concurrency) == (1.0, 5.0, 1)
    assert (news.kind, news.limit) == (SourceKind.FEED, 200)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path):
    (tmp_path / "sources.toml").write_text(EXAMPLE.read_text(), encoding="utf-8-sig")
    assert read_sources(tmp_path / "sources.toml") == read_sources(EXAMPLE)
    assert parse_sources("\ufeff" + EXAMPLE.read_text()) == read_sources(EXAMPLE)


def test_sources_of_the_web_from_settings():
    file = read_sources(EXAMPLE)
    (press,) = open_named("press-archive", file.sources["press-archive"])
    assert isinstance(press, WebSource)
    assert (press.name, press.kind) == ("press-archive", SourceKind.SITEMAP)
    assert press.policy.secrets == (
        ("https://archive.press.example:443", "Authorization", "Bearer ${PRESS_ARCHIVE_TOKEN}"),
    )
    assert "+https://archive.example/about" in press.policy.agent
    assert press.policy.rate_limit.delay == 5
    assert pickle.loads(pickle.dumps(press)) == press
    (site,) = open_named("harbour-blog", file.sources["harbour-blog"])
    assert isinstance(site, WebSource)
    assert site.kind is SourceKind.SITE


def test_files_from_settings(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"head": "T", "story": "A story"}')
    file = parse_sources(
        f'[sources.mine]\naddress = "{tmp_path}"\n[sources.mine.columns]\n'
        'text = "story"\ntitle = "head"'
    )
    (source,) = open_named("mine", file.sources["mine"])
    (document,) = source.acquire(list(source.discover()))
    assert isinstance(document, RawDocument)
    assert (document.item.source, document.body) == ("mine", b"T\n\nA story")


def test_a_secret_that_is_not_there_is_named(monkeypatch):
    monkeypatch.delenv("EXPORTS_KEY", raising=False)
    with pytest.raises(SourceError, match="source exports: the environment has no EXPORTS_KEY"):
        open_named("exports", read_sources(EXAMPLE).sources["exports"])


def test_references():
    assert reveal("a ${X} ${X_2}", {"X": "1", "X_2": "2"}) == "a 1 2"
    assert reveal("$X ${ X }", {"X": "1"}) == "$X ${ X }"
    with pytest.raises(NoSecretError, match="no MISSING"):
        reveal("${MISSING}", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sources.x", "x.toml is not TOML"),
        ("[sources.x]", "sources.x: give either `address` or `addresses`"),
        ('[sources.x]\naddress="/a"\naddresses=["/b"]', "give either `address` or `addresses`"),
        ('[sources.x]\naddress="/a"\ndelai=1', "sources.x.delai: no such setting; there are"),
        ('[sources.x]\nkind="rss"\naddress="https://x.example"', "no kind 'rss'; there are site"),
        ('[sources.x]\nkind="feed"\naddress="/a"', "kind feed needs https:// addresses"),
        ('[sources.x]\naddress="https://u:p@x.example"', "password must not stand in an address"),
        ('[sources.x]\naddress="https://x.example"\nschedule="daily"', "not a cron schedule"),
        ('[sources.x]\naddress="https://x.example"\ndelay=-1', "sources.x.delay: Input should be"),
        ('[sources.x]\naddress="https://x.example"\nproxy="http://u:p@p.example"', "write ${NAME}"),
        ('[sources.x]\naddress="https://x.example"\nheaders={Cookie="a=b"}', "Cookie is a secret"),
        ('[sources.x]\naddress="s3://b"\nstorage_options={secret="s"}', "secret is a secret"),
        ('[sources.x]\naddress="/a"\nheaders={X="y"}', "headers are only for sources on the web"),
        ('[sources."A b"]\naddress="/a"', "lower-case letters"),
        (
            "[default]\ndelay=1",
            "default: no such setting; there are project, pool, defaults, notify, sources",
        ),
        ("sources = 3", "sources: Input should be"),
    ],
)
def test_what_is_wrong_is_said(text, message):
    with pytest.raises(SettingsError) as caught:
        parse_sources(text, "x.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("x.toml")


def test_no_secret_stands_in_an_error():
    text = '[sources.x]\naddress="https://x.example"\nheaders={Authorization="hunter2"}\nx=1'
    with pytest.raises(SettingsError) as caught:
        parse_sources(text)
    assert "hunter2" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match="cannot read"):
        read_sources(tmp_path / "none.toml")
