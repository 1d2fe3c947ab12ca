"""Base class of errors whose message is for the person who ran the command.

CopydeskError
├── PrefectApiError     the Prefect API cannot be reached or started   flows/prefect_api
├── PluginError     another package's source or format fails       schemas/plugins
├── SourceError     an input cannot be found or understood         tasks/sources
└── WarehouseError  the lake or the published file is not usable   warehouse
"""

from __future__ import annotations


class CopydeskError(Exception):
    """Its message names the file, address or statement, the cause, and the remedy where known."""
