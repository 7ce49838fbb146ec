"""A layered layout of boxes and arrows, which needs no external program.

The tape's order gives the layers: an operation stands one layer after the last of its operands. Within a layer,
boxes are ordered by where their neighbours are (the barycentre heuristic of K. Sugiyama, S. Tagawa and M. Toda,
IEEE Trans. SMC 11(2), 1981), and then moved towards them as far as there is room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.view.graph import Graph

BETWEEN_BOXES = 16.0
MARGIN = 12.0
PASSES = 8
LONGEST_ROUTE = 24
"""An arrow over more layers than this is straight: positions reserved for it would crowd the picture."""

Point = tuple[float, float]
Size = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """The centres of the boxes, and the points along each arrow, in user units; y grows downwards."""

    width: float
    height: float
    centres: dict[str, Point]
    sizes: dict[str, Size]
    routes: list[list[Point]]
    """For each arrow of the graph, in its order."""


def layout_of(graph: Graph, size_of: Callable[[str], Size], direction: str, gap: float) -> Layout:
    """Positions for the boxes of a graph and routes for its arrows; `size_of` gives the size of a box by name.

    The layers go from left to right ("LR") or from top to bottom ("TB"), with `gap` between them.
    """
    along, across = (0, 1) if direction == "LR" else (1, 0)
    sizes = {box.name: size_of(box.name) for box in graph.boxes}
    rank = ranks(graph)
    chains = [_stops(i, rank[a.source], rank[a.target]) for i, a in enumerate(graph.arrows)]
    for chain in chains:
        rank |= dict(chain)
    paths = [[a.source, *(stop for stop, _ in chain), a.target] for a, chain in zip(graph.arrows, chains, strict=True)]
    breadth = {name: sizes[name][across] if name in sizes else 4.0 for name in rank}
    layers = ordered_layers(rank, paths)
    position = positions(layers, paths, breadth)
    bands = _bands(layers, {name: size[along] for name, size in sizes.items()}, gap)

    def point(name: str, share: float = 0.5) -> Point:
        start, end = bands[rank[name]]
        depth = start + share * (end - start)
        return (depth, position[name]) if direction == "LR" else (position[name], depth)

    def passing(path: list[str]) -> list[Point]:
        """A route straight through the band of each layer on its way, so that it crosses no box."""
        through = [point(stop, share) for stop in path[1:-1] for share in (0.0, 1.0)]
        return [point(path[0]), *through, point(path[-1])]

    far = bands[-1][1] + MARGIN
    wide = max(position[n] + breadth[n] / 2 for n in rank) + MARGIN
    return Layout(
        width=far if direction == "LR" else wide,
        height=wide if direction == "LR" else far,
        centres={box.name: point(box.name) for box in graph.boxes},
        sizes=sizes,
        routes=[passing(path) for path in paths],
    )


def ranks(graph: Graph) -> dict[str, int]:
    """The layer of each box: an operation's comes after its operands', an input's just before its first use."""
    operands, uses = defaultdict(list), defaultdict(list)
    for arrow in graph.arrows:
        operands[arrow.target].append(arrow.source)
        uses[arrow.source].append(arrow.target)
    rank: dict[str, int] = {}
    for box in graph.boxes:
        rank[box.name] = 1 + max((rank.get(operand, -1) for operand in operands[box.name]), default=-1)
    for box in graph.boxes:
        if not operands[box.name] and uses[box.name]:
            rank[box.name] = max(0, min(rank[use] for use in uses[box.name]) - 1)
    return rank


def _stops(arrow: int, start: int, end: int) -> list[tuple[str, int]]:
    """Positions for an arrow in the layers that it crosses."""
    passed = range(start + 1, end)
    return [(f"arrow{arrow}@{layer}", layer) for layer in passed] if len(passed) <= LONGEST_ROUTE else []


def ordered_layers(rank: dict[str, int], paths: list[list[str]]) -> list[list[str]]:
    """The names of each layer, in an order in which few arrows cross."""
    layers: list[list[str]] = [[] for _ in range(max(rank.values()) + 1)]
    for name in rank:
        layers[rank[name]].append(name)
    before, after = _neighbours(paths)
    for i in range(PASSES):
        forwards = i % 2 == 0
        share = {name: i / max(len(layer), 1) for layer in layers for i, name in enumerate(layer)}
        for layer in layers if forwards else reversed(layers):
            near = before if forwards else after
            layer.sort(key=lambda name: _mean_or([share[n] for n in near[name]], share[name]))
            share |= {name: i / len(layer) for i, name in enumerate(layer)}
    return layers


def positions(layers: list[list[str]], paths: list[list[str]], breadth: dict[str, float]) -> dict[str, float]:
    """The position of each name across its layer: near its neighbours, in the layer's order, without overlap."""
    before, after = _neighbours(paths)
    position: dict[str, float] = {}
    for layer in layers:
        position |= _packed(layer, [0.0] * len(layer), breadth)
    for i in range(PASSES):
        forwards = i % 2 == 0
        near = before if forwards else after
        for layer in layers if forwards else reversed(layers):
            desired = [_mean_or([position[n] for n in near[name]], position[name]) for name in layer]
            position |= _packed(layer, desired, breadth)
    edge = min(position[name] - breadth[name] / 2 for name in position)
    return {name: middle - edge + MARGIN for name, middle in position.items()}


def _packed(layer: list[str], desired: Sequence[float], breadth: dict[str, float]) -> dict[str, float]:
    """Positions as near to the desired ones as the order allows: the mean of packing from either end."""

    def pack(names: Iterable[int], sign: float) -> dict[int, float]:
        packed: dict[int, float] = {}
        last: float | None = None
        for i in names:
            half = breadth[layer[i]] / 2
            wanted = sign * desired[i]
            middle = wanted if last is None else max(wanted, last + half + BETWEEN_BOXES)
            packed[i], last = sign * middle, middle + half
        return packed

    down, up = pack(range(len(layer)), 1.0), pack(reversed(range(len(layer))), -1.0)
    return {name: (down[i] + up[i]) / 2 for i, name in enumerate(layer)}


def _neighbours(paths: list[list[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        for source, target in pairwise(path):
            after[source].append(target)
            before[target].append(source)
    return before, after


def _bands(layers: list[list[str]], lengths: dict[str, float], gap: float) -> list[tuple[float, float]]:
    """Where each layer starts and ends along the direction of the arrows."""
    bands, edge = [], MARGIN
    for layer in layers:
        length = max((lengths[name] for name in layer if name in lengths), default=0.0)
        bands.append((edge, edge + length))
        edge += length + gap
    return bands


def _mean_or(numbers: list[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise
