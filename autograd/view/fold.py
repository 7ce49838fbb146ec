"""Folding of large graphs: a module, a repeated block, equal structure become one box, with the number of its nodes.

A picture holds about as many boxes as its budget allows, whatever the graph. Folding takes time that is linear in
nodes and edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from heapq import heapify, heappop, heappush
from math import hypot, isfinite

from autograd.view.graph import Arrow, Box, Graph, Remarks
from autograd.view.outline import Inside, Outline, OutlineOfGraph
from autograd.view.repeats import Repetition, repetitions

BUDGET = 100
"""The largest number of boxes in a picture."""
MOST_MODULES = 40
"""The largest number of modules that are opened to the next level without being asked to."""
INSIDE = 60
"""The largest number of boxes in the picture of an opened fold."""
MOST_PIECES = 24
"""About how many pieces a tape without structure is cut into: they are all alike, and more would say no more."""
NEAR = 32
"""Operands further back than this are alike to a repetition: what a loop uses from before it is ever further away."""
SIGNS = 8
"""The largest number of operations that are named in the box of a repetition."""


@dataclass
class Group:
    """Some nodes in one box."""

    members: list[int]
    kind: str = "one"
    """"one", or why they are together: "module", "repeated", "alike" (of equal structure), "stretch" (of the tape)."""
    name: str = ""
    remarks: Remarks = ()
    kept: bool = False
    """Whether it stays a box of its own."""


@dataclass
class Partition:
    """The nodes of an outline in groups, and how the groups hang together."""

    outline: Outline
    groups: list[Group]
    of: list[int] = field(init=False)
    """The group of each node."""
    operands: list[list[int]] = field(init=False)
    """The groups that each one is computed from, itself excluded, each once."""
    users: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        outline = self.outline
        self.of = of = [0] * len(outline.operands)
        for g, group in enumerate(self.groups):
            for i in group.members:
                of[i] = g
        self.operands = []
        self.users = [[] for _ in self.groups]
        for g, group in enumerate(self.groups):
            before = list(dict.fromkeys([of[j] for i in group.members for j in outline.operands[i] if of[j] != g]))
            self.operands.append(before)
            for other in before:
                self.users[other].append(g)

    def order(self) -> list[int]:
        """The groups, operands before results, otherwise by their eldest operation; those on a cycle are missing."""
        waiting = list(map(len, self.operands))
        ready = [(group.members[0], g) for g, group in enumerate(self.groups) if not waiting[g]]
        heapify(ready)
        order = []
        while ready:
            _, g = heappop(ready)
            order.append(g)
            for user in self.users[g]:
                waiting[user] -= 1
                if not waiting[user]:
                    heappush(ready, (self.groups[user].members[0], user))
        return order

    def box_of(self, g: int) -> Box:
        """The box of a group, without those of constants."""
        group = self.groups[g]
        if group.kind == "one":
            return self.outline.boxes(group.members[0])[-1]
        return _fold(self.outline, group, f"n{self.outline.serial(group.members[-1])}")

    def boxes(self) -> int:
        """The number of boxes in the picture."""
        constants = self.outline.constants
        return sum(1 if group.kind != "one" else 1 + constants[group.members[0]] for group in self.groups)

    def merged(self, keys: dict[int, Hashable], kind: dict[Hashable, Group]) -> Partition:
        """The partition in which groups with equal keys are one; those without a key stay as they are."""
        together: dict[Hashable, list[int]] = {}
        groups = []
        for g, group in enumerate(self.groups):
            if g in keys:
                together.setdefault(keys[g], []).append(g)
            else:
                groups.append(group)
        for key, parts in together.items():
            if len(parts) == 1:
                groups.append(self.groups[parts[0]])
                continue
            members = sorted(i for g in parts for i in self.groups[g].members)
            like = kind.get(key, Group([], "alike"))
            groups.append(Group(members, like.kind, like.name, like.remarks))
        return Partition(self.outline, sorted(groups, key=lambda group: group.members[0]))


def folded(graph: Graph, depth: int | None = None, budget: int = BUDGET) -> Graph:
    """A graph that is drawn already, folded as `drawn` folds it."""
    return drawn(OutlineOfGraph(graph), depth, budget)


def drawn(outline: Outline, depth: int | None = None, budget: int = BUDGET) -> Graph:
    """The graph within the budget: whole, or folded.

    Args:
        outline: of the whole graph.
        depth: the level of modules that become boxes: 1 for "layers.0", 2 for "layers.0.neurons.3", …; by default
            nothing is folded that fits the budget, and else the deepest of at most `MOST_MODULES` modules.
        budget: the largest number of boxes.
    """
    return graph_of(partition(outline, depth, budget))


def partition(outline: Outline, depth: int | None = None, budget: int = BUDGET) -> Partition:
    """The nodes in as many groups as fit the budget, about as large as need be."""
    kept = _kept(outline, budget)
    parts = Partition(outline, [Group([i], kept=i in kept) for i in range(len(outline.operands))])
    if depth is None and parts.boxes() <= budget:
        return parts
    if any(outline.modules):
        parts = _by_module(parts, depth if depth is not None else _deepest(outline, kept))
        if depth is not None or parts.boxes() > budget:
            parts = _alike(parts)
    for longest in (len(parts.groups), budget // 4):  # a long block may be a loop itself, which folds in the next round
        smaller = _within(parts, budget, longest)
        if smaller.boxes() <= budget:
            return smaller
    return _stretches(smaller, budget)


def _within(parts: Partition, budget: int, longest: int) -> Partition:
    """Repetitions folded, round by round, and then what is of equal structure, until the budget is met."""
    rounds = len(parts.groups) + 1
    while parts.boxes() > budget and len(parts.groups) < rounds:
        rounds = len(parts.groups)
        parts = _repeated(parts, longest)
    return _alike(parts) if parts.boxes() > budget else parts


def _kept(outline: Outline, budget: int) -> set[int]:
    """The nodes that stay boxes of their own: the output, and what has a label, as far as there is room."""
    count = len(outline.labels)
    own = [i for i in range(count) if outline.labels[i] and (outline.signs[i] or not outline.modules[i])]
    results = [i for i in own if outline.signs[i]]
    leaves = [i for i in own if not outline.signs[i]]
    return {count - 1, *(results[::-1] + leaves)[: max(budget // 2 - 1, 0)]}


# By module


def _deepest(outline: Outline, kept: set[int]) -> int:
    """The deepest level with at most `MOST_MODULES` modules."""
    paths = [modules_in(path) for path in dict.fromkeys(outline.modules)]
    levels = range(max(map(len, paths), default=1), 1, -1)
    return next((depth for depth in levels if len({tuple(path[:depth]) for path in paths}) <= MOST_MODULES), 1)


def modules_in(path: str) -> list[str]:
    """The nested modules of a path: "layers.0", "neurons.3" of "layers.0.neurons.3"."""
    modules: list[str] = []
    for part in filter(None, path.split(".")):
        if part.isdigit() and modules:
            modules[-1] += f".{part}"
        else:
            modules.append(part)
    return modules


def _by_module(parts: Partition, depth: int) -> Partition:
    """One group for each module of a level; where a kept node lies inside, before it and after it."""
    outline = parts.outline
    shortened = {path: ".".join(modules_in(path)[:depth]) for path in set(outline.modules)}
    paths = {g: shortened[outline.modules[g]] for g, group in enumerate(parts.groups) if not group.kept}
    keys: dict[int, Hashable] = {g: path for g, path in paths.items() if path}
    kinds: dict[Hashable, Group] = {path: Group([], "module", path) for path in set(paths.values())}
    whole = parts.merged(keys, kinds)
    on_a_cycle = set(range(len(whole.groups))) - set(whole.order())
    if on_a_cycle:
        entered = _entrances(parts, keys)
        again = {path for g in on_a_cycle for path in [whole.groups[g].name] if path}
        keys = {g: (key, entered[g]) if key in again else key for g, key in keys.items()}
        kinds |= {key: kinds[key[0]] for key in keys.values() if isinstance(key, tuple)}
        whole = parts.merged(keys, kinds)
    for group in whole.groups:
        if group.kind == "one" and not group.kept and (path := shortened[outline.modules[group.members[0]]]):
            group.kind, group.name = "module", path
    return whole


def _entrances(parts: Partition, keys: dict[int, Hashable]) -> list[int]:
    """How often the longest way to each node changes between modules: it grows along every arrow between groups."""
    levels: list[int] = []
    for g, operands in enumerate(parts.operands):
        mine = keys.get(g, (g,))
        levels.append(max((levels[j] + (keys.get(j, (j,)) != mine) for j in operands), default=0))
    return levels


# Repeated blocks


def _repeated(parts: Partition, longest: int) -> Partition:
    """Blocks that repeat, as in a loop: the first and the last one stay open, those between become one group.

    Blocks of more than `longest` groups become one group with the first and the last one.
    """
    order = [g for g in parts.order() if parts.operands[g]]
    place = {g: position for position, g in enumerate(order)}
    last_use = [max((place[user] for user in parts.users[g]), default=position) for position, g in enumerate(order)]
    signs = _numbered(_sign(parts, g) for g in order)
    found = repetitions(_symbols(parts, order, place, signs), last_use)
    keys: dict[int, Hashable] = {}
    kinds: dict[Hashable, Group] = {}
    for repetition in found:
        repetition = _with_ends(repetition, signs, {place[g] for g in keys})
        middle = _middle(repetition, longest)
        for position in middle:
            if not parts.groups[order[position]].kept:
                keys[order[position]] = repetition.start
        kinds[repetition.start] = _description(parts, order, repetition, middle)
    _with_leaves(parts, keys)
    return parts.merged(keys, kinds)


def _numbered(things: Iterable[Hashable]) -> list[int]:
    """A number for each thing; equal things have equal numbers."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(thing, len(numbers)) for thing in things]


