from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.tasks.cleaning.content_type import (
    DocumentFormat,
    binary_name,
    declared_format,
    sniffed_format,
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("<!DOCTYPE html><p>Hello", DocumentFormat.HTML),
        ("\n <!-- saved --> <html lang=en>", DocumentFormat.HTML),
        ("<p>One</p><p>Two</p>", DocumentFormat.HTML),
        ("---\ntitle: A day out\n---\n\nText.", DocumentFormat.MARKDOWN),
        (
            "# A day out\n\nWe [went](https://example.org/there) and came back.",
            DocumentFormat.MARKDOWN,
        ),
        ("A day out\n\nWe went <b>there</b> and came back.", DocumentFormat.TEXT),
        ("A day out\n\nPrices: 5 < 6 and 7 > 6.", DocumentFormat.TEXT),
        ("---\nA line between rules\n---\nText.", DocumentFormat.TEXT),
        ("", DocumentFormat.TEXT),
    ],
)
def test_forms(text: str, form: DocumentFormat) -> None:
    assert sniffed_format(text) is form


@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        ("text/html; charset=utf-8", DocumentFormat.HTML),
        ("TEXT/PLAIN", DocumentFormat.TEXT),
        ("text/markdown", DocumentFormat.MARKDOWN),
        ("application/octet-stream", None),
        (None, None),
    ],
)
def test_media_types(media_type: str | None, form: DocumentFormat | None) -> None:
    assert declared_format(media_type) is form


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
    assert sniffed_format(text) in DocumentFormat
