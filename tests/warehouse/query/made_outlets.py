"""Eight outlets in five languages from seeded dice, with known copies, edits and takedowns."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from copydesk.tasks.dedup.rules import COPIES
from copydesk.warehouse.lake import Lake
from copydesk.warehouse.publish.publish import publish
from tests.warehouse.sample import Look, hour, ingest

OUTLETS = {
    "agency.example": "en", "north.example": "en", "south.example": "en", "west.example": "en",
    "ost.example": "de", "sud.example": "fr", "oeste.example": "es", "est.example": "it",
}  # fmt: skip
COPIERS = ("north.example", "south.example", "west.example")
AUTHORS = ("Ann Lee", "Bo Dahl", "Cy Roe", "Di Fonseca", "Ed Moser", "Flo Marchetti")
TAGS = ("harbour", "council", "football", "weather", "schools")
RESERVED = {
    "tdm-reservation": "meta, policy https://ost.example/tdm",
    "ai-crawlers": "robots.txt denies GPTBot, CCBot",
}
"""What one outlet reserves of each of its articles."""
RESERVING = "ost.example"
ACCESSES = (None, "free", "metered", "paywalled", "cut_off")
STORIES = 6
FOUND_WORD = "Lindholm"


@dataclass
class Story:
    """An article as it is published: what it repeats, how it was changed, when it went."""

    outlet: str
    number: int
    at: float
    title: str
    text: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    original: Story | None = None
    edits: list[tuple[float, str, str, bool]] = field(default_factory=list)
    """Hours, title, text, and whether the page says that it was changed."""
    gone_at: float | None = None

    @property
    def look(self) -> Look:
        return self.looks()[0]

    @property
    def article_id(self) -> str:
        return self.look.article

    @property
    def access(self) -> str | None:
        return ACCESSES[self.number % len(ACCESSES)]

    @property
    def quality(self) -> float | None:
        """One in seven was chosen by no model; the others are more or less probably right."""
        return None if self.number % 7 == 0 else (self.number * 37 % 100) / 100

    @property
    def reservations(self) -> dict[str, str]:
        return RESERVED if self.outlet == RESERVING else {}

    @property
    def states(self) -> list[tuple[float, str, str, datetime | None]]:
        """Hours, title, text, and the stated time of the last change."""
        states: list[tuple[float, str, str, datetime | None]] = [
            (self.at, self.title, self.text, None)
        ]
        for at, title, text, told in self.edits:
            states.append((at, title, text, hour(at) if told else states[-1][3]))
        return states

    def looks(self) -> list[Look]:
        """Each state as it is read, at the hour in which it came."""
        return [
            Look(
                f"https://www.{self.outlet}/{self.number}",
                at,
                text,
                title=title,
                source=self.outlet.partition(".")[0],
                fields={
                    "language": OUTLETS[self.outlet],
                    "published_at": hour(self.at),
                    "modified_at": modified,
                    "authors": list(self.authors),
                    "tags": list(self.tags),
                    "access": self.access,
                    "quality": self.quality,
                    "reservations": list(self.reservations.items()) or None,
                },
            )
            for at, title, text, modified in self.states
        ]


class Newsroom:
    """All stories, in the order of their numbers."""

    def __init__(self, seed: int = 7) -> None:
        self._dice = random.Random(seed)
        self.stories: list[Story] = []
        for outlet in OUTLETS:
            for _ in range(STORIES):
                self._publish(outlet)
        agency = [story for story in self.stories if story.outlet == "agency.example"]
        for story in agency[:4]:
            for outlet in self._dice.sample(COPIERS, self._dice.randint(1, 3)):
                self._copy(story, outlet)
        own = [story for story in self.stories if story.original is None]
        others = [story for story in own if story.outlet not in ("agency.example", "est.example")]
        for number, story in enumerate(self._dice.sample(others, 9)):
            self._edit(story, number)
        for story in self._dice.sample([story for story in others if not story.edits], 3):
            story.gone_at = 600 + self._dice.randint(1, 40)

    def batches(self) -> Iterator[tuple[str, Sequence[Look]]]:
        """Runs by name: the first states, each later state, and what is gone."""
        for number in range(3):
            looks = [looks[number] for story in self.stories
                     if len(looks := story.looks()) > number]  # fmt: skip
            yield f"r{number}", looks
        yield (
            "r9",
            [
                dataclasses.replace(story.look, at=story.gone_at, fate="gone")
                for story in self.stories
                if story.gone_at is not None
            ],
        )

    def _publish(self, outlet: str) -> None:
        dice = self._dice
        title = self._words(6).capitalize()
        self.stories.append(
            Story(
                outlet,
                len(self.stories),
                dice.randint(0, 400),
                title,
                self._body(dice.randint(90, 160)),
                tuple(dice.sample(AUTHORS, dice.randint(0, 2))),
                tuple(dice.sample(TAGS, dice.randint(1, 2))),
            )
        )

    def _copy(self, original: Story, outlet: str) -> None:
        lag = self._dice.randint(1, 20)
        title = original.title if lag % 2 else self._words(5).capitalize()
        self.stories.append(
            dataclasses.replace(
                original, outlet=outlet, number=len(self.stories), at=original.at + lag,
                title=title, original=original, edits=[],
            )
        )  # fmt: skip

    def _edit(self, story: Story, number: int) -> None:
        at = story.at + self._dice.randint(1, 90)
        if number % 3 == 0:  # another headline, and it is said so
            story.edits.append((at, self._words(6).capitalize(), story.text, True))
        elif number % 3 == 1:  # another text, and nothing said of it
            story.edits.append((at, story.title, f"{story.text}\n\n{self._body(30)}", False))
        else:  # both, twice
            title, text = self._words(6).capitalize(), f"{story.text}\n\n{self._body(25)}"
            story.edits.append((at, title, text, True))
            story.edits.append((at + 5, title, f"{text}\n\n{self._body(20)}", False))

    def _body(self, words: int) -> str:
        sentences = [f"{self._words(10).capitalize()}." for _ in range(words // 10)]
        if self._dice.random() < 0.2:
            sentences[1] = f"{self._words(4)} {FOUND_WORD} {self._words(4)}."
        return " ".join(sentences)

    def _words(self, count: int) -> str:
        return " ".join(self._word() for _ in range(count))

    def _word(self) -> str:
        syllables = ("ka", "lo", "mi", "ru", "te", "so", "ni", "va", "do", "pe", "ra", "gu")
        return "".join(self._dice.choices(syllables, k=self._dice.randint(2, 4)))


def newsroom(home: Path) -> Path:
    """Publish the articles of the eight outlets, with copies, edits and takedowns."""
    lake = Lake.open(home / "lake")
    for number, (run_id, looks) in enumerate(Newsroom().batches()):
        ingest(lake, run_id, looks, started=700 + number)
    publish(home, lake=lake, comparison=COPIES)
    return home
