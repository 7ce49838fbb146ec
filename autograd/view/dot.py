"""The computation graph, drawn by Graphviz."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import graphviz

from autograd.atomic import write_by_suffix
from autograd.characters import xml_text
from autograd.tape import Computed
from autograd.view.adapter import adopted
from autograd.view.fold import folded
from autograd.view.graph import Arrow, Box, Graph, describe
from autograd.view.overlay import check_summary, checked_graph, difference
from autograd.view.render import HINT, RenderError, find_dot, render
from autograd.view.style import FONT, LONGEST_LINE, Theme, printable, shade, theme_named
from autograd.view.svg import frame_of, ground_of, svg_of
from autograd.view.text import Shown, arrow_text, captions, in_words, largest_gradient, lines_of, rows_of
from autograd.view.torch_graph import is_torch_tensor, torch_graph

BUDGET = 150


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that displays itself in notebooks, whether or not Graphviz is installed.

    Without a `dot` program, and where it fails, the SVG comes from a layout of our own.
    """

    graph, theme, shown, direction, title = Graph(), theme_named("light"), Shown(), "LR", ""

    @classmethod
    def of(cls, graph: Graph, theme: Theme, shown: Shown, direction: str, title: str) -> Picture:
        """A picture without boxes, with the attributes that all boxes and arrows share."""
        title = "\n".join(printable(line, LONGEST_LINE) for line in str(title).split("\n"))
        lines = [line for line in (*title.split("\n"), *captions(graph, shown, theme)) if line]
        picture = cls(
            graph_attr={
                "rankdir": direction,
                "bgcolor": theme.page,
                "fontname": FONT,
                "fontsize": "13",
                "fontcolor": theme.muted,
                "label": "\n".join(map(plain_text, lines)),
                "ranksep": "0.35",
                "nodesep": "0.18",
            },
            node_attr={
                "shape": "box",
                "fontname": FONT,
                "fontsize": "14",
                "fontcolor": theme.ink,
                "margin": "0.09,0.06",
            },
            edge_attr={
                "fontname": FONT,
                "fontsize": "13",
                "fontcolor": theme.muted,
                "color": theme.muted,
                "arrowsize": "0.7",
            },
        )
        picture.graph, picture.theme, picture.shown = graph, theme, shown
        picture.direction, picture.title = direction, title
        return picture

    def copy(self) -> Picture:
        """A copy, which can be added to."""
        twin: Picture = super().copy()
        twin.graph, twin.theme, twin.shown = self.graph, self.theme, self.shown
        twin.direction, twin.title = self.direction, self.title
        return twin

    def svg(self) -> str:
        """The picture as SVG, with a title and its description in words.

        Where no `dot` program draws it, a layout of our own does, with a line under the picture that says why.
        """
        return self._drawn()[0]

    def _drawn(self) -> tuple[str, bool]:
        """The SVG, and whether a `dot` program has drawn it."""
        try:
            svg = render(self.source, "svg").decode(errors="replace")
            return with_description(svg, self.title, in_words(self.graph)), True
        except RenderError as error:
            remark = f"drawn by our own layout: {error.reason}"
            return svg_of(self.graph, self.theme, self.shown, self.direction, self.title, remark), False

    def save(self, path: str | Path | None = None, directory: str | Path | None = None, **options: Any) -> Any:
        """Writes the picture to a file, whose suffix is the format: .svg, .png, .pdf, .dot or .gv. Returns the path.

        With other arguments it is the method of `graphviz.Digraph`, by which that class renders.

        Raises:
            ValueError: the file has another suffix.
            RenderError: there is no renderer, or it cannot write this format.
        """
        if path is None or directory is not None or options:
            return super().save(path, directory=directory, **options)
        source = self.source.encode
        formats: dict[str, Callable[[], bytes]] = {".svg": lambda: self.svg().encode()}
        formats |= {f".{form}": partial(render, self.source, form) for form in ("png", "pdf")}
        return write_by_suffix(path, formats | {".dot": source, ".gv": source})

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None, **_: Any
    ) -> dict[str, str]:
        """SVG, and PNG for viewers that strip SVG. Never raises: where nothing can draw, the DOT source."""
        bundle = {"text/plain": repr(self)}
        try:
            bundle["image/svg+xml"], has_program = self._drawn()
            wanted = (not include or "image/png" in include) and "image/png" not in (exclude or ())
            if wanted and has_program:
                with suppress(RenderError):  # some programs write no PNG
                    bundle["image/png"] = base64.b64encode(render(self.source, "png")).decode()
        except Exception as error:
            bundle["text/plain"] = f"{self.source}\n{error}" + ("" if HINT in str(error) else f"\n{HINT}")
        return bundle

    def __repr__(self) -> str:
        boxes, arrows = len(self.graph.boxes), len(self.graph.arrows)
        return f"<Picture of {boxes} box{'es' * (boxes != 1)} and {arrows} arrow{'s' * (arrows != 1)}>"


