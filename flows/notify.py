"""After a publish, send one signed POST with the number of changes and the published version.

The last delivered version is kept in the home (``notified.json``), so that an undelivered version
is part of the next message, and none is sent twice.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from filelock import FileLock

from copydesk.flows.prefect_api.run_log import log_event
from copydesk.schemas.sources import NotifySettings, SettingsError, read_sources
from copydesk.warehouse import Reader
from copydesk.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from copydesk.tasks.notify import Delivery

_STATE: Final = "notified.json"
_LOCK_SECONDS: Final = 600.0


def notify(home: Path, sources_file: str | None = None) -> Delivery | None:
    """Notify the receiver in ``[notify]`` of what was published since its last notification.

    A failure is logged and does not fail the run.

    Args:
        home: the folder whose tables were published.
        sources_file: the file of named sources; by default that of the command line.

    Returns:
        The delivery; None if there was nothing to send.
    """
    settings, proxy = _settings(sources_file)
    if settings is None:
        return None
    with FileLock(home / f"{_STATE}.lock", timeout=_LOCK_SECONDS):
        state = _read(home)
        message = _message(home, state.get(settings.url))
        if message is None:
            return None
        from copydesk.tasks.notify import send

        body = json.dumps(message, default=str).encode()
        since, cursor = message["since"], message["cursor"]
        delivery = send(
            settings.url,
            f"{message['lake']}-{since if since is not None else 'reset'}-{cursor}",
            body,
            secret=settings.secret,
            waits=settings.retry_seconds,
            allow=settings.allow,
            proxy=proxy,
        )
        if not delivery.problem:
            _write(home, {**state, settings.url: {"lake": message["lake"], "cursor": cursor}})
    if delivery.problem:
        log_event(
            "notify_failed",
            f"{settings.url} was not notified of version {cursor} in {delivery.attempts} "
            f"attempts: {delivery.problem}; the next publish includes it",
            level=logging.WARNING,
        )
    return delivery


def _settings(sources_file: str | None) -> tuple[NotifySettings | None, str | None]:
    path = Path(sources_file or os.environ.get("COPYDESK_SOURCES") or "sources.toml")
    if not path.exists():
        return None, None
    try:
        file = read_sources(path)
    except SettingsError as error:
        log_event("notify_failed", str(error), level=logging.WARNING)
        return None, None
    return file.notify, file.defaults.proxy


def _message(home: Path, delivered: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the message, or None if nothing changed.

    ``since`` is null if the receiver must read the tables again: it was notified of versions that
    these tables do not have, or their changes are not recorded.
    """
    reader = Reader(home)
    try:
        ((lake, version, published_at),) = reader.connection.execute(
            "SELECT lake, version, published_at FROM publication"
        ).fetchall()
        delivered = delivered or {"lake": lake, "cursor": 0}
        since: int | None = delivered["cursor"] if delivered["lake"] == lake else None
        counts: Mapping[str, int] = {}
        if since is not None:
            try:
                _, counts = reader.count_changes(since)
            except WarehouseError:
                since = None
    finally:
        reader.connection.close()
    if since is not None and (not counts or version <= since):
        return None
    return {
        "type": "published",
        "lake": lake,
        "since": since,
        "cursor": version,
        "published_at": published_at,
        "counts": dict(sorted(counts.items())),
    }


def _read(home: Path) -> dict[str, Any]:
    try:
        state = json.loads((home / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _write(home: Path, state: Mapping[str, Any]) -> None:
    beside = home / f"{_STATE}.new"
    beside.write_text(json.dumps(state), encoding="utf-8")
    beside.replace(home / _STATE)
