"""The computation graph, drawn by Graphviz."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import graphviz

from autograd.atomic import write_atomically, write_by_suffix
from autograd.characters import xml_text
from autograd.markup import RESPONSIVE, image, with_still
from autograd.tape import Computed
from autograd.view.adapter import adopted
from autograd.view.fold import BUDGET, drawn, graph_of, partition
from autograd.view.graph import Arrow, Box, Description, Graph
from autograd.view.levels import levels_of, page_of_levels
from autograd.view.outline import Outline, OutlineOfGraph, OutlineOfNodes
from autograd.view.overlay import check_summary, checked_graph, difference
from autograd.view.render import HINT, RenderError, SlowRenderError, converted, find_dot, render, svg_and_png
from autograd.view.style import (
    DEFAULTS,
    FONT,
    LONGEST_LINE,
    Theme,
    adaptive,
    checked_digits,
    printable,
    shade,
    theme_named,
)
from autograd.view.svg import BAR, TINY, colour_pairs, frame_of, ground_of, svg_of, widths
from autograd.view.text import Shown, arrow_text, captions, colour_bar, gradient_scale, in_words, lines_of, rows_of
from autograd.view.torch_graph import is_torch_tensor, torch_graph

FORMATS = ("svg", "png", "pdf")
SVG, PNG = "image/svg+xml", "image/png"
WIDEST = 900
"""The width in pixels beyond which a picture is turned, so that a notebook's page shows all of it."""
MOST_DOT = 20_000
"""The largest number of characters of DOT source in a notebook."""
MOST_WORDS = 400
"""The largest number of characters that stand for a picture."""


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that displays itself in notebooks, whether or not Graphviz is installed.

    Without a `dot` program, and where it fails, the SVG comes from a layout of our own.
    """

    graph, theme, shown, direction, title = Graph(), theme_named("light"), Shown(), "LR", ""
    levels: Mapping[str, tuple[str, Graph]] = MappingProxyType({})
    """What is inside the folds, by `levels_of`."""

    @classmethod
    def of(cls, graph: Graph, theme: Theme, shown: Shown, direction: str, title: str) -> Picture:
        """A picture without boxes, with the attributes that all boxes and arrows share."""
        title = "\n".join(printable(line, LONGEST_LINE) for line in str(title).split("\n"))
        picture = cls(
            format="svg",
            graph_attr={
                "rankdir": direction,
                "bgcolor": theme.page,
                "fontname": FONT,
                "fontsize": "13",
                "fontcolor": theme.muted,
                "label": legends(graph, shown, theme),
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
        twin.direction, twin.title, twin.levels = self.direction, self.title, self.levels
        return twin

    def svg(self) -> str:
        """The picture as SVG, with a title and its description in words.

        Where no `dot` program draws it, a layout of our own does, with a line under the picture that says why.
        """
        return self._following(self._drawn(with_png=False)[0])

    def _following(self, svg: str) -> str:
        """The SVG, with the colours of a dark page where the theme follows the page."""
        pairs = colour_pairs(self.graph, self.shown, self.theme)
        return adaptive(svg, pairs) if pairs else svg

    def _drawn(self, with_png: bool) -> tuple[str, bytes | None]:
        """The SVG, and the PNG of the same layout where a program writes one."""
        png = None
        try:
            drawn, png = self._rendered(with_png)
            svg = with_description(drawn.decode(errors="replace"), self.title, in_words(self.graph))
        except RenderError as error:
            remark = f"drawn by our own layout: {error.reason}"
            svg = svg_of(self.graph, self.theme, self.shown, self.direction, self.title, remark)
        return svg, png

    def _rendered(self, with_png: bool) -> tuple[bytes, bytes | None]:
        if with_png:
            try:
                return svg_and_png(self.source)
            except SlowRenderError:
                raise
            except RenderError:  # some programs write no PNG
                pass
        return render(self.source, "svg"), None

    def save(self, path: str | Path | None = None, directory: str | Path | None = None, **options: Any) -> Any:
        """Writes the picture to a file, whose suffix is the format: .svg, .png, .pdf, .dot or .gv. Returns the path.

        A PDF for LaTeX needs Graphviz's own `dot`, or the extra `pdf`, which converts the SVG.

        With other arguments it is the method of `graphviz.Digraph`, by which that class renders.

        Raises:
            ValueError: the file has another suffix.
            RenderError: there is no renderer, or it cannot write this format.
        """
        if path is None or directory is not None or options:
            return super().save(path, directory=directory, **options)
        source = self.source.encode
        formats: dict[str, Callable[[], bytes]] = {f".{form}": partial(self.as_format, form) for form in FORMATS}
        return write_by_suffix(path, formats | {".dot": source, ".gv": source})

    def as_format(self, form: str) -> bytes:
        """The picture as "svg", "png" or "pdf".

        What no `dot` program writes is converted from the SVG by CairoSVG, with the extra `pdf`.

        Raises:
            RenderError: neither can write it; the message says what to install.
        """
        if form == "svg":
            return self.svg().encode()
        try:
            return render(self.source, form)
        except RenderError as error:
            return converted(self._drawn(with_png=False)[0], form, error.reason)

    def pipe(self, format: str | None = None, *, encoding: str | None = None, **options: Any) -> Any:  # noqa: A002
        """The picture as bytes, as SVG by default; as text in an encoding.

        With other formats or options it is the method of `graphviz.Digraph`, which needs a `dot` program.

        Raises:
            RenderError: the format cannot be written here.
        """
        form = str(format or self.format).lower()
        if options or form not in FORMATS:
            return super().pipe(format, encoding=encoding, **options)
        picture = self.as_format(form)
        return picture if encoding is None else picture.decode(encoding)

    def render(
        self,
        filename: str | Path | None = None,
        directory: str | Path | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,  # noqa: A002
        quiet: bool = False,
        quiet_view: bool = False,
        **options: Any,
    ) -> str:
        """Writes the DOT source and beside it the picture, as SVG by default; returns the path of the picture.

        With other formats or options it is the method of `graphviz.Digraph`, which needs a `dot` program.

        Raises:
            RenderError: the format cannot be written here.
        """
        form = str(format or self.format).lower()
        if options or form not in FORMATS:
            options |= {"view": view, "cleanup": cleanup, "format": format, "quiet": quiet, "quiet_view": quiet_view}
            return str(super().render(filename, directory, **options))
        picture = self.as_format(form)
        source = super().save(filename, directory=directory)
        path = str(write_atomically(f"{source}.{form}", picture))
        if cleanup:
            Path(source).unlink()
        if view:
            self._view(path, format=form, quiet=quiet_view)
        return path

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None, **_: Any
    ) -> dict[str, str]:
        """HTML with the SVG as an image, since many pages strip inline SVG; bare SVG and PNG for those who ask.

        Never raises: where nothing can draw, the beginning of the DOT source.
        """
        bundle = {"text/plain": repr(self)}
        wanted = set(include or ([PNG] if DEFAULTS.png else [])) - set(exclude or ())
        try:
            plain, png = self._drawn(with_png=PNG in wanted)
            svg = self._following(plain)
            bundle["text/html"] = self._as_html(svg)
            if png is not None:
                bundle[PNG] = base64.b64encode(png).decode()
            if SVG in wanted:
                bundle[SVG] = svg
        except Exception as error:
            source = self.source if len(self.source) <= MOST_DOT else f"{self.source[:MOST_DOT]}…"
            bundle["text/plain"] = f"{source}\n{error}" + ("" if HINT in str(error) else f"\n{HINT}")
        return bundle

    def _as_html(self, svg: str) -> str:
        """The picture as an image; where it is folded, also one that opens folds, if the page is trusted."""
        if not self.levels:
            return image(svg, alternative(self))

        def drawn(graph: Graph) -> str:
            direction = direction_of("auto", graph, self.shown)
            return self._following(svg_of(graph, self.theme, self.shown, direction))

        return with_still(page_of_levels(svg[svg.index("<svg") :], self.levels, drawn), svg, alternative(self))

    def __repr__(self) -> str:
        boxes, arrows = len(self.graph.boxes), len(self.graph.arrows)
        return f"<Picture of {boxes} box{'es' * (boxes != 1)} and {arrows} arrow{'s' * (arrows != 1)}>"


def draw(
    output: Computed,
    *,
    direction: str = "auto",
    digits: int | None = None,
    values: bool = True,
    gradients: bool = True,
    partials: bool = True,
    contributions: bool = False,
    scale: str = "linear",
    theme: str | None = None,
    title: str = "",
    depth: int | None = None,
    budget: int = BUDGET,
    check: bool = False,
) -> Picture:
    """Draws the computation graph of a value: values, gradients, and the local derivative on each arrow.

    A graph with more boxes than `budget` is folded: each module into one box, and so are the passes of a loop
    between the first and the last, and equal structure. The output and labelled nodes stay boxes of their own, as
    far as labels fit half the budget.

    Args:
        output: a Value, a Tensor, a number of another engine, or a program of a jitted function; everything that it
            was computed from is drawn. Of a PyTorch tensor, all that PyTorch has recorded, with the names of the
            modules that are alive; draw it before `backward()` releases the values.
        direction: of the arrows: "LR" for left to right, "TB" for top to bottom; by default left to right, if that
            fits a page.
        digits: the number of significant digits; by default 4, or what `autograd.view.configure` has set.
        values: whether to show values.
        gradients: whether to show gradients.
        partials: whether to show local derivatives.
        contributions: whether to show gradient × local derivative = contribution on each arrow, and the sum in each
            box; for arrays, the norms.
        scale: of the colours of gradients: "linear", or "log" where a few gradients are much larger than others.
        theme: "light", "dark", "print", or "auto" to follow the page; by default "light", or what
            `autograd.view.configure` has set.
        title: a line above the picture.
        depth: the level of modules to fold to, whatever the size of the graph.
        budget: the largest number of boxes; what does not fit is folded.
        check: whether to show finite differences beside the local derivatives and the leaves' gradients, in red
            where they disagree.

    Raises:
        TypeError: `output` is not a Value, a Tensor or a number of another engine.
        ValueError: the theme, scale or direction is unknown, or `digits` is not a whole number from 1 to 17; `check` or
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
    digits = checked_digits(digits)
    if scale not in ("linear", "log"):
        raise ValueError(f"scale: expected 'linear' or 'log', got {scale!r}")
    outline: Outline
    if is_torch:
        outline = OutlineOfGraph(torch_graph(output))
    elif check:
        node = adopted(output)
        graph = checked_graph(node, Description(node, contributions).graph(), digits)
        title = f"{title}\n{check_summary(graph)}".strip()
        outline = OutlineOfGraph(graph)
    else:
        outline = OutlineOfNodes(Description(adopted(output), contributions))
    parts = partition(outline, depth, budget)
    graph = graph_of(parts)
    shown = Shown(values, gradients, partials and not is_torch, contributions, digits, logarithmic=scale == "log")
    picture = picture_of(graph, theme_named(theme), shown, direction_of(direction, graph, shown), title)
    picture.levels = levels_of(parts)
    return picture


