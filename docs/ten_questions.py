"""Ten questions about the published tables, in SQL and pandas: a marimo notebook.

``pip install -e '.[notebook]'``, then ``marimo edit docs/ten_questions.py``. ``COPYDESK_HOME``
names the folder that holds the tables; the default is ``copydesk-data``. ``python
docs/notebook_page.py docs/ten_questions.py answers.html`` writes the answers as one page.
"""

import marimo

app = marimo.App(width="medium", app_title="Ten questions about the tables")


@app.cell
def _():
    import os

    import altair as alt
    import marimo as mo
    import numpy as np

    from copydesk.warehouse import connect

    home = os.environ.get("COPYDESK_HOME", "copydesk-data")
    tables = connect(home)  # read-only; keeps the version that is current now

    def ask(sql):
        return tables.sql(sql).to_arrow_table().to_pandas()

    return alt, ask, home, mo, np


@app.cell
def _(ask, home, mo):
    version = ask("from publication").iloc[0]
    mo.md(f"""
    # Ten questions about the tables

    From `{home}`, version {version["version"]}, published
    {version["published_at"]:%Y-%m-%d %H:%M} UTC.
    The data dictionary describes each table and column.
    """)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 1. What is there?

    Each source with its articles, the copies among them, and the period that they cover.
    """)
    return


@app.cell
def _(ask):
    what = ask("""
        select source, count(*) as articles, count(duplicate_of) as copies,
            cast(sum(word_count) as bigint) as words,
            count(*) filter (revision > 1) as revised,
            min(published_at) as oldest, max(published_at) as newest
        from articles group by source order by articles desc
    """)
    what
    return (what,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 2. How many articles a week, by source?

    By the week of publication, in the last half year; an article without a date counts when it
    was first seen.
    """)
    return


@app.cell
def _(alt, ask):
    weekly = ask("""
        select date_trunc('week', coalesce(published_at, first_seen_at)) as week, source,
            count(*) as articles
        from articles
        where coalesce(published_at, first_seen_at)
            > (select max(last_seen_at) from articles) - interval 26 week
        group by all order by all
    """)
    (
        alt.Chart(weekly)
        .mark_bar()
        .encode(
            alt.X("yearweek(week):T", title=None),
            alt.Y("articles:Q"),
            alt.Color("source:N"),
            tooltip=["week:T", "source", "articles"],
        )
        .properties(width="container", height=220)
    )
    return (weekly,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 3. How long after its publication do we see an article?

    Hours from the fastest tenth to the slowest; the mark is the median. A source that is read
    daily cannot be faster than half a day.
    """)
    return


@app.cell
def _(alt, ask):
    delays = ask("""
        select source, count(*) as articles, quantile_cont(hours, 0.1) as fastest_tenth,
            median(hours) as median, quantile_cont(hours, 0.9) as slowest_tenth
        from (
            select source, greatest(epoch(first_seen_at - published_at) / 3600, 0.1) as hours
            from articles where published_at is not null and first_seen_at >= published_at)
        group by source order by median
    """)
    hours = alt.Chart(delays).encode(
        alt.Y("source:N", sort=None, title=None), tooltip=list(delays.columns)
    )
    (
        hours.mark_bar(height=8, opacity=0.35).encode(
            alt.X("fastest_tenth:Q", title="hours, from the fastest to the slowest tenth",
                  scale=alt.Scale(type="log")),
            alt.X2("slowest_tenth:Q"),
        )
        + hours.mark_tick(thickness=3, size=18).encode(alt.X("median:Q"))
    ).properties(width="container", height=alt.Step(30))  # fmt: skip
    return (delays,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 4. Which articles were changed later, and by how much?

    `revisions` has every revision of an article with the period in which it was current.
    """)
    return


