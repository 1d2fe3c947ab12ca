from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.dedup import signatures as module
from copydesk.tasks.dedup.signatures import KEEP, Signature, signatures


def of(text: str) -> Signature:
    return signatures([text])[0]


def prose(seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    return [f"w{rng.randrange(10**9)}" for _ in range(count)]


def test_one_shingle_in_eight_is_kept() -> None:
    signature = of(" ".join(prose(1, 8000)))
    assert signature.words == 8000
    assert 900 < len(signature.shingles) < 1100
    assert signature.shingles.max() < (1 << 64) // KEEP


def test_a_part_of_a_text_has_a_part_of_its_shingles() -> None:
    words = prose(2, 2000)
    whole, part = of(" ".join(words)), of(" ".join(words[500:900]))
    assert set(part.shingles.tolist()) <= set(whole.shingles.tolist())


def test_signatures_are_the_same_on_every_machine() -> None:
    signature = of("The council of Springfield said on Monday that 4,500 homes lost power. " * 3)
    assert signature.words == 36
    assert [hex(value) for value in signature.shingles.tolist()] == SHINGLES
    assert (signature.numbers.tolist(), signature.names.tolist()) == FACTS


# The stored floor: another value here makes stored signatures worthless. Raise VERSION then.
SHINGLES = ["0x492e42adcd0d998", "0x9b713bfe296d9e5"]
FACTS = ([52482], [29224, 30909])


def test_short_texts_have_no_shingles() -> None:
    assert not len(of(" ".join(prose(3, 19))).shingles)
    assert not len(of("雨" * 39).shingles)


def test_short_lines_do_not_count_beside_prose() -> None:
    body = " ".join(prose(4, 400)) + "."
    menu = "Home\nNews\nSport\nWeather\nCulture\nContact"
    assert np.array_equal(of(body).shingles, of(f"{menu}\n\n{body}\n\n{menu}").shingles)
    assert not len(of(f"{menu}\n{body}").names)


def test_verse_counts_with_its_short_lines() -> None:
    lines = [" ".join(prose(seed, 6)) for seed in range(60)]
    assert len(of("\n".join(lines)).shingles) > 20


def test_lines_of_chinese_are_measured_in_letters() -> None:
    rng = random.Random(5)
    line = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(600))
    assert 50 < len(of(line).shingles) < 100
    assert of(line).words == 300


def test_facts_are_numbers_and_names() -> None:
    signature = of(
        "On Monday the mayor Smith met 12 people of Oslo. Others stayed at home that day."
    )
    assert len(signature.numbers) == 1
    assert len(signature.names) == 3  # Monday, Smith, Oslo
    assert len(signature.openers) == 2  # On, Others
    japanese = of("大統領のジョンソンは三十五人と会談したと発表した。" * 3)
    assert (len(japanese.numbers), len(japanese.names)) == (1, 1)


@given(st.lists(st.text(max_size=300), max_size=5))
def test_a_batch_gives_what_each_text_gives(texts: list[str]) -> None:
    for text, result in zip(texts, signatures(texts), strict=True):
        single = of(text)
        assert result.words == single.words
        for name in ("shingles", "numbers", "names", "openers"):
            values = getattr(result, name)
            assert np.array_equal(values, getattr(single, name))
            assert np.array_equal(values, np.unique(values))


SCRIPTS = "aB1,. \n\r·\u0301\u00ad\u200b漢字アカー一二'’«é٣৯ﬁกำ\U0001f600\U000e0061-"


@pytest.mark.skipif(module.native is None, reason="the loops were not compiled here")
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.text(SCRIPTS, max_size=8),
                st.sampled_from(["The council of Springfield said, ", "4,500 一二三 カタカナ\n"]),
            ),
            max_size=60,
        ).map("".join),
        max_size=3,
    )
)
def test_the_compiled_loop_gives_the_same_signatures(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        compiled = signatures(texts)
        patch.setattr(module, "native", None)
        for first, second in zip(compiled, signatures(texts), strict=True):
            assert first.words == second.words
            for name in ("shingles", "numbers", "names", "openers"):
                assert getattr(first, name).dtype == getattr(second, name).dtype
                assert getattr(first, name).tolist() == getattr(second, name).tolist()
