"""Report sections about the articles: copies, languages, lengths and cuts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from copydesk.schemas.plural import plural
from copydesk.tasks.report.format import count, link, moment, percent, visible
from copydesk.tasks.report.model import (
    Chart,
    Cluster,
    Example,
    Form,
    Number,
    Section,
    Series,
    Table,
    Text,
)
from copydesk.tasks.report.outlet_sections import matrix, pair_table
from copydesk.tasks.report.time_sections import COLOURS, OTHER_OUTLETS, ranked

Rows = Sequence[Mapping[str, Any]]

CLASSES: Final = (
    "under 50", "50–99", "100–199", "200–399", "400–799", "800–1,599", "1,600–3,199",
    "3,200–6,399", "6,400 and more",
)  # fmt: skip
"""The classes of ``lengths.sql``."""

UNKNOWN: Final = "unknown"
TOP_LANGUAGES: Final = 5
"""Number of languages with a colour of their own; the others share one."""

_OTHER_LANGUAGES: Final = "others"
_RELATIONS: Final = {
    "exact": "exact copies",
    "near": "near copies",
    "contained": "parts of another",
    "contains": "contain another",
}
_CHANGES: Final = {
    "none": "no words",
    "cut": "passages cut",
    "extension": "passages added",
    "edit": "passages replaced",
    "correction": "a few words",
    "rewrite": "most of the text",
    "reverted": "back to an earlier text",
    "formatting": "form only",
    "headline": "the headline only",
}
"""Names of revision kinds on the page."""


def copies(rows: Rows, clusters: Rows, pairs: Rows) -> Section:
    """Build the section on the share of copies per outlet, and the most repeated articles."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counted[row["label"] or OTHER_OUTLETS][row["relation"]] += row["articles"]
    total = Counter[str]()
    for counts in counted.values():
        total.update(counts)
    repeated = total.total() - total[""]
    if not repeated:
        empty = "No article repeats another one." if total else "No articles yet."
        return Section("copies", "Copies", empty=empty)
    names = ranked(counted)
    order = [*_RELATIONS, *sorted(total)]  # exact copies first
    relations = ["", *sorted(filter(None, total), key=order.index)]
    colours = {"": 0} | {
        relation: (3, 4, 2, 5)[index % 4] for index, relation in enumerate(relations[1:])
    }
    series = [
        Series(
            relation_words(relation), [counted[name][relation] for name in names], colours[relation]
        )
        for relation in relations
    ]
    table = Table(
        ("outlet", *(relation_words(relation) for relation in relations), "share that repeats"),
        [
            (
                Text(visible(name, 60)),
                *(Number(count(counted[name][relation])) for relation in relations),
                Number(percent(counted[name].total() - counted[name][""], counted[name].total())),
            )
            for name in names
        ],
        "Articles and copies by outlet",
    )
    chart = Chart(
        "copies", Form.BARS, "Articles and copies by outlet", "articles", table,
        [visible(name, 60) for name in names], series,
    )  # fmt: skip
    finding = f"{percent(repeated, total.total())} of the articles repeat another one."
    if pairs:
        first = pairs[0]
        itself = first["outlet"] == first["original_outlet"]
        finding += (
            f" Most often {visible(first['outlet'], 60)} repeats "
            f"{'itself' if itself else visible(first['original_outlet'], 60)}: "
            f"{plural(first['articles'], 'time')}."
        )
    return Section(
        "copies",
        "Copies",
        finding,
        charts=[chart],
        tables=[pair_table(pairs), matrix(pairs)] if pairs else [],
        clusters=[_cluster(row) for row in clusters],
    )


def relation_words(relation: str) -> str:
    """Return the words for how an article repeats another one; no relation: it repeats none."""
    if not relation:
        return "repeat no other"
    return _RELATIONS.get(relation, f"{visible(relation.replace('_', ' '), 40)} copies")


def _cluster(row: Mapping[str, Any]) -> Cluster:
    examples = [
        Example(_title(example), relation_words(example["relation"]))
        for example in row["examples"] or ()
    ]
    more = row["copies"] - len(examples)
    return Cluster(
        Example(_title(row)),
        plural(row["copies"], "copy", "copies"),
        ", ".join(visible(name, 40) for name in row["outlets"]),
        examples,
        f"and {more:,} more" if more else "",
    )


def _title(row: Mapping[str, Any]) -> Text:
    words = visible(row["title"]) or "Without a title"
    return Text(words, link(row["url"]), visible(row["outlet"], 60))


def revisions(rows: Rows, headlines: Rows) -> Section:
    """Build the section on what later states of articles changed, with changed headlines."""
    if not rows:
        return Section("revisions", "Revisions", empty="No article changed.")
    everything = sum(row["revisions"] for row in rows)
    kinds = [_CHANGES.get(row["change"], visible(row["change"], 40)) for row in rows]
    table = Table(
        ("what changed", "revisions", "articles", "median share of the words"),
        [
            (
                Text(kind),
                Number(count(row["revisions"])),
                Number(count(row["articles"])),
                Number("–" if row["share"] is None else percent(row["share"], 1)),
            )
            for kind, row in zip(kinds, rows, strict=True)
        ],
        "What revisions changed",
    )
    series = Series("revisions", [row["revisions"] for row in rows], 4)
    chart = Chart(
        "changes", Form.BARS, "What revisions changed", "revisions", table, kinds, [series]
    )
    finding = (
        f"{plural(everything, 'revision')}; most often {kinds[0]}: "
        f"{percent(rows[0]['revisions'], everything)}."
    )
    tables = [_headlines(headlines)] if headlines else []
    return Section("revisions", "Revisions", finding, charts=[chart], tables=tables)


