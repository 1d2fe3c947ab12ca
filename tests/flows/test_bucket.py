"""``copydesk ingest`` from a bucket, with the lake in a bucket, on an S3 server of our own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.flows.running import Cli, articles
from tests.servers.s3 import S3

pytestmark = pytest.mark.slow


@pytest.fixture
def in_buckets(cli: Cli, s3: S3) -> Cli:
    s3.fill("tables", {})
    s3.fill("exports", {f"reports/{name}": text.encode() for name, text in articles(5).items()})
    variables = {name.upper(): value for name, value in s3.options.items()}
    return replace(cli, variables=variables | {"COPYDESK_LAKE": "s3://tables/lake"})


def test_from_a_bucket_to_a_lake_in_a_bucket(in_buckets: Cli) -> None:
    assert in_buckets.ingest("s3://exports/reports/")["fates"] == {"new": 5}
    assert in_buckets.ingest("s3://exports/reports/")["fates"] == {"unchanged": 5}
    assert in_buckets.rows("select count(*) n from articles") == [{"n": 5}]
    assert not (in_buckets.folder / "copydesk-data" / "lake").exists()
    in_buckets.ok("publish", "--rebuild")
    assert in_buckets.rows("select count(*) n from articles") == [{"n": 5}]
    assert in_buckets.run("doctor", "--deep").stderr == "No problems found.\n"
    assert in_buckets.refused == ""
