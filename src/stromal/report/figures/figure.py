"""A figure of the page: its numbers, its picture as SVG text, and the words around it."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG text with its title and caption, and the numbers that it shows.

    `frame` holds what is drawn, in named columns, so that a reader gets the numbers and another
    program can draw its own picture. `analysis` is the analysis of the protocol that it belongs to;
    `name` is unique on the page and serves as file name without extension.
    """

    name: str
    svg: str
    title: str
    caption: str
    frame: pl.DataFrame = field(compare=False, repr=False)
    analysis: str = ""
