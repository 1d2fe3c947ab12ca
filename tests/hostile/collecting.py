"""All compiled patterns of the package: of modules, classes, containers, cached functions, code."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import copydesk

PACKAGES = (copydesk,)
_FUNCTIONS = frozenset(
    {"search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
)
_CACHED = 64  # entries of a container that are looked through on each level


@dataclass(frozen=True)
class Named:
    """A pattern, where it is, and the methods it is called by; none said: any."""

    name: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


def modules() -> list[ModuleType]:
    """Import every module of the package that can be imported with what is installed."""
    loaded: list[ModuleType] = []
    for package in PACKAGES:
        loaded.append(package)
        for module_info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            try:
                loaded.append(importlib.import_module(module_info.name))
            except ImportError as error:  # an extra that is not installed, and nothing of ours
                if (error.name or "").partition(".")[0] in {item.__name__ for item in PACKAGES}:
                    raise
    return loaded


def collected() -> tuple[list[Named], list[str]]:
    """Give all patterns, and the places in the code whose pattern could not be had."""
    loaded = modules()
    names = {module.__name__ for module in loaded}
    calls = _Calls(loaded)
    outcome: dict[tuple[Any, int], dict[str, frozenset[str]]] = defaultdict(dict)
    compiled: dict[tuple[Any, int], re.Pattern[Any]] = {}

    def add(name: str, pattern: re.Pattern[Any], methods: frozenset[str]) -> None:
        key = (pattern.pattern, pattern.flags)
        compiled[key] = pattern
        outcome[key][name] = methods

    for module in loaded:
        for label, value in list(vars(module).items()):
            home = getattr(value, "__module__", module.__name__)
            if isinstance(value, ModuleType) or (home != module.__name__ and home in names):
                continue  # what is imported is looked at where it is made
            for path, pattern in _inside(value, module.__name__):
                methods = calls.methods(module.__name__, label) if not path else frozenset()
                add(f"{module.__name__}.{label}{path}", pattern, methods)
    for name, pattern, methods in calls.inline():
        add(name, pattern, methods)
    result = []
    for key, uses in outcome.items():
        methods = frozenset().union(*uses.values()) if all(uses.values()) else frozenset()
        result.append(Named(min(uses), compiled[key], methods))
    return sorted(result, key=lambda entry: entry.name), calls.missing


def _inside(  # noqa: C901
    value: object, module: str, path: str = "", depth: int = 5
) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Give the patterns in a value: itself, or of its items, attributes, cached results."""
    if isinstance(value, re.Pattern):
        yield path, value
    elif depth == 0:
        return
    elif isinstance(value, dict):
        for key, item in list(value.items())[:_CACHED]:
            yield from _inside(item, module, f"{path}[{key!r}]", depth - 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for number, item in enumerate(list(value)[:_CACHED]):
            yield from _inside(item, module, f"{path}[{number}]", depth - 1)
    elif isinstance(value, type) and value.__module__ == module:
        for key, item in list(vars(value).items()):
            if not key.startswith("__"):
                yield from _inside(item, module, f"{path}.{key}", depth - 1)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _inside(
                getattr(value, field.name, None), module, f"{path}.{field.name}", depth - 1
            )
    elif hasattr(value, "cache_info") and getattr(value, "__module__", "") == module:
        yield from _inside(_result(value), module, f"{path}()", depth - 1)


def _result(cached: Any) -> object:
    """Call a cached function whose source makes a pattern, with nothing or with a language."""
    function = inspect.unwrap(cached)
    source = inspect.getsource(function)
    if "re.compile" not in source and "Pattern" not in source and "_Starts" not in source:
        return None
    parameters = inspect.signature(function).parameters.values()
    needed = [part for part in parameters if part.default is inspect.Parameter.empty]
    tries: Iterable[tuple[object, ...]] = (
        [()] if not needed else [(None,), ("en",), ("de",)] if len(needed) == 1 else []
    )
    results = []
    for form in tries:
        try:
            results.append(cached(*form))
        except (TypeError, ValueError, KeyError, AttributeError):
            continue
    return results


class _Calls:
    """What the code says: by which methods a name is called, and patterns written where used."""

    def __init__(self, loaded: Iterable[ModuleType]) -> None:
        self._uses: defaultdict[str, set[str]] = defaultdict(set)
        self._inline: list[tuple[str, re.Pattern[Any], frozenset[str]]] = []
        self.missing: list[str] = []
        for module in loaded:
            path = Path(getattr(module, "__file__", None) or "")
            if path.suffix == ".py":
                self._read(module, ast.parse(path.read_text("utf-8")))

    def methods(self, module: str, label: str) -> frozenset[str]:
        """Give the methods a module's pattern is called by, empty if it is also passed on."""
        uses = self._uses[f"{module}.{label}"]
        return frozenset(uses) if "" not in uses else frozenset()

    def inline(self) -> list[tuple[str, re.Pattern[Any], frozenset[str]]]:
        return self._inline

    def _read(self, module: ModuleType, tree: ast.Module) -> None:
        origins = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                origin = origins.get(node.id, f"{module.__name__}.{node.id}")
                parent = parents[node]
                method = parent.attr if isinstance(parent, ast.Attribute) else ""
                if method not in {"pattern", "flags", "groups"}:
                    self._uses[origin].add(method if method in _FUNCTIONS else "")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id == "re" and node.args:
                    self._literal(module, node, node.func.attr)

    def _literal(self, module: ModuleType, node: ast.Call, function: str) -> None:
        if function not in _FUNCTIONS | {"compile"}:
            return
        locator = f"{module.__name__}:{node.lineno}"
        flags = [keyword.value for keyword in node.keywords if keyword.arg == "flags"]
        position = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(function, 2)
        flags += node.args[position : position + 1]
        try:
            text = _evaluated(node.args[0], module)
            value = _evaluated(flags[0], module) if flags else 0
            pattern = text if isinstance(text, re.Pattern) else re.compile(text, value)
        except NameError:  # made from what a function was given
            self.missing.append(locator)
            return
        methods = frozenset({function}) if function in _FUNCTIONS else frozenset()
        if function != "compile":
            self._inline.append((locator, pattern, methods))


def _evaluated(node: ast.expr, module: ModuleType) -> Any:
    return eval(compile(ast.Expression(node), "pattern", "eval"), vars(module))
