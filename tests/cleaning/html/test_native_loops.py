"""What is compiled gives the same bits as the Python that it stands for, on any page."""

import os
import subprocess
import sys
from array import array
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning import metadata
from copydesk.tasks.cleaning.html import cuts, page_kind, text_features
from copydesk.tasks.cleaning.html import features as features_module
from copydesk.tasks.cleaning.html.block_choice import most_expected
from copydesk.tasks.cleaning.html.blocks import walk
from copydesk.tasks.cleaning.html.character_counts import (
    DIGIT,
    END,
    PAUSE,
    QUOTE,
    SPACE,
    combined,
)
from copydesk.tasks.cleaning.html.declared_body import Declared
from copydesk.tasks.cleaning.html.features import features
from copydesk.tasks.cleaning.html.model import Forest, forest, on_grid
from copydesk.tasks.cleaning.html.native import native_blocks, native_kinds
from copydesk.tasks.cleaning.html.page import Page
from copydesk.tasks.cleaning.html.page_analysis import PageAnalysis
from copydesk.tasks.cleaning.html.surroundings import surroundings
from copydesk.tasks.cleaning.vocabulary.class_names import words

ROOT = Path(__file__).parents[3]

built = pytest.mark.skipif(native_blocks is None, reason="installed without a compiler")

NAMES = words(
    "p div span a b em br hr img sup msup mfrac mn rt li ul ol h1 h2 table tr td nav article aside "
    "footer figure pre "
    "script style noscript template svg iframe textarea xmp select option button blockquote "
    "x-card main form label video ruby font math mi link details summary plaintext"
)
ATTRIBUTES = [
    "",
    " class=related-posts",
    " class='hidden md:block'",
    " class=sr-only",
    " class",
    " class=hidden id='md:block'",
    f" id=hidden class='{'comments ' * 33}'",
    " id=comments data-testid=byline",
    " id",
    " style='display: none'",
    " hidden",
    " aria-hidden=true",
    " role=navigation",
    " itemprop=articleBody",
    " class='line x'",
    " class=katex-html",
    " style='left:-9999px'",
    " subscriptions-section=content-not-granted",
    " amp-access='NOT a'",
    " data-x='a\"b<c>&amp;&nbsp;'",
    ' a"b=1 =c',
    ' class="Author&amp;Byline überschrift" title="<p class=&quot;x&quot;>"',
]
TEXTS = [
    "word",
    "12",
    "[3]",
    " ",
    "\n\n  ",
    "&nbsp;",
    "\u3000",
    "a&#x2003;&#x85;b&#x1c;c\td",
    "one<br>\u2028<br>two<br>",
    "a &lt;b&gt; &amp;amp; c",
    "two\nlines",
    "<!-- note -->",
    "<!--a--->",
    "<?php echo 1 ?>",
    "<![CDATA[x]]>",
    "<!--<script>",
    "</script>",
    "—Ünïcode words, 漢字。",
    "\U0001f600 grin",
    "Read more",
    "© 2024",
    "x" * 90,
    "Some words, and more of them here. " * 12,
    "Some WORDS, and more of them here. " * 12,
    "Some others, and as many signs here. " * 12,
    "\u0130" * 200,
    *("\u212aelvin 12", "kelvin 12", "KELVIN 12"),
    "i\u0307" * 200,
]
tags = st.sampled_from(NAMES).flatmap(
    lambda name: st.sampled_from([*(f"<{name}{given}>" for given in ATTRIBUTES), f"</{name}>"])
)
pages = st.lists(st.one_of(tags, st.sampled_from(TEXTS), st.text(max_size=8)), max_size=40).map(
    "".join
)


@built
def test_the_tree_of_the_installed_parser_can_be_read():
    assert native_blocks.FITS
    with pytest.raises(TypeError, match="body"):
        native_blocks.read(None, Page())
    with pytest.raises(TypeError, match="body"):
        native_blocks.read("<body>", Page())


@built
@given(pages)
@example("<div<p class=x>q</div<p>r<div a=1 b>s")
@example("<script><!--<script></script>--></script>z<script><!--></script>y")
@example("<p>a<svg> <style><a></style></svg>b<template> <i>t</i></template>c")
@example("<p>10<sup>6</sup> and.<sup>−3</sup><sup>1st</sup>")
@example("<pre><ol><li>a<li>b</ol>\n<b class=line>c</b> <b class=line>d</b><br><br>e</pre>")
@example("<p>a<button>b</button>c<button>d</button></p><figure><pre>x</pre><p>y</figure>")
@example("<msup><mn>1</mn><mn>2</mn></msup><mfrac><mi>a</mi><mi>b</mi></mfrac>")
@example("<p>a<b hidden>b</b>c<b style='display:none'><math><mi>x</mi></math></b><b hidden>")
@example("<b><i class=katex-mathml>E</i><i class=katex-html>E</i></b>")
@example("<math><mi>x</mi><annotation>s</annotation></math>")
@example("<math><mi><link>a</link><p></math>")
@example("<p><a><plaintext><p>")
@example("<frameset><frame></frameset>")
@example("<p>" + "<div class=a>" * 300 + "deep")
def test_blocks_are_read_the_same(html):
    tree = LexborHTMLParser(html)
    if tree.body is not None:
        page = Page()
        native_blocks.read(tree.body, page)
        walked = walk(tree)
        for read in (page, walked):  # their hashes differ, what is alike does not
            read.containers.key = array("q", renumbered(read.containers.key))
        assert page == walked


