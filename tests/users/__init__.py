"""Programs as users write them, with types: `tests/test_typing.py` checks them with mypy and pyright, and runs them.

`assert_type` states what a type checker, and so an editor, has to know of an expression. `mistakes.py` is not run: each
line of it must be flagged.
"""
