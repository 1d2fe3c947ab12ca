"""Make ``tasks/cleaning/data/phrases*.tsv``: phrases of content management systems, by language.

The words around an article are translated by the makers of blog software. This program reads
their published translations and keeps the few messages that a page shows beside an article:

- WordPress: the ``.mo`` files of Debian's package ``wordpress-l10n`` (unpacked);
- Ghost: ``locales/`` of ``@tryghost/i18n`` (a component of the npm package ``ghost``);
- Nikola: ``nikola/data/themes/base/messages`` of the PyPI wheel;
- Isso: ``isso/js/app/i18n`` of the PyPI source archive;
- Django comments: ``django_comments/locale`` of the wheel ``django-contrib-comments``;
- Docusaurus: ``locales/`` of the npm package ``@docusaurus/theme-translations``;
- CLDR: relative times ("3 hours ago") of the PyPI package ``babel``.

What no package holds is in ``phrases_by_hand.tsv`` beside this program: ``source, languages,
class, patterns`` with ``{n}`` for a number and ``{x}`` for anything else. ``phrases_observed.tsv``
(``training/observed.py``) says which of the phrases stand on web pages of two hosts or more.

Rows lie in a file a licence, each with its own sources and languages, so that a phrase may stand
in several: WordPress's translations and what was written by hand for it (GPL-2.0-or-later), CLDR's
(Unicode-3.0), all others (MIT, BSD-3-Clause, or this project's own).

``python -m training.phrases --wordpress DIR --ghost DIR …`` rewrites the rows of the sources
that are given and keeps the others; the rows by hand, observed and of CLDR are always made anew.
"""

from __future__ import annotations

import argparse
import ast
import gettext
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from copydesk.tasks.cleaning.vocabulary.phrases import pattern_key

BY_HAND = Path(__file__).with_name("phrases_by_hand.tsv")
OBSERVED = Path(__file__).with_name("phrases_observed.tsv")
DATA = Path(__file__).parent.parent / "tasks" / "cleaning" / "data"
# By licence: a file, and the sources whose rows it holds ("*": written by hand).
FILES = {
    "phrases.wordpress.tsv": frozenset({"wordpress", "wordpress*"}),
    "phrases.cldr.tsv": frozenset({"cldr"}),
    "phrases.stories.tsv": frozenset({"stories*"}),
}
OTHERS = "phrases.tsv"

