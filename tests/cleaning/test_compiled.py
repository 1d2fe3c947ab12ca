import sys
from types import ModuleType

import pytest

from tasks.cleaning.compiled import compiled, is_current
from tasks.cleaning.html.native import native_octets

built = pytest.mark.skipif(native_octets is None, reason="the loops were not compiled here")


@built
def test_modules_of_the_source_beside_them_are_used():
    assert native_octets is not None and is_current(native_octets)
    assert compiled("tasks.cleaning.html._octets") == (native_octets,)


@built
def test_a_module_of_another_source_is_left_out_and_named(monkeypatch):
    assert native_octets is not None
    old = ModuleType(native_octets.__name__)
    old.__file__ = native_octets.__file__
    vars(old)["SOURCE"] = native_octets.SOURCE ^ 1
    monkeypatch.setitem(sys.modules, native_octets.__name__, old)
    with pytest.warns(RuntimeWarning, match=r"html\._octets was compiled from another source"):
        assert compiled("tasks.cleaning.html._texts", native_octets.__name__) == (None, None)


def test_where_one_is_missing_none_is_used():
    assert compiled("tasks.cleaning.html._octets", "tasks.cleaning.html._no_such") == (None, None)
