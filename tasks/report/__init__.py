"""The report: one HTML page about the published tables. Pure: rows in, a page out."""