# Message -> class; the classes are described in tasks/cleaning/vocabulary/phrases.py.
WORDPRESS = {
    "comments": (
        "Leave a Reply|Leave a Reply to %s|Leave a Comment|Leave a comment|Your Comment|"
        "Comments are closed.|Comments Off|No Comments|No comments yet.|No comments found.|"
        "1 Comment|% Comments|%s comment|%s comments|%s Comment|%s Comments|"
        "One Response to %2$s|%1$s response to %2$s|%1$s Responses to %2$s|%1$s responses to %2$s|"
        "One response to %s|Comments|Comments on %s|Comments on &#8220;%s&#8221;|Comments (%s)|"
        "Log in to leave a Comment|Comments navigation|Older comments|Newer comments|"
        "&laquo; Older Comments|Newer Comments &raquo;|Show more comments|"
        'You must be <a href="%s">logged in</a> to post a comment.|'
        "Sorry, you must be logged in to post a comment.|You must be registered to comment|"
        "Protected Comments: Please enter your password to view comments.|"
        "Enter your password to view comments.|Sorry, comments are closed for this item.|"
        'Comments Off<span class="screen-reader-text"> on %s</span>|'
        'No Comments<span class="screen-reader-text"> on %s</span>|'
        "Sorry, the comment form is closed at this time.|Trackbacks|Pings|"
        "This post is password protected. Enter the password to view comments.|"
        '<abbr title="Really Simple Syndication">RSS</abbr> feed for comments on this post.|'
        'The <abbr title="Universal Resource Locator">URL</abbr> to TrackBack this entry is:|'
        "Your comment is awaiting moderation.|No comments to show."
    ),
    "form": (
        "Your email address will not be published.|Required fields are marked %s|Post Comment|"
        "Submit Comment|Cancel reply|Click here to cancel reply.|Mail (will not be published)|"
        "Logged in as %s.|Logged in as %s. Edit your profile.|Log out of this account|"
        'Logged in as <a href="%1$s">%2$s</a>.|Submit Reply|E-mail (required)|'
        'Logged in as <a href="%1$s">%2$s</a>. <a href="%3$s" '
        'title="Log out of this account">Log out?</a>|Required fields are marked %s.|'
        '<a href="%1$s" aria-label="%2$s">Logged in as %3$s</a>. '
        '<a href="%4$s">Log out?</a>|'
        "<strong>XHTML:</strong> You can use these tags: <code>%s</code>|"
        "Save my name, email, and website in this browser for the next time I comment."
    ),
    "label": "Name|Email|E-mail|Website|Comment|noun\x04Comment|Name:|Your E-mail|(required)",
    "action": (
        "Reply|Reply to %s|Log in to Reply|Edit|(Edit)|Reply to this comment|Show comments|"
        '%s <span class="says">says:</span>|'
        '<cite class="fn">%s</cite> <span class="says">says:</span>|Pingback:|Trackback:|'
        '%s ago|%s Ago|In reply to <a href="%1$s">%2$s</a>.'
    ),
    "widget": (
        "Recent Comments|Recent Posts|Archives|Categories|Meta|Latest Comments|Latest Posts|"
        "Entries (RSS)|Comments (RSS)|Comments Feed|Entries Feed|Log in|Log In|Register|"
        'Entries <abbr title="Really Simple Syndication">RSS</abbr>|'
        'Comments <abbr title="Really Simple Syndication">RSS</abbr>|Tag Cloud|Select Category|'
        "Select Month|Pages|Popular Tags|Log out|The most recent comments|WordPress.org|"
        "search results\x04No results found.|Calendar|RSS|Feedback"
    ),
    "navigation": (
        "Previous Post|Next Post|Previous page|Next page|&laquo; Previous|Next &raquo;|"
        "&laquo; Previous Page|Next Page &raquo;|Older posts|Newer posts|Previous|Next|"
        "previous post\x04Previous|next post\x04Next|Post navigation|Pages:|Page|Posts navigation|"
        "&laquo; Older Posts|Continue reading %s|Read more...|Older Posts|Newer Posts|"
        "Skip to content|Skip to toolbar|Continue"
    ),
    "site": (
        "Search|submit button\x04Search|Search for:|label\x04Search for:|Search &hellip;|Menu|"
        "placeholder\x04Search &hellip;|Powered by WordPress|%1$s is proudly powered by %2$s|"
        "Proudly powered by %s|Home|nav menu home label\x04Home|Show menu|Navigation Menu|"
        "Powered by WordPress, state-of-the-art semantic personal publishing platform.|"
        "Close|Privacy|Privacy Policy|About|Contact"
    ),
    "meta": (
        "Uncategorized|Tags: |Tags:|Tags|Categories:|Category:|Category: %s|Published|"
        "Published on:|By %s|by %s|Posts by %s|View all posts by %s|Author:|Author: %s|Author|"
        "Posted in %s|Tagged %s|Posted on %s|Filed under %s|No categories"
    ),
}