def _sign(parts: Partition, g: int) -> Hashable:
    """What a group does; a fold is like another that says the same."""
    group = parts.groups[g]
    if group.kept and g != parts.of[-1]:
        return g
    if group.kind == "one":
        return parts.outline.signs[group.members[0]]
    return group.kind, group.name, len(group.members)


def _symbols(parts: Partition, order: list[int], place: dict[int, int], signs: list[int]) -> list[int]:
    """A number for each group, equal for equal operations on operands that are equally far away."""

    def distance(position: int, operand: int) -> int:
        away = position - place[operand] if operand in place else 0
        return away if away <= NEAR else -1

    return _numbered(
        (signs[position], *(distance(position, operand) for operand in parts.operands[g]))
        for position, g in enumerate(order)
    )


def _with_ends(repetition: Repetition, signs: list[int], taken: set[int]) -> Repetition:
    """With a first block that does the same, but on operands of its own: the state that the loop begins with."""
    start, period = repetition.start, repetition.period
    before = range(start - period, start)
    block = signs[start : start + period]
    if start >= period and not taken.intersection(before) and signs[start - period : start] == block:
        return Repetition(start - period, period, repetition.count + 1)
    return repetition


def _middle(repetition: Repetition, longest: int) -> range:
    """The positions that fold: all blocks but the first and the last, or all where these are long or a single node."""
    start, period = repetition.start, repetition.period
    if period == 1 or period > longest:
        return range(start, repetition.end)
    return range(start + period, repetition.end - period)


