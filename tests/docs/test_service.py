"""The units, the compose file and the image that the docs offer fit together and this release."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from copydesk.flows.prefect_api.connection import FLOW_RUN_DAYS, LEASES_ON_DISK
from copydesk.flows.prefect_api.deployment_specs import POOL

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "service"
UNITS = ("copydesk.service", "copydesk-worker.service")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = (FOLDER / unit).read_text(encoding="utf-8")
        text = re.sub(r"ExecStart=/srv/articles/\.venv/bin/\w+", "ExecStart=/usr/bin/env", text)
        (tmp_path / unit).write_text(text.replace("User=copydesk", "User=root"))
    done = subprocess.run(
        ["systemd-analyze", "verify", *UNITS],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_call_what_there_is() -> None:
    from typer.main import get_command

    from copydesk.flows.cli import app

    serve = get_command(app).commands["serve"]  # type: ignore[attr-defined]
    options = {name for parameter in serve.params for name in parameter.opts}
    text = (FOLDER / UNITS[0]).read_text(encoding="utf-8")
    (command,) = re.findall(r"ExecStart=.*/copydesk serve (.*)", text)
    assert {word for word in command.split() if word.startswith("--")} <= options
    assert f"prefect worker start --pool {POOL}" in (FOLDER / UNITS[1]).read_text(encoding="utf-8")


def test_the_compose_file_fits_together() -> None:
    content = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    services = content["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        for name, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in services[name]
        for volume in service.get("volumes", []):
            name = volume.partition(":")[0]
            assert name.startswith("./") or name in content["volumes"]
        if build := service.get("build"):
            context = (FOLDER / build["context"]).resolve()
            assert context == ROOT
            assert (context / build["dockerfile"]).exists()
    server = services["server"]["environment"]
    assert server["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"] == LEASES_ON_DISK
    kept = server["PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD"]
    assert int(kept) == FLOW_RUN_DAYS * 24 * 3600
    assert POOL in services["worker"]["command"]


def test_the_image_installs_what_the_project_has() -> None:
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "-c /opt/copydesk/constraints.txt" in text
    (extra,) = re.findall(r"/opt/copydesk\[(\w+)\]", text)
    assert extra in project["optional-dependencies"]
