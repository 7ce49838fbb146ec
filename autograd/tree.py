"""Nested lists, tuples and dicts of numbers and arrays: the arguments and results of transforms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any


def leaves(tree: Any) -> Iterator[Any]:
    """Yields the numbers and arrays of a nested structure in order; those of a dict in the order of its keys.

    Example:
        >>> list(leaves({"w": [1.0, 2.0], "b": (3.0,), "none": None}))
        [1.0, 2.0, 3.0]
    """
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, list | tuple):
        if tree is not None:
            yield tree
        return
    for branch in tree:
        yield from leaves(branch)


def mapped(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The structure of `tree`, with the function's results for its leaves and those of others of that structure.

    Raises:
        ValueError: another structure differs from that of `tree`.

    Example:
        >>> mapped(lambda x, y: x + y, {"a": [1, 2]}, {"a": [10, 20]})
        {'a': [11, 22]}
    """
    if tree is None:
        return None
    if isinstance(tree, dict):
        _check_structure(tree, others, all(isinstance(o, dict) and o.keys() == tree.keys() for o in others))
        return {key: mapped(function, branch, *(other[key] for other in others)) for key, branch in tree.items()}
    if isinstance(tree, list | tuple):
        _check_structure(tree, others, all(isinstance(o, list | tuple) and len(o) == len(tree) for o in others))
        branches = [mapped(function, *together) for together in zip(tree, *others, strict=True)]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return function(tree, *others)


def rebuilt(tree: Any, new_leaves: Iterable[Any]) -> Any:
    """The structure of `tree` with these leaves, in the order of `leaves`.

    Example:
        >>> rebuilt({"w": [1.0, 2.0], "none": None}, [30.0, 40.0])
        {'w': [30.0, 40.0], 'none': None}
    """
    remaining = iter(new_leaves)
    return mapped(lambda _: next(remaining), tree)


def _check_structure(tree: Any, others: tuple[Any, ...], alike: bool) -> None:
    if not alike:
        raise ValueError(f"structures differ: {_outline(tree)} and {', '.join(map(_outline, others))}")


def _outline(tree: Any) -> str:
    """A structure without its numbers: {a: [*, *]}."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {_outline(branch)}" for key, branch in tree.items()) + "}"
    if isinstance(tree, list | tuple):
        inside = ", ".join(map(_outline, tree))
        return f"[{inside}]" if isinstance(tree, list) else f"({inside})"
    return "*"