def _description(parts: Partition, order: list[int], repetition: Repetition, middle: range) -> Group:
    block = order[repetition.start : repetition.start + repetition.period]
    words = [parts.outline.signs[parts.groups[g].members[-1]] or "…" for g in block]
    if repetition.period == 1:
        return Group([], "alike", words[0])
    shown = " ".join(words) if len(words) <= SIGNS else " ".join([*words[: SIGNS - 2], "…", words[-1]])
    is_open = len(middle) < repetition.period * repetition.count
    first, last = (2, repetition.count - 1) if is_open else (1, repetition.count)
    return Group([], "repeated", f"{shown} × {repetition.count:,}", (("blocks", f"{first:,} … {last:,}"),))


def _with_leaves(parts: Partition, keys: dict[int, Hashable]) -> None:
    """Adds the leaves that are used in one fold only."""
    for g, group in enumerate(parts.groups):
        if not parts.operands[g] and not group.kept and parts.users[g]:
            users = {keys.get(user) for user in parts.users[g]}
            if len(users) == 1 and None not in users:
                keys[g] = users.pop()


# Equal structure


def _alike(parts: Partition) -> Partition:
    """Groups of equal operations on equal operands, by the structure alone; a chain of one operation is one group.

    The key of a group is its operation and the keys of its operands, as in hash consing; that of a chain, such as a
    sum of many terms, is the set of the keys of everything that enters it.
    """
    numbers: dict[Hashable, int] = {}
    number: dict[int, int] = {}
    chains: dict[int, Chain] = {}
    for g in parts.order():
        group = parts.groups[g]
        if group.kept or group.kind != "one":
            number[g] = numbers.setdefault((g,), len(numbers))
        elif not parts.operands[g]:
            key: Hashable = _stem(parts.outline.labels[group.members[0]])
            number[g] = numbers.setdefault(key, len(numbers))
        else:
            chain = _joined([chains.pop(j) for j in parts.operands[g] if j in chains])
            chain.groups.append(g)
            chain.entering.update(number[j] for j in parts.operands[g] if j in number)
            if _goes_on(parts, g):
                chains[g] = chain
                continue
            key = _sign(parts, g), frozenset(chain.entering)
            for link in chain.groups:
                number[link] = numbers.setdefault(key, len(numbers))
    singles = {g: n for g, n in number.items() if not parts.groups[g].kept and parts.groups[g].kind == "one"}
    return parts.merged(dict(singles), {})


