"""Make ``training/phrases_observed.tsv``: which phrases stand on web pages of several hosts.

``python -m training.observed [--data ../shared/data]`` reads pages of the web as a browser copies
them (``copied-dev.parquet``) and writes the phrases that are whole lines on pages of two hosts or
more: ``languages, class, key``. WordPress's phrases among them are common words of the web, and
are shipped under this project's licence as well (docs/licences.md).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.parquet as pq

from copydesk.tasks.cleaning.vocabulary.phrases import HOLE, line_key
from training.phrases import FILES, OBSERVED, shipped_rows

HOSTS = 2
LONGEST = 250
FIXED_LETTERS = 8
"""Of a phrase with a hole: fewer letters ("by {x}") begin or end many a sentence."""


def lines_of_hosts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines of each page as (host, key)."""
    for page in pq.read_table(path, columns=["url", "browser"]).to_pylist():
        host = urlsplit(page["url"] or "").hostname
        if host:
            lines = {line.strip() for line in (page["browser"] or "").split("\n")}
            keys = {line_key(line) for line in lines if 0 < len(line) < LONGEST}
            yield from ((host, key) for key in keys if key)


def hosts_of_phrases(lines: Iterable[tuple[str, str]], phrases: set[str]) -> dict[str, set[str]]:
    """Return each phrase's hosts; a hole is filled by at least one letter."""
    by_start: dict[str, list[tuple[str, str]]] = defaultdict(list)
    by_end: dict[str, list[str]] = defaultdict(list)
    for phrase in phrases:
        before, hole, after = (part.strip() for part in phrase.partition(HOLE))
        if hole and HOLE not in after and len(before + after) >= FIXED_LETTERS:
            if before:
                by_start[before].append((after, phrase))
            else:
                by_end[after].append(phrase)
    hosts: dict[str, set[str]] = defaultdict(set)
    for host, key in lines:
        if key in phrases:
            hosts[key].add(host)
        for at in (at for at, letter in enumerate(key) if letter == " "):
            for after, phrase in by_start.get(key[:at], ()):
                if not after or key[at:].endswith(f" {after}"):
                    hosts[phrase].add(host)
            for phrase in by_end.get(key[at + 1 :], ()):
                hosts[phrase].add(host)
    return hosts


def main() -> None:
    """Write the phrases that several hosts have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    candidates: dict[tuple[str, str], set[str]] = defaultdict(set)
    for source, languages, kind, key in shipped_rows():
        if source in FILES["phrases.wordpress.tsv"]:
            candidates[kind, key] |= set(languages.split(","))
    lines = lines_of_hosts(parser.parse_args().data / "copied-dev.parquet")
    hosts = hosts_of_phrases(lines, {key for _, key in candidates})
    with OBSERVED.open("w", encoding="utf-8", newline="\n") as out:
        for (kind, key), languages in sorted(candidates.items()):
            if len(hosts.get(key, ())) >= HOSTS:
                out.write(f"{','.join(sorted(languages))}\t{kind}\t{key}\n")


if __name__ == "__main__":
    main()
