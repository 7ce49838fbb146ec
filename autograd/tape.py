"""The tape: the list of operations in the order in which they ran."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self, overload, runtime_checkable

from autograd.mode import Mode, ModeSwitch
from autograd.node import Node, Pair, ancestors, by_serial, is_tracked

if TYPE_CHECKING:
    from pathlib import Path


class ForeignNumber(Protocol):
    """A number of another engine, such as micrograd's; `autograd.view.foreign` says what else it has."""

    @property
    def data(self) -> Any:
        """The number."""

    @property
    def grad(self) -> Any:
        """Its gradient."""


@runtime_checkable
class Replayable(Protocol):
    """A program that can put its operations on the tape."""

    def on_tape(self, *numbers: Any) -> Any:
        """Its result as a node."""


Computed = Node | ForeignNumber | Replayable
"""What has a graph: a Value, a Tensor, a number of another engine, or the program of a jitted function."""


@dataclass(frozen=True)
class Entry:
    """One entry of the tape.

    `inputs` holds the index of each operand's entry, or the constant itself.
    `adjoint` is the gradient of the last sweep's output with respect to this entry; None before a sweep.
    """

    index: int
    node: Node = field(repr=False)
    operation: str
    inputs: tuple[Any, ...]
    value: Any
    partials: tuple[Any, ...]
    adjoint: Any
    label: str


class Index(int):
    """The index of an operand on a tape, written as v3."""

    def __repr__(self) -> str:
        return f"v{int(self)}"

    __str__ = __repr__


class Tape(ModeSwitch):
    """The list of operations in the order in which they ran.

    As a context manager, it keeps everything recorded inside it, also what no output depends on.
    `Tape.of(output)` is the tape of a result that exists already.

    Example:
        >>> from autograd import Tape, Value
        >>> x = Value(2.0, label="x")
        >>> with Tape() as tape:
        ...     y = x * x + 1.0
        >>> len(tape)
        3
        >>> for entry in tape:
        ...     print(entry.index, entry.operation, entry.value, entry.partials)
        0 x 2.0 ()
        1 v0 * v0 4.0 (2.0, 2.0)
        2 v1 + 1.0 5.0 (1.0, None)
    """

    def __init__(self) -> None:
        super().__init__()
        self._recorded: list[Node] = []

    @staticmethod
    def adopt(output: Computed) -> Node:
        """A node for a number of another engine; the package registers the function that makes it."""
        raise TypeError(f"Tape.of takes a Value, not {type(output).__name__}")

    @classmethod
    def of(cls, output: Computed) -> Tape:
        """The tape of everything that `output` was computed from.

        Args:
            output: a Value, a Tensor, a number of another engine, or a program of a jitted function.

        Raises:
            TypeError: `output` is something else.

        Example:
            >>> from autograd import Tape, Value
            >>> x = Value(2.0, label="x")
            >>> [entry.operation for entry in Tape.of(x * x)]
            ['x', 'v0 * v0']
        """
        tape = cls()
        operations, leaves = ancestors(output if isinstance(output, Node) else tape.adopt(output))
        tape._recorded = sorted(operations + leaves, key=by_serial)
        return tape

    def save(self, path: str | Path) -> Path:
        """Writes the table to a file ending in .txt or .html; returns the path. The package registers what writes it.

        Raises:
            ValueError: the file has another suffix.
        """
        raise NotImplementedError

    def changed(self, mode: Mode) -> Mode:
        return mode._replace(tapes=(*mode.tapes, self))

    def _recreate_cm(self) -> Self:
        return self

    def append(self, node: Node) -> None:
        """Adds a node that was just recorded."""
        self._recorded.append(node)

    @property
    def nodes(self) -> list[Node]:
        """The recorded nodes and the inputs that they use, oldest first."""
        inputs = (x for node in self._recorded for x in node.inputs if is_tracked(x))
        nodes = {node: None for node in (*self._recorded, *inputs) if not isinstance(node, Pair)}
        return sorted(nodes, key=by_serial)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self[:])

    @overload
    def __getitem__(self, which: int) -> Entry: ...

    @overload
    def __getitem__(self, which: slice) -> list[Entry]: ...

    def __getitem__(self, which: int | slice) -> Entry | list[Entry]:
        nodes = self.nodes
        index = {node: Index(position) for position, node in enumerate(nodes)}
        try:
            chosen = range(len(nodes))[which]
        except IndexError:
            raise IndexError(f"tape[{which}]: the tape has {len(nodes)} entries") from None
        if isinstance(chosen, range):
            return [_entry(nodes[i], i, index) for i in chosen]
        return _entry(nodes[chosen], chosen, index)

    def __repr__(self) -> str:
        return f"<Tape of {len(self)} entries>"


def _entry(node: Node, position: int, index: dict[Node, Index]) -> Entry:
    inputs = tuple(index[x] if is_tracked(x) else x for x in node.inputs)
    op = node.op
    return Entry(
        index=position,
        node=node,
        operation=(node.label or "input") if op is None else op.written(*inputs),
        inputs=inputs,
        value=node._data,
        partials=node.partials,
        adjoint=node.adjoint,
        label=node.label,
    )