@app.cell
def _(ask):
    changed = ask("""
        select title, revision, valid_from, cause, reverted,
            word_count - lag(word_count) over (partition by article_id order by revision)
                as more_words
        from revisions
        qualify count(*) over (partition by article_id) > 1
        order by article_id, revision
    """)
    changed
    return (changed,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 5. Who copies whom?

    `duplicates` names the original of each copy, and how they relate.
    """)
    return


@app.cell
def _(ask):
    copied = ask("""
        select a.source, o.source as repeats, d.relation, count(*) as articles,
            any_value(a.title) as example
        from duplicates d
        join articles a using (article_id)
        join articles o on o.article_id = d.duplicate_of
        group by all order by articles desc
    """)
    copied
    return (copied,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 6. What did cleaning remove, and by which rule?

    Every passage that was cut is kept in `cuts`, with its kind and the rule that removed it.
    """)
    return


@app.cell
def _(alt, ask):
    removed = ask("""
        select kind, rule, count(*) as passages, cast(sum(length(text)) as bigint) as characters,
            mode(left(text, 80)) as most_frequent
        from cuts group by all order by passages desc
    """)
    (
        alt.Chart(removed)
        .mark_bar()
        .encode(
            alt.X("passages:Q"),
            alt.Y("kind:N", sort="-x", title=None),
            alt.Color("rule:N", legend=None),
            tooltip=["kind", "rule", "passages", "most_frequent"],
        )
        .properties(width="container", height=alt.Step(24))
    )
    return (removed,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 7. Which inputs yielded no article, and why?

    A reject is a row with its reason, never a line in a log.
    """)
    return


@app.cell
def _(ask):
    refused = ask("""
        select source, reason, any_value(detail) as detail, count(distinct item_id) as items,
            max(observed_at) as last_seen_at, arg_max(url, observed_at) as last_url
        from rejects group by source, reason order by items desc
    """)
    refused
    return (refused,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 8. How long are the texts in each language?

    In steps of a hundred words, and by language.
    """)
    return


@app.cell
def _(ask):
    lengths = ask("""
        select coalesce(language, 'unknown') as language, word_count // 100 * 100 as words,
            count(*) as articles
        from articles group by all order by all
    """)
    by_language = (
        ask("select coalesce(language, 'unknown') as language, word_count from articles")
        .groupby("language")["word_count"]
        .agg(articles="count", median="median", longest="max")
        .sort_values("articles", ascending=False)
        .reset_index()
    )
    by_language
    return by_language, lengths


@app.cell
def _(alt, lengths):
    (
        alt.Chart(lengths)
        .mark_bar()
        .encode(
            alt.X("words:Q", title="words, in steps of 100"),
            alt.Y("articles:Q"),
            alt.Color("language:N"),
            tooltip=["language", "words", "articles"],
        )
        .properties(width="container", height=220)
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 9. Which words does a source use more than the others?

    Words by their share of the divergence from all sources' words, without copies.
    """)
    return


@app.cell
def _(ask, np):
    counts = ask(r"""
        with words as (
            select source, unnest(regexp_extract_all(lower(text), '[\p{L}]{4,}')) as word
            from articles where duplicate_of is null
        )
        select source, word, count(*) as times from words group by all
    """)
    # a word's share of the divergence of the source's words from those of all sources
    here = counts["times"] / counts.groupby("source")["times"].transform("sum")
    everywhere = counts.groupby("word")["times"].transform("sum") / counts["times"].sum()
    typical = (
        counts.assign(weight=here * np.log(here / everywhere))
        .sort_values("weight", ascending=False)
        .groupby("source")
        .head(10)
        .groupby("source")["word"]
        .agg(", ".join)
        .reset_index()
    )
    typical
    return (typical,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 10. How did the runs go?

    Items by their fate; `runs` has one row for each run that ended.
    """)
    return


@app.cell
def _(alt, ask):
    runs = ask("""
        select run_id, state, started_at, epoch(finished_at - started_at) as seconds, items,
            "new", revised, "duplicate", rejected, failed
        from runs order by started_at
    """)
    brought = ["new", "revised", "duplicate", "rejected", "failed"]
    fates = runs.melt(["run_id", "started_at"], brought, var_name="fate", value_name="count")
    (
        alt.Chart(fates)
        .mark_bar()
        .encode(
            alt.X("started_at:T", title="run"),
            alt.Y("count:Q", title="items"),
            alt.Color("fate:N"),
            tooltip=["run_id", "fate", "count"],
        )
        .properties(width="container", height=220)
    )
    return (runs,)


if __name__ == "__main__":
    app.run()
