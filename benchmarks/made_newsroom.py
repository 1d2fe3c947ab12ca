"""A made warehouse to look at: a newsroom's sources over some weeks, from seeded dice.

``python -m benchmarks.made_newsroom HOME [--weeks 6] [--scale 1] [--until 2026-03-01]``

Runs go through the lake's own calls, without the engine and without cleaning: agencies that are
copied, papers that revise, a site whose layout breaks, a listing that fails for days, an archive
that is read once. ``--scale 40`` makes some hundred thousand articles.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import copydesk.warehouse.runs.run
from copydesk.schemas.arrow import frame
from copydesk.schemas.ids import article_id, content_hash, item_id, sha256
from copydesk.tasks.dedup.rules import COPIES
from copydesk.tasks.ingest.batch import sign
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish import publish
from copydesk.warehouse.runs.models import BatchFrames, RunPlan

BATCH = 1_000
CLEANER = "made-1"

Words = Mapping[str, Sequence[str]]
WORDS: Mapping[str, Words] = {
    "en": {
        "who": ["Harbour board", "City council", "Ferry crews", "Port of Larne", "Night bakers",
                "Coast guard", "Teachers", "Orchard growers", "Tide researchers", "Tram company"],
        "does": ["approves", "delays", "questions", "reopens", "expands", "sells", "redraws",
                 "votes on", "repairs", "defends"],
        "what": ["the winter timetable", "plans for the north pier", "a flood wall", "school meals",
                 "the old observatory", "the fish market", "its climate budget", "a river crossing",
                 "the rent ceiling", "the lighthouse archive"],
        "why": ["after a long night of talks", "as costs rise", "despite a petition",
                "before the spring tides", "for a second time", "in the face of storms",
                "ahead of the vote", "with little debate"],
        "more": ["Nobody in the hall expected the figures to be read aloud.",
                 "The report runs to ninety pages and names eleven places.",
                 "Work is to begin in the second week of the month.",
                 "Residents had asked for a hearing since the summer.",
                 "The sum is twice what was set aside a year ago."],
        "cut": ["Leave a Reply", "Share this article", "Related: what the tide brought",
                "Sign up for our morning letter", "By our own correspondent",
                "All rights reserved"],
    },
    "de": {
        "who": ["Der Hafenrat", "Die Stadtwerke", "Das Museum", "Die Imker", "Der Landtag",
                "Die Deichwacht", "Das Stadttheater", "Die Werft"],
        "does": ["prüft", "verschiebt", "verteidigt", "eröffnet", "erweitert", "verkauft"],
        "what": ["den Nachtmarkt", "die neue Brücke", "den Haushalt", "das alte Freibad",
                 "die Fährlinie", "den Mietspiegel", "das Wehr am Fluss"],
        "why": ["nach langer Sitzung", "trotz Bedenken", "vor dem Winter", "zum zweiten Mal",
                "ohne Gegenstimme"],
        "more": ["Die Zahlen lagen erst am Abend vor.", "Im Saal blieb es lange still.",
                 "Die Arbeiten sollen im Frühjahr beginnen.",
                 "Der Bericht umfasst achtzig Seiten."],
        "cut": ["Schreibe einen Kommentar", "Teilen", "Mehr zum Thema", "Newsletter bestellen",
                "Von unserer Redaktion", "Alle Rechte vorbehalten"],
    },
    "fr": {
        "who": ["Le port", "La mairie", "Le conseil", "Les pêcheurs", "La bibliothèque"],
        "does": ["rouvre", "reporte", "défend", "agrandit", "examine"],
        "what": ["le marché couvert", "la ligne du littoral", "le budget", "le vieux phare",
                 "la digue nord"],
        "why": ["malgré les critiques", "avant l’hiver", "après le vote", "pour la deuxième fois"],
        "more": ["Le rapport compte quatre-vingts pages.", "La salle est restée silencieuse.",
                 "Les travaux commenceront au printemps."],
        "cut": ["Laisser un commentaire", "Partager", "À lire aussi", "S’abonner à la lettre",
                "Par la rédaction", "Tous droits réservés"],
    },
    "ar": {
        "who": ["مجلس المدينة", "هيئة الميناء", "خفر السواحل", "المكتبة العامة"],
        "does": ["يناقش", "يؤجل", "يوسع", "يعيد فتح"],
        "what": ["الجسر الجديد", "سوق السمك", "ميزانية الشتاء", "المنارة القديمة"],
        "why": ["بعد جلسة طويلة", "قبل الشتاء", "للمرة الثانية"],
        "more": ["يقع التقرير في ثمانين صفحة.", "تبدأ الأعمال في الربيع."],
        "cut": ["اترك تعليقاً", "شارك", "اقرأ أيضاً", "النشرة البريدية", "بقلم المحرر",
                "الحقوق محفوظة"],
    },
}  # fmt: skip

CUT_KINDS = ("comments", "share", "related", "newsletter", "byline", "legal")
CUT_RULES = ("phrase:comments", "share-row", "model", "model", "byline", "phrase:legal")
REJECTS = {
    "not_an_article": "a listing of links, with no text of its own",
    "no_body": "there is a title and nothing else",
    "needs_javascript": "the page's text comes from a script",
    "too_large": "the document has more than 20 MB",
    "wrong_type": "the address gives image/jpeg",
}


@dataclass(frozen=True)
class Outlet:
    """A source of the newsroom. Rates are shares of what a run reads; ``days``: when it runs."""

    name: str
    languages: Mapping[str, float]
    a_day: float
    words: int
    rejects: float = 0.03
    fails: float = 0.01
    copies: float = 0.0
    revises: float = 0.04
    every: int = 1
    breaks: float | None = None  # share of the time after which its pages give no article
    silent: float | None = None  # share of the time after which every read fails
    once: bool = False


OUTLETS = (
    Outlet("harbour-wire", {"en": 0.9, "fr": 0.1}, 38, 240, rejects=0.01, revises=0.09),
    Outlet("coast-herald", {"en": 1}, 24, 520, copies=0.34),
    Outlet("stadtblatt", {"de": 1}, 17, 430, copies=0.04, rejects=0.05),
    Outlet("le-littoral", {"fr": 0.95, "en": 0.05}, 11, 380, copies=0.22, breaks=0.84),
    Outlet("manara", {"ar": 0.8, "en": 0.2}, 7, 310, copies=0.1, silent=0.9),
    Outlet("island-letters", {"en": 1}, 2, 1_450, every=7),
    Outlet("archive-2019", {"en": 0.7, "de": 0.3}, 9, 610, once=True, revises=0, rejects=0.12),
)


@dataclass
class Story:
    """An article as an outlet has it; ``version`` counts its texts."""

    outlet: Outlet
    number: int
    title: str
    text: str
    language: str
    published: datetime
    version: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://www.{self.outlet.name}.example/{self.published:%Y/%m}/{self.number}"


@dataclass
class Newsroom:
    """Makes runs, day by day, and remembers what was printed."""

    dice: random.Random
    printed: dict[str, list[Story]] = field(default_factory=lambda: defaultdict(list))
    numbers: int = 0

    def story(self, outlet: Outlet, at: datetime) -> Story:
        """Write a story, or take over one of another outlet's last days."""
        self.numbers += 1
        agency = self.printed["harbour-wire"][-120:]
        if agency and self.dice.random() < outlet.copies:
            # an agency's story of the hour is printed by many
            original = agency[-1 - int(self.dice.random() ** 3 * len(agency))]
            return Story(outlet, self.numbers, *self.edited(original), original.language, at)
        languages = list(outlet.languages)
        language = self.dice.choices(languages, list(outlet.languages.values()))[0]
        words = WORDS[language]
        title = " ".join(self.dice.choice(words[part]) for part in ("who", "does", "what", "why"))
        length = max(30, int(self.dice.lognormvariate(0, 0.55) * outlet.words))
        return Story(outlet, self.numbers, title, self.body(words, length), language, at)

    def edited(self, story: Story) -> tuple[str, str]:
        """Take a story over: as it is, or under another title, with a word of one's own."""
        chance, words = self.dice.random(), WORDS[story.language]
        if chance < 0.6:
            return story.title, story.text
        title = f"{self.dice.choice(words['who'])}: {story.title[:1].lower()}{story.title[1:]}"
        if chance < 0.8:
            return title, story.text
        return title, f"{story.text}\n\n{self.body(words, 20)}"

    def revise(self, story: Story) -> None:
        """Change a story as papers do: its title, a figure, or more at its end."""
        story.version += 1
        words, chance = WORDS[story.language], self.dice.random()
        if chance < 0.3:
            why = next((phrase for phrase in words["why"] if story.title.endswith(phrase)), "")
            story.title = f"{story.title.removesuffix(why)}{self.dice.choice(words['why'])}"
        elif chance < 0.6 and "(" in story.text:
            head, _, tail = story.text.partition("(")
            story.text = f"{head}({self.dice.randint(1_000, 9_999)}){tail.partition(')')[2]}"
        else:
            story.text += f"\n\n{self.body(words, self.dice.randint(15, 80))}"

    def body(self, words: Words, length: int) -> str:
        """Write paragraphs of ``length`` words or a little more."""
        paragraphs: list[str] = []
        count = 0
        while count < length:
            lines = []
            for _ in range(self.dice.randint(2, 5)):
                line = self.dice.choice(words["more"])
                if self.dice.random() < 0.5:
                    parts = [self.dice.choice(words[part]) for part in ("who", "does", "what")]
                    line = f"{' '.join(parts)} ({self.dice.randint(2, 990)})."
                lines.append(line)
                count += len(line.split())
            paragraphs.append(" ".join(lines))
        return "\n\n".join(paragraphs)

    def rows(self, run_id: str, outlet: Outlet, at: datetime, share: float, scale: float) -> Rows:
        """Make what one run of an outlet finds; ``share`` of the whole time has passed."""
        rows = Rows(run_id, outlet.name)
        weekend = 0.55 if at.weekday() >= 5 else 1.0
        days = outlet.every * (60 if outlet.once else 1)
        count = max(1, round(self.dice.gauss(1, 0.18) * outlet.a_day * days * weekend * scale))
        broken = outlet.breaks is not None and share > outlet.breaks
        silent = outlet.silent is not None and share > outlet.silent
        older = self.printed[outlet.name][-(count * 4) :]
        for story in older:
            if self.dice.random() < outlet.revises / 3 and not silent:
                self.revise(story)
                rows.read(story, at, self.dice)
            else:
                rows.missing(story.url, at, "failed" if silent else "not_modified")
        for _ in range(count):
            back = timedelta(days=self.dice.random() * outlet.every)
            if outlet.once:
                back = timedelta(days=2_500 + self.dice.random() * 360)
            story = self.story(outlet, at - back)
            chance = self.dice.random()
            if silent or chance < outlet.fails:
                rows.missing(story.url, at, "failed" if silent or chance > 0.002 else "gone")
            elif broken or chance < outlet.fails + outlet.rejects:
                reason = "no_body" if broken else self.dice.choice(list(REJECTS))
                rows.reject(story.url, at, reason)
            else:
                self.printed[outlet.name].append(story)
                rows.read(story, at, self.dice)
        return rows