def renumbered(keys):
    """Number keys in the order in which they appear."""
    numbers = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


@built
@given(pages, st.integers(1))
@example("<form class=comments><p>a</form><article><p class=author>b<div><form></form>c</div>", 15)
def test_what_encloses_blocks_is_found_alike(html, choice):
    page = walk(LexborHTMLParser(f"<p>text</p><article><p>more</p>{html}"))
    body = [index for index in range(len(page)) if choice >> index & 1] or [0]
    compiled = surroundings(page, body[len(body) // 2], body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("copydesk.tasks.cleaning.html.surroundings.native_surroundings", None)
        assert compiled == surroundings(page, body[len(body) // 2], body)


EVIDENCE = metadata.gather(LexborHTMLParser(""), None)
WORDS = frozenset({"read", "more", "title", "漢字", "©"})


MANY_WORDS = WORDS | {f"word{number}" for number in range(300)}
CASES = ["Read MORE", "read more", "\u212anight", "knight", "STRASSE", "straße", "Straße", "word7"]


@built
@given(
    st.lists(st.one_of(st.sampled_from([*TEXTS, *CASES]), st.text(min_size=1)), min_size=1),
    st.sampled_from([WORDS, MANY_WORDS, frozenset()]),
)
@example(["İ" * 299, "i̇" * 299, "i" * 300, "I" * 300, "x" * 301, "X" * 301, "x" * 301], WORDS)
@example([f"{word} {word} x word7" for word in CASES] * 2, MANY_WORDS)
def test_texts_are_measured_the_same(blocks, title):
    page = walk(LexborHTMLParser("<p>text" + "".join(f"<p>{text}" for text in blocks)))
    with_words = text_features.measure(page, title, WORDS)
    without = text_features.counted(page, title, WORDS)
    for field in ("figures", "ends"):
        assert np.array_equal(getattr(with_words, field), getattr(without, field))


@built
@given(st.lists(st.one_of(st.sampled_from([*TEXTS, *CASES, "ΟΔΟΣ", "Σ", "ÀÉ"]), st.text())))
@example(["Σ", "ΟΔΟΣ ΑΣ.Σ", "ж" * 5_000 + "Ж", "İ É", "a_b _ ©x漢字かA®", "𝒳Ж"])
def test_texts_become_small_and_are_split_into_words_alike(texts):
    indexes = list(range(0, len(texts), 2))
    assert text_features.joined(texts, indexes) == " ".join(texts[::2]).lower()
    with pytest.MonkeyPatch.context() as patch:
        words_of = [features_module._words(text) for text in texts]
        patch.setattr(features_module, "native_texts", None)
        assert words_of == [features_module._words(text) for text in texts]


def test_every_letter_becomes_small_as_in_python():
    letters = [
        f"é{chr(code)} {chr(code)}a" for code in range(0x30000) if not 0xD800 <= code < 0xE000
    ]
    assert text_features.joined(letters, list(range(len(letters)))) == " ".join(letters).lower()


def test_no_letter_changes_the_signs_beside_it_when_it_becomes_small():
    table, combinations, _ = combined()
    signs = combinations & (SPACE | END | PAUSE | QUOTE | DIGIT)
    for code in range(0x10000):
        small = chr(code).lower()
        assert sum(signs[table[min(ord(char), 0x10000)]] for char in small) == signs[table[code]]


@built
@given(pages)
@example("<div><div class=card><h2>Title</h2>text</div><div class=card><p>more</p></div></div>" * 3)
def test_rows_and_chances_are_the_same(html):
    page = walk(LexborHTMLParser(f"<h1>Title</h1>{html}"))
    declared = Declared("Title", "some words here", "some words, and more of them here." * 9)
    compiled = features(page, declared)
    chance = forest("blocks").chance(compiled)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features_module, "native_features", None)
        for module in (features_module, text_features):
            patch.setattr(module, "native_texts", None)
        patch.setattr("copydesk.tasks.cleaning.html.model.native_forest", None)
        assert np.array_equal(compiled, features(page, declared))
        assert np.array_equal(chance, forest("blocks").chance(compiled))


@built
@given(st.integers(1, 300), st.integers(1, 7), st.integers(1, 9), st.integers(1, 200), st.randoms())
@example(129, 6, 5, 1, Random(1))
def test_forests_of_any_shape_add_up_the_same(rows, levels, trees, borders, random):
    numbers = np.random.default_rng(random.getrandbits(32))
    limits = np.append(numbers.normal(size=borders), np.inf).astype(np.float32)
    shape = (levels, trees)
    made = Forest(
        numbers.integers(0, 3, shape),
        numbers.choice(limits, shape),
        on_grid(numbers.normal(size=(trees, 2**levels))),
        0.25,
        ("a", "b", "c"),
    )
    values = np.append(limits[:-1], np.float32([0, 5]))  # many are on a border
    table = numbers.choice(values, (3, rows)).T
    table[:, 0] = limits[0]
    chance = made.chance(table)
    assert "_questions" not in vars(made)  # the compiled loop did it
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("copydesk.tasks.cleaning.html.model.native_forest", None)
        assert np.array_equal(chance, made.chance(table))


@built
@pytest.mark.parametrize(
    ("borders", "leaf"), [(300, 1.0), (4, 0.3), (4, 2.0**12)], ids=["borders", "digits", "size"]
)
def test_forests_that_do_not_fit_the_compiled_loop_are_added_up_without_it(borders, leaf):
    border = np.arange(borders, dtype=np.float32)[None]
    leaves = np.tile(np.array([0, leaf], np.float32), (borders, 1))
    made = Forest(np.zeros((1, borders), np.int64), border, leaves, 0.0, ("a",))
    rows = np.array([[-1], [1.5]], np.float32)
    expected = 1 / (1 + np.exp(-min(2 * np.float64(np.float32(leaf)), 30)))
    assert made.chance(rows).tolist() == [0.5, np.float32(expected)]


@built
@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(0, 900)), max_size=50))
def test_the_same_is_expected_of_a_choice(blocks):
    table = np.array(blocks, np.float32).reshape(-1, 2)
    chance, sizes = np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])
    if len(blocks):
        assert native_kinds.most_expected(chance, sizes) == most_expected(chance, sizes)