def draw(
    output: Computed,
    *,
    direction: str = "LR",
    digits: int = 4,
    values: bool = True,
    gradients: bool = True,
    partials: bool = True,
    contributions: bool = False,
    theme: str = "light",
    title: str = "",
    depth: int | None = None,
    budget: int = BUDGET,
    check: bool = False,
) -> Picture:
    """Draws the computation graph of a value: values, gradients, and the local derivative on each arrow.

    A graph with more boxes than `budget` is folded: each module into one box, and so is repeated structure
    outside of modules.

    Args:
        output: a Value, a Tensor, a number of another engine, or a program of a jitted function; everything that it
            was computed from is drawn. Of a PyTorch tensor, all that PyTorch has recorded, with the names of the
            modules that are alive; draw it before `backward()` releases the values.
        direction: of the arrows: "LR" for left to right, "TB" for top to bottom.
        digits: the number of significant digits.
        values: whether to show values.
        gradients: whether to show gradients.
        partials: whether to show local derivatives.
        contributions: whether to show gradient × local derivative = contribution on each arrow, and the sum in each
            box; for arrays, the norms.
        theme: "light", "dark" or "print".
        title: a line below the picture.
        depth: the level of modules to fold to, whatever the size of the graph.
        budget: the largest number of boxes that are drawn without folding.
        check: whether to show finite differences beside the local derivatives and the leaves' gradients, in red
            where they disagree.

    Raises:
        TypeError: `output` is not a Value, a Tensor or a number of another engine.
        ValueError: the theme or direction is unknown, or `digits` is not a whole number from 1 to 17; `check` or
            `contributions` of a PyTorch tensor.

    Example:
        >>> from autograd import Value, draw
        >>> x = Value(3.0, label="x")
        >>> picture = draw(x * x)
        >>> picture
        <Picture of 2 boxes and 2 arrows>
        >>> sum("n0 -> n1" in line for line in picture.source.splitlines())  # one arrow per use
        2
    """
    is_torch = is_torch_tensor(output)
    if is_torch and (check or contributions):
        raise ValueError("check and contributions need local derivatives, which PyTorch does not show")
    node: Any = output if is_torch else adopted(output)
    if direction not in ("LR", "TB"):
        raise ValueError(f"direction: expected 'LR' or 'TB', got {direction!r}")
    if not isinstance(digits, int) or not 1 <= digits <= 17:
        raise ValueError(f"digits: expected a whole number from 1 to 17, got {digits!r}")
    graph = torch_graph(node) if is_torch else describe(node, contributions)
    if check:
        graph = checked_graph(node, graph, digits)
        title = f"{title}\n{check_summary(graph)}".strip()
    if depth is not None or len(graph.boxes) > budget:
        graph = folded(graph, depth)
    return picture_of(
        graph,
        theme_named(theme),
        Shown(values, gradients, partials and not is_torch, contributions, digits),
        direction,
        title,
    )


def draw_diff(
    before: Picture | Computed,
    after: Picture | Computed,
    *,
    direction: str = "LR",
    digits: int = 4,
    theme: str = "light",
    title: str = "",
) -> Picture:
    """Draws the later of two runs of one program, such as a loss before and after a step, with what changed.

    A step changes the data of leaves that both runs share, so pass for `before` the picture that `draw`
    returned before the step.

    Raises:
        ValueError: the graphs differ in their operations.

    Example:
        >>> from autograd import Value, draw, draw_diff
        >>> x = Value(3.0, label="x")
        >>> before = draw((x - 1.0) ** 2)
        >>> x.data = 2.5
        >>> draw_diff(before, (x - 1.0) ** 2)
        <Picture of 5 boxes and 4 arrows>
    """
    earlier, later = (run.graph if isinstance(run, Picture) else describe(run) for run in (before, after))
    shown = Shown(digits=digits)
    return picture_of(difference(earlier, later, digits), theme_named(theme), shown, direction, title)


