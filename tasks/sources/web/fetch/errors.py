"""Reasons why a page could not be fetched, and their consequences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from copydesk.schemas.items import Fate


@dataclass(frozen=True, slots=True)
class Consequence:
    """The consequence of a reason for the item.

    ``passes``: the failure may be temporary, so the request is repeated. ``host``: it concerns the
    host, which is not requested any more after several such failures.
    """

    fate: Fate
    passes: bool = False
    host: bool = False


CONSEQUENCES = {
    "bad_address": Consequence(Fate.FAILED),
    "blocked": Consequence(Fate.SKIPPED),
    "disconnected": Consequence(Fate.FAILED, passes=True, host=True),
    "dns": Consequence(Fate.FAILED, passes=True, host=True),
    "empty": Consequence(Fate.REJECTED),
    "host_failing": Consequence(Fate.FAILED),
    "http_404": Consequence(Fate.GONE),
    "http_408": Consequence(Fate.FAILED, passes=True, host=True),
    "http_410": Consequence(Fate.GONE),
    "http_425": Consequence(Fate.FAILED, passes=True),
    "http_429": Consequence(Fate.FAILED, passes=True, host=True),
    "http_500": Consequence(Fate.FAILED, passes=True, host=True),
    "http_502": Consequence(Fate.FAILED, passes=True, host=True),
    "http_503": Consequence(Fate.FAILED, passes=True, host=True),
    "http_504": Consequence(Fate.FAILED, passes=True, host=True),
    "needs_javascript": Consequence(Fate.REJECTED),
    "no_secret": Consequence(Fate.FAILED),
    "protocol": Consequence(Fate.FAILED, host=True),
    "redirects": Consequence(Fate.FAILED),
    "refused": Consequence(Fate.FAILED, passes=True, host=True),
    "robots": Consequence(Fate.SKIPPED),
    "timeout": Consequence(Fate.FAILED, passes=True, host=True),
    "tls": Consequence(Fate.FAILED, host=True),
    "too_large": Consequence(Fate.REJECTED),
    "truncated": Consequence(Fate.FAILED, passes=True),
    "wrong_type": Consequence(Fate.REJECTED),
}
"""By reason. A page that was read completely but contains no article is rejected, with a reason of
``RejectReason``, and not requested again until it changes. Reasons that are not here, such as other
HTTP statuses, are permanent failures."""


class FetchError(Exception):
    """A page could not be fetched; has a reason of ``CONSEQUENCES`` and a sentence for people.

    ``retry_after`` is the time that the server asked for, in seconds.
    """

    def __init__(
        self,
        reason: str,
        detail: str,
        *,
        retry_after: float | None = None,
        transport: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Store the reason and the sentence separately."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after
        self.transport = transport

    @property
    def consequence(self) -> Consequence:
        """Return the consequence of the reason."""
        return CONSEQUENCES.get(self.reason, Consequence(Fate.FAILED))
