"""The home folder, and the lake below it or in a bucket."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from copydesk.schemas.errors import CopydeskError

if TYPE_CHECKING:
    from copydesk.warehouse.lake import Lake

OPTIONS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"),
    *("AWS_DEFAULT_REGION", "AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP"),
    *("AWS_CONDITIONAL_PUT", "AWS_VIRTUAL_HOSTED_STYLE_REQUEST"),
    *("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
    *("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_KEY"),
)
"""Environment variables with the settings of object stores, named as in deltalake."""


_MISREAD: Final = re.compile(r"[?*\[\\\x00-\x1f\x7f]|%[0-9A-Fa-f]{2}")
"""DuckDB cuts the name of its log at ``?`` and reads ``*`` and ``[`` as patterns; Delta Lake
decodes ``%20`` and reads ``\\`` as ``/``."""


class WorkspaceError(CopydeskError):
    """The home or lake folder has a name that cannot be used."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A home folder and a lake's address (``s3://bucket/prefix``, a folder; None: below the home).

    It can be sent to any process; a bucket's keys are in each process's environment.
    """

    home: Path
    lake: str | None = None

    def __post_init__(self) -> None:
        """Raise WorkspaceError if DuckDB or Delta Lake would misread a folder's name."""
        folders = [str(self.home)]
        if self.lake is not None and "://" not in self.lake:
            folders.append(self.lake)
        for path in (str(Path(folder).absolute()) for folder in folders):
            if (match := _MISREAD.search(path)) is not None:
                raise WorkspaceError(
                    f"{path!r} has {match.group()!r}, which DuckDB or Delta Lake misread in a "
                    "path: choose a folder without it (--home, --lake)"
                )

    @property
    def lake_root(self) -> str:
        """Return the lake's address, or the folder below the home."""
        return self.lake or str(self.home / "lake")

    def open_lake(self, *, create: bool = False, outdated: bool = False) -> Lake:
        """Open the lake; LakeError as ``Lake.open`` says."""
        from copydesk.warehouse.lake import Lake

        if self.lake is None:
            return Lake.open(self.home / "lake", create=create, outdated=outdated)
        options = {name.lower(): os.environ[name] for name in OPTIONS if os.environ.get(name)}
        return Lake.open(self.lake, storage_options=options, create=create, outdated=outdated)

    def absolute(self) -> Workspace:
        """Return the workspace with absolute paths, for processes with another working folder."""
        is_path = self.lake is not None and "://" not in self.lake
        lake = str(Path(self.lake_root).absolute()) if is_path else self.lake
        return Workspace(self.home.absolute(), lake)