def _headlines(rows: Rows) -> Table:
    return Table(
        ("seen", "before", "after"),
        [
            (
                Text(moment(row["valid_from"])),
                Text(visible(row["title_before"]), note=visible(row["source"], 60)),
                Text(visible(row["title"]), link(row["url"])),
            )
            for row in rows
        ],
        "The newest headlines that changed",
    )


def languages(rows: Rows, lengths: Rows) -> Section:
    """Build the section on languages and text lengths."""
    title = "Languages and lengths"
    if not rows:
        return Section("languages", title, empty="No articles yet.")
    names = [language_name(row["language"]) for row in rows]
    everything = sum(row["articles"] for row in rows)
    top = names[:TOP_LANGUAGES]
    colour = {name: index for index, name in enumerate(top)}
    table = Table(
        ("language", "articles", "share", "words", "lower quarter", "median", "upper quarter",
         "longest"),
        [
            (
                Text(language_name(row["language"])),
                Number(count(row["articles"])),
                Number(percent(row["articles"], everything)),
                Number(count(row["words"])),
                *(Number(count(row[key])) for key in ("lower", "median", "upper", "longest")),
            )
            for row in rows
        ],
        "Articles by language, and the words of their texts",
    )  # fmt: skip
    top_rows = rows[:12]
    bars = Chart(
        "languages",
        Form.BARS,
        "Articles by language",
        "articles",
        table,
        [language_name(row["language"]) for row in top_rows],
        [Series("articles", [row["articles"] for row in top_rows], 0)],
        note=f"{plural(len(rows) - 12, 'language')} more in the table." if len(rows) > 12 else "",
    )
    finding = f"{percent(rows[0]['articles'], everything)} of the articles are in {names[0]}."
    if len(rows) == 1:
        finding = f"All articles are in {names[0]}." if names[0] != UNKNOWN else ""
    counted: dict[str, Counter[int]] = defaultdict(Counter)
    for row in lengths:
        name = language_name(row["language"])
        counted[name if name in colour else _OTHER_LANGUAGES][row["class"]] += row["articles"]
    order = [name for name in (*top, _OTHER_LANGUAGES) if name in counted]
    series = [
        Series(
            name,
            [counted[name][index] for index in range(len(CLASSES))],
            colour.get(name, COLOURS - 1),
        )
        for name in order
    ]
    by_length = Chart(
        "lengths",
        Form.COLUMNS,
        "Articles by words in the text",
        "articles",
        Table(
            ("words", *order),
            [
                (Text(words), *(Number(count(counted[name][index])) for name in order))
                for index, words in enumerate(CLASSES)
            ],
            "Articles by words in the text",
        ),
        CLASSES,
        series,
        note="Each class is twice as wide as the one before.",
    )
    return Section("languages", title, finding, charts=[bars, by_length])


def language_name(code: str | None) -> str:
    """Return a language's English name; an unknown code is returned unchanged."""
    if not code:
        return UNKNOWN
    short, _, region = code.partition("-")
    name = _language_names().get(short.lower(), "")
    if not name:
        return visible(code, 20)
    return f"{name} ({visible(region, 10)})" if region else name


@cache
def _language_names() -> dict[str, str]:
    path = files("copydesk.tasks.report") / "data" / "languages.cldr.tsv"
    rows = (row.partition("\t") for row in path.read_text(encoding="utf-8").splitlines())
    return {code: name for code, _, name in rows} | {"nb": "Norwegian"}


def cuts(rows: Rows, rules: Rows) -> Section:
    """Build the section on what cleaning cut, by kind, with the most frequent passages."""
    title = "What cleaning cut"
    if not rows:
        return Section("cuts", title, empty="Nothing was cut from these articles.")
    everything = sum(row["passages"] for row in rows)
    kinds = [reason for row in rows if (reason := row["kind"].replace("_", " "))]
    by_rule = Series("by a rule", [row["passages"] - row["by_model"] for row in rows], 0)
    by_model = Series("by the model", [row["by_model"] for row in rows], 2)
    chart = Chart(
        "cuts",
        Form.BARS,
        "Passages by kind, and what removed them",
        "passages",
        Table(
            ("kind", "most frequent", "passages", "by the model", "articles", "characters"),
            [
                (
                    Text(kind),
                    Text(" · ".join(f"“{visible(text, 60)}”" for text in row["examples"] or ())),
                    Number(count(row["passages"])),
                    Number(count(row["by_model"])),
                    Number(count(row["articles"])),
                    Number(count(row["characters"])),
                )
                for kind, row in zip(kinds, rows, strict=True)
            ],
            "What was cut by kind",
        ),
        kinds,
        [series for series in (by_rule, by_model) if any(series.values)],
    )
    table = Table(
        ("rule", "kind", "passages", "sources"),
        [
            (
                Text(visible(row["rule"], 60)),
                Text(row["kind"].replace("_", " ")),
                Number(count(row["passages"])),
                Number(count(row["sources"])),
            )
            for row in rules
        ],
        "The rules that cut most",
    )
    characters = sum(row["characters"] or 0 for row in rows)
    finding = (
        f"{plural(everything, 'passage')} with {plural(characters, 'character')} were cut; "
        f"the most frequent kind is {kinds[0]}: {percent(rows[0]['passages'], everything)}."
    )
    return Section("cuts", title, finding, charts=[chart], tables=[table])
