"""Rows, posts and entries with values that cannot be stored: that value is lost, not the row."""

from __future__ import annotations

import io
import json
import math
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.schemas.items import Item, RawDocument
from copydesk.schemas.json_form import to_json
from copydesk.tasks.ingest.plan import PlannedBatch
from copydesk.tasks.sources import open_sources
from copydesk.tasks.sources.formats.json_text import read_json
from copydesk.tasks.sources.formats.xml_references import sound_references
from copydesk.tasks.sources.formats.xml_text import xml_text
from copydesk.tasks.sources.web.listings.feeds import read_feed
from copydesk.tasks.sources.web.listings.wordpress_api import read_list, read_posts
from tests.schemas.test_values import holds

TEXT = "The keepers opened the lock gates at dawn and closed them again before the rain came."
VALUES = ["\ud83d", "a\ude00 b", "x\0y", "http://[::1", "http://a.example:99999/\ud83d", "", None,
          1e400, -1e400, math.nan, 10**30, -(2**70), True, [], {}, ["\ud83d", None, [1]],
          {"name": "\udfff"}, {"rendered": "a\0"}, "0000-00-00", "10000-01-01",
          "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "\u202e"]  # fmt: skip
FIELDS = ("title", "url", "id", "author", "tags", "language", "section", "date", "modified", "more")


def read_all(path) -> list[RawDocument]:
    """Read a file as a run does: every row is planned, written and read."""
    (source,) = open_sources([str(path)], name="canal")
    items = list(source.discover())
    assert all(isinstance(document, Item) for document in items), items
    to_json(PlannedBatch(0, items=tuple(items)))
    assert len({item.locator for item in items}) == len(items)
    assert all(
        holds(text)
        for document in items
        for text in (document.locator, document.url, document.handle)
    )
    documents = list(source.acquire(items))
    assert all(isinstance(document, RawDocument) for document in documents), documents
    return documents


@settings(max_examples=60)
@given(rows=st.lists(st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(VALUES)), max_size=4))
def test_no_value_of_json_lines_costs_its_row(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("json") / "rows.jsonl"
    lines = [json.dumps({"text": f"{TEXT} {n}", **row}) for n, row in enumerate([{}, *rows])]
    path.write_text("\n".join(lines))
    documents = read_all(path)
    assert len(documents) == len(lines)
    for n, document in enumerate(documents):
        assert document.body.decode().endswith(f"{TEXT} {n}")


def test_json_lines_with_what_python_refuses(tmp_path):
    path = tmp_path / "rows.jsonl"
    body = json.dumps({"text": TEXT}).removesuffix("}")
    rows = [f'{body}, "n": {"9" * 5000}}}', f'{body}, "title": NaN}}']
    rows.append('{"text": "Bad \\ud83d text and \\u0000 more", "title": "\\ud83d\\ude00"}')
    path.write_text("\n".join(rows))
    big, nan, bad = read_all(path)
    assert big.body.decode() == nan.body.decode() == TEXT
    assert bad.body.decode() == "\U0001f600\n\nBad \ufffd text and  more"


def test_ids_that_become_the_same_stay_two_rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join(json.dumps({"id": f"a{c}", "text": TEXT}) for c in "\ud83d\ud83e\udc80")
    )
    assert len(read_all(path)) == 3


def test_a_malformed_address_of_a_row_is_not_its_address(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(f'text,url\n"{TEXT}",http://[::1\n"{TEXT}",https://canal.example/1\n')
    first, second = read_all(path)
    assert first.url.startswith("file:")
    assert second.url == "https://canal.example/1"


def test_csv_with_nuls_and_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(f"text,title\n{TEXT},a\0b\n{TEXT},".encode() + b"caf\xff\xed\xa0\xbd\n")
    assert len(read_all(path)) == 2


def test_parquet_with_dates_and_texts_that_python_does_not_have(tmp_path):
    octets = pa.array([b"ok", b"bad \xff", None], pa.binary())
    texts = pa.StringArray.from_buffers(
        3, octets.buffers()[1], octets.buffers()[2], octets.buffers()[0]
    )
    table = pa.table(
        {
            "text": [TEXT] * 3,
            "title": texts,
            "id": pa.array([2**64 - 1, 1, 2], pa.uint64()),
            "published_at": pa.array([0, -(10**17), 10**18], pa.timestamp("us", "UTC")),
            "date_modified": pa.array([0, -800_000, 4_000_000], pa.int32()).cast(pa.date32()),
            "section": pa.array([math.nan, math.inf, 1.0]),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    documents = read_all(tmp_path / "rows.parquet")
    hints = [document.item.hints for document in documents]
    assert [hint.published_at for hint in hints] == [datetime(1970, 1, 1, tzinfo=UTC), None, None]
    assert [hint.title for hint in hints] == ["ok", "bad \ufffd", None]
    assert [hint.section for hint in hints] == [None, None, "1.0"]


@settings(max_examples=40)
@given(st.lists(st.sampled_from(VALUES), min_size=5, max_size=5))
def test_no_value_of_a_post_costs_the_list(values):
    link, title, author, tag, date = values
    post = {"id": 1, "link": "https://canal.example/1", "title": {"rendered": title},
            "content": {"rendered": f"<p>{TEXT} \ud83d</p>"}, "date_gmt": date,
            "_embedded": {"author": [{"name": author}],
                          "wp:term": [[{"taxonomy": "post_tag", "name": tag}], tag]}}  # fmt: skip
    body = json.dumps([{**post, "id": 2, "link": link}, post]).encode()
    assert {item.id for item in read_list(body, "https://canal.example/wp-json/").posts} >= {1}
    posts = read_posts(body, "https://canal.example/wp-json/")
    assert set(posts) == {1, 2}
    assert all(holds(item.html) and holds(item.url) for item in posts.values())


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["id", "url", "title", "content_html", "summary", "tags",
       "date_published", "date_modified"]), st.sampled_from(VALUES)))  # fmt: skip
