from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.content_type import Form, binary_name, media_form, told_form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("<!DOCTYPE html><p>Hello", Form.HTML),
        ("\n <!-- saved --> <html lang=en>", Form.HTML),
        ("<p>One</p><p>Two</p>", Form.HTML),
        ("---\ntitle: A day out\n---\n\nText.", Form.MARKDOWN),
        ("# A day out\n\nWe [went](https://example.org/there) and came back.", Form.MARKDOWN),
        ("A day out\n\nWe went <b>there</b> and came back.", Form.TEXT),
        ("A day out\n\nPrices: 5 < 6 and 7 > 6.", Form.TEXT),
        ("---\nA line between rules\n---\nText.", Form.TEXT),
        ("", Form.TEXT),
    ],
)
def test_forms(text: str, form: Form) -> None:
    assert told_form(text) is form


@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        ("text/html; charset=utf-8", Form.HTML),
        ("TEXT/PLAIN", Form.TEXT),
        ("text/markdown", Form.MARKDOWN),
        ("application/octet-stream", None),
        (None, None),
    ],
)
def test_media_types(media_type: str | None, form: Form | None) -> None:
    assert media_form(media_type) is form


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "RIFF"),
        (b"\x00\x00\x00\x18ftypmp42", "MP4"),
        (bytes(range(256)) * 4, "control bytes"),
        (b"plain text\twith a tab\r\n", None),
        ("夜市".encode("iso2022_jp") * 50, None),
    ],
)
def test_binary(document: bytes, name: str | None) -> None:
    assert binary_name(document) == name


@given(st.text())
def test_text_has_a_form(text: str) -> None:
    assert told_form(text) in Form
