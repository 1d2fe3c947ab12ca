"""Base class of errors whose message is for the person who ran the command.

CopydeskError
├── PrefectApiError     the Prefect API cannot be reached or started   flows/prefect_api
├── PluginError     another package's source or format fails       schemas/plugins
├── SourceError     an input cannot be found or understood         tasks/sources
└── WarehouseError  the lake or the published file is not usable   warehouse
"""

from __future__ import annotations

from copydesk.schemas.credentials import text_without_credentials


class CopydeskError(Exception):
    """Its message names the file, address or statement, the cause, and the remedy where known.

    Addresses are named without the credentials in them.
    """

    def __init__(self, *arguments: object) -> None:
        """Take the message."""
        super().__init__(
            *(
                text_without_credentials(each) if isinstance(each, str) else each
                for each in arguments
            )
        )