def test_no_value_of_a_json_feed_costs_the_others(item):
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "\ud83d", "items": [
        {"id": "1", "url": "https://canal.example/1", "title": "One \ud83d"}, item]}  # fmt: skip
    entries = read_feed(json.dumps(feed).encode(), "https://canal.example/feed.json").entries
    assert entries[0].url == "https://canal.example/1"
    assert entries[0].hints.title == "One \ufffd"
    assert all(holds(entry.url) and holds(entry.content) and holds(entry.mark) for entry in entries)


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><title>Lock {0}
</title><link>https://canal.example/1</link><guid>{0}</guid><pubDate>{1}</pubDate></item>
<item><title>Two</title><link>{2}</link></item></channel></rss>"""


@pytest.mark.parametrize("reference", ["&#xD83D;", "&#55357;", "&#xDE00;", "&#0;", "&#x110000;"])
@pytest.mark.parametrize("date", ["Wed, 30 Nov 99999 00:00:00 +0000", "0000-00-00", "&#xD83D;"])
def test_no_reference_and_no_date_costs_a_feed(reference, date):
    body = RSS.format(reference, date, "http://[::1").encode()
    entries = read_feed(body, "https://canal.example/feed").entries
    assert [entry.url for entry in entries] == ["https://canal.example/1", "http://[::1"]
    assert entries[0].hints.title.startswith("Lock")
    assert entries[0].hints.published_at is None


def test_no_reference_costs_an_export(tmp_path):
    item = (
        "<item><title>{}</title><link>{}</link><wp:post_id>{}</wp:post_id>"
        "<content:encoded>{}</content:encoded><wp:post_type>post</wp:post_type>"
        "<wp:status>publish</wp:status></item>"
    )
    posts = [
        item.format("Bad &#xD83D; title", "http://[::1", 1, TEXT),
        item.format("Joined &#55357;&#56832;", "https://canal.example/2", 2, TEXT),
        item.format("Plain", "https://canal.example/3", 3, TEXT),
    ]
    (tmp_path / "export.xml").write_text(
        '<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"{''.join(posts)}</channel></rss>"
    )
    documents = read_all(tmp_path / "export.xml")
    titles = [document.item.hints.title for document in documents]
    assert titles == ["Bad \ufffd title", "Joined \U0001f600", "Plain"]
    assert documents[0].url.startswith("file:")


@given(
    st.lists(
        st.sampled_from(
            ["&#xD83D;", "&#56832;", "&#x0D83d;", "&#xDE00;", "a", "&", "&#5", "é", "<b>", "\n"]
        )
    ),
    st.integers(1, 9),
)
def test_references_are_the_same_however_a_stream_is_cut(parts, size):
    class Trickle(io.BytesIO):
        def read1(self, _=-1):
            return self.read(size)

    xml = "".join(parts)
    for encoding in ("utf-8", "utf-16"):
        text = xml_text(Trickle(xml.encode(encoding)), f"text/xml; charset={encoding}")
        assert "".join(text) == sound_references(xml)
    assert sound_references("&#xD83D;&#56832;") == "&#x1F600;"


@given(st.recursive(st.none() | st.text(st.characters()) | st.floats() | st.integers(),
       lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner,
       max_size=3), max_leaves=8))  # fmt: skip
def test_json_that_is_read_can_be_written_anywhere(value):
    again = json.dumps(read_json(json.dumps(value)), ensure_ascii=False, allow_nan=False)
    assert "\\u0000" not in again
    again.encode()


def test_json_nested_too_deep_is_a_value_error():
    with pytest.raises(ValueError, match="deep"):
        read_json("[" * 100_000)
