import sys
from types import ModuleType

import pytest

from copydesk.schemas import native_loader
from copydesk.schemas.native_loader import compiled, is_current
from copydesk.tasks.cleaning.html.native import native_octets

built = pytest.mark.skipif(native_octets is None, reason="the loops were not compiled here")


@built
def test_modules_of_the_source_beside_them_are_used():
    assert native_octets is not None and is_current(native_octets)
    assert compiled("copydesk.tasks.cleaning.html._parser_limits") == (native_octets,)


@built
def test_a_module_of_another_source_is_left_out_and_named(monkeypatch):
    assert native_octets is not None
    old = ModuleType(native_octets.__name__)
    old.__file__ = native_octets.__file__
    vars(old)["SOURCE"] = native_octets.SOURCE ^ 1
    monkeypatch.setitem(sys.modules, native_octets.__name__, old)
    with pytest.warns(RuntimeWarning, match=r"_parser_limits was compiled from another"):
        assert compiled("copydesk.tasks.cleaning.html._text_features", native_octets.__name__) == (
            None,
            None,
        )


@built
def test_loops_that_do_not_fit_the_parser_are_named_once(monkeypatch):
    other = ModuleType("copydesk.tasks.cleaning.html._other")
    vars(other).update(FITS=False, SOURCE=0)
    monkeypatch.setitem(sys.modules, other.__name__, other)
    monkeypatch.setattr(native_loader, "is_current", lambda module: True)
    native_loader._warn_of_the_parser.cache_clear()
    with pytest.warns(RuntimeWarning, match="do not fit the installed parser") as warned:
        compiled(other.__name__)
        compiled(other.__name__)
    assert len(warned) == 1
    native_loader._warn_of_the_parser.cache_clear()


def test_where_one_is_missing_none_is_used():
    assert compiled(
        "copydesk.tasks.cleaning.html._parser_limits", "copydesk.tasks.cleaning.html._no_such"
    ) == (None, None)
