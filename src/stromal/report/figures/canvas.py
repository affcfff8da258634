"""The one place where a drawing becomes SVG text, the same text every time.

Fonts are measured with the one that matplotlib carries with it, so that a layout does not depend on
the machine; the text itself stays text and takes the reader's own system font, which is narrower.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from io import StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stromal.report.figures.palette import INK, MUTED, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
WIDTH = 7.4
WIDE = 8.9
"""Width [inch] of a picture that takes the whole column of the page, such as one with a table."""

_STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "stromal",
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.titlesize": 9,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 9,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.color": INK,
        "text.parse_math": False,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "grid.color": RULE,
        "grid.linewidth": 0.5,
        "legend.frameon": False,
        "legend.fontsize": 8.5,
        "lines.linewidth": 1.5,
        "lines.solid_capstyle": "butt",
        "patch.linewidth": 0,
        "figure.dpi": 100,
    }
)


def render_svg(
    paint: Callable[[Drawing], None],
    *,
    name: str,
    title: str,
    description: str,
    height: float,
    width: float = WIDTH,
) -> str:
    """SVG text of what `paint` draws on an empty figure.

    Parameters
    ----------
    paint
        Draws on the figure it is given.
    name
        Prefix of the ids in the picture, so that several pictures can share a page.
    title, description
        What a screen reader says.
    height, width
        Size [inch].

    Returns
    -------
    str
        One `svg` element, without XML declaration, dates or random ids.

    Examples
    --------
    >>> svg = render_svg(
    ...     lambda figure: figure.text(0.5, 0.5, "n = 3") and None,
    ...     name="x", title="Three", description="A number.", height=1,
    ... )
    >>> svg.startswith("<svg"), "n = 3" in svg, "<title" in svg
    (True, True, True)
    """
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure as Drawing  # noqa: PLC0415

    with mpl.rc_context():
        mpl.rcdefaults()
        style: Any = dict(_STYLE)
        mpl.rcParams.update(style)
        drawing = Drawing(figsize=(width, height))
        FigureCanvasSVG(drawing)
        paint(drawing)
        text = StringIO()
        drawing.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return _clean(text.getvalue(), name, title, description, wide=width > WIDTH)


def _clean(svg: str, name: str, title: str, description: str, *, wide: bool) -> str:
    """The svg element alone: ids of its own, a title and a description, the reader's fonts."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("'DejaVu Sans'", FONTS)
    used = set(re.findall(r"(?:url\(#|href=\"#)([^\")]+)", svg))
    svg = re.sub(
        r'\sid="([^"]+)"',
        lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "",
        svg,
    )
    svg = re.sub(r"(url\(#|href=\"#)", rf"\g<1>{name}-", svg)
    head, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', head)
    mark = 'class="wide" ' if wide else ""
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box[0] if box else ""} {mark}role="img" aria-labelledby="{name}-title {name}-desc">\n'
        f'<title id="{name}-title">{escape(title)}</title>\n'
        f'<desc id="{name}-desc">{escape(description)}</desc>'
    )
    return opening + rest.rstrip() + "\n"


def draw_grid(axes: Axes, *, axis: str = "y") -> None:
    """Faint lines behind the data along one axis."""
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis=axis)  # type: ignore[arg-type]
