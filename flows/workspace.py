"""The home folder, and the lake below it or in a bucket."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake

OPTIONS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"),
    *("AWS_DEFAULT_REGION", "AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP"),
    *("AWS_CONDITIONAL_PUT", "AWS_VIRTUAL_HOSTED_STYLE_REQUEST"),
    *("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
    *("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_KEY"),
)
"""Environment variables with the settings of object stores, as deltalake names them."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A home folder and a lake's address (``s3://bucket/prefix``, a folder; None: below the home).

    It can be sent to any process; a bucket's keys are in each process's environment.
    """

    home: Path
    lake: str | None = None

    @property
    def lake_root(self) -> str:
        """The lake's address, or the folder below the home."""
        return self.lake or str(self.home / "lake")

    def open_lake(self, *, create: bool = False, outdated: bool = False) -> Lake:
        """Open the lake; LakeError as ``Lake.open`` says."""
        from copydesk.warehouse.lake import Lake

        if self.lake is None:
            return Lake.open(self.home / "lake", create=create, outdated=outdated)
        options = {name.lower(): os.environ[name] for name in OPTIONS if os.environ.get(name)}
        return Lake.open(self.lake, storage_options=options, create=create, outdated=outdated)

    def absolute(self) -> Workspace:
        """Make paths absolute, for processes with another working folder."""
        is_path = self.lake is not None and "://" not in self.lake
        lake = str(Path(self.lake_root).absolute()) if is_path else self.lake
        return Workspace(self.home.absolute(), lake)
