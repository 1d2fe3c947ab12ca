"""What a cleaning process imports and loads before its first batch; none of it needs pandas.

Cleaning processes are forked from one that has this module: models and tables are loaded once, and
their memory is shared. In each of them it would take a second of CPU.
"""

from __future__ import annotations

from typing import Final

from copydesk.tasks.workers.without_pandas import leave_out_pandas

leave_out_pandas()

import copydesk.tasks.ingest.batch  # noqa: E402, F401  what is sent to these processes names it
from copydesk.schemas.ids import registrable_domain  # noqa: E402
from copydesk.schemas.json_form import from_json, to_json  # noqa: E402
from copydesk.tasks.cleaning import clean  # noqa: E402
from copydesk.tasks.dedup.signatures import signatures  # noqa: E402
from copydesk.tasks.ingest.plan import PlannedBatch  # noqa: E402
from copydesk.warehouse.runs.models import StagedBatch  # noqa: E402

_SENTENCE: Final = "The ferry to the island leaves at noon on Monday, the harbour office said. "
_PAGE: Final = f"""<!DOCTYPE html><html lang="en"><head><title>The ferry - Paper</title></head>
<body><nav><a href="/">Home</a></nav><article><h1>The ferry</h1><p>By A Writer, 2 March 2026</p>
<p>{3 * _SENTENCE}</p><p>{2 * _SENTENCE}</p></article><footer><p>All rights reserved</p></footer>
</body></html>"""


def load() -> None:
    """Load what the first document of each kind, the first row and the first file need."""
    clean(_PAGE.encode(), media_type="text/html", url="https://paper.example/ferry")
    clean("\n\n".join(["The ferry", 3 * _SENTENCE]).encode(), media_type="text/plain")
    registrable_domain("https://paper.example/ferry")
    signatures([_SENTENCE])
    from_json(PlannedBatch, to_json(PlannedBatch(0)))
    from_json(StagedBatch, to_json(StagedBatch("", 0, {}, {}, 0)))


load()
