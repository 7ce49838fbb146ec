"""A recording: one call of a function, written down as a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import table
from autograd.caller import caller_line, is_asked_inside
from autograd.jacobian import applied, local_jacobians, unbroadcast
from autograd.mode import Mode, ModeSwitch, current_mode
from autograd.node import Node, is_tracked, serials
from autograd.op import Op, Operand, Structural, as_float
from autograd.replay import questions
from autograd.replay.changes import Changes, Gradient, as_form, no_gradient
from autograd.replay.program import LEAF, NUMBER, Captured, EntryNote, Form, Guard, Program, columns, form_of
from autograd.replay.signature import Same
from autograd.replay.traced import Traced, TracedIndex, TracedTensor, TracedValue, Unread, cannot_follow
from autograd.tensor import Tensor, array_operand, constant_primal, with_shapes
from autograd.value import Value

TRACKED, NODE, FLOWS, SWEPT = 1, 2, 4, 8
"""What is true of an entry: eager code would track it; it would be a node; derivatives flow through it; it belongs to a
sweep."""

HANDLES = (Traced, TracedIndex)

MOST_LINES = 2000
"""The user's lines are kept of so many entries: to find one takes about as long as to record an operation."""

MOST_ENTRIES = 5_000_000
"""Longer recordings are an error: they would take minutes, and gigabytes."""
TOO_LONG = "record one step, or one sample and vmap; or use arrays in place of single numbers"

CHOOSING = (table.where, table.minimum, table.maximum, table.clip)
"""The rows whose result is one of their operands."""


