"""The root of the errors whose message is meant for the person who ran the command.

CopydeskError
├── EngineError     the Prefect API cannot be reached or started   flows/prefect_api
├── PluginError     another package's source or format fails       schemas/plugins
├── SourceError     an input cannot be found or understood         tasks/sources
└── WarehouseError  the lake or the published file is not usable   warehouse
"""

from __future__ import annotations


class CopydeskError(Exception):
    """Names the file, address or statement and the cause, and what to do where that is known."""
