import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from copydesk.tasks.cleaning import metadata
from copydesk.tasks.cleaning.html.blocks import read
from copydesk.tasks.cleaning.html.declared_body import declare
from copydesk.tasks.cleaning.html.features import columns, features
from training.data import Example
from training.guides import guides
from training.labels import WORD, block_labels
from training.page_tree import element_tree, page_table

SENTENCES = [
    "The tide came in at seven and took the chairs along.",
    "Nobody had thought of tying them to the rail.",
    "By eight they were seen beyond the lighthouse, still in a row.",
]


def test_labels_are_the_share_of_words_that_the_truth_has_in_its_order():
    blocks = [SENTENCES[1], "Menu", *SENTENCES, "Read next: the chairs of summer"]
    labels = block_labels(blocks, "\n\n".join(SENTENCES))
    assert labels.tolist() == [0, 0, 1, 1, 1, 0]  # the teaser stands before its place


def test_a_block_that_the_truth_has_in_part_has_that_share():
    labels = block_labels(
        [SENTENCES[0] + " Share this story now with all your friends."], SENTENCES[0]
    )
    assert 0.4 < labels[0] < 0.7


def test_cells_of_a_word_or_two_are_labelled_with_their_row():
    blocks = ["Alma", "1961", "120", "Menu", "Alma"]
    truth = f"{SENTENCES[0]}\nAlma 1961 120\n{SENTENCES[1]}"
    assert block_labels(blocks, truth, [7, 7, 7, -1, -1]).tolist() == [1, 1, 1, 0, 0]
    assert block_labels(blocks, truth).tolist() == [0, 0, 0, 0, 0]


def test_words_of_the_metric_are_by_script():
    assert WORD.findall("渡し船2隻 Alma's") == ["渡", "し", "船", "2", "隻", "Alma", "s"]


def training_pages(count):
    pages = []
    for number in range(count):
        body = "".join(f"<p>{sentence * (2 + number % 3)}</p>" for sentence in SENTENCES)
        menu = "".join(f"<li><a href=/{n}>Menu {n}</a></li>" for n in range(number + 5))
        teasers = "<div><h3>More</h3><p><a href=/1>The chairs of summer</a></p></div>"
        tree = LexborHTMLParser(
            f"<ul>{menu}</ul><article>{body}{teasers}</article><footer>©</footer>"
        )
        page = read(tree)
        evidence = metadata.gather(tree, None)
        declared = declare(evidence)
        labels = np.array([text.startswith("The tide") or "." in text for text in page.text])
        pages.append(
            Example(
                source="wcxb",
                kind="article",
                group=str(number),
                page=page,
                evidence=evidence,
                declared=declared,
                rows=features(page, declared),
                labels=labels.astype(np.float32),
                words=np.array([len(text.split()) for text in page.text]),
                record={"url": None, "text": ""},
                holds_truth=True,
            )
        )
    return pages


def test_a_page_turns_into_a_tree_and_back():
    for page in training_pages(4):
        table, labels = page_table(element_tree(page.page, page.labels))
        assert table.text == page.page.text
        assert labels.tolist() == page.labels.tolist()
        for name in ("container", "linked", "strong", "links", "inline", "images"):
            assert getattr(table, name) == getattr(page.page, name)
        for name in ("parent", "tag", "depth", "groups", "landmarks", "key"):
            assert getattr(table.containers, name) == getattr(page.page.containers, name)


def test_a_guide_has_the_story_of_its_page_in_other_shapes():
    pages = training_pages(30)
    made = guides(pages, 1)
    assert len(made) == 30
    tags = set()
    for page, guide in zip(pages, sorted(made, key=lambda guide: int(guide.group)), strict=True):
        assert guide.is_guide
        assert guide.fold == page.fold
        assert guide.rows.shape == (len(guide.page), len(columns()))
        assert len(guide.labels) == len(guide.words) == len(guide.page)
        parents = guide.page.containers.parent
        assert all(parent < at for at, parent in enumerate(parents))
        body = {
            word
            for text, label in zip(guide.page.text, guide.labels, strict=True)
            if label >= 0.5
            for word in WORD.findall(text)
        }
        assert {"tide", "chairs", "rail", "lighthouse"} <= body
        assert "Menu" not in body
        tags |= {guide.page.containers.tag[box] for box in guide.page.container}
    assert {"p", "li", "td", "h2", "h3", "dd"} <= tags


def test_guides_are_the_same_each_time():
    first, again = (guides(training_pages(8), 3) for _ in range(2))
    assert [guide.page.text for guide in first] == [guide.page.text for guide in again]
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(first, again, strict=True))


@pytest.mark.slow
def test_training_gives_the_same_bits_twice(tmp_path):
    pytest.importorskip("catboost")
    from training.train import differences, exported, train_blocks

    pages = training_pages(12)
    pages += guides(pages, 1)
    first, two = (
        exported(train_blocks(pages, trees=8), list(columns()), "blocks") for _ in range(2)
    )
    np.savez(tmp_path / "model.npz", **two)
    assert differences(first, tmp_path / "model.npz") == []
    first["blocks_leaves"][0, 0] += 1
    assert differences(first, tmp_path / "model.npz") == ["blocks_leaves"]
