"""The structure that the linter's layers do not hold: no module imports itself round a circle."""

from __future__ import annotations

import graphlib

import grimp
import pytest


def test_no_module_imports_itself_round_a_circle():
    graph = grimp.build_graph("copydesk", cache_dir=None)  # imports for type checkers too
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert len(imports) > 300
    graphlib.TopologicalSorter(imports).prepare()


def test_a_circle_would_be_found():
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