class Recording(ModeSwitch):
    """Writes down the operations of one call, and computes them, since the function may ask for their numbers.

    Everything about an entry stands at its slot in lists: the row, the operands, the number, the form, and flags.
    """

    def __init__(self, is_for_one_call: bool = False) -> None:
        self.is_for_one_call = self.is_verifying = is_for_one_call
        self.began = next(serials)
        self.rows: list[Op | None] = [None]
        self.code: list[int] = []
        self.operands: list[tuple[int, ...]] = []
        self.numbers: list[Any] = []
        self.forms: list[Form] = []
        self.flags = bytearray()
        self.lines: dict[int, str] = {}
        self.inputs: list[int] = []
        self.captured: dict[Any, int] = {}
        self.leaves: dict[Node, int] = {}
        self.constants: dict[int, Any] = {}
        self.guards: list[Guard] = []
        self.differentiated: list[int] = []
        """The entries on which the function called `backward`."""
        self.changes = Changes(self)
        self.original: dict[int, int] = {}
        self.adjoints: dict[int, int] = {}
        self.modules: dict[int, str] = {}
        self.labels: dict[int, str] = {}
        self.names: dict[int, str] = {}
        self._code_of: dict[Any, int] = {}
        self._constant_slots: dict[Any, int] = {}
        self._templates: dict[int, tuple[Template | None, ...]] = {}
        self._added_to_zero: dict[int, int] = {}
        self._is_sweeping = False

    def changed(self, mode: Mode) -> Mode:
        return mode._replace(recorder=self)

    # Entries

    def append(
        self, code: int, operands: tuple[int, ...], number: Any, form: Form, is_tracked: bool, is_node: bool
    ) -> int:
        """Adds an entry, and returns its slot."""
        flags = SWEPT if self._is_sweeping else FLOWS * _records_derivatives()
        return self._append(code, operands, number, form, flags | TRACKED * is_tracked | NODE * is_node)

    def _append(self, code: int, operands: tuple[int, ...], number: Any, form: Form, flags: int) -> int:
        slot = len(self.code)
        if slot >= MOST_ENTRIES:
            raise cannot_follow(f"a program of more than {slot:,} operations", TOO_LONG)
        self.code.append(code)
        self.operands.append(operands)
        self.numbers.append(number)
        self.forms.append(form)
        self.flags.append(flags)
        return slot

    def is_tracked(self, slot: int) -> bool:
        """Whether eager code would track it."""
        return bool(self.flags[slot] & TRACKED)

    def is_node(self, slot: int) -> bool:
        """Whether it would be a Value or Tensor."""
        return bool(self.flags[slot] & NODE)

    def code_of(self, op: Op) -> int:
        """The number of a row among the distinct rows of this recording."""
        key = (op.array, tuple(op.parameters.values())) if isinstance(op, Structural) and op.in_table else op
        found = self._code_of.get(key)
        if found is None:
            found = self._code_of[key] = len(self.rows)
            self.rows.append(op)
        return found

    def leaf(self, number: Any, is_tracked: bool = False, is_node: bool = False) -> int:
        """A slot without a row."""
        return self.append(LEAF, (), number, form_of(number), is_tracked, is_node or is_tracked)

    def input(self, number: Any, is_tracked: bool = False, is_node: bool = False) -> Any:
        """A handle of an argument."""
        slot = self.leaf(number, is_tracked, is_node)
        self.inputs.append(slot)
        return self.handle(slot)

    def constant(self, number: Any) -> int:
        """The slot of a constant: a number, an array, an index."""
        if type(number) is float:
            key: Any = number if number and number == number else str(number)  # 0.0, -0.0, nan
        elif isinstance(number, np.ndarray) and number.base is None and not number.flags.writeable:
            key = id(number)
        elif isinstance(number, np.ndarray):
            return self.capture(number)
        elif isinstance(number, bool | int | np.generic):
            key = (type(number), number)
        else:
            key = None
        if key is not None and key in self._constant_slots:
            return self._constant_slots[key]
        slot = self.leaf(number)
        self.constants[slot] = number
        self.lines[slot] = caller_line()
        if key is not None:
            self._constant_slots[key] = slot
        return slot

    def capture(self, source: Any) -> int:
        """The slot of a leaf, or an array that can change, that the function closes over."""
        key = source if isinstance(source, Node) else Same(source)
        slot = self.captured.get(key)
        if slot is None:
            number = source._data if isinstance(source, Node) else source
            slot = self.captured[key] = self.leaf(number, is_tracked(source), isinstance(source, Node))
            self.lines[slot] = caller_line()
        return slot

    def slot_of(self, x: Any) -> int:
        """The slot of an operand, which gets one if it is new."""
        if isinstance(x, HANDLES):
            if x.recording is not self:
                raise RuntimeError(
                    f"{caller_line()}: a traced value of another recording: a function under jit stored it in a list, "
                    "an attribute or a global variable; return it instead"
                )
            return x.slot
        if isinstance(x, Node):
            return self._slot_of_node(x)
        if isinstance(x, tuple) and any(isinstance(part, Traced | np.ndarray) for part in x):
            return self._index(x)
        return self.constant(x)

    def _slot_of_node(self, node: Node) -> int:
        if self.changes.changed_at:
            self.changes.raise_if_changed(node)
        if node in self.changes.assigned:
            return self.changes.assigned[node]
        if node in self.leaves:
            return self.leaves[node]
        if node._serial < self.began:
            return self.capture(node)
        data = node._data  # made inside
        if isinstance(data, Unread):
            slot = self._fresh(data.handle.slot)
        else:
            slot = self.leaf(data, is_tracked(node), True)
            self.constants[slot] = data
        self.leaves[node] = slot
        return slot

    def _fresh(self, slot: int) -> int:
        """A leaf with the number of a slot: derivatives begin there."""
        return self._copied(slot, True, True)

    def _copied(self, slot: int, is_tracked: bool, is_node: bool) -> int:
        """The number of a slot, without its derivative."""
        code = self.code_of(questions.detach)
        return self.append(code, (slot,), self.numbers[slot], self.forms[slot], is_tracked, is_node)

    def _index(self, parts: tuple[Any, ...]) -> int:
        """The slot of an index with traced parts, or with arrays."""
        handles = [part for part in parts if isinstance(part, Traced | np.ndarray)]
        places = iter(range(len(handles)))
        template = tuple(
            questions.Part(next(places))
            if isinstance(part, Traced | np.ndarray)
            else questions.Cut(part.start, part.stop, part.step)
            if isinstance(part, slice)
            else part
            for part in parts
        )
        if any(self.forms[h.slot].dtype == bool for h in handles if isinstance(h, Traced)):
            raise cannot_follow(
                "an index of bools, whose result has as many entries as there are True",
                "use autograd.where(mask, x, 0.0)",
            )
        op = questions.index.bound((template,))
        slots = tuple([self.slot_of(h) for h in handles])
        number = op.on_arrays(*[self.numbers[s] for s in slots])
        return self.append(self.code_of(op), slots, number, form_of(number), False, False)

    def captured_index(self, array: Any) -> Any:
        """An array that the function closes over, as part of an index.

        The shape of what an array of bools selects depends on its entries, so they are part of the path.
        """
        captured = self.handle(self.capture(array))
        if array.dtype != bool:
            return captured
        now = array.copy()
        now.setflags(write=False)
        self.answer(self.asked(np.array_equal, [captured, now], {}), bool)
        return now

    def made(self, x: Any) -> bool:
        """Whether this is a handle of this recording."""
        return isinstance(x, Traced) and x.recording is self

    def handle(self, slot: int) -> Any:
        """The handle of a slot."""
        form = self.forms[slot]
        return TracedValue(self, slot) if form.is_number else TracedTensor(self, slot)

    # Operations

    def apply(self, op: Op, inputs: tuple[Any, ...]) -> Any:
        """Records an operation of which an operand is a handle or a node."""
        if isinstance(op, Structural):
            inputs = tuple([array_operand(op, i, x) for i, x in enumerate(inputs)])
        elif not all(map(_is_float_or_node, inputs)):
            inputs = self._as_operands(op, inputs)
        return self.handle(self.record(op, tuple([self.slot_of(x) for x in inputs]), inputs))

    def _as_operands(self, op: Op, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The operands as Values and Tensors take them, whose dtypes decide on that of the result."""
        if op.is_predicate:  # before it compares, NumPy makes a 0-d array of its number
            inputs = tuple([x[()] if isinstance(x, np.ndarray) and not x.ndim else x for x in inputs])
        if any(isinstance(x, Tensor | np.ndarray) for x in inputs):
            return tuple([x if isinstance(x, Node) else constant_primal(op, i, x) for i, x in enumerate(inputs)])
        if any(isinstance(x, np.float32) for x in inputs) and not any(self._is_value(x) for x in inputs):
            return inputs  # single precision is preserved, as in NumPy
        if not any(self._is_float(x) for x in inputs):
            return inputs
        return tuple([x if isinstance(x, Node) else as_float(op.name, x) for x in inputs])

    def _is_value(self, x: Any) -> bool:
        """Whether eager code would have a Value in place of this number."""
        return self.is_node(x.slot) if isinstance(x, TracedValue) else isinstance(x, Value)

    def _is_float(self, x: Any) -> bool:
        """Whether this number is a float, rather than the answer to a question."""
        return self.forms[x.slot] == NUMBER if isinstance(x, TracedValue) else isinstance(x, float | Value)

    def record(self, op: Op, slots: tuple[int, ...], inputs: tuple[Any, ...] = ()) -> int:
        """The slot of an operation on slots."""
        numbers = self.numbers
        primals = [numbers[s] for s in slots]
        code = self._code_of.get(op) or self.code_of(op)
        if type(op) is Op and _are_floats(primals):
            number = op.value(*primals)
            form = NUMBER if type(number) is float else form_of(number)
        else:
            if op in CHOOSING:
                slots = self._as_floats_beside_floats(op, slots)
                primals = [numbers[s] for s in slots]
            number, form = self._on_arrays(op, primals, slots, inputs)
        if self._is_sweeping:
            return self._append(code, slots, number, form, SWEPT)
        if len(self.code) < MOST_LINES:
            self.lines[len(self.code)] = caller_line()
        return self._append(code, slots, number, form, self._flags_of(op, slots))

    def _as_floats_beside_floats(self, op: Op, slots: tuple[int, ...]) -> tuple[int, ...]:
        """Operands of which one is the result, bools as floats if others are: where(x > 0, x > 1, 2 * x) is a float."""
        condition, candidates = (slots[:1], slots[1:]) if op is table.where else ((), slots)
        forms = [self.forms[slot] for slot in candidates]
        if NUMBER not in forms or not all(form.is_number for form in forms):
            return slots
        one = self.constant(1.0)
        as_floats = [
            self.record(table.mul, (one, slot)) if form.dtype == bool else slot
            for slot, form in zip(candidates, forms, strict=True)
        ]
        return (*condition, *as_floats)

    def _on_arrays(self, op: Op, primals: list[Any], slots: tuple[int, ...], inputs: tuple[Any, ...]) -> Any:
        all_numbers = not isinstance(op, Structural) and all(self.forms[s].is_number for s in slots)
        try:
            number = op.value(*primals) if all_numbers else op.on_arrays(*primals)
        except (ValueError, IndexError) as error:
            raise with_shapes(error, op, inputs or tuple(primals), tuple(primals)) from None
        if isinstance(number, np.ndarray):
            number.setflags(write=False)
        elif isinstance(number, np.generic) and not all_numbers:
            number = np.asarray(number)
        return number, form_of(number)

    def _flags_of(self, op: Op, slots: tuple[int, ...]) -> int:
        """The flags of an operation on slots, outside of sweeps."""
        flags, mode = self.flags, current_mode()
        flows = mode is None or mode.recording
        found = FLOWS if flows else 0
        if op.rules:  # it is no predicate
            for position, slot in enumerate(slots):
                given = flags[slot]
                if given & TRACKED and flows and op.rule(position) is not None:
                    return FLOWS | TRACKED | NODE
                found |= given & NODE
        return found

    def asked(self, function: Callable[..., Any], operands: Sequence[Any], parameters: Mapping[str, Any]) -> Any:
        """Records a function whose result has no derivative."""
        if function in questions.OF_UNKNOWN_SHAPE:
            raise cannot_follow(
                f"np.{function.__name__}, whose result has as many entries as there are True",
                "use autograd.where(condition, x, 0.0)",
            )
        row = questions.question(function, len(operands), tuple(parameters.items()))
        return self.handle(self.record(row, tuple([self.slot_of(x) for x in operands])))

    def detached(self, x: Any) -> Any:
        """A constant node with the number of a handle or leaf."""
        slot = self.slot_of(x)
        return self.handle(self._copied(slot, False, True) if self.is_tracked(slot) else slot)

    def number(self, x: Any) -> Any:
        """The only entry of a handle, as a handle of a number."""
        return x if isinstance(x, TracedValue) else self.handle(self.record(questions.number, (x.slot,)))

    def entries(self, tensor: Any, index: tuple[int, ...]) -> Any:
        """The entries of an array as handles of numbers, in nested lists."""
        shape = self.forms[self.slot_of(tensor)].shape
        if len(index) < len(shape):
            return [self.entries(tensor, (*index, i)) for i in range(shape[len(index)])]
        return self.number(tensor[index] if index else tensor)

    def answer(self, x: Any, kind: Callable[[Any], Any]) -> Any:
        """The number of a handle, which decides how the function goes on: a guard."""
        expected = kind(self.numbers[x.slot])
        self.guards.append(Guard(x.slot, expected, caller_line(), is_asked_inside()))
        return expected

    # Sweeps

    def backward(self, output: Any, gradient: Any, create_graph: bool) -> None:
        """The sweep of `backward()`: gradients of leaves become effects, those of handles entries."""
        end = self.slot_of(output)
        if not self.is_tracked(end):
            raise RuntimeError(f"{caller_line()}: backward() on {output!r}, which depends on nothing tracked")
        seed = self._seed(output, gradient)
        leaves = {slot: node for node, slot in [*self.captured.items(), *self.leaves.items()] if isinstance(node, Node)}
        leaves = {slot: node for slot, node in leaves.items() if self.is_tracked(slot)}
        found = self.swept_from([end], [seed], [*leaves, *self.original], create_graph)
        self.adjoints.update(found)
        for slot, node in leaves.items():
            if slot in found:
                self.changes.gradients.setdefault(node, Gradient()).add(self, found[slot])
        self.differentiated.append(end)

    def arguments_below(self, ends: Sequence[int]) -> list[int]:
        """The tracked inputs that entries depend on."""
        tracked = {slot for slot in self.inputs if self.is_tracked(slot)}
        seen = set(ends)
        unexplored = list(seen) if tracked else []
        while unexplored:
            new = [x for x in self.operands[unexplored.pop()] if x not in seen]
            unexplored += new
            seen.update(new)
        return sorted(tracked & seen)

    def added_to_zero(self, slot: int) -> int:
        """The slot of 0.0 + x; of an entry of a vector, that of 0.0 + the vector, which is one operation for all."""
        zero = self.constant(0.0)
        if self.rows[self.code[slot]] is not questions.entry:
            return self.record(ADD, (zero, slot))
        vector, place = self.operands[slot]
        if vector not in self._added_to_zero:
            self._added_to_zero[vector] = self.record(ADD, (zero, vector))
        return self.record(questions.entry, (self._added_to_zero[vector], place))

    def _seed(self, output: Any, gradient: Any) -> int:
        form = self.forms[self.slot_of(output)]
        if gradient is None:
            if int(np.prod(form.shape)) != 1:
                raise RuntimeError(
                    f"backward() on {output!r} of shape {form.shape}: only a single number has a gradient; reduce it "
                    "first (.sum(), .mean()), or pass gradient=, an array of that shape"
                )
            return self.constant(1.0) if form.is_number else self._ones(form)
        seed = self.slot_of(gradient if isinstance(gradient, Operand) else as_form(form, gradient))
        if self.forms[seed].shape != form.shape:
            raise ValueError(f"backward: gradient has shape {self.forms[seed].shape}, and {output!r} {form.shape}")
        return seed

    def _ones(self, form: Form) -> int:
        ones = np.ones(form.shape, form.dtype)
        ones.setflags(write=False)
        return self.constant(ones)

    def swept_from(self, outputs: list[int], seeds: list[int], leaves: list[int], create_graph: bool) -> dict[int, int]:
        """The slots of the adjoints of all entries between the leaves and the outputs."""
        before, self._is_sweeping = self._is_sweeping, not create_graph
        try:
            with np.errstate(all="ignore"):
                return self._sweep(outputs, seeds, leaves)
        finally:
            self._is_sweeping = before

    def _sweep(self, outputs: list[int], seeds: list[int], leaves: list[int]) -> dict[int, int]:
        newest, oldest = max(outputs), min(leaves, default=0)
        reached = self._depending_on(leaves, oldest, newest)
        adjoint_of: dict[int, int] = {}
        for output, seed in zip(outputs, seeds, strict=True):
            self._contribute(adjoint_of, output, seed)
        for slot in range(newest, oldest - 1, -1):
            if slot in adjoint_of and self.operands[slot]:
                self._pull(slot, reached, adjoint_of)
        return adjoint_of

    def _depending_on(self, leaves: list[int], oldest: int, newest: int) -> bytearray:
        """Which of the slots up to the newest output depend on the leaves, differentiably."""
        reached = bytearray(newest + 1)
        for leaf in leaves:
            if leaf <= newest:
                reached[leaf] = 1
        flags, operands = self.flags, self.operands
        for slot in range(oldest, newest + 1):
            for x in operands[slot]:
                if reached[x] and flags[slot] & FLOWS:
                    reached[slot] = 1
                    break
        return reached

    def _pull(self, slot: int, reached: bytearray, found: dict[int, int]) -> None:
        """Adds the contributions of one entry to the adjoints of its operands."""
        operands, adjoint = self.operands[slot], found[slot]
        templates = self._templates_of(self.code[slot])
        if templates and self.forms[slot] is NUMBER:
            for x, template in zip(operands, templates, strict=True):
                if template is not None and reached[x]:
                    self._contribute(found, x, self._times_partial(adjoint, template, slot, operands))
            return
        op: Any = self.rows[self.code[slot]]
        wanted = [bool(reached[x]) and not op.is_predicate and op.rule(i) is not None for i, x in enumerate(operands)]
        if not any(wanted):
            return
        if "mapped" in op.derived:
            places = [place for place, is_wanted in enumerate(wanted) if is_wanted]
            for place, contribution in zip(
                places, op.derived["mapped"].pulled(self, operands, adjoint, places), strict=True
            ):
                self._contribute(found, operands[place], contribution)
            return
        handles = tuple([self.operand_handle(x) for x in (slot, *operands)])
        for position, jacobian in enumerate(local_jacobians(op, handles, wanted)):
            if jacobian is not None:
                contribution = jacobian.pullback(self.handle(adjoint))
                self._contribute(found, operands[position], self.slot_of(contribution))

    def operand_handle(self, slot: int) -> Any:
        """A handle for a rule; a constant number, on which rules may branch, an index or another object as it is."""
        if self.forms[slot] is NUMBER and slot in self.constants:
            return self.numbers[slot]
        if self.forms[slot].dtype is not None:
            return self.handle(slot)
        return TracedIndex(self, slot) if self.operands[slot] else self.numbers[slot]

    def operand(self, slot: int) -> Any:
        """What a node's `inputs` have: a handle of what is on the tape, a constant or an index as it is."""
        is_constant = not self.operands[slot] and not self.is_node(slot)
        return self.numbers[slot] if is_constant else self.operand_handle(slot)

    def _contribute(self, found: dict[int, int], slot: int, contribution: int) -> None:
        slot = self.original.get(slot, slot)
        found[slot] = self._combined(ADD, found[slot], contribution) if slot in found else contribution

    def _combined(self, op: Op, x: int, y: int) -> int:
        """The sum or product of two slots: what `record` gives, in half the time where a sweep adds up numbers."""
        numbers = self.numbers
        a, b = numbers[x], numbers[y]
        if not (self._is_sweeping and type(a) is float and type(b) is float):
            return self.record(op, (x, y))
        return self._append(self._code_of.get(op) or self.code_of(op), (x, y), op.scalar(a, b), NUMBER, SWEPT)

    def _templates_of(self, code: int) -> tuple[Template | None, ...]:
        """The partials of a row of numbers, None for an operand without a derivative; nothing for rows of arrays."""
        templates = self._templates.get(code)
        if templates is None:
            op: Any = self.rows[code]
            rules = () if isinstance(op, Structural) else op.rules
            templates = self._templates[code] = tuple([rule and Template(rule, len(op.operands)) for rule in rules])
        return templates

    def _times_partial(self, factor: int, template: Template, slot: int, operands: tuple[int, ...]) -> int:
        """An adjoint or tangent times ∂y/∂x of numbers."""
        if template.entries is None:
            template.run()
        if template.is_one:
            return factor
        partial = template.written(self, slot, operands)
        constants = self.constants
        if partial in constants and constants[partial] == 1.0:
            return factor
        if factor in constants and constants[factor] == 1.0:
            return partial
        return self._combined(MUL, factor, partial)

    # Transforms inside the function

    def fresh(self, x: Any) -> Any:
        """A handle for an argument of a transform: derivatives begin there."""
        slot = self.slot_of(x if isinstance(x, Operand | np.ndarray) else float(x))
        form = self.forms[slot]
        if form.dtype is not None and form.dtype.kind != "f":
            slot = self.record(table.astype.bound(("float64",)), (slot,))
        copy = self.record(table.pos, (slot,)) if self.is_tracked(slot) else self._fresh(slot)
        self.names[copy] = self.names.get(slot, "argument")
        return self.handle(copy)

    def close(self, inputs: Sequence[Any]) -> None:
        """Ends a transform's function: what depends on nothing tracked but its inputs is not tracked beyond it."""
        own = [x.slot for x in inputs if self.rows[self.code[x.slot]] is questions.detach]
        if not own:
            return
        flags = self.flags
        for slot in own:
            flags[slot] &= ~(TRACKED | NODE)
        for slot in range(min(own), len(self.code)):
            is_leaf = not self.operands[slot] or self.rows[self.code[slot]] is questions.detach
            if flags[slot] & TRACKED and not is_leaf and not any(flags[x] & TRACKED for x in self.operands[slot]):
                flags[slot] &= ~(TRACKED | NODE)

    def pulled(self, outputs: Sequence[Any], inputs: Sequence[Any], seeds: Sequence[Any]) -> list[Any]:
        """The cotangents of a transform's inputs for cotangents of its outputs."""
        pairs = [(self.slot_of(x), self.slot_of(seed)) for x, seed in zip(outputs, seeds, strict=True)]
        own = [x.slot for x in inputs]
        found = self.swept_from([x for x, _ in pairs], [seed for _, seed in pairs], own, create_graph=True)
        for x in own:
            if x in found and x in self.names:
                self.names.setdefault(found[x], f"d_{self.names[x]}")
        return [self.handle(found[x] if x in found else self.zeros_like(x)) for x in own]

    def pushed(self, outputs: Sequence[Any], inputs: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
        """The tangents of a transform's outputs for tangents of its inputs: ẏ = Σ ∂y/∂x · ẋ, oldest entry first."""
        tangent_of = {x.slot: self.slot_of(tangent) for x, tangent in zip(inputs, tangents, strict=True)}
        ends = [self.slot_of(x) for x in outputs]
        for slot in range(min(tangent_of), max(ends) + 1):
            operands, op = self.operands[slot], self.rows[self.code[slot]]
            if slot in tangent_of or op is None or op.is_predicate or not self.flags[slot] & FLOWS:
                continue
            for position, x in enumerate(operands):
                if x in tangent_of and op.rule(position) is not None:
                    pushed = self._pushforward(op, position, slot, operands, tangent_of[x])
                    before = tangent_of.get(slot)
                    tangent_of[slot] = pushed if before is None else self.record(ADD, (before, pushed))
        return [self.handle(tangent_of[x] if x in tangent_of else self.zeros_like(x)) for x in ends]

    def _pushforward(self, op: Op, position: int, slot: int, operands: tuple[int, ...], tangent: int) -> int:
        """∂y/∂x · ẋ of one operand; that of an operation on whole arrays is the transpose of its pullback."""
        if self.forms[slot] is NUMBER and not isinstance(op, Structural):
            template: Any = self._templates_of(self.code[slot])[position]
            return self._times_partial(tangent, template, slot, operands)
        handles = tuple([self.operand_handle(x) for x in (slot, *operands)])
        wanted = [place == position for place in range(len(operands))]
        jacobian: Any = local_jacobians(op, handles, wanted)[position]
        if not isinstance(op, Structural):
            rule: Any = op.rule(position)
            partial = self.handle(tangent) * applied(rule, handles)
            return self.slot_of(unbroadcast(partial, handles[0]))
        adjoint = self._fresh(self.zeros_like(slot))
        contribution = self.slot_of(jacobian.pullback(self.handle(adjoint)))
        found = self.swept_from([contribution], [tangent], [adjoint], create_graph=True)
        return found.get(adjoint, self.zeros_like(slot))

    # What the function changes

    def data_of(self, node: Any) -> Any:
        """What `.data` is during a recording: plain numbers."""
        slot = self.slot_of(node)
        return self.handle(self._copied(slot, False, False) if self.is_node(slot) else slot)

    def assign(self, node: Node, numbers: Any) -> None:
        """`node.data = numbers` during a recording."""
        slot = self.changes.assign(node, numbers)
        if self.is_tracked(slot):
            slot = self._copied(slot, False, False)
        before = self.slot_of(node)
        if self.is_tracked(before):  # a leaf with new data, which is tracked from here on
            slot = self._fresh(slot)
            self.original[slot] = self.original.get(before, before)
        self.changes.assigned[node] = slot

    def grad_of(self, x: Any) -> Any:
        """What `.grad` is during a recording."""
        if not isinstance(x, Traced):
            return self.changes.grad_of(x)
        self.raise_if_argument(x)
        adjoint = self.adjoints.get(x.slot)
        return no_gradient(x) if adjoint is None else self.handle(adjoint)

    def raise_if_argument(self, x: Any) -> None:
        """Raises CannotFollowError for the gradient of a tracked argument, another leaf in each call."""
        if self.is_tracked(x.slot) and x.slot in self.inputs:
            raise cannot_follow(
                f"the gradient of the argument {self.names.get(x.slot, 'x')}",
                "use value_and_grad inside, or let the function refer to the leaf without taking it as an argument",
            )

    def assign_grad(self, node: Node, numbers: Any) -> None:
        """`node.grad = numbers` during a recording."""
        self.changes.assign_grad(node, numbers)

    def array_now(self, array: Any) -> Any:
        """`state.read(array)` during a recording."""
        return self.changes.array_now(array)

    def assign_array(self, array: Any, numbers: Any) -> None:
        """`state.write(array, numbers)` during a recording."""
        self.changes.assign_array(array, numbers)

    def act(self, action: Callable[..., Any], operands: Sequence[Any], changes: Iterable[Any]) -> None:
        """`state.act(action, *operands)` during a recording."""
        self.changes.act(action, operands, changes)

    def at_end(self, function: Callable[[list[Any]], object], x: Any) -> None:
        """`state.at_end(function, x)` during a recording."""
        self.changes.endings.setdefault(function, []).append(x)

    def end(self) -> None:
        """Calls what is to be called when the function has returned."""
        for function, given in list(self.changes.endings.items()):
            function(given)

    def drawn(self, generator: Any, method: str, arguments: tuple[Any, ...]) -> Any:
        """`state.draw(generator, method, *arguments)` during a recording."""
        row = questions.draw.bound((generator, method, arguments))
        return self.handle(self.record(row, ()))

    # The program

    def inlined(self, program: Program, given: Mapping[int, int]) -> dict[int, int]:
        """Records the entries of a program, and returns their slots here; those of its inputs are given."""
        slots = dict(given)
        for slot, op, operands in program:
            if slot in slots:
                continue
            if op is not None:
                slots[slot] = self.record(op, tuple([slots[x] for x in operands]))
            else:
                slots[slot] = self.constant(program.constants[slot])
        return slots

    def zeros_like(self, slot: int) -> int:
        """The slot of zeros in the form of an entry."""
        form = self.forms[slot]
        if form.is_number:
            return self.constant(0.0)
        zeros = np.zeros(form.shape, form.dtype if form.dtype is not None and form.dtype.kind == "f" else float)
        zeros.setflags(write=False)
        return self.constant(zeros)

    def program(self, outputs: Sequence[int]) -> Program:
        """What was recorded, as a program with these results."""
        return Program(
            rows=tuple(self.rows),
            **columns(self.code, self.operands, self.forms),
            constants=dict(self.constants),
            inputs=tuple(self.inputs),
            captured=tuple(
                Captured(slot, key.x if isinstance(key, Same) else key) for key, slot in self.captured.items()
            ),
            outputs=tuple(outputs),
            kinds=tuple(map(self.kind_of, outputs)),
            guards=tuple(self.guards),
            effects=tuple(self.changes.effects()),
            swept=np.frombuffer(bytes(self.flags), np.uint8) & SWEPT > 0,
            notes=self.notes(),
        )

    def notes(self) -> dict[int, EntryNote]:
        """The names and lines of slots."""
        names = self.names | self.labels
        lines = {slot: line for slot, line in self.lines.items() if self.operands[slot]}
        return {slot: EntryNote(names.get(slot, ""), lines.get(slot, "")) for slot in {**names, **lines}}

    def kind_of(self, slot: int) -> str:
        """What a result is for the caller."""
        return "tracked" if self.is_tracked(slot) else "constant" if self.is_node(slot) else "plain"


ADD, MUL = table.add, table.mul


class Template:
    """A partial of a row of numbers as entries: the rule is run once on a recording of its own, when first needed.

    A rule that asks for numbers, and so differs from one entry to the next, is run each time.
    """

    def __init__(self, rule: Any, count: int) -> None:
        self.rule = rule
        self.count = count
        self.entries: list[tuple[Op | None, Any]] | None = None

    def run(self) -> None:
        """Runs the rule."""
        model = Recording()
        leaves = tuple([model.handle(model.leaf(0.5)) for _ in range(1 + self.count)])
        with model, np.errstate(all="ignore"):
            self.result = model.slot_of(applied(self.rule, leaves))
        self.is_fixed = not model.guards
        self.entries = [
            (op, model.operands[slot] if op else model.constants[slot])
            for slot in range(len(leaves), len(model.code))
            for op in [model.rows[model.code[slot]]]
        ]
        self.is_one = self.entries == [(None, 1.0)]

    def written(self, recording: Recording, slot: int, operands: tuple[int, ...]) -> int:
        """The slot of the partial of an entry."""
        slots = [slot, *operands]
        if not self.is_fixed:
            return recording.slot_of(applied(self.rule, tuple(map(recording.handle, slots))))
        for op, given in self.entries or ():
            slots.append(
                recording.constant(given) if op is None else recording.record(op, tuple([slots[x] for x in given]))
            )
        return slots[self.result]


def _is_float_or_node(x: Any) -> bool:
    return type(x) is float or isinstance(x, Node)


def _are_floats(primals: list[Any]) -> bool:
    for x in primals:  # noqa: SIM110  # all() of a generator takes twice as long or more
        if type(x) is not float:
            return False
    return True


def _records_derivatives() -> bool:
    """Whether the mode records derivatives."""
    mode = current_mode()
    return mode is None or mode.recording
