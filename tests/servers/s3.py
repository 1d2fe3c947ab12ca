"""An S3 server of our own, on this machine, for all tests of buckets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

KEY = "test"
REGION = "us-east-1"


@dataclass(frozen=True)
class S3:
    url: str
    client: Any

    @property
    def options(self) -> dict[str, str]:
        """What a lake is opened with, as deltalake names it."""
        return {
            "aws_access_key_id": KEY,
            "aws_secret_access_key": KEY,
            "aws_region": REGION,
            "aws_endpoint_url": self.url,
            "aws_allow_http": "true",
            "aws_conditional_put": "etag",
        }

    @property
    def reading(self) -> dict[str, Any]:
        """What sources are read with, as s3fs names it."""
        location = {"endpoint_url": self.url, "region_name": REGION}
        return {"key": KEY, "secret": KEY, "client_kwargs": location}

    def fill(self, bucket: str, files: dict[str, bytes]) -> None:
        """Make a bucket with these objects."""
        self.client.create_bucket(Bucket=bucket)
        for name, body in files.items():
            self.client.put_object(Bucket=bucket, Key=name, Body=body)


@contextmanager
def s3_server() -> Iterator[S3]:
    """Start the server, and stop it at the end of the block."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        region_name=REGION,
    )
    try:
        yield S3(url, client)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """Give the server; skip where moto is not installed."""
    pytest.importorskip("boto3")
    pytest.importorskip("moto.server")
    with s3_server() as server:
        yield server
