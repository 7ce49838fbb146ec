"""Pictures of training with matplotlib, in one style: for light and dark pages, and for the colour-blind.

    >>> import nn
    >>> figure, axes = nn.plot.figure(title="Two losses")
    >>> nn.plot.median_curves(axes, {"SGD": [[3.0, 2.0, 1.0], [3.0, 2.5, 2.0]], "Adam": [3.0, 1.0, 0.5]})
    >>> figure
    <LectureFigure: Two losses>

matplotlib comes with `pip install "wengert[notebooks]"`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd import atomic, characters, markup
from nn.conversion import as_array

try:
    import matplotlib as mpl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL import Image
except ImportError as error:
    raise ImportError('nn.plot needs matplotlib: pip install "wengert[notebooks]"') from error

Array: TypeAlias = NDArray[Any]
Limits: TypeAlias = tuple[float, float]

INK = "#767676"
"""The grey with the same contrast to a white page as to a nearly black one."""

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", INK)
"""Those of Okabe and Ito (2008) that can be seen on light and on dark pages, and a grey."""

LOOKS: tuple[dict[str, Any], ...] = tuple(
    {"color": color, "linestyle": dash, "marker": marker}
    for color, dash, marker in zip(COLORS, ("-", "--", "-.", ":", "-", "--", "-."), "os^Dv*X", strict=True)
)
"""A colour, a dash and a marker for each line, so that colour is never all that tells lines apart."""

DOTS_PER_INCH = 110
PALETTE = 64
GRID_POINTS = 121

STYLE: Any = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 9,
    "image.interpolation": "nearest",
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


class LectureFigure(Figure):
    """A figure of matplotlib that a notebook displays as a small PNG; without pyplot, so that no figure stays open."""

    def png(self) -> bytes:
        """The picture with a palette of 64 colours on a transparent page: the same bytes on every run."""
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=DOTS_PER_INCH, transparent=True)
        small = BytesIO()
        picture = Image.open(buffer).quantize(PALETTE, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        picture.save(small, format="png", optimize=True)
        return small.getvalue()

    def save(self, path: str | Path) -> Path:
        """Writes the picture to a file ending in .png; returns the path.

        Raises:
            ValueError: the file has another suffix.
        """
        return atomic.write_by_suffix(path, {".png": self.png})

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"image/png": b64encode(self.png()).decode(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        titles = [self.get_suptitle(), *(axes.get_title(loc) for axes in self.axes for loc in ("left", "center"))]
        return f"<LectureFigure: {'; '.join(filter(None, titles)) or 'without a title'}>"


def figure(
    rows: int = 1, columns: int = 1, *, width: float = 7.2, height: float = 2.9, title: str = "", **options: Any
) -> tuple[LectureFigure, Any]:
    """A figure and its axes, as `matplotlib.pyplot.subplots` returns them.

    From the first one on, matplotlib draws in the style of this module, whose parameters are `nn.plot.STYLE`.

    Args:
        rows: of axes.
        columns: of axes.
        width: in inches; 7.2 fill a page.
        height: in inches.
        title: above the only axes, or above all of them.
        options: those of `Figure.subplots`, such as `sharey=True` or `width_ratios=(2, 1)`.

    Example:
        >>> figure(1, 2, sharey=True)[1].shape
        (2,)
    """
    mpl.rcParams.update(STYLE)
    drawn = LectureFigure(figsize=(width, height))
    axes = drawn.subplots(rows, columns, **options)
    if title and isinstance(axes, Axes):
        axes.set_title(title)
    elif title:
        drawn.suptitle(title, fontsize=10)
    return drawn, axes


def median_curves(
    axes: Axes, curves: Mapping[str, ArrayLike], x: ArrayLike | None = None, *, log: bool = False, legend: bool = True
) -> None:
    """The median over seeds of each curve as a line, and the range of all seeds as a band.

    Args:
        axes: where to draw.
        curves: by name, arrays of shape (seeds, steps); a curve of shape (steps,) is a line without a band.
        x: of shape (steps,); 0, 1, 2, … by default.
        log: whether the vertical axis is logarithmic.
        legend: whether to write the names.
    """
    for (name, curve), look in zip(curves.items(), _looks(len(curves)), strict=True):
        seeds = np.atleast_2d(as_array(curve))
        places = np.arange(seeds.shape[1]) if x is None else np.asarray(x)
        line = {part: look[part] for part in ("color", "linestyle")}
        axes.plot(places, np.median(seeds, axis=0), label=name, **line)
        if len(seeds) > 1:
            low, high = seeds.min(axis=0), seeds.max(axis=0)
            axes.fill_between(places, low, high, color=look["color"], alpha=0.2, linewidth=0)
    if log:
        axes.set_yscale("log")
    if legend:
        axes.legend()


def decision_regions(
    axes: Axes,
    classify: Callable[[Array], Any],
    x_limits: Limits,
    y_limits: Limits,
    points: ArrayLike | None = None,
    targets: ArrayLike | None = None,
) -> None:
    """The plane in the colours of the classes, and the data on it.

    Args:
        axes: where to draw.
        classify: takes points of shape (n, 2) and returns classes of shape (n,), scores of shape (n, classes), or one
            score for each point, of which a positive one stands for class 1.
        x_limits: from left to right.
        y_limits: from bottom to top.
        points: data of shape (n, 2).
        targets: their classes, of shape (n,).
    """
    grid, _, _ = _grid(x_limits, y_limits)
    classes = _classes(as_array(classify(grid.reshape(-1, 2)))).reshape(grid.shape[:2])
    colors = mpl.colors.ListedColormap(COLORS[: max(int(classes.max()) + 1, 2)])
    extent = (*x_limits, *y_limits)
    scale: dict[str, Any] = {"cmap": colors, "vmin": -0.5, "vmax": colors.N - 0.5}
    axes.imshow(classes, origin="lower", extent=extent, aspect="auto", alpha=0.3, **scale)
    axes.set(xlim=x_limits, ylim=y_limits)
    if points is None:
        return
    data = np.asarray(points)
    kinds = np.zeros(len(data), int) if targets is None else np.asarray(targets).astype(int)
    for kind in np.unique(kinds):
        look = LOOKS[int(kind) % len(LOOKS)]
        axes.plot(
            *data[kinds == kind].T, look["marker"], color=look["color"], markeredgecolor="white", markeredgewidth=0.5
        )


def paths(
    axes: Axes,
    surface: Callable[[Array], Any],
    paths: Mapping[str, ArrayLike],
    x_limits: Limits,
    y_limits: Limits,
    *,
    levels: int | Sequence[float] = 12,
    legend: bool = True,
) -> None:
    """The contours of a surface, and what optimizers do on it.

    Args:
        axes: where to draw.
        surface: takes points of shape (…, 2) and returns heights of shape (…).
        paths: by name, arrays of shape (steps, 2).
        x_limits: from left to right.
        y_limits: from bottom to top.
        levels: the heights of the contours, or how many.
        legend: whether to write the names.
    """
    grid, xs, ys = _grid(x_limits, y_limits)
    axes.contour(xs, ys, as_array(surface(grid)), levels, colors=INK, linewidths=0.6, linestyles="-", alpha=0.6)
    for (name, path), look in zip(paths.items(), _looks(len(paths)), strict=True):
        axes.plot(*np.asarray(path).T, label=name, linewidth=1.2, markersize=3, **look)
    axes.set(xlim=x_limits, ylim=y_limits)
    if legend and paths:
        axes.legend()


def images(
    arrays: ArrayLike, titles: Sequence[str] = (), *, columns: int = 8, size: float = 0.9, signed: bool = False
) -> LectureFigure:
    """A grid of images.

    Args:
        arrays: of shape (images, height, width).
        titles: above the images.
        columns: in a row.
        size: of an image in inches.
        signed: whether zero is white, positive numbers are blue and negative ones orange, by the same measure in all.

    Example:
        >>> images(np.zeros((2, 8, 8)), ["a", "b"])
        <LectureFigure: a; b>
    """
    pixels = as_array(arrays)
    columns = min(columns, len(pixels))
    rows = -(-len(pixels) // columns)
    title_height = 0.22 if len(titles) else 0.0
    options: dict[str, Any] = {"width": columns * size, "height": rows * (size + title_height), "squeeze": False}
    drawn, grid = figure(rows, columns, **options)
    most = float(np.abs(pixels).max()) or 1.0
    scale: dict[str, Any] = {"cmap": SIGNED, "vmin": -most, "vmax": most} if signed else {"cmap": "gray_r"}
    for place, axes in enumerate(grid.flat):
        axes.set_axis_off()
        if place < len(pixels):
            axes.imshow(pixels[place], **scale)
        if place < len(titles):
            axes.set_title(titles[place], fontsize=8, loc="center")
    return drawn


def heat_map(
    axes: Axes,
    grid: ArrayLike,
    rows: Sequence[Any],
    columns: Sequence[Any],
    *,
    form: str = "{:.3g}",
    limits: Limits | None = None,
) -> None:
    """A table of numbers in colours.

    Args:
        axes: where to draw.
        grid: of shape (rows, columns).
        rows: their names.
        columns: their names.
        form: how `str.format` writes a number.
        limits: the numbers at the ends of the scale; by default the smallest and the largest.
    """
    numbers = as_array(grid)
    low, high = limits or (float(np.nanmin(numbers)), float(np.nanmax(numbers)))
    axes.imshow(numbers, cmap="cividis", vmin=low, vmax=high, aspect="auto")
    for (row, column), number in np.ndenumerate(numbers):
        ink = "black" if number > (low + high) / 2 else "white"
        axes.text(column, row, form.format(number), ha="center", va="center", color=ink)
    axes.set_xticks(range(len(columns)), list(map(str, columns)))
    axes.set_yticks(range(len(rows)), list(map(str, rows)))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


class Drag:
    """Figures behind a slider, in one piece of HTML that needs no network; a still where scripts are stripped."""

    def __init__(self, figures: Mapping[Any, LectureFigure], label: str) -> None:
        if not figures:
            raise ValueError("drag shows at least one figure: nn.plot.drag({0.1: figure, 0.2: figure}, label='rate')")
        self.label = label
        self.values = [str(value) for value in figures]
        self.words = [repr(drawn) for drawn in figures.values()]
        self._sources = [f"data:image/png;base64,{b64encode(drawn.png()).decode()}" for drawn in figures.values()]

    @property
    def html(self) -> str:
        """The page; the last figure is the still."""
        data = {"sources": self._sources[:-1], "values": self.values, "label": self.label}
        last = len(self.values) - 1
        slider = f"wengert-{sha256(''.join(self._sources).encode()).hexdigest()[:8]}"
        words = f"{self.label} = {self.values[-1]}: {self.words[-1].strip('<>').partition(': ')[2]}"
        still = markup.element("img", src=self._sources[-1], alt=words, style="max-width:100%;height:auto")
        knob = (
            f'<input type="range" min="0" max="{last}" value="{last}" aria-label="{characters.xml_text(self.label)}"/>'
        )
        control = markup.element("label", knob, " ", markup.element("output", ""), hidden="hidden")
        script = SLIDER.replace("ID", slider).replace("DATA", characters.safe_json(data))
        return markup.element("div", markup.element("div", still), control, id=slider) + markup.element(
            "script", script
        )

    def save(self, path: str | Path) -> Path:
        """Writes the page to a file ending in .html; returns the path.

        Raises:
            ValueError: the file has another suffix.
        """
        head = '<!DOCTYPE html>\n<meta charset="utf-8">\n<title>A picture to drag</title>\n'
        return atomic.write_by_suffix(path, {".html": lambda: (head + self.html).encode()})

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Drag of {len(self.values)} figures: {self.label} from {self.values[0]} to {self.values[-1]}>"


def drag(figures: Mapping[Any, LectureFigure], label: str) -> Drag:
    """Figures behind a slider.

    Args:
        figures: by the value that the slider shows.
        label: what the value is.

    Raises:
        ValueError: there are no figures.

    Example:
        >>> drag({rate: figure(title=f"rate {rate}")[0] for rate in (0.1, 0.2)}, label="rate")
        <Drag of 2 figures: rate from 0.1 to 0.2>
    """
    return Drag(figures, label)


SIGNED = mpl.colors.LinearSegmentedColormap.from_list("signed", ("#b34700", "#ffffff", "#005a8c"))

SLIDER = """(() => {
  const root = document.getElementById("ID"), data = DATA;
  const image = root.querySelector("img"), control = root.querySelector("label");
  const [slider, output] = [control.querySelector("input"), control.querySelector("output")];
  data.sources.push(image.src);
  const show = () => {
    image.src = data.sources[slider.value];
    output.textContent = image.alt = `${data.label} = ${data.values[slider.value]}`;
  };
  slider.addEventListener("input", show);
  control.hidden = false;
  show();
})()"""


def _looks(count: int) -> list[dict[str, Any]]:
    return [LOOKS[place % len(LOOKS)] for place in range(count)]


def _grid(x_limits: Limits, y_limits: Limits) -> tuple[Array, Array, Array]:
    xs, ys = np.linspace(*x_limits, GRID_POINTS), np.linspace(*y_limits, GRID_POINTS)
    return np.stack(np.meshgrid(xs, ys), axis=-1), xs, ys


def _classes(scores: Array) -> Array:
    if scores.ndim == 2 and scores.shape[1] > 1:
        return scores.argmax(axis=1)
    scores = scores.reshape(-1)
    return scores if scores.dtype.kind in "biu" else (scores > 0).astype(int)
