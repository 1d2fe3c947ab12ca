"""Secrets by reference: looked up when they are needed, and held in memory only.

``${NAME}`` is a variable of the environment, ``${secret:NAME}`` a Secret block of Prefect.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from os import environ
from re import Match
from typing import Any, cast

from copydesk.schemas.sources import REFERENCE

CACHE_SECONDS = 60.0
"""Seconds for which a loaded block is cached: a new password is used soon, and a run of thousands
of requests asks Prefect once a minute."""


class NoSecretError(LookupError):
    """A reference cannot be resolved; the message names it and holds no secret."""


def reveal(
    text: str,
    environment: Mapping[str, str] | None = None,
    load: Callable[[str], str] | None = None,
) -> str:
    """Replace references by their secrets; ``NoSecretError`` if one is missing."""
    variables = environ if environment is None else environment

    def value(reference: Match[str]) -> str:
        variable, block = reference["variable"], reference["block"]
        if block:
            return (load or _blocks.get)(block)
        if variable not in variables:
            raise NoSecretError(f"the environment has no {variable}")
        return variables[variable]

    return REFERENCE.sub(value, text)


def load_block(name: str) -> str:
    """Load a Secret block from Prefect's API; takes seconds where Prefect has to start an API."""
    from prefect.blocks.system import Secret

    try:
        block = cast("Secret[Any]", Secret.load(name, _sync=True))  # type: ignore[call-arg]
    except Exception as error:
        if isinstance(error, ValueError) and "Unable to find block" in str(error):
            raise NoSecretError(f"Prefect has no Secret block {name}") from error
        problem = f"Prefect's API does not answer ({type(error).__name__})"
        raise NoSecretError(f"the Secret block {name} cannot be loaded: {problem}") from error
    value = block.value.get_secret_value()  # its get() would make a number of "1e5"
    if not isinstance(value, str):
        raise NoSecretError(f"the Secret block {name} holds no text")
    return value


class Blocks:
    """Loads Secret blocks for all threads of a process and caches them, failures included."""

    def __init__(
        self, load: Callable[[str], str] = load_block, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with an empty cache."""
        self._load = load
        self._now = now
        self._cache: dict[str, tuple[float, str | NoSecretError]] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> str:
        """Return a block's text; ``NoSecretError`` says why it cannot be loaded."""
        with self._lock:
            until, secret = self._cache.get(name, (float("-inf"), ""))
            if self._now() >= until:
                try:
                    secret = self._load(name)
                except NoSecretError as error:
                    secret = error
                self._cache[name] = (self._now() + CACHE_SECONDS, secret)
        if isinstance(secret, NoSecretError):
            raise NoSecretError(*secret.args)
        return secret


_blocks = Blocks()
