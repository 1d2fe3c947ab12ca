"""Tables that are stored otherwise than they are read: every row as it was, in fewer bytes."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.warehouse.publish.markdown_patches import native, patch_function
from copydesk.warehouse.publish.publish import publish
from copydesk.warehouse.publish.schema import make_layout
from tests.warehouse.sample import Look, ingest, rows

MARKS = "".join(map(chr, range(0xE000, 0xE006)))
WORDS = st.sampled_from(
    ["a", "b", "ä", "", " ", "  ", "\n", "\n\n", "# ", "## ", "- ", "-  ", "1. ", "> ", "[a](b c)",
     "  \n", "**", "0", "1", *MARKS]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=12).map("".join)


@pytest.fixture(scope="module")
def layout() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        make_layout(connection)
        yield connection


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS)
def test_markdown_comes_back_from_its_patch(layout, text, markdown):
    (row,) = layout.execute(
        "SELECT markdown_of(t, markdown_patch(t, m)), markdown_patch(t, m) FROM"
        " (SELECT CAST(? AS VARCHAR) AS t, CAST(? AS VARCHAR) AS m)", [text, markdown],
    ).fetchall()  # fmt: skip
    assert row[0] == markdown
    assert (row[1] is None) == (text == markdown)


@pytest.fixture(scope="module")
def compiled(layout: duckdb.DuckDBPyConnection) -> str:
    if native is None:
        pytest.skip("the loops were not compiled here")
    return patch_function(layout)


ROWS = st.lists(
    st.tuples(TEXTS, st.one_of(TEXTS, st.none())), min_size=1, max_size=8
)  # several, so that each patch begins where the one before it ends


@settings(max_examples=400, deadline=None)
@given(ROWS)
def test_the_compiled_loop_makes_the_same_patches(layout, compiled, rows):
    asked = [[text for text, _ in rows], [markdown for _, markdown in rows]]
    pairs = "SELECT unnest(CAST(? AS VARCHAR[])) AS t, unnest(CAST(? AS VARCHAR[])) AS m"
    sql = f"SELECT {compiled}(t, m), markdown_patch(t, m) FROM ({pairs})"
    for made, expected in layout.execute(sql, asked).fetchall():
        assert made == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_texts_that_are_joined_come_apart_again(layout, texts):
    (row,) = layout.execute(
        "SELECT list_transform(parted_texts(joined_texts(t)), lambda x:"
        " replace(x, chr(57344) || '0', chr(57344))) FROM (SELECT CAST(? AS VARCHAR[]) AS t)",
        [texts],
    ).fetchall()
    assert row[0] == texts


def test_a_patch_holds_little_more_than_the_addresses(layout):
    text = "- One word of many\n- and one more\n\nA heading\n\nThe council voted. Then it rained."
    markdown = (
        "-  One word of many\n-  and one more\n\n## A heading\n\n"
        "The [council voted](https://a.example/). Then  \nit rained."
    )
    text = text.replace("Then it", "Then\nit")
    (patch,) = layout.execute("SELECT markdown_patch(?, ?)", [text, markdown]).fetchone()
    assert not patch.startswith(chr(0xE003))
    assert " of " not in patch
    assert "(https://a.example/)." in patch


def test_rows_are_those_of_the_lake(home, lake):
    ingest(lake, "r1", [Look("a", text="Told. " * 30), Look("b", text="Other words. " * 30)])
    publish(home)
    ingest(lake, "r2", [Look("a", 1, "Told otherwise. " * 30)])
    publish(home)
    listed = "SELECT sum(number), count(*) FROM compact.cut_lists"
    (count,) = rows(home, "SELECT count(*) FROM cuts")
    assert rows(home, listed)[0][0] == count[0]
    kept = "FROM revisions ORDER BY ALL"
    passages = "FROM cuts ORDER BY ALL"
    before = rows(home, kept), rows(home, passages)
    publish(home, rebuild=True)
    assert (rows(home, kept), rows(home, passages)) == before
    assert all(markdown is not None for (markdown,) in rows(home, "SELECT markdown FROM revisions"))
