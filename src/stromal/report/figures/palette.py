"""Colours: told apart by colour-blind readers, and light enough to print."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

INK = "#1c2326"
MUTED = "#66737a"
RULE = "#d5dbde"
FAINT = "#eef1f2"
ACCENT = "#0b5c6b"
ALERT = "#b4431f"

# Okabe and Ito's palette without yellow, which is too light for lines on white.
GROUPS = ("#0072b2", "#d55e00", "#009e73", "#a6558a", "#b07d00", "#3f9bd1", "#4d4d4d")

TONES: Mapping[str, str] = MappingProxyType(
    {
        # Benefit: the middle of the scale is pale so that both ends stand out.
        "best": "#0b5c6b",
        "better": "#2f7f86",
        "good": "#6fb0ad",
        "mixed": "#c4dad3",
        "neutral": "#e3dccb",
        "poor": "#d9a679",
        "worst": "#b4623a",
        "dead": "#4d4d4d",
        "severity 0": "#eef1f2",
        "severity 1": "#f7dfc4",
        "severity 2": "#eeb98a",
        "severity 3": "#d98552",
        "severity 4": "#a94a24",
    }
)
"""Colours by meaning; an endpoint's label says which meaning it has."""
STAGES = ("#f4f6f6", "#f7dfc4", "#eeb98a", "#d98552", "#a94a24")
UNKNOWN = "#ffffff"


def colour_group(position: int) -> str:
    """The colour of the group at that position; the palette repeats after seven.

    Examples
    --------
    >>> colour_group(0) == colour_group(7)
    True
    """
    return GROUPS[position % len(GROUPS)]


def colour_label(label: str | None, colours: Mapping[str, str], position: int = 0) -> str:
    """Return the colour of a label; one without takes that of a group, by position.

    Examples
    --------
    >>> colour_label("CR", {"CR": TONES["best"]})
    '#0b5c6b'
    """
    if label is None:
        return UNKNOWN
    return colours.get(label) or colour_group(position)


def contrast(colour: str) -> str:
    """Ink or white, whichever reads better on a colour written as #rrggbb.

    Examples
    --------
    >>> contrast("#0b5c6b")
    '#ffffff'
    """
    return "#ffffff" if _luminance(colour) < 0.25 else INK


def deepen(colour: str) -> str:
    """Return the colour, darkened until small letters in it read on white (WCAG AA, 4.5 to 1).

    Examples
    --------
    >>> deepen("#3f9bd1"), deepen("#0072b2")
    ('#327da9', '#0072b2')
    """
    while 1.05 / (_luminance(colour) + 0.05) < 4.5:
        channels = (int(colour[i : i + 2], 16) * 19 // 20 for i in (1, 3, 5))
        colour = "#" + "".join(f"{channel:02x}" for channel in channels)
    return colour


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.1)."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    """A channel of sRGB as linear light (WCAG 2.1)."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
