from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning import language
from copydesk.tasks.cleaning.language import decide_language, detect_language, primary_subtag

TEXTS = {
    "ar": "يعبر القارب الخليج كل صباح ويحمل البريد والخبز إلى الجزيرة الصغيرة.",
    "de": "Die Fähre quert jeden Morgen die Bucht und bringt Brot und Post auf die Insel.",
    "en": "The ferry crosses the bay every morning and brings bread and mail to the island.",
    "es": "El transbordador cruza la bahía cada mañana y lleva pan y correo a la isla.",
    "fi": "Lautta ylittää lahden joka aamu ja tuo leipää ja postia pienelle saarelle.",
    "fr": "Le bac traverse la baie chaque matin et apporte du pain et du courrier sur l'île.",
    "he": "המעבורת חוצה את המפרץ בכל בוקר ומביאה לחם ודואר אל האי הקטן.",
    "hi": "नाव हर सुबह खाड़ी पार करती है और छोटे द्वीप पर रोटी और डाक लाती है।",
    "ja": "船は毎朝湾を渡り、小さな島にパンと郵便を届けます。",
    "ko": "배는 매일 아침 만을 건너 작은 섬에 빵과 우편물을 가져다준다.",
    "pl": "Prom przepływa zatokę każdego ranka i przywozi na wyspę chleb i pocztę.",
    "ru": "Паром каждое утро пересекает залив и привозит на остров хлеб и почту.",
    "tr": "Vapur her sabah körfezi geçer ve küçük adaya ekmek ve posta getirir.",
    "zh": "渡船每天早上穿过海湾，把面包和邮件送到小岛上。",
}


# Python 3.14 has the second alone; the tests try it on all.
DETECTORS = {
    module: detector
    for module, detector in {
        "pycld2": language.detect_with_cld2,
        "gcld3": language.detect_with_cld3,
    }.items()
    if find_spec(module)
}


@pytest.fixture(params=DETECTORS, autouse=True, scope="module")
def detector(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "DETECTOR", DETECTORS[request.param])
        yield


def test_the_detector_of_this_python_is_installed() -> None:
    assert ("gcld3" if sys.version_info >= (3, 14) else "pycld2") in DETECTORS


@pytest.mark.parametrize("code", TEXTS)
def test_each_language_is_named(code: str) -> None:
    assert detect_language(TEXTS[code]) == code


def test_languages_of_equal_share_are_none() -> None:
    parts = (TEXTS["en"], TEXTS["ru"], TEXTS["ja"] * 2)
    assert detect_language(" ".join(parts)) is None


@pytest.mark.parametrize("text", ["", "OK", "12345 67890", "😀" * 50, "Ferry", "\ud800"])
def test_too_little_to_tell(text: str) -> None:
    assert detect_language(text) is None


def test_bytes_that_the_detector_refuses_do_not_hide_the_language() -> None:
    assert detect_language("\x00\ud800\ufffe" + TEXTS["de"]) == "de"


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    code = detect_language(text)
    assert code is None or code == primary_subtag(code)


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("de-AT", "de"),
        ("de_AT", "de"),
        ("EN", "en"),
        ("iw", "he"),
        ("und", None),
        ("english", None),
        ("", None),
        (None, None),
    ],
)
def test_primary_subtag(declared: str | None, code: str | None) -> None:
    assert primary_subtag(declared) == code


def test_the_text_overrules_a_wrong_declaration() -> None:
    assert decide_language(TEXTS["fr"], ["en"]) == ("fr", "text")


def test_a_declaration_counts_when_the_text_is_too_short() -> None:
    assert decide_language("OK", [None, "fr-CA"]) == ("fr", "declared")


def test_a_declaration_tells_look_alikes_apart() -> None:
    text = (
        "Fergen krysser bukta hver morgen og tar med seg brød og post ut til dem som bor på den "
        "lille øya, men ikke noe annet."
    )
    assert decide_language(text, ["nb-NO"]) == ("nb", "declared")
