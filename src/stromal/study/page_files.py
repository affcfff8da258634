"""A page and its figures as files of a run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stromal.report.blocks import Section, list_figures


def write_page(page: str, sections: Iterable[Section], folder: Path) -> None:
    """Write `report.html`, and every figure of its sections as SVG into a new folder `figures`.

    Parameters
    ----------
    page
        HTML text.
    sections
        Those of the page.
    folder
        Of the run.
    """
    _write_text(folder / "report.html", page)
    (folder / "figures").mkdir()
    for figure in list_figures(sections):
        _write_text(folder / "figures" / f"{figure.name}.svg", figure.svg)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
