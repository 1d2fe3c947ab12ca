"""Where the lake is: below the home folder, or in a bucket that the environment has the keys to."""

from __future__ import annotations

import os
from pathlib import Path

from copydesk.warehouse.lake import Lake

OPTIONS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"),
    *("AWS_DEFAULT_REGION", "AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP"),
    *("AWS_CONDITIONAL_PUT", "AWS_VIRTUAL_HOSTED_STYLE_REQUEST"),
    *("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
    *("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_KEY"),
)
"""Variables of the environment that object stores are opened with, as deltalake names them."""


def open_lake(
    home: Path, address: str | None = None, *, create: bool = False, outdated: bool = False
) -> Lake:
    """Open the lake at ``address`` (``s3://bucket/prefix``, a folder), or below ``home``."""
    if address is None:
        return Lake.open(home / "lake", create=create, outdated=outdated)
    options = {name.lower(): os.environ[name] for name in OPTIONS if os.environ.get(name)}
    return Lake.open(address, storage_options=options, create=create, outdated=outdated)
