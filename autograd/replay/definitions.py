"""The source of a function and of all that it uses, for text that runs without this package."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType
from typing import Any


class Definitions:
    """Imports, numbers and functions that a text refers to by name, each once, in an order in which they can run."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.definitions: dict[str, str] = {}
        self.missing: dict[str, None] = {}

    def lines(self) -> list[str]:
        """The functions and numbers."""
        return [line for text in self.definitions.values() for line in ("", "", *text.splitlines())]

    def imports_and(self, constants: Sequence[str]) -> list[str]:
        """The imports, a comment on names that cannot be written, and other lines."""
        imports = [*sorted(self.imports, key=_by_kind), *[f"# needs: {name}" for name in self.missing]]
        return [*imports, *[""][: bool(imports and constants)], *constants]

    def add_module(self, name: str, alias: str = "") -> str:
        """The name under which a module is imported."""
        self.imports[f"import {name} as {alias}" if alias else f"import {name}"] = None
        return alias or name

    def add(self, name: str, function: Callable[..., Any]) -> bool:
        """Adds a function under its own name, with what it uses; returns whether it can be written."""
        if name in self.definitions:
            return True
        text = source_text(function)
        if text is None or not isinstance(function, FunctionType) or function.__closure__:
            return False
        read = {part.id for part in ast.walk(ast.parse(text)) if isinstance(part, ast.Name)}
        used = {x: function.__globals__[x] for x in sorted(read) if x in function.__globals__}
        if not all(self._can_add(x, held) for x, held in used.items() if x != name):
            return False
        self.definitions[name] = text
        return True

    def _can_add(self, name: str, held: Any) -> bool:
        if isinstance(held, ModuleType):
            is_library = held.__name__.partition(".")[0] in ("math", "numpy", "operator")
            if is_library:
                self.add_module(held.__name__, name if name != held.__name__ else "")
            return is_library
        if isinstance(held, float | int | tuple):
            self.definitions[name] = f"{name} = {held!r}"
            return True
        return callable(held) and self.add(name, held)


def _by_kind(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def source_text(function: Callable[..., Any]) -> str | None:
    """The source of a function without its docstring and types; None for a lambda, or one that has no source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    defined = tree.body[0]
    if not isinstance(defined, ast.FunctionDef):
        return None
    if ast.get_docstring(defined) is not None:
        defined.body = defined.body[1:] or [ast.Pass()]
    defined.returns = None
    defined.decorator_list = []
    arguments = defined.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]:
        if argument is not None:
            argument.annotation = None
    return ast.unparse(ast.fix_missing_locations(_WithoutTypes().visit(defined)))


class _WithoutTypes(ast.NodeTransformer):
    """Makes plain assignments of those with a type."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign([node.target], node.value) if node.value else ast.Pass()
