"""``copydesk ingest`` from a bucket, with the lake in a bucket, on an S3 server of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.flows.running import Cli, articles

pytestmark = pytest.mark.slow


@pytest.fixture
def s3(cli: Cli) -> Iterator[Cli]:
    boto3 = pytest.importorskip("boto3")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_CONDITIONAL_PUT": "etag",
        "COPYDESK_LAKE": "s3://lake/tables",
    }
    client = boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    for bucket in ("lake", "exports"):
        client.create_bucket(Bucket=bucket)
    for name, text in articles(5).items():
        client.put_object(Bucket="exports", Key=f"reports/{name}", Body=text.encode())
    yield replace(cli, variables=variables)
    server.stop()


def test_from_a_bucket_to_a_lake_in_a_bucket(s3: Cli) -> None:
    assert s3.ingest("s3://exports/reports/")["fates"] == {"new": 5}
    assert s3.ingest("s3://exports/reports/")["fates"] == {"unchanged": 5}
    assert s3.rows("select count(*) n from articles") == [{"n": 5}]
    assert not (s3.folder / "copydesk-data" / "lake").exists()
    s3.ok("publish", "--rebuild")
    assert s3.rows("select count(*) n from articles") == [{"n": 5}]
    assert s3.run("doctor", "--deep").stderr == "All is well.\n"
    assert s3.refused == ""