@built
@given(st.lists(st.sampled_from([*"$€£¥₹ 5٣\nzk_a漢", "zł", "kr", "USD", "EUR"])).map("".join))
@example("5 €3 5€a $5€x 7kr 7krx 7 zł\n8EUR")
def test_prices_are_counted_the_same(text):
    assert native_kinds.prices(text) == page_kind.count_prices(text)


@built
def test_prices_in_the_digits_of_all_scripts_are_counted():
    digits = [char for char in map(chr, range(sys.maxunicode + 1)) if char.isdecimal()]
    for before in ("", "é", "漢", "😀" * 300):
        assert native_kinds.prices_of([f"{before}€", *digits[:1]], 400) == 1
        lines = [line for digit in digits for line in (f"{before} {digit}", "kr")]
        assert native_kinds.prices_of(lines, 400) == len(digits)


@built
@given(
    st.lists(
        st.sampled_from(["İ" * 70, "a" * 130, "Some words", "SOME", "ß", "漢字", " x "]), min_size=1
    ),
    st.sampled_from(["", "some words and ß 漢字", "i̇" * 90 + "a" * 80 + " x "]),
)
def test_heads_are_found_alike_in_a_declared_body(texts, body):
    compiled = text_features.in_body(texts, Declared(body=body))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_features, "native_texts", None)
        assert np.array_equal(compiled, text_features.in_body(texts, Declared(body=body)))


@built
@given(pages, st.integers(0))
@example("<div hidden>gone</div><nav>Home</nav><p>Subscribe to our newsletter</p>", 5)
@example("", 0)
def test_figures_kinds_and_cuts_are_the_same(html, choice):
    page = walk(LexborHTMLParser(f"<h1>Title</h1>{html}"))
    rows = features(page, Declared("Title"))
    chance = forest("blocks").chance(rows)
    retained = np.array([bool(choice >> at & 1) for at in range(len(page))])
    analysis = PageAnalysis(page, Declared(), EVIDENCE, rows, chance, retained)
    compiled = (
        cuts.model_cuts(cuts.cut_kinds(rows, retained), page.text, chance, retained),
        page_kind.page_row(analysis, None),
    )
    with pytest.MonkeyPatch.context() as patch:
        for module in (cuts, page_kind):
            patch.setattr(module, "native_kinds", None)
        assert compiled == (
            cuts.model_cuts(cuts.cut_kinds(rows, retained), page.text, chance, retained),
            page_kind.page_row(analysis, None),
        )


@built
@pytest.mark.parametrize(
    ("module", "loops"), [("html", "native_blocks"), ("metadata", "native_elements")]
)
def test_a_setting_leaves_the_compiled_loops_out(module, loops):
    message = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from copydesk.tasks.cleaning.{module}.native import *; print({loops})",
        ],
        env={**os.environ, "COPYDESK_NATIVE": "0"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert message.stdout.strip() == "None"
