"""A figure of the page: its picture as SVG text, and the words around it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG text with its title and caption.

    `analysis` is the analysis of the protocol that it belongs to; `name` is unique on the page and
    serves as file name without extension.
    """

    name: str
    svg: str
    title: str
    caption: str
    analysis: str = ""
