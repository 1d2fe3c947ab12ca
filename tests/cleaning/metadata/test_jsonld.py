from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.metadata.jsonld import parse, plain, read_scripts, texts, types_of

ARTICLE = {"@type": "NewsArticle", "headline": "Ferry late", "author": {"@id": "#jane"}}
JANE = {"@type": "Person", "@id": "#jane", "name": "Jane Roe"}


def test_graphs_are_flattened_and_references_followed() -> None:
    nodes = read_scripts(
        [json.dumps({"@context": "https://schema.org", "@graph": [ARTICLE, JANE]})]
    )
    article = next(node for node in nodes if "newsarticle" in types_of(node))
    assert list(texts(article["author"])) == ["Jane Roe"]


def test_what_speaks_of_other_things_is_no_node() -> None:
    page = {"@type": "WebPage", "comment": [ARTICLE], "publisher": JANE}
    assert [types_of(node) for node in read_scripts([json.dumps(page)])] == [("webpage",)]


def test_broken_scripts_are_repaired() -> None:
    sound = {"@type": "Article", "headline": "A\nB"}
    broken = [
        '{"@type": "Article", "headline": "A\nB",}',
        '<!-- {"@type": "Article", "headline": "A\\nB"} -->',
        '//<![CDATA[\n{"@type": "Article", "headline": "A\\nB"}\n//]]>',
        '{"@type": "Article", "headline": "A\\nB"};',
        "{&quot;@type&quot;: &quot;Article&quot;, &quot;headline&quot;: &quot;A\\nB&quot;}",
    ]
    assert [parse(script) for script in broken] == [[sound]] * len(broken)


def test_several_documents_in_one_script() -> None:
    assert len(parse('{"@type": "Article"}{"@type": "Person"}')) == 2


def test_fields_are_found_where_nothing_can_be_repaired() -> None:
    script = '{"@type": "Article", "headline": "Ferry "late", "datePublished": "2025-01-06", "x": }'
    (node,) = parse(script)
    assert node["datePublished"] == "2025-01-06"


def test_deep_nesting_ends() -> None:
    assert read_scripts(["[" * 50_000 + "]" * 50_000]) == ()


def test_plain_keeps_what_a_headline_says_of_tags() -> None:
    assert (
        plain("The <b>old</b> &amp; the <template> element") == "The old & the <template> element"
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["@type", "@id", "name", "author", "comment"]), inner)
    ),
    max_leaves=20,
)


@given(json_values)
def test_any_document_is_read(value: object) -> None:
    for node in read_scripts([json.dumps(value)]):
        types_of(node)
        list(texts(node.get("author")))


@given(st.text(max_size=300))
def test_any_script_is_read(script: str) -> None:
    parse(script)