@dataclass
class Rows:
    """The rows of a run."""

    run_id: str
    source: str
    observations: list[dict[str, Any]] = field(default_factory=list)
    cuts: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)

    def row(self, url: str, at: datetime) -> dict[str, Any]:
        """Begin a row of any table."""
        return {
            "run_id": self.run_id,
            "batch": len(self.ledger) // BATCH,
            "item_id": item_id(self.source, url),
            "source": self.source,
            "locator": url,
            "url": url,
            "observed_at": at,
            "cleaner_version": CLEANER,
        }

    def missing(self, url: str, at: datetime, fate: str) -> None:
        """Note an item that gave no bytes."""
        why = {"failed": ("timeout", "no answer within 30 seconds"), "gone": ("http_410", "gone")}
        reason, detail = why.get(fate, (None, None))
        row = self.row(url, at)
        self.ledger.append(row | {"fate": fate, "reason": reason, "detail": detail})

    def reject(self, url: str, at: datetime, reason: str) -> None:
        """Note an item that gave no article."""
        row = self.row(url, at) | {"reason": reason, "detail": REJECTS[reason]}
        self.ledger.append(row | {"fate": "rejected"})
        self.rejects.append(row | {"evidence": f"<html><head><title>{url[-5:]}</title> … 14 KB"})

    def read(self, story: Story, at: datetime, dice: random.Random) -> None:
        """Note an item that gave an article, and what was cut from it."""
        row = self.row(story.url, at) | {
            "raw_sha256": sha256(f"{story.url} {story.version}".encode()),
            "article_id": article_id(self.source, story.url, canonical=story.url, url=story.url),
            "content_hash": content_hash(story.title, story.text),
        }
        self.ledger.append(row | {"fate": "read", "fingerprint": str(story.version)})
        self.observations.append(
            row
            | {
                "title": story.title,
                "text": story.text,
                "site": story.outlet.name.replace("-", " ").title(),
                "authors": [dice.choice(("Marta Oyelaran", "Ewa Kern", "N. Duval", "S. Haddad"))],
                "published_at": story.published,
                "language": story.language,
                "section": dice.choice(("City", "Coast", "Culture", "Money")),
                "canonical_url": story.url,
            }
        )
        keys = ("run_id", "batch", "item_id", "article_id", "content_hash", "cleaner_version")
        shared = {key: row[key] for key in keys}
        for position, text in enumerate(WORDS[story.language]["cut"]):
            if dice.random() < 0.8 - 0.11 * position:
                score = round(dice.random() * 0.3, 3) if CUT_RULES[position] == "model" else None
                cut = {"kind": CUT_KINDS[position], "rule": CUT_RULES[position], "score": score}
                self.cuts.append(shared | cut | {"position": 40 + position, "text": text})
        if dice.random() < 0.3:
            title = {"kind": "repeated_title", "rule": "repeated_title", "text": story.title}
            self.cuts.append(shared | title | {"position": 0})

    def batches(self) -> Iterator[BatchFrames]:
        """Give the run batch by batch."""
        for number in range(len(self.ledger) // BATCH + 1):
            names = ("observations", "cuts", "rejects", "ledger")
            parts = (
                frame(name, [row for row in getattr(self, name) if row["batch"] == number])
                for name in names
            )
            signed = sign(
                self.run_id, number, [row for row in self.observations if row["batch"] == number]
            )
            yield BatchFrames(*parts, signatures=signed[0], shingles=signed[1])


class Clock(datetime):
    """The lake asks the clock when a run ends; the clock of a made past is made too."""

    moment = datetime(2026, 1, 1, tzinfo=UTC)

    @classmethod
    def now(cls, _zone: Any = None) -> Any:
        """Give the made moment."""
        return cls.moment


def make(home: Path, *, until: datetime, weeks: int = 6, scale: float = 1, seed: int = 1) -> int:
    """Make the warehouse in a home that has none; gives the number of articles."""
    lake = Lake.open(home / "lake")
    room = Newsroom(random.Random(seed))
    days = weeks * 7
    copydesk.warehouse.runs.run.datetime = Clock  # type: ignore[attr-defined]
    try:
        for day in range(days):
            for index, outlet in enumerate(OUTLETS):
                if (day % outlet.every) or (outlet.once and day != days // 3):
                    continue
                start = until - timedelta(days=days - 1 - day, hours=3, minutes=-17 * index)
                run_id = f"{start:%Y%m%dT%H%M%S}-{outlet.name}"
                abandoned = room.dice.random() < 0.015
                printed = list(room.printed[outlet.name])
                rows = room.rows(run_id, outlet, start, day / days, scale)
                if abandoned:
                    room.printed[outlet.name] = printed
                Clock.moment = start + timedelta(
                    seconds=14 + len(rows.ledger) * room.dice.uniform(0.5, 1.4) / scale
                )
                commit(lake, run_id, outlet, start, rows, abandoned=abandoned)
            sys.stderr.write(f"day {day + 1} of {days}, {room.numbers:,} stories\n")
    finally:
        copydesk.warehouse.runs.run.datetime = datetime  # type: ignore[attr-defined]
    return publish.publish(home, lake=lake, comparison=COPIES).counts["articles"]


def commit(
    lake: Lake, run_id: str, outlet: Outlet, start: datetime, rows: Rows, *, abandoned: bool
) -> None:
    """Bring a run into the lake, or begin it and give it up."""
    lake.begin(RunPlan(run_id, "ingest", outlet.name, start, cleaner_version=CLEANER, host="made"))
    if abandoned:
        lake.run(run_id).abandon("the machine was restarted")
        return
    for number, batch in enumerate(rows.batches()):
        lake.run(run_id).stage(number, batch)
    lake.run(run_id).seal()
    lake.run(run_id).commit()


def main() -> None:
    """Make a warehouse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--weeks", type=int, default=6)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--until", type=datetime.fromisoformat, default=datetime.now(UTC))
    arguments = parser.parse_args()
    until = arguments.until if arguments.until.tzinfo else arguments.until.replace(tzinfo=UTC)
    count = make(arguments.home, until=until, weeks=arguments.weeks, scale=arguments.scale)
    print(f"{count:,} articles in {arguments.home}")


if __name__ == "__main__":
    main()
