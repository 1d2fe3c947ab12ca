"""An S3 server of our own, on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import pytest


@contextlib.contextmanager
def s3_server(buckets: Sequence[str]) -> Iterator[tuple[dict[str, str], Any]]:
    """Give the options of a store with these buckets, and a client; skip where moto is not."""
    boto3 = pytest.importorskip("boto3")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        options = {
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "aws_region": "us-east-1",
            "aws_endpoint_url": f"http://{host}:{port}",
            "aws_allow_http": "true",
            "aws_conditional_put": "etag",
        }
        client = boto3.client(
            "s3",
            endpoint_url=options["aws_endpoint_url"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
        )
        for bucket in buckets:
            client.create_bucket(Bucket=bucket)
        yield options, client
    finally:
        server.stop()
