"""Pictures as SVG, element by element: escaped texts, attributes, documents that are described in words; axes, colours.

All pictures that are drawn without a plotting library are written here: graphs, gradient flow, curves and heat maps.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd.characters import xml_text

Attribute = str | float | None
Point = tuple[float, float]

LENGTHS = frozenset({"x", "y", "cx", "cy", "width", "height"})


def element(tag: str, *content: str, **attributes: Attribute) -> str:
    """An element, from its content as markup and its attributes; an underscore in a name stands for a hyphen.

    Positions and lengths are rounded to a tenth of a pixel. Attributes that are None are left out.

    Example:
        >>> element("rect", x=1.25, y=2, fill="#fff", stroke_width=0.25, stroke=None)
        '<rect x="1.2" y="2" fill="#fff" stroke-width="0.25"/>'
        >>> element("g", element("path", d="M0 0H1"), class_="line")
        '<g class="line"><path d="M0 0H1"/></g>'
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_written(name, given)}"'
        for name, given in attributes.items()
        if given is not None
    )
    return f"<{tag}{written}>{''.join(content)}</{tag}>" if content else f"<{tag}{written}/>"


def _written(name: str, given: str | float) -> str:
    if isinstance(given, str):
        return xml_text(given)
    return f"{given:.1f}" if name in LENGTHS and isinstance(given, float) else f"{given:g}"


def text(
    x: float, y: float, words: str, anchor: str | None = None, class_: str | None = None, **attributes: Attribute
) -> str:
    """A line of text, which starts, ends or has its middle at x, and whose base line is at y.

    Example:
        >>> text(8, 20.0, "a < b", "end", fill="#222")
        '<text x="8" y="20.0" text-anchor="end" fill="#222">a &lt; b</text>'
    """
    return element("text", xml_text(words), class_=class_, x=x, y=y, text_anchor=anchor, **attributes)


def polyline(points: Iterable[Point], colour: str, width: float) -> str:
    """A line through the points.

    Example:
        >>> polyline([(0.0, 1.0), (2.0, 3.0)], "#222", 2.5)
        '<polyline points="0.0,1.0 2.0,3.0" fill="none" stroke="#222" stroke-width="2.5"/>'
    """
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element("polyline", points=path, fill="none", stroke=colour, stroke_width=width)


def document(width: float, height: float, title: str, words: str, parts: Iterable[str], **attributes: Attribute) -> str:
    """An SVG of these parts, with a title, and a description for those who do not see it.

    Example:
        >>> print(document(40, 20, "A & B", "two letters", [text(0, 10, "AB")], fill="#222"), end="")
        <svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" viewBox="0 0 40 20" role="img" fill="#222">
        <title>A &amp; B</title><desc>two letters</desc>
        <text x="0" y="10">AB</text>
        </svg>
    """
    box = f"0 0 {_written('width', width)} {_written('height', height)}"
    about = element("title", xml_text(title)) + element("desc", xml_text(words))
    return (
        element(
            "svg",
            *("\n" + part for part in (about, *parts)),
            "\n",
            xmlns="http://www.w3.org/2000/svg",
            width=f"{width:.0f}",
            height=f"{height:.0f}",
            viewBox=box,
            role="img",
            **attributes,
        )
        + "\n"
    )


def image(svg: str, words: str) -> str:
    """An SVG as an image, for pages that strip inline SVG, as JupyterLab and GitHub do in notebooks that nobody trusts.

    Example:
        >>> image("<svg/>", "an empty picture")
        '<img src="data:image/svg+xml;base64,PHN2Zy8+" alt="an empty picture" style="max-width:100%;height:auto"/>'
    """
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return element("img", src=source, alt=words, style="max-width:100%;height:auto")


def with_still(live: str, svg: str, words: str) -> str:
    """HTML for a notebook: what is alive, and instead of it a still where scripts, styles and frames are stripped.

    Example:
        >>> print(with_still("<iframe></iframe>", "<svg/>", "a film"))  # doctest: +ELLIPSIS
        <style>.wengert-still{display:none}</style><div class="wengert-still"><img .../></div><iframe></iframe>
    """
    style = element("style", ".wengert-still{display:none}")
    return style + element("div", image(svg, words), class_="wengert-still") + live


@dataclass(frozen=True)
class Axis:
    """A scale: from a number between `low` and `high` to its place between `start` and `end`.

    Example:
        >>> height = Axis(0.0, 10.0, start=100.0, end=20.0)
        >>> height(0.0), height(5.0)
        (100.0, 60.0)
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, number: float) -> float:
        """The place of a number; the start where the axis has no extent."""
        return self.start + (self.end - self.start) * self.share(number)

    def share(self, number: float) -> float:
        """How far along the axis a number is, from 0 to 1."""
        return (number - self.low) / ((self.high - self.low) or 1.0)


def apart(heights: Sequence[float], distance: float, top: float, bottom: float) -> list[float]:
    """The heights, moved so that lines of text there neither overlap nor leave the picture.

    Example:
        >>> apart([50.0, 48.0, 99.0], 10.0, top=0.0, bottom=100.0)
        [58.0, 48.0, 99.0]
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    free = top
    for below, which in zip(range(len(order) - 1, -1, -1), order, strict=True):
        moved[which] = min(max(heights[which], free), bottom - distance * below)
        free = moved[which] + distance
    return moved


def blend(ground: str, full: str, share: float) -> str:
    """A colour between two: `ground` for a share of 0, `full` for 1.

    Example:
        >>> blend("#ffffff", "#000000", 0.5)
        '#808080'
    """
    channels = zip(bytes.fromhex(ground[1:]), bytes.fromhex(full[1:]), strict=True)
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in channels)
