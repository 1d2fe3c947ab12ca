"""How the pages of this folder are built: ``sphinx-build docs DIR``."""

project = "copydesk"
author = "the copydesk authors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "copydesk"
html_copy_source = False
exclude_patterns = ["_build"]
