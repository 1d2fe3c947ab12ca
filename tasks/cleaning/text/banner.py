"""Recognise what precedes a text: a consent banner, or the first line of a mailed newsletter."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.tasks.cleaning.text.lines import Line

_CONSENT = re.compile(
    r"cookie|datenschutz|zustimmung|einwilligung|privatsphäre|privacy|consent|données personnelles"
    r"|vie privée|privacidad|privacidade|riservatezza|prywatno|ciaste|konfiden|конфиденц|куки"
    r"|evästei|informasjonskapsl|çerez|gizlili|süti|kolačić|クッキー|同意|隐私|隱私|쿠키"
    r"|개인정보|ملفات تعريف|คุกกี้",
    re.I,
)
_BUTTON = re.compile(
    r"^(?:ok|okay|yes|no|got it|i agree|agree|accept|allow|reject|decline|deny|manage|customi[sz]e"
    r"|settings|preferences|options|learn more|more|save|continue|close|dismiss|alle[s ]|akzept"
    r"|annehm|zustimm|zulass|ablehn|einstell|auswahl|speicher|mehr|verstanden|schlie|nur |einverst"
    r"|tout|accepter|refuser|continuer|param|personnaliser|j'accepte|acept|rechaz|configur|aceit"
    r"|rejeit|accett|rifiut|impost|personalizz|akcept|odrzu|ustaw|zgadzam|souhlas|přij|odmít|nastav"
    r"|принять|принима|отклон|настро|соглас|подробнее|хорошо|hyväksy|salli|godta|godkänn|tillåt"
    r"|accepteer|weiger|instelling|kabul|reddet|ayar|tamam|elfogad|prihva|同意|接受|允许|設定"
    r"|设置|拒绝|閉じる|承諾|동의|허용|설정|거부|موافق|قبول|ยอมรับ|ตั้งค่า)",
    re.I,
)
_IN_BROWSER = re.compile(
    r"\b(?:in|im|dans|en el|en tu|no seu|no|nel|w|в|i|i din|din|verkko|in uw|in je)\s"
    r"(?:your |my |a |the |votre |un |una |twojej |вашем )?"
    r"(?:web ?)?(?:browser\w*|navigat\w+|navegador|przegl\w+|браузер\w*|webbläsar\w*|nettleser\w*)"
    r"|浏览器|瀏覽器|ブラウザ|브라우저",
    re.I,
)
_MAIL_TOP = 3  # lines of a newsletter in which the offer is looked for
_SENTENCE = 40.0  # minimum size of a line that asks for consent
_HEADING = 80.0  # maximum size of the heading above it
_BUTTON_SIZE = 40.0
_BUTTON_WORDS = 5
_ABOVE = 2  # maximum lines of a banner's heading
_LONGEST = 12  # maximum lines of a banner


def banner_end(lines: Sequence[Line]) -> int:
    """Return the index after a consent banner at a text's top; 0 if there is none.

    A banner is a sentence that asks for consent, perhaps below a heading that does so too, with
    buttons below. An article about consent has no buttons.
    """
    asking = next((at for at, line in enumerate(lines[: _ABOVE + 1]) if _asks(line)), -1)
    if asking < 0:
        return 0
    block = lines[asking].paragraph
    for line in lines[:asking]:
        if line.size > _HEADING or not (line.paragraph == block or _CONSENT.search(line.text)):
            return 0
    end, has_button = asking + 1, False
    for at in range(end, min(len(lines), _LONGEST)):
        line = lines[at]
        if _is_button(line):
            has_button = True
        elif not (line.paragraph == block and (_asks(line) or _is_short(line))) and not _asks(line):
            break
        end = at + 1
    return end if has_button and end < len(lines) else 0


def opens_as_mail(lines: Sequence[Line]) -> bool:
    """Return whether a text begins with the offer to show a mail in the browser."""
    return any(
        line.size <= _HEADING and _IN_BROWSER.search(line.text) is not None
        for line in lines[:_MAIL_TOP]
    )


def _asks(line: Line) -> bool:
    return line.size >= _SENTENCE and _CONSENT.search(line.text[:600]) is not None


def _is_short(line: Line) -> bool:
    return line.size <= _BUTTON_SIZE and line.words <= _BUTTON_WORDS and not line.terminal


def _is_button(line: Line) -> bool:
    return _is_short(line) and _BUTTON.match(line.bare) is not None
