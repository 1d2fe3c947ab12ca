"""What a cleaning process imports before its first batch; none of it needs pandas."""

from __future__ import annotations

from copydesk.tasks.workers.without_pandas import leave_out_pandas

leave_out_pandas()

import copydesk.tasks.cleaning  # noqa: E402
import copydesk.tasks.ingest.batch  # noqa: E402, F401
