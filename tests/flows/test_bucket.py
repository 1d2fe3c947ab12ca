"""``copydesk ingest`` from a bucket, with the lake in a bucket, on an S3 server of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.flows.running import Cli, articles
from tests.servers.s3 import s3_server

pytestmark = pytest.mark.slow


@pytest.fixture
def s3(cli: Cli) -> Iterator[Cli]:
    with s3_server(["lake", "exports"]) as (options, client):
        for name, text in articles(5).items():
            client.put_object(Bucket="exports", Key=f"reports/{name}", Body=text.encode())
        variables = {name.upper(): value for name, value in options.items()}
        yield replace(cli, variables=variables | {"COPYDESK_LAKE": "s3://lake/tables"})


def test_from_a_bucket_to_a_lake_in_a_bucket(s3: Cli) -> None:
    assert s3.ingest("s3://exports/reports/")["fates"] == {"new": 5}
    assert s3.ingest("s3://exports/reports/")["fates"] == {"unchanged": 5}
    assert s3.rows("select count(*) n from articles") == [{"n": 5}]
    assert not (s3.folder / "copydesk-data" / "lake").exists()
    s3.ok("publish", "--rebuild")
    assert s3.rows("select count(*) n from articles") == [{"n": 5}]
    assert s3.run("doctor", "--deep").stderr == "All is well.\n"
    assert s3.refused == ""
