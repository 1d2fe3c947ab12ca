# ruff: noqa: E501  markup as senders write it
"""Newsletters in the markup of the ten most used senders, around articles that are known."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from html import escape


@dataclass(frozen=True)
class Words:
    """What a language says around a newsletter, and sentences for its texts."""

    view: str
    leave: str
    reason: str
    rights: str
    forwarded: str
    charset: str
    sentences: tuple[str, ...]


LANGUAGES: Mapping[str, Words] = {
    "en": Words("View this email in your browser", "Unsubscribe", "You are receiving this email because you signed up at our website.", "All rights reserved.", "Was this email forwarded to you? Sign up here.", "utf-8", (
        "The council voted on Tuesday to keep the harbour crane where it has stood since 1931.",
        "Nobody at the meeting could say who had paid for the paint, or why it had to be blue.",
        "What the ferry company wants is a pier that stays open in a north-easterly gale.",
        "I walked down there with a thermos on Sunday and counted eleven people and a dog.",
        "Three of the five bakeries will open an hour earlier from the first week of May.",
        "Prices for berths rise by four per cent, which is less than the marina had asked for.",
        "A reader wrote to say that the old timetable was never wrong, only optimistic.",
        "The museum has found the logbook that everybody believed had burned in the depot.",
    )),
    "de": Words("Newsletter im Browser ansehen", "Abmelden", "Sie erhalten diese E-Mail, weil Sie unseren Newsletter abonniert haben.", "Alle Rechte vorbehalten.", "Wurde Ihnen dieser Brief weitergeleitet? Hier abonnieren.", "iso-8859-1", (
        "Der Nachtmarkt kehrt im Mai in die alte Gießerei zurück, wenn der Boden bis dahin trocken ist.",
        "Für die Händler ändert sich wenig, für die Anwohner an der Südseite dagegen eine ganze Menge.",
        "Wer am Sonntag über die Brücke ging, konnte sehen, wie weit die Arbeiten schon gekommen sind.",
        "Die Bücherei verleiht jetzt auch Werkzeug, und nach einer Woche fehlte nur ein einziger Hammer.",
        "Im Rathaus heißt es, man habe mit höchstens vierzig Einwänden gerechnet und nicht mit vierhundert.",
        "Eine Leserin schreibt, der Fahrplan sei früher nicht besser gewesen, nur besser gedruckt.",
    )),
    "fr": Words("Voir cet e-mail dans votre navigateur", "Se désabonner", "Vous recevez cet e-mail parce que vous êtes inscrit à notre lettre.", "Tous droits réservés.", "Cet e-mail vous a été transféré ? Abonnez-vous ici.", "windows-1252", (
        "Le marché de nuit revient en mai dans l’ancienne fonderie, à condition que le sol soit sec.",
        "Les commerçants n’ont pas été consultés, et c’est ce qu’ils reprochent d’abord à la mairie.",
        "Sur le quai, dimanche, on comptait onze promeneurs, un chien et beaucoup de vent d’est.",
        "La bibliothèque prête désormais des outils : après une semaine, il ne manquait qu’un marteau.",
        "Une lectrice nous écrit que l’ancien horaire n’était pas meilleur, seulement mieux imprimé.",
    )),
    "ja": Words("ブラウザで表示", "配信停止はこちら", "このメールは登録された方にお送りしています。配信停止", "All rights reserved.", "", "iso-2022-jp", (
        "港の古いクレーンを残すことが、火曜日の会議で正式に決まりました。",
        "図書館では今月から工具の貸し出しが始まり、一週間で足りなくなったのは金づち一本だけでした。",
        "日曜日に桟橋まで歩いてみると、釣り人が十一人と犬が一匹いました。",
        "夜市は五月に古い鋳物工場へ戻ってくる予定ですが、床が乾いていればの話です。",
        "読者の方から、昔の時刻表は正しくはなかったが読みやすかったという手紙が届きました。",
    )),
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A newsletter's bytes and what stands in it."""

    sender: str
    data: bytes
    title: str
    paragraphs: tuple[str, ...]
    author: str
    site: str
    date: datetime


Sender = Callable[[str, list[str], Words, random.Random], str]
PIXEL = '<img src="https://track.example/o/{n}.gif" width="1" height="1" alt="" style="display:block;border:0">'


