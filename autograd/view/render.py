"""Finding a `dot` program, and running it.

The order of search: the environment variable AUTOGRAD_DOT, `dot` on the PATH, and the program of the wheel
`graphviz-pure`, which is installed with this package, so that pictures need no system Graphviz.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from autograd.markup import RESPONSIVE

HINT = "to get more pictures, `pip install graphviz-pure`, or install Graphviz, or set AUTOGRAD_DOT to a `dot` program"
SECONDS = 10
BEGINNINGS = {"svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF"}
ENDS = {"svg": b"</svg>"}
"""What a picture of each format contains near its beginning, and at its end."""
HALO = re.compile(r'(<text[^>]*?) stroke="[^"]*" stroke-width="3" paint-order="stroke"(>[^<]*</text>)')


class RenderError(RuntimeError):
    """No picture could be made; the message says why, and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}; {HINT}")
        self.reason = reason


class SlowRenderError(RenderError):
    """The program was stopped, since it took too long."""


@dataclass(frozen=True)
class Renderer:
    """A `dot` program and how it was found."""

    program: str
    found: str


def find_dot() -> Renderer | None:
    """The first `dot` program of the search, or None."""
    if program := os.environ.get("AUTOGRAD_DOT"):
        return Renderer(program, "AUTOGRAD_DOT")
    if program := shutil.which("dot"):
        return Renderer(program, "dot on the PATH")
    for folder in filter(None, _folders()):
        if program := shutil.which("graphviz-pure", path=folder):
            return Renderer(program, "the wheel graphviz-pure")
    return None


def _folders() -> Iterator[str]:
    """The folders of this environment's programs, nearest first; the PATH lacks them if it is not activated."""
    yield sysconfig.get_path("scripts")
    yield str(Path(sys.executable).parent)
    with suppress(metadata.PackageNotFoundError):  # installed with --target, programs are elsewhere
        for file in metadata.files("graphviz-pure") or []:
            if file.stem == "graphviz-pure":
                yield str(Path(str(file.locate())).resolve().parent)
    if sys.platform != "emscripten":
        yield sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))
    yield os.environ.get("PATH", "")


def render(source: str, form: str) -> bytes:
    """Renders DOT source as "svg", "png" (at twice the size, for sharp text) or "pdf".

    Raises:
        RenderError: there is no renderer, or it failed; `SlowRenderError` if it took longer than `SECONDS`.
    """
    return _checked(_run([f"-T{form}", *["-Gdpi=144"] * (form == "png")], source), form)


def svg_and_png(source: str) -> tuple[bytes, bytes]:
    """Renders DOT source as SVG and as PNG in one run of the program, so that both show one layout.

    Raises:
        RenderError: as `render` does, and where the program cannot write both.
    """
    with TemporaryDirectory(prefix="wengert-") as folder:
        svg, png = (Path(folder, f"picture.{form}") for form in ("svg", "png"))
        _run(["-Tsvg", f"-o{svg}", "-Tpng", f"-o{png}", "-Gdpi=144"], source)
        one, other = (file.read_bytes() if file.exists() else b"" for file in (svg, png))
    return at_72_dpi(_checked(one, "svg")), _checked(other, "png")


def _checked(picture: bytes, form: str) -> bytes:
    if not _is_picture(picture, form):
        raise RenderError(f"{_found()} is no `dot`: it answered without a picture")
    return picture


def _found() -> str:
    renderer = find_dot()
    return f"{renderer.program} ({renderer.found})" if renderer else "nothing"


def _run(options: list[str], source: str) -> bytes:
    """What the program writes."""
    renderer = find_dot()
    if renderer is None:
        raise RenderError("no `dot` program found")
    try:
        done = subprocess.run(
            [renderer.program, *options], input=source.encode(), capture_output=True, check=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise SlowRenderError(f"{_found()} took longer than {SECONDS} seconds") from error
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", b"").decode(errors="replace").strip() or _in_words(error)
        raise RenderError(f"{_found()} failed: {said.splitlines()[-1]}") from error
    return done.stdout


def at_72_dpi(svg: bytes) -> bytes:
    """An SVG that was drawn at 144 dpi together with a PNG, at the size of the others: one unit is one point.

    Programs disagree on whether its `viewBox` is in points or in dots; its `width` is in dots.
    """
    width, height = (float(found) / 2 for found in re.findall(rb'<svg width="([\d.]+)pt" height="([\d.]+)pt"', svg)[0])
    head = f'<svg width="{width:g}pt" height="{height:g}pt"\n viewBox="0.00 0.00 {width:.2f} {height:.2f}"'
    svg = re.sub(rb'<svg width="[^"]*" height="[^"]*"\s*viewBox="[^"]*"', head.encode(), svg, count=1)
    return svg.replace(b'transform="scale(2 2)', b'transform="scale(1 1)', 1)


def converted(svg: str, form: str, reason: str) -> bytes:
    """An SVG as "png", at twice the size, or "pdf", by CairoSVG.

    Raises:
        RenderError: it is not installed, or lacks the library cairo; the message begins with the reason that it is
            asked.
    """
    try:
        import cairosvg
    except (ImportError, OSError) as error:  # an OSError where the library itself is missing
        raise RenderError(f"{reason}; no {form}: pip install 'wengert[pdf]' converts the SVG ({error})") from error
    convert = {"png": cairosvg.svg2png, "pdf": cairosvg.svg2pdf}[form]
    svg = svg.replace(f' style="{RESPONSIVE}"', "", 1)  # which CairoSVG takes for a height of 0
    svg = HALO.sub(r"\g<0>\1\2", svg)  # it draws the halo of a text above it, so the text comes once more
    picture: bytes = convert(bytestring=svg.encode(), scale=2.0 if form == "png" else 0.75)  # a pixel is 3/4 point
    return picture


def _in_words(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"exit status {error.returncode}"


def _is_picture(answer: bytes, form: str) -> bool:
    return BEGINNINGS.get(form, b"") in answer[:2000] and answer.rstrip().endswith(ENDS.get(form, b""))


def diagnosis() -> str:
    """Describes the renderer: the program, how it was found, and the formats that it writes."""
    renderer = find_dot()
    if renderer is None:
        return f"pictures are drawn by our own layout, as SVG only, because no `dot` program was found; {HINT}"
    can = []
    for form in ("svg", "png", "pdf"):
        try:
            render("digraph { a -> b }", form)
            can.append(form)
        except RenderError as error:
            complaint = error
    if not can:
        return f"pictures are drawn by our own layout, as SVG only: {complaint}"
    return f"pictures are drawn by {renderer.program} (found as {renderer.found}), which writes {', '.join(can)}"