@dataclass
class Chain:
    """Operations of one kind, each of which is only used by the next."""

    groups: list[int]
    entering: set[int]
    """The numbers of what they are computed from."""


def _joined(chains: list[Chain]) -> Chain:
    """All in one: the longest one, with the others added, so that long chains are never copied."""
    if not chains:
        return Chain([], set())
    longest = max(chains, key=lambda chain: len(chain.groups))
    for chain in chains:
        if chain is not longest:
            longest.groups.extend(chain.groups)
            longest.entering |= chain.entering
    return longest


def _goes_on(parts: Partition, g: int) -> bool:
    """Whether the only user of a group does the same."""
    users = parts.users[g]
    if len(users) != 1 or parts.groups[users[0]].kept:
        return False
    return parts.groups[users[0]].kind == "one" and _sign(parts, g) == _sign(parts, users[0])


def _stem(label: str) -> str:
    """A label without its number: w for w12."""
    return label.rstrip("0123456789")


# Stretches of the tape


def _stretches(parts: Partition, budget: int) -> Partition:
    """Stretches of the tape between the boxes that stay, so many that the budget is kept: the last resort."""
    room = budget // 2
    while True:
        smaller = _cut_between(parts, _anchors(parts, room), budget)
        if smaller.boxes() <= budget or not room:
            return smaller
        room //= 2


