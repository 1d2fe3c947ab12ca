"""Words of page furniture by purpose, in the most common languages of the web.

They are looked up one by one, and only in short blocks, so that an article about cookies keeps
them. A phrase of several words is looked up as a whole block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.schemas.plain_text import IDEOGRAPHS

GROUPS: dict[str, str] = {
    "legal": "copyright © ® reserved rights privacy terms cookie cookies gdpr datenschutz "
    "impressum "
    "agb mentions légales privacidad privacidade privacy-policy disclaimer imprint политика "
    "конфиденциальности rechte vorbehalten droits réservés derechos reservados direitos riservati "
    "diritti zastrzeżone 版权所有 著作権 prohibited",
    "subscribe": "subscribe subscribed newsletter newsletters signup unsubscribe inbox abonnieren "
    "abonnement abonnez abonner suscríbete suscribirse boletín assine inscreva iscriviti "
    "nieuwsbrief nyhetsbrev подписаться подписка подпишитесь abone bülten 订阅 購読 구독",
    "share": "share shares tweet pin email facebook twitter whatsapp linkedin pinterest telegram "
    "instagram reddit messenger flipboard bluesky threads teilen partager compartir compartilhar "
    "condividi delen dela поделиться paylaş 分享 シェア 공유 copy print",
    "comment": "comment comments reply replies respond kommentar kommentare kommentieren "
    "commentaire commentaires comentario comentarios comentário comentários commenti reacties "
    "комментарии комментарий yorum yorumlar 评论 コメント 댓글 logged",
    "related": "related more read recommended trending popular latest also mehr auch lesen lire "
    "aussi más leer también leia mais leggi anche lees ook читайте также ещё oku 相关 関連 관련 "
    "interesse suggested similar editor's picks next previous older newer",
    "byline": "by author written editor reporter correspondent photographer von autor por auteur "
    "autore door tekst автор yazar 作者 記者 기자 contributor staff reviewed edited",
    "dates": "january february march april may june july august september october november "
    "december "
    "jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober "
    "dezember janvier février mars avril juin juillet août septembre octobre novembre décembre "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
    "published updated posted ago min minute minutes read hours edt est pm am utc gmt uhr "
    "aktualisiert veröffentlicht publié publicado atualizado actualizado aggiornato опубликовано",
    "advert": "advertisement advert ad ads sponsored sponsor promoted anzeige werbung publicité "
    "publicidad publicidade pubblicità advertentie reklama реклама reklam 广告 広告 광고 affiliate "
    "commission",
    "navigate": "home menu search skip contact login log sign register account back top navigation "
    "close open toggle startseite suche kontakt anmelden accueil rechercher connexion inicio "
    "buscar início pesquisar главная поиск войти ana sayfa 首页 ホーム faq help shop cart sitemap",
    "credit": "photo photos image images credit getty reuters ap afp shutterstock source foto "
    "fotos "
    "bild quelle crédit crédits imagen imagem immagine фото 图 写真 사진 courtesy via unsplash "
    "illustration video watch",
    "act": "click here download buy now get started try free learn start request demo quote call "
    "today book shop discover join donate support explore view see schedule contact apply",
    "tags": "tags tag topics topic categories category filed under schlagwörter themen étiquettes "
    "etiquetas temas assuntos argomenti теги etiketler 标签 タグ 태그",
    "contents": "contents overview jump inhaltsverzeichnis sommaire índice indice содержание 目录 "
    "目次 목차 toc",
}
"""The order is part of the model."""

LONGEST = 40
"""Maximum words of a block that is looked up: furniture is short."""

BITS: dict[str, int] = {}
"""The groups (bits) of each word."""
for _number, _words in enumerate(GROUPS.values()):
    for _word in _words.split():
        BITS[_word] = BITS.get(_word, 0) | 1 << _number
WORD = re.compile(r"\w+|[©®]")
_OF_IDEOGRAPHS = "".join(f"{chr(first)}-{chr(last)}" for first, last in IDEOGRAPHS)
_PART = re.compile(rf"(?=\w)[{_OF_IDEOGRAPHS}]|[^\W{_OF_IDEOGRAPHS}]+|[©®]")


def words_of(text: str) -> list[str]:
    """Split a lower-case text into words; each Han or kana character is a word."""
    return _PART.findall(text)


def word_groups(runs: Sequence[str]) -> int:
    """Return the groups (bits) of a short block's runs of letters, in lower case."""
    bits = 0
    for run in runs:
        bits |= BITS.get(run, 0)
    return bits