def draw_diff(
    before: Picture | Computed,
    after: Picture | Computed,
    *,
    direction: str = "auto",
    digits: int | None = None,
    theme: str | None = None,
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
    earlier, later = (
        run.graph if isinstance(run, Picture) else drawn(OutlineOfNodes(Description(adopted(run))))
        for run in (before, after)
    )
    shown = Shown(digits=checked_digits(digits))
    graph = difference(earlier, later, shown.digits)
    return picture_of(graph, theme_named(theme), shown, direction_of(direction, graph, shown), title)


def direction_of(direction: str, graph: Graph, shown: Shown) -> str:
    """The direction of the arrows; "auto" is left to right, unless that is wider than a page and top to bottom is not.

    Raises:
        ValueError: there is no such direction.
    """
    if direction not in ("auto", "LR", "TB"):
        raise ValueError(f"direction: expected 'auto', 'LR' or 'TB', got {direction!r}")
    if direction != "auto":
        return direction
    across, down = widths(graph, shown)
    return "LR" if across <= min(WIDEST, down) or across <= WIDEST else "TB" if down < across else "LR"


def picture_of(graph: Graph, theme: Theme, shown: Shown, direction: str = "LR", title: str = "") -> Picture:
    """The picture of a graph."""
    picture = Picture.of(graph, theme, shown, direction, title)
    scale = gradient_scale(graph, shown)
    modules: dict[str, list[Box]] = {}
    for box in graph.boxes:
        modules.setdefault(box.module, []).append(box)
    whole = picture if not picture.title else graphviz.Digraph("cluster_title")
    for i, (module, boxes) in enumerate(modules.items()):
        if not module:
            _add_boxes(picture, whole, boxes, scale)
            continue
        cluster = graphviz.Digraph(f"cluster{i}")
        headline = next((box.headline for box in boxes if box.headline), "")
        name = f"{module}: {headline}" if headline else module
        cluster.attr(label=plain_text(name), color=theme.muted, style="rounded,dotted", labeljust="l", fontsize="13")
        cluster.attr(fontcolor=theme.muted, labelloc="t")
        _add_boxes(picture, cluster, boxes, scale)
        whole.subgraph(cluster)
    if whole is not picture:  # a graph has one label, and that of the whole is below
        title = graphviz.nohtml("\n".join(map(plain_text, picture.title.split("\n"))))
        whole.attr(label=title, labelloc="t", peripheries="0")
        whole.attr(fontcolor=theme.ink, fontsize="16")
        picture.subgraph(whole)
    for arrow in graph.arrows:
        picture.edge(arrow.source, arrow.target, **arrow_attributes(arrow, graph, shown, theme))
    _point_graphviz_at_a_program()
    return picture


def legends(graph: Graph, shown: Shown, theme: Theme) -> str:
    """The label of the whole picture: what its numbers and its colours mean."""
    rows = [f"<TR><TD>{html_text(printable(line, LONGEST_LINE))}</TD></TR>" for line in captions(graph, shown)]
    if bar := colour_bar(graph, shown, theme):
        cells = [f'<TD BGCOLOR="{colour}" WIDTH="{BAR / 2 / len(bar.colours):.0f}"> </TD>' for colour in bar.colours]
        if len(bar.marks) > 2:
            middle = len(cells) // 2
            mark = f'<FONT POINT-SIZE="{TINY:g}" COLOR="{theme.ink}">{html_text(bar.marks[1][1])}</FONT>'
            cells[middle] = cells[middle].replace("> <", f">{mark}<")
        ends = f"<TD>grad {html_text(bar.marks[0][1])} </TD>", f"<TD> {html_text(bar.marks[-1][1])}</TD>"
        table = (
            f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{ends[0]}{"".join(cells)}{ends[1]}'
        )
        rows.append(f"<TR><TD>{table}</TR></TABLE></TD></TR>")
    if not rows:
        return ""
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>>'


def _add_boxes(picture: Picture, part: graphviz.Digraph, boxes: list[Box], scale: tuple[float, float]) -> None:
    for box in boxes:
        part.node(box.name, **box_attributes(box, picture.graph, picture.shown, picture.theme, *scale))


def box_attributes(box: Box, graph: Graph, shown: Shown, theme: Theme, least: float, largest: float) -> dict[str, str]:
    """The Graphviz attributes of a box: its text as an HTML-like label, its frame and its fill."""
    ground = ground_of(box, theme)
    colour, line_width = frame_of(box, graph, theme)
    fill = shade(theme, ground, box.gradient, largest, least)
    lines = lines_of(rows_of(box, graph, shown))
    has_heading = box.kind != "constant"
    rows = [html_heading(*lines[0], box, theme)] if has_heading else []
    rows += [html_row(words, figure, box, fill, theme.lit) for words, figure in lines[has_heading:]]
    return {
        "label": f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{"".join(rows)}</TABLE>>',
        "style": "rounded,dashed,filled" if box.kind in ("constant", "outside") else "rounded,filled",
        "fillcolor": ground,
        "color": colour,
        "penwidth": line_width,
    }


def html_heading(words: str, entry: str, box: Box, theme: Theme) -> str:
    """The first row of a box: the label in bold, the operation, and the entry on the tape in small grey."""
    label = printable(box.label)
    rest = html_text(words.removeprefix(label))
    heading = f"<B>{html_text(label)}</B>{rest}" if label else rest
    grey = f'<FONT POINT-SIZE="{TINY:g}" COLOR="{theme.muted}">{html_text(entry)}</FONT>'
    return f'<TR><TD ALIGN="LEFT">{heading}</TD><TD ALIGN="RIGHT">{grey}</TD></TR>'


def html_row(words: str, figure: str, box: Box, fill: str, lit: str) -> str:
    """A row of a box: words across both columns, or words and a number; what changed is lit."""
    if not figure:
        label = printable(box.label) if box.kind == "constant" else ""
        bold = html_text(words) if words != label or not label else f"<B>{html_text(label)}</B>"
        return f'<TR><TD COLSPAN="2">{bold}</TD></TR>'
    ground = fill if words in ("grad", "grad norm") else lit if words.startswith("Δ") else ""
    colour = f' BGCOLOR="{ground}"' if ground else ""
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
    """Graphviz's SVG with a title and a description in words, one unit a pixel, scaled down on a narrower page."""
    start = svg.index("<svg ")
    end = svg.index(">", start) + 1
    opening = re.sub(r'(width|height)="([\d.]+)pt"', r'\1="\2"', svg[start:end])
    opening = opening.replace("<svg ", f'<svg role="img" style="{RESPONSIVE}" ', 1)
    title = xml_text(title or "Computation graph")
    return f"{svg[:start]}{opening}<title>{title}</title><desc>{xml_text(words)}</desc>{svg[end:]}"


def alternative(picture: Picture) -> str:
    """A picture in a few words, for those who do not see it."""
    words = f"{picture.title or 'Computation graph'}: {in_words(picture.graph)}"
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS].rsplit(' ', 1)[0]} …"


def _point_graphviz_at_a_program() -> None:
    """Lets the `graphviz` package's own methods (`render`, `pipe`) find a program as well."""
    if (renderer := find_dot()) is not None:
        graphviz.backend.dot_command.DOT_BINARY = Path(renderer.program)