def pixel(rng: random.Random) -> str:
    return PIXEL.format(n=rng.randrange(10**9))


def paragraphs(body: list[str], style: str) -> str:
    return "".join(f'<p style="{style}">{text}</p>\n' for text in body)


def mailchimp(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    return f"""<!DOCTYPE html><html><head><title>{title}</title><style>.mcnPreviewText{{display:none}} p{{margin:10px 0}}</style></head><body>
<!--*|IF:MC_PREVIEW_TEXT|*--><span class="mcnPreviewText" style="display:none; font-size:0px; line-height:0px; max-height:0px; opacity:0; visibility:hidden; mso-hide:all;">{body[0][:50]}</span>
<center><table align="center" border="0" cellpadding="0" cellspacing="0" height="100%" width="100%" id="bodyTable"><tr><td align="center" valign="top" id="bodyCell">
<table class="mcnTextBlock" width="100%"><tbody><tr><td class="mcnTextContent" style="text-align:center;font-size:12px"><a href="https://us1.campaign-archive.example/?e=abc&u=1" target="_blank">{words.view}</a></td></tr></tbody></table>
<table class="mcnImageBlock" width="100%"><tr><td><a href="https://letter.example"><img alt="" src="https://mcusercontent.example/logo.png" width="200"></a></td></tr></table>
<table class="mcnTextBlock" width="100%"><tr><td class="mcnTextContent"><h1 class="null">{title}</h1>{paragraphs(body, "text-align:left")}</td></tr></table>
<table class="mcnFollowBlock" width="100%"><tr><td><a href="https://twitter.example/x">Twitter</a></td><td><a href="https://facebook.example/x">Facebook</a></td><td><a href="https://letter.example">Website</a></td></tr></table>
<table class="mcnTextBlock"><tr><td class="mcnTextContent" style="text-align:center"><em>Copyright © 2026 Harbour Letter, {words.rights}</em><br><br>{words.reason}<br><br><strong>Our mailing address is:</strong><br>Harbour Letter<br>1 Quay Road<br>Porthaven<br><br><a href="https://letter.list-manage.example/unsubscribe?u=1">{words.leave}</a></td></tr></table>
</td></tr></table></center>{pixel(rng)}</body></html>"""


def substack(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    middle = "".join(f"<p>{text}</p><div></div>" for text in body)
    return f"""<html style="scrollbar-width:thin"><head><title>{title}</title></head><body class="email-body">
<img src="https://eotrx.substackcdn.example/open?token={rng.randrange(10**9)}" alt="" width="1" height="1" border="0" style="height:1px !important;width:1px !important">
<div class="preview" style="display:none;font-size:1px;color:#333;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden">{body[0][:60]}</div><div class="preview" style="display:none">͏ &nbsp; ­͏ &nbsp; ­͏</div>
<table class="email-body-container" role="presentation" width="100%"><tbody><tr><td></td><td class="content" width="550"><div class="subscription-widget-wrap" style="font-size:13px">{words.forwarded and '<div>Forwarded this email? <a href="https://letter.example/subscribe">Subscribe here</a> for more</div>'}</div>
<div class="post typography"><div class="post-header"><h1 class="post-title"><a href="https://open.letter.example/pub/p/x">{title}</a></h1>
<table class="post-meta"><tr><td><table><tr><td><a href="https://letter.example/@marta">Marta Oyelaran</a></td></tr></table></td></tr></table>
<table class="email-ufi-2-top"><tr><td><a href="https://substack.example/like">Like</a></td><td><a href="https://substack.example/comment">Comment</a></td><td><a href="https://substack.example/restack">Restack</a></td><td><a href="https://open.letter.example/app">READ IN APP</a></td></tr></table></div>
<div class="body markup">{middle}</div></div>
<table class="email-ufi-2-bottom"><tr><td><a href="https://substack.example/like">Like</a></td><td><a href="https://substack.example/comment">Comment</a></td><td><a href="https://substack.example/restack">Restack</a></td></tr></table>
<div class="footer"><p>© 2026 Harbour Letter<br>1 Quay Road, Porthaven<br><a href="https://substack.example/redirect/2/eyJ"><span>{words.leave}</span></a></p></div></td><td></td></tr></tbody></table></body></html>"""


def beehiiv(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    rows = "".join(
        f'<tr><td align="left" valign="top" style="padding:0px 28px"><p style="line-height:24px">{text}</p></td></tr>'
        for text in body
    )
    return f"""<html xmlns:v="urn:schemas-microsoft-com:vml"><head><!--[if mso]><xml></xml><![endif]--><title>{title}</title></head><body class="body"><div style="display:none;max-height:0px;overflow:hidden;">{body[0][:40]}</div><div style="display:none;max-height:0px;overflow:hidden;">&#847;&zwnj;&nbsp;&#8199;&#65279;&#847;</div>
<table role="none" width="100%" class="document"><tr><td valign="top"><table role="none" width="670"><tr><td><table role="none" width="100%"><tr><td class="f" align="right"><p>June 3, 2026 &nbsp; | &nbsp; <a href="https://link.mail.beehiiv.example/v1/c/x" target="_blank">Read Online</a></p></td></tr></table>
<table><tr><td align="center"><a href="https://letter.beehiiv.example"><img src="https://media.example/logo.png" width="120" alt="Harbour Letter"></a></td></tr></table>
<table role="none" width="100%"><tr><td align="center"><h1 style="text-align:left;font-weight:Bold">{title}</h1></td></tr>{rows}</table>
<table class="bh__share"><tr><td><a href="https://fb.example"><img alt="Share on Facebook" src="f.png"></a></td><td><a href="https://x.example"><img alt="Share on Twitter" src="t.png"></a></td></tr></table>
<table role="none"><tr><td><p>{words.leave and f'Update your email preferences or <a href="https://link.mail.beehiiv.example/u">{words.leave.lower()}</a>'}</p><p>© 2026 Harbour Letter</p><p>1 Quay Road<br>Porthaven, United Kingdom</p></td></tr></table></td></tr></table></td></tr></table>{pixel(rng)}</body></html>"""


def ghost(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    return f"""<!doctype html><html><head><title>{title}</title></head><body style="background:#fff"><span class="preheader" style="color:transparent;display:none;height:0;max-height:0;opacity:0;visibility:hidden;width:0">{body[0][:70]}</span>
<table role="presentation" class="body" width="100%"><tr><td>&nbsp;</td><td class="container"><div class="content"><table role="presentation" class="main"><tr><td class="wrapper"><table role="presentation" width="100%">
<tr><td class="site-icon"><a href="https://letter.example/"><img src="https://letter.example/icon.png" alt="Harbour Letter" width="44"></a></td></tr><tr><td class="site-url"><div><a href="https://letter.example/" class="site-title">Harbour Letter</a></div></td></tr>
<tr><td class="post-title"><h1><a href="https://letter.example/r/1?m=2" class="post-title-link">{title}</a></h1></td></tr><tr><td><table><tr><td class="post-meta">By Marta Oyelaran • <span class="post-meta-date">3 Jun 2026</span></td><td class="post-meta view-online"><a href="https://letter.example/r/1" class="view-online-link">{words.view}</a></td></tr></table></td></tr>
<tr><td class="post-content">{paragraphs(body, "margin:0 0 1.5em")}</td></tr></table></td></tr>
<tr><td class="wrapper"><table width="100%"><tr><td class="footer">Harbour Letter © 2026 – <a href="https://letter.example/unsubscribe/?uuid=1">{words.leave}</a></td></tr><tr><td class="footer-powered"><a href="https://ghost.example/">Powered by Ghost</a></td></tr></table></td></tr></table></div></td></tr></table></body></html>"""


def buttondown(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    return f"""<!DOCTYPE html><html><head><style>body{{font-family:Georgia}}</style></head><body><div class="email-body"><div class="header"><a href="https://buttondown.example/letter/archive/x">{words.view}</a></div><h1 class="subject">{title}</h1><div class="email-body-content">{paragraphs(body, "")}</div><div class="footer"><hr><p>{words.reason} <a href="https://buttondown.example/unsubscribe/1">{words.leave}</a></p></div></div>{pixel(rng)}</body></html>"""


def kit(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    inner = "<br><br>".join(body)
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body><div class="preheader" style="display:none !important;font-size:1px">{body[0][:40]}</div><div class="message-content" style="max-width:640px"><p style="font-size:13px;text-align:right"><a href="https://click.convertkit-mail.example/c/aHR0">{words.view}</a></p><h1>{title}</h1><div>{inner}</div>
<div class="ck-section ck-hide-in-public-posts"><p style="font-size:13px"><a href="https://unsubscribe.convertkit-mail.example/1">{words.leave}</a> | <a href="https://preferences.convertkit-mail.example/1">Preferences</a> | 1 Quay Road, Porthaven</p></div></div><img src="https://open.convertkit-mail.example/{rng.randrange(10**9)}" width="1" height="1"></body></html>"""


def campaign_monitor(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    rows = "".join(
        f'<div style="Margin-left:20px;Margin-right:20px;"><div style="mso-line-height-rule:exactly"><p style="Margin-top:0;Margin-bottom:20px;">{text}</p></div></div>'
        for text in body
    )
    return f"""<!DOCTYPE html><html><head><title></title><!--[if !mso]><!--><meta http-equiv="X-UA-Compatible" content="IE=edge"><!--<![endif]--></head><body class="half-padding"><table class="wrapper" role="presentation"><tbody><tr><td><div role="banner"><div class="preheader" style="Margin:0 auto"><div class="snippet">{body[0][:30]}</div><div class="webversion"><p>{words.view and f'No images? <webversion><a href="https://letter.cmail20.example/t/v">{words.view}</a></webversion>'}</p></div></div><div class="header" role="banner"><div class="logo"><img src="l.png" alt="" width="160"></div></div></div>
<div><div class="layout one-col"><div class="layout__inner"><div class="column"><div style="Margin-left:20px"><h1>{title}</h1></div>{rows}</div></div></div></div>
<div role="contentinfo"><div class="layout email-footer"><div class="column"><div style="font-size:12px"><div>Harbour Letter</div><div>1 Quay Road, Porthaven</div><div>{words.reason}</div><div><a href="https://letter.updatemyprofile.example/x">Preferences</a> | <unsubscribe><a href="https://letter.cmail20.example/t/u">{words.leave}</a></unsubscribe></div></div></div></div></div></td></tr></tbody></table>{pixel(rng)}</body></html>"""


def brevo(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    rows = "".join(
        f'<table class="nl2go-responsive-hide" width="100%"><tr><td class="r10-i nl2go-default-textstyle" style="word-break:break-word;text-align:left"><div><p style="margin:0">{text}</p></div></td></tr></table>'
        for text in body
    )
    return f"""<html><head><title>{title}</title></head><body><table cellspacing="0" role="presentation" class="nl2go-body-table" width="100%"><tr><td><table class="r0-o" width="600"><tr><td><table><tr><td class="r4-c" style="font-size:11px;text-align:center"><p><a href="https://x.r.sp1-brevo.example/mk/mr/1"><span>{words.view}</span></a></p></td></tr></table><table><tr><td><h1 class="default-heading1">{title}</h1></td></tr></table>{rows}</td></tr></table>
<table width="600"><tr><td><div><p style="font-size:14px"><strong>Harbour Letter</strong></p><p>1 Quay Road, Porthaven</p></div></td></tr><tr><td><p>{words.reason}</p></td></tr><tr><td><p><a href="https://x.r.sp1-brevo.example/mk/un/1">{words.leave}</a></p></td></tr></table></td></tr></table>{pixel(rng)}</body></html>"""


def hubspot(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    links = [
        f'<a href="https://d2v.hubspotlinks.example/Ctc/x?url=https%3A%2F%2Fnews.example%2F{n}">'
        for n in range(2)
    ]
    body = [
        text.replace(text.split()[0], f"{links[0]}{text.split()[0]}</a>", 1)
        if n == 1 and " " in text
        else text
        for n, text in enumerate(body)
    ]
    return f"""<!doctype html><html><head><title>{title}</title></head><body class="hse-body"><!--[if gte mso 9]><v:background></v:background><![endif]--><div id="preview_text" class="preview-text" style="display:none!important">{escape(title)}</div><div class="hse-body-background"><table role="presentation" class="hse-body-wrapper-table"><tr><td class="hse-body-wrapper-td"><div id="hs_cos_wrapper_main"><div id="section-0" class="hse-section"><div class="hse-column"><p style="font-size:9px;text-align:right"><a href="https://letter.hs-sites.example/x" data-hs-link-id="0">{words.view}</a></p></div></div>
<div class="hse-section"><div class="hse-column hse-size-12"><table role="presentation"><tr><td class="hs_padded"><div id="hs_cos_wrapper_rich"><h1 style="margin:0">{title}</h1>{paragraphs(body, "mso-line-height-rule:exactly;line-height:175%")}</div></td></tr></table></div></div>
<div class="hse-section"><div class="hse-column"><table role="presentation" class="hs_cos_footer"><tr><td align="center" style="font-size:12px"><p>Harbour Letter, 1 Quay Road, Porthaven</p><p><a class="hubspot-mergetag" data-unsubscribe="true" href="https://hs-example.example/email-unsubscribe/x">{words.leave}</a> <a href="https://hs-example.example/preferences/x">Manage preferences</a></p></td></tr></table></div></div></div></td></tr></table></div>{pixel(rng)}</body></html>"""


def mailerlite(title: str, body: list[str], words: Words, rng: random.Random) -> str:
    rows = "".join(
        f'<tr><td class="bodyTitle" style="font-size:16px"><p style="margin:0 0 10px">{text}</p></td></tr>'
        for text in body
    )
    return f"""<html><head><style>@media only screen{{}}</style></head><body><div class="document" role="article" aria-roledescription="email"><table width="100%"><tr><td class="mobileHide" style="font-size:0;line-height:0"></td></tr><tr><td align="center"><table class="preheader" width="640"><tr><td>{body[0][:40]}</td><td><a href="https://click.mlsend.example/v">{words.view}</a></td></tr></table></td></tr>
<tr><td align="center"><table width="640" class="mlContentTable"><tr><td class="bodyTitle"><h1>{title}</h1></td></tr>{rows}</table></td></tr>
<tr><td align="center"><table width="640" class="mlContentTable"><tr><td><a href="https://facebook.example/x"><img src="f.png" alt="facebook" width="24"></a> <a href="https://instagram.example/x"><img src="i.png" alt="instagram" width="24"></a></td></tr><tr><td class="footer"><h5>Harbour Letter</h5><p>1 Quay Road<br>Porthaven</p><p>{words.reason}</p><p><a href="https://click.mlsend.example/unsubscribe"><span>{words.leave}</span></a></p></td></tr></table></td></tr></table></div>{pixel(rng)}</body></html>"""


SENDERS: tuple[Sender, ...] = (
    mailchimp, substack, beehiiv, ghost, buttondown, kit, campaign_monitor, brevo, hubspot, mailerlite,
)  # fmt: skip


def newsletter(number: int, *, rng: random.Random | None = None) -> Made:
    """The newsletter of that number, the same on every machine."""
    rng = rng or random.Random(number)
    make = SENDERS[number % len(SENDERS)]
    language = list(LANGUAGES)[number // len(SENDERS) % len(LANGUAGES)]
    words = LANGUAGES[language]
    joined = "" if language == "ja" else " "
    body = [
        joined.join(rng.sample(words.sentences, rng.randint(2, 4)))
        for _ in range(rng.randint(3, 7))
    ]
    title = rng.choice(words.sentences).rstrip(".。")[:70].strip()
    date = datetime(2026, 6, 3, 7, 30, tzinfo=UTC) + timedelta(hours=number)
    html = make(escape(title), [escape(text, quote=False) for text in body], words, rng)
    charset = words.charset if number % 3 else "utf-8"
    mail = MIMEMultipart("alternative")
    mail["Subject"] = Header(title, charset)
    mail["From"] = f"{Header('Märta Øyelaran', 'utf-8').encode()} <letter@letter.example>"
    mail["To"] = "reader@mail.example"
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = f"<{number}.letter@mail.example>"
    mail["List-ID"] = '"Harbour Letter" <harbour.letter.example>'
    mail["List-Unsubscribe"] = "<https://letter.example/u>, <mailto:u@letter.example>"
    text = "\n\n".join([words.view + " ( https://letter.example/v )", title, *body, words.reason])
    mail.attach(MIMEText(text, "plain", "utf-8"))
    encoded = html.encode(charset, "xmlcharrefreplace").decode(charset)
    mail.attach(MIMEText(encoded, "html", charset))
    data = mail.as_bytes()
    return Made(make.__name__, data, title, tuple(body), "Märta Øyelaran", "Harbour Letter", date)
