"""The server that these tests share."""

from tests.servers.prefect import prefect_home, server

__all__ = ["prefect_home", "server"]