GHOST = {
    "comments": (
        "Add comment|Add a comment|Add reply|Add context to your comment, share your name and "
        "expertise to foster a healthy discussion.|Be the first to start the conversation|"
        "Become a member of {publication} to start commenting.|Become a paid member of "
        "{publication} to start commenting.|Comments|Comment|Discussion|Join the discussion|"
        "Member discussion|One comment|1 comment|{amount} comments|{{amount}} comments|"
        "Show {{amount}} more replies|Show {amount} more replies|Show 1 more reply|"
        "Show {{amount}} previous comments|Show 1 previous comment|Show 1 more comment|"
        "Start the conversation|This comment has been hidden.|This comment has been removed.|"
        "Want to join the discussion?|Reply to comment|Sign up now|Start commenting|"
        "Complete your profile|Already a member?|Load more ({{amount}})"
    ),
    "action": (
        "Reply|Edited|Report|Report comment|Delete|Hide comment|Show comment|Edit|Just now|"
        "One hour ago|One min ago|{{amount}} hrs ago|{{amount}} mins ago|Replied to|Anonymous|"
        "{{amount}} hours ago|{{amount}} minutes ago|Yesterday"
    ),
    "newsletter": (
        "Subscribe|Sign up|Your email|Your email address|Email sent|Now check your email!|"
        "Sign in|jamie@example.com|Become a member|Subscribe now|Get the latest posts delivered "
        "right to your inbox|Sent! Now check your inbox|Please enter a valid email address|"
        "Something went wrong, please try again.|Upgrade now|Subscribe to continue reading.|"
        "Become a paid member of {site} to get access to all premium content.|Upgrade|"
        "This post is for subscribers only|This post is for paying subscribers only"
    ),
    "navigation": "View in browser|Keep reading|Read more|Unsubscribe|Manage subscription",
}

NIKOLA = {
    "meta": "Tags|Categories|Posted:|Publication date|Uncategorized|Authors|updated|"
    "Tags and Categories|%d min remaining to read|Also available in:",
    "comments": "Comments",
    "navigation": "Newer posts|Older posts|Next post|Previous post|Read more|"
    "Skip to main content|Toggle navigation|Languages:|Original site",
    "widget": "Archive|Atom feed|RSS feed|Updates|Subcategories:",
    "related": "More posts about %s",
}

ISSO = {
    "comments": "num-comments|no-comments|postbox-text|comment-queued|comment-deleted",
    "form": "postbox-notification",
    "label": "postbox-author|postbox-email|postbox-website|postbox-preview|postbox-submit",
    "action": "comment-reply|comment-edit|comment-delete|comment-anonymous|date-now|date-minute|"
    "date-hour|date-day|date-week|date-month|date-year",
}

DJANGO = {
    "comments": "Comments|comments|Latest comments on %(site_name)s|Preview your comment|"
    "Thanks for commenting|Thank you for your comment|Post your comment",
    "form": "Post your comment|or make changes|"
    "If you enter anything in this field your comment will be treated as spam",
    "label": "Name|Email address|URL|Comment|Post|Preview",
    "action": "Posted by %(user)s at %(date)s",
}

DOCUSAURUS = {
    "navigation": "theme.common.skipToMainContent|theme.blog.paginator.newerEntries|"
    "theme.blog.paginator.olderEntries|theme.blog.post.paginator.newerPost|"
    "theme.blog.post.paginator.olderPost|theme.blog.post.readMore|theme.docs.paginator.next|"
    "theme.docs.paginator.previous|theme.BackToTopButton.buttonAriaLabel|theme.tags.tagsPageLink|"
    "theme.TOCCollapsible.toggleButtonLabel|theme.common.editThisPage",
    "meta": "theme.tags.tagsListLabel|theme.blog.post.readingTime.plurals",
    "widget": "theme.blog.archive.title|theme.tags.tagsPageTitle",
}

_HOLE = re.compile(r"%(?:\d\$)?[sd]|%\(\w+\)[sd]|\{\{? ?\w+ ?\}?\}|(?<!\w)%(?= )")
_NUMBER_HOLE = re.compile(r"\{\{? ?(?:n|amount|count|readingTime) ?\}?\}|(?<!\w)%(?= )|%d")
_COUNTED = re.compile(r"comment|respons|repl(y|ies)|ago|min|post", re.I)


