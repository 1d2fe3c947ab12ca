"""Add today's published schema to the record of its versions, in ``schemas/data``.

    python -m training.schema_versions

Fails where ``SCHEMA_VERSION`` is recorded with another schema, or too low for what changed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from copydesk.schemas.schema_version import (
    RECORD,
    SCHEMA_VERSION,
    promise,
    recorded_versions,
    with_version,
)


def main() -> None:
    """Write the record."""
    try:
        versions = with_version(recorded_versions(), SCHEMA_VERSION, promise())
    except ValueError as error:
        sys.exit(str(error))
    path = Path("schemas") / "data" / RECORD
    path.write_text(json.dumps(versions, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