def _cut_between(parts: Partition, anchors: set[int], budget: int) -> Partition:
    """The groups between the anchors, in pieces of two or more as far as the budget allows."""
    runs: list[list[int]] = [[]]
    for g in parts.order():
        if g not in anchors:
            runs[-1].append(g)
        elif runs[-1]:
            runs.append([])
    runs = [run for run in runs if len(run) > 1]
    room = budget - sum(_boxes(parts, g) for g in anchors.union(range(len(parts.groups))).difference(*runs)) - len(runs)
    room = min(room, MOST_PIECES)
    total = sum(map(len, runs))
    keys: dict[int, Hashable] = {}
    for r, run in enumerate(runs):
        pieces = min(1 + max(room, 0) * len(run) // total, len(run) // 2)
        keys |= {g: (r, position * pieces // len(run)) for position, g in enumerate(run)}
    return parts.merged(keys, {key: Group([], "stretch") for key in keys.values()})


def _anchors(parts: Partition, room: int) -> set[int]:
    """The groups that stay: the output, what has a label, modules, repetitions, as far as there is room."""
    last = parts.of[-1]
    by_rank = sorted(range(len(parts.groups)), key=lambda g: (g != last, not parts.groups[g].kept, -g))
    anchors = {last}
    room -= _boxes(parts, last)
    for g in by_rank[1:]:
        if not parts.groups[g].kept and parts.groups[g].kind == "one":
            break
        room -= _boxes(parts, g)
        if room < 0:
            break
        anchors.add(g)
    return anchors


def _boxes(parts: Partition, g: int) -> int:
    group = parts.groups[g]
    return 1 if group.kind != "one" else 1 + parts.outline.constants[group.members[0]]


# The picture


def graph_of(parts: Partition) -> Graph:
    """The boxes and arrows of a partition: a box for each group, operands before results."""
    names = [f"n{parts.outline.serial(group.members[-1])}" for group in parts.groups]
    is_folded = any(_is_fold(group) for group in parts.groups)
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    for g in parts.order():
        group = parts.groups[g]
        if _is_fold(group):
            boxes.append(_fold(parts.outline, group, names[g]))
            arrows.extend(_bundles(parts, g, group.members, names))
            continue
        node = group.members[0]
        own = parts.outline.boxes(node)
        boxes.extend(replace(box, module="") if is_folded else box for box in own)
        operands = iter(parts.outline.operands[node])
        constants = {box.name for box in own[:-1]}
        for arrow in parts.outline.arrows(node):
            if arrow.source in constants or not _is_fold(parts.groups[parts.of[next(operands)]]):
                arrows.append(arrow)
        arrows.extend(bundle for bundle in _bundles(parts, g, [node], names) if bundle.count)
    return Graph(boxes, arrows)


def inside_of(parts: Partition, g: int) -> Partition:
    """A group opened: its nodes, folded anew where they are many, and what they are computed from."""
    box_of = cache(parts.box_of)

    def around(i: int) -> Box:
        return box_of(parts.of[i])

    group = parts.groups[g]
    inside = Inside(parts.outline, group.members, around, group.name if group.kind == "module" else "")
    return partition(inside, None, INSIDE)


def _is_fold(group: Group) -> bool:
    return group.kind != "one"


def _bundles(parts: Partition, g: int, members: list[int], names: list[str]) -> list[Arrow]:
    """One arrow for all uses of each group; between two single nodes there are arrows already."""
    counts: dict[int, int] = {}
    for i in members:
        for j in parts.outline.operands[i]:
            source = parts.of[j]
            if source != g and (_is_fold(parts.groups[g]) or _is_fold(parts.groups[source])):
                counts[source] = counts.get(source, 0) + 1
    return [Arrow(names[source], names[g], 0, None, None, count=count) for source, count in counts.items()]


def _fold(outline: Outline, group: Group, name: str) -> Box:
    """The box of a group."""
    members = group.members
    leaves = [i for i in members if not outline.operands[i]]
    return Box(
        name=name,
        kind="folded",
        operation=_words(outline, group),
        label=group.name if group.kind == "module" else "",
        value=None,
        gradient=_gradient_norm([outline.gradient(i) for i in (leaves or members)]),
        headline=outline.headlines.get(group.name, "") if group.kind == "module" else "",
        settings=_settings(outline, group, leaves),
        count=len(members),
        eldest=outline.serial(members[0]),
        alarm=any(i in outline.alarms for i in members) if outline.alarms else False,
    )


def _words(outline: Outline, group: Group) -> str:
    """What the box of a group says above its numbers."""
    if group.kind in ("module", "repeated"):
        return "" if group.kind == "module" else group.name
    signs = Counter(sign for i in group.members if (sign := outline.signs[i]))
    if not signs:
        return "inputs"
    if group.kind == "alike":
        return next(iter(signs))
    return ", ".join([sign for sign, _ in signs.most_common(3)] + ["…"] * (len(signs) > 3))


def _settings(outline: Outline, group: Group, leaves: list[int]) -> Remarks:
    """Further lines: the shape of a module's result, the number of its parameters; labels that are within."""
    labels = [label for i in group.members if (label := outline.labels[i])]
    if group.kind == "module":
        shape = outline.shape(group.members[-1])
        count = sum(outline.entries(i) for i in leaves)
        rows = [("output", shape)] * bool(shape) + [("parameters", f"{count:,}")] * bool(count)
        return tuple(rows)
    within = [("labels", labels[0] if len(labels) == 1 else f"{labels[0]} … {labels[-1]}")] if labels else []
    return (*group.remarks, *within)


def _gradient_norm(gradients: list[float | None]) -> float | None:
    """The norm of all gradients together; None if no sweep has reached any of them."""
    reached = [g for g in gradients if g is not None]
    if not reached:
        return None
    return hypot(*reached) if all(map(isfinite, reached)) else float("nan")
