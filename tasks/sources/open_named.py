"""Opens a named source from its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.schemas.source_kinds import SourceKind, other_kinds
from copydesk.schemas.sources import SourceSettings
from copydesk.tasks.sources.kinds import OpenOptions
from copydesk.tasks.sources.open_inputs import open_by_kind, open_inputs, open_sources
from copydesk.tasks.sources.secrets import NoSecretError, reveal
from copydesk.tasks.sources.source import Clock, Limits, Source, SourceError, utc_now

if TYPE_CHECKING:
    from copydesk.tasks.sources.web.fetch.fetcher import Policy


def open_named(name: str, settings: SourceSettings, *, clock: Clock = utc_now) -> list[Source]:
    """Open a named source from its settings; ``SourceError`` says what is missing.

    Headers with secrets keep their references, so that no secret is written with a plan.
    """
    limits = Limits(document=int(settings.max_document_mb * 1_000_000))
    if settings.kind is SourceKind.FILES or settings.kind in other_kinds():
        return _unfetched(name, settings, limits, clock)
    from copydesk.tasks.sources.web.web_options import Web

    if not all(address.lower().startswith(("http://", "https://")) for address in settings.inputs):
        return _unfetched(name, settings, limits, clock)
    try:
        reveal(settings.proxy or "")
    except NoSecretError as error:
        raise SourceError(f"source {name}: {error}") from error
    return open_sources(
        settings.inputs,
        name=name,
        limits=limits,
        web=Web(
            policy=policy_of(settings), kind=SourceKind(settings.kind) if settings.kind else None
        ),
        item_limit=settings.limit,
        clock=clock,
    )


def policy_of(settings: SourceSettings) -> Policy:
    """Return how a source's settings let the web be read."""
    from copydesk.tasks.sources.web.fetch.client import Guard
    from copydesk.tasks.sources.web.fetch.fetcher import Policy
    from copydesk.tasks.sources.web.fetch.throttle import RateLimit
    from copydesk.tasks.sources.web.fetch.urls import AllowList, read_address

    addresses = (address for address in settings.inputs if address.lower().startswith("http"))
    origins = dict.fromkeys(read_address(address).origin for address in addresses)
    return Policy(
        guard=Guard(allow=AllowList(settings.allow), proxy=settings.proxy),
        rate_limit=RateLimit(delay=settings.delay, concurrency=settings.concurrency),
        contact=settings.contact,
        robots=settings.robots,
        secrets=tuple(
            (origin, header, value)
            for origin in origins
            for header, value in settings.headers.items()
        ),
    )


def _unfetched(name: str, settings: SourceSettings, limits: Limits, clock: Clock) -> list[Source]:
    """Open a source that fetches nothing from the web: files, or another package's kind."""
    options = OpenOptions(
        name=name,
        limits=limits,
        columns=settings.columns,
        storage_options=_revealed(name, settings),
        item_limit=settings.limit,
        clock=clock,
        follow_links=settings.follow_links,
    )
    if settings.kind in other_kinds():
        return open_by_kind({str(settings.kind): settings.inputs}, options)
    return open_inputs(settings.inputs, options)


def _revealed(name: str, settings: SourceSettings) -> dict[str, str]:
    try:
        return {key: reveal(value) for key, value in settings.storage_options.items()}
    except NoSecretError as error:
        raise SourceError(f"source {name}: {error}") from error
