"""The server and the command line that these tests share."""

from tests.servers.prefect import cli, prefect_home, server

__all__ = ["cli", "prefect_home", "server"]