def pattern(message: str, original: str) -> str:
    """Return a translation as a pattern, without markup and with named holes."""
    text = html.unescape(re.sub(r"<[^>]+>", "", message))
    text = _NUMBER_HOLE.sub("{n}", text)
    # The first hole of "%1$s responses to %2$s" is a number, that of "%s says" a name.
    counted = bool(re.match(r"(?:%1\$s|%s) (?:comments?|responses?|repl|ago)", original, re.I))
    if counted:
        text = re.sub(r"%1\$s|^%s(?= )|(?<=\s)%s(?=\s|$)|%s", "{n}", text, count=1)
    text = (
        _HOLE.sub("{x}", text)
        if "{n}" not in text
        else re.sub(r"%(?:\d\$)?[sd]|%\(\w+\)[sd]", "{x}", text)
    )
    return " ".join(text.split())


def _messages(table: dict[str, str]) -> dict[str, str]:
    return {m: kind for kind, messages in table.items() for m in messages.split("|") if m}


def wordpress(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Read the front-end messages of every locale: (language, class, pattern)."""
    kinds = _messages(WORDPRESS)
    files = sorted(
        f for f in folder.rglob("*.mo") if re.match(r"[a-z]{2,3}(_[A-Z]{2})?\.mo", f.name)
    )
    files += sorted(folder.rglob("admin-??*.mo"))
    for file in files:
        locale = file.stem.removeprefix("admin-").removeprefix("network-")
        with file.open("rb") as stream:
            catalog = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
        for key, text in catalog.items():
            message = key[0] if isinstance(key, tuple) else key
            kind = kinds.get(message)
            if kind and isinstance(text, str) and text.strip():
                yield locale, kind, pattern(text, message)


def ghost(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Read comments, newsletter and portal messages."""
    kinds = _messages(GHOST)
    for file in sorted(folder.rglob("*.json")):
        if file.parent.parent.name != "locales":
            continue
        for message, text in json.loads(file.read_text("utf-8")).items():
            kind = kinds.get(message)
            if kind:
                yield file.parent.name, kind, pattern(text or message, message)


def nikola(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Read the messages of the base theme."""
    kinds = _messages(NIKOLA)
    for file in sorted(folder.rglob("messages_*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign):
                for message, text in ast.literal_eval(node.value).items():
                    if message in kinds and text:
                        yield file.stem[9:], kinds[message], pattern(text, message)


def isso(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Read the messages of the comment box."""
    kinds = _messages(ISSO)
    for file in sorted(folder.rglob("i18n/*.js")):
        for key, text in re.findall(r'"([a-z-]+)":\s*"((?:[^"\\]|\\.)*)"', file.read_text("utf-8")):
            if key in kinds:
                for form in json.loads(f'"{text}"').split("\n"):
                    yield file.stem, kinds[key], pattern(form, key)


def django(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Read the messages of django-contrib-comments."""
    kinds = _messages(DJANGO)
    for file in sorted(folder.rglob("django_comments/locale/*/LC_MESSAGES/django.mo")):
        with file.open("rb") as stream:
            catalog = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
        for key, text in catalog.items():
            if isinstance(key, str) and key in kinds and text:
                yield file.parent.parent.name, kinds[key], pattern(text, key)


def docusaurus(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Read the messages of the default theme."""
    kinds = _messages(DOCUSAURUS)
    for file in sorted(folder.rglob("theme-common.json")):
        for key, text in json.loads(file.read_text("utf-8")).items():
            if key in kinds:
                for form in str(text).split("|"):
                    yield file.parent.name, kinds[key], pattern(form, key)


def cldr() -> Iterator[tuple[str, str, str]]:
    """Read the relative times ("3 hours ago") of CLDR's languages."""
    from babel import Locale, localedata

    for identifier in sorted(localedata.locale_identifiers()):
        if "_" in identifier:
            continue
        locale = Locale.parse(identifier)
        units = locale._data.get("date_fields", {})
        for unit in ("year", "month", "week", "day", "hour", "minute", "second"):
            for width in ("", "-short", "-narrow"):
                forms = units.get(unit + width, {}).get("past", {})
                for form in forms.values():
                    if len(re.sub(r"\W|\d", "", form)) >= 2:
                        yield identifier, "action", form.replace("{0}", "{n}")


def by_hand() -> Iterator[tuple[str, str, str, str]]:
    """Read the rows written by hand: (source, languages, class, pattern)."""
    for row in BY_HAND.read_text("utf-8").splitlines():
        source, languages, kind, patterns = row.split("\t")
        for text in patterns.split(" | "):
            yield f"{source}*", languages, kind, text


SOURCES = {
    "wordpress": wordpress,
    "ghost": ghost,
    "nikola": nikola,
    "isso": isso,
    "django": django,
    "docusaurus": docusaurus,
}

Rows = dict[tuple[str, str], tuple[set[str], set[str]]]


def add(rows: Rows, source: str, languages: str, kind: str, text: str) -> None:
    """Add a phrase to the rows unless it would match almost any line."""
    key = pattern_key(text)
    words = re.sub(r"\{x\}|[\W\d]", "", key)
    # "{x} at {x}" and its like match half the sentences of a language.
    too_open = key.count("{x}") > 1 and len(words) < 8
    if len(words) < (2 if words.isascii() else 1) or len(key) > 220 or too_open:
        return
    sources, tongues = rows[kind, key]
    sources.add(source)
    tongues |= {re.split("[-_]", t)[0].lower() for t in languages.split(",")}


def shipped_rows() -> Iterator[tuple[str, str, str, str]]:
    """Read the present tables as (source, languages, class, key), one row per source."""
    for name in (*FILES, OTHERS):
        if not (DATA / name).exists():
            continue
        for row in (DATA / name).read_text("utf-8").splitlines():
            sources, languages, kind, key = row.split("\t")
            for source in sources.split(","):
                yield source, languages, kind, key


def observed() -> Iterator[tuple[str, str, str]]:
    """Read which phrases stand on web pages: (languages, class, pattern)."""
    for row in OBSERVED.read_text("utf-8").splitlines():
        languages, kind, key = row.split("\t")
        yield languages, kind, key.replace("0", "{n}")


def gather(arguments: argparse.Namespace) -> dict[str, Rows]:
    """Gather sources and languages per (class, key), by the name of their file."""
    files: dict[str, Rows] = {
        name: defaultdict(lambda: (set(), set())) for name in (*FILES, OTHERS)
    }

    def take(source: str, languages: str, kind: str, text: str) -> None:
        name = next((name for name, sources in FILES.items() if source in sources), OTHERS)
        add(files[name], source, languages, kind, text)

    read_anew = {name for name in SOURCES if getattr(arguments, name) is not None}
    for source, languages, kind, key in list(shipped_rows()):
        if source in SOURCES and source not in read_anew:
            take(source, languages, kind, key.replace("0", "{n}"))
    for name in sorted(read_anew):
        for phrase in SOURCES[name](getattr(arguments, name)):
            take(name, *phrase)
    for phrase in cldr():
        take("cldr", *phrase)
    for phrase_row in by_hand():
        take(*phrase_row)
    for phrase in observed():
        take("observed", *phrase)
    return files


def main() -> None:
    """Read the sources named on the command line and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in SOURCES:
        parser.add_argument(f"--{name}", type=Path)
    for name, rows in gather(parser.parse_args()).items():
        with (DATA / name).open("w", encoding="utf-8", newline="\n") as out:
            for (kind, key), (sources, languages) in sorted(rows.items()):
                fields = (",".join(sorted(sources)), ",".join(sorted(languages)), kind, key)
                out.write("\t".join(fields) + "\n")


if __name__ == "__main__":
    main()