def picture_of(graph: Graph, theme: Theme, shown: Shown, direction: str = "LR", title: str = "") -> Picture:
    """The picture of a graph."""
    picture = Picture.of(graph, theme, shown, direction, title)
    largest = largest_gradient(graph)
    modules: dict[str, list[Box]] = {}
    for box in graph.boxes:
        modules.setdefault(box.module, []).append(box)
    for i, (module, boxes) in enumerate(modules.items()):
        if not module:
            _add_boxes(picture, picture, boxes, largest)
            continue
        cluster = graphviz.Digraph(f"cluster{i}")
        cluster.attr(label=plain_text(module), color=theme.muted, style="rounded,dotted", labeljust="l")
        _add_boxes(picture, cluster, boxes, largest)
        picture.subgraph(cluster)
    for arrow in graph.arrows:
        picture.edge(arrow.source, arrow.target, **arrow_attributes(arrow, graph, shown, theme))
    _point_graphviz_at_a_program()
    return picture


def _add_boxes(picture: Picture, part: graphviz.Digraph, boxes: list[Box], largest: float) -> None:
    for box in boxes:
        part.node(box.name, **box_attributes(box, picture.graph, picture.shown, picture.theme, largest))


def box_attributes(box: Box, graph: Graph, shown: Shown, theme: Theme, largest: float) -> dict[str, str]:
    """The Graphviz attributes of a box: its text as an HTML-like label, its frame and its fill."""
    ground = ground_of(box, theme)
    colour, line_width = frame_of(box, graph, theme)
    rows = [
        html_row(words, figure, box, i, shade(theme, ground, box.gradient, largest))
        for i, (words, figure) in enumerate(lines_of(rows_of(box, graph, shown)))
    ]
    return {
        "label": f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{"".join(rows)}</TABLE>>',
        "style": "rounded,dashed,filled" if box.kind == "constant" else "rounded,filled",
        "fillcolor": ground,
        "color": colour,
        "penwidth": line_width,
    }


def html_row(words: str, figure: str, box: Box, position: int, fill: str) -> str:
    """A row of a box: a heading across both columns, or words and a number."""
    if not figure:
        label = printable(box.label) if position == 0 else ""
        rest = html_text(words.removeprefix(label))
        heading = f"<B>{html_text(label)}</B>{rest}" if label else rest
        return f'<TR><TD COLSPAN="2">{heading}</TD></TR>'
    colour = f' BGCOLOR="{fill}"' if words in ("grad", "grad norm") else ""
    left, right = html_text(words), html_text(figure)
    return f'<TR><TD ALIGN="LEFT"{colour}>{left}</TD><TD ALIGN="RIGHT"{colour}>{right}</TD></TR>'


def html_text(words: str) -> str:
    """Text escaped for an HTML-like label, where a backslash starts one of Graphviz's own escapes."""
    return xml_text(words).replace("\\", "\\\\")


def plain_text(words: str) -> str:
    """Text escaped for an ordinary label, where & starts an entity as well."""
    escaped: str = graphviz.escape(printable(words, LONGEST_LINE).replace("&", "&amp;"))
    return escaped


def arrow_attributes(arrow: Arrow, graph: Graph, shown: Shown, theme: Theme) -> dict[str, str]:
    """The Graphviz attributes of an arrow: dashed from a constant, red where the derivative is wrong."""
    attributes = {"style": "dashed"} if graph.by_name[arrow.source].kind == "constant" else {}
    if text := arrow_text(arrow, graph, shown):
        attributes["label"] = graphviz.escape(f" {text} ")
    if arrow.alarm:
        attributes |= {"color": theme.alarm, "fontcolor": theme.alarm, "penwidth": "2.2"}
    return attributes


def with_description(svg: str, title: str, words: str) -> str:
    """Graphviz's SVG with a title and a description in words, scaled down on a narrower page."""
    start = svg.index("<svg ")
    end = svg.index(">", start) + 1
    opening = svg[start:end].replace("<svg ", '<svg role="img" style="max-width:100%;height:auto" ', 1)
    title = xml_text(title or "Computation graph")
    return f"{svg[:start]}{opening}<title>{title}</title><desc>{xml_text(words)}</desc>{svg[end:]}"


def _point_graphviz_at_a_program() -> None:
    """Lets the `graphviz` package's own methods (`render`, `pipe`) find a program as well."""
    if (renderer := find_dot()) is not None:
        graphviz.backend.dot_command.DOT_BINARY = Path(renderer.program)
