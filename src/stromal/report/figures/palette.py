"""Colours: told apart by colour-blind readers, and light enough to print."""

from __future__ import annotations

INK = "#1c2326"
MUTED = "#66737a"
RULE = "#d5dbde"
FAINT = "#eef1f2"
ACCENT = "#0b5c6b"
ALERT = "#b4431f"

# Okabe and Ito's palette without yellow, which is too light for lines on white.
GROUPS = ("#0072b2", "#d55e00", "#009e73", "#a6558a", "#b07d00", "#3f9bd1", "#4d4d4d")

# Best outcome first; the middle of the scale is pale so that both ends stand out.
RESPONSES = {
    "CR": "#0b5c6b",
    "VGPR": "#2f7f86",
    "PR": "#6fb0ad",
    "R": "#6fb0ad",
    "responded": "#6fb0ad",
    "MR": "#c4dad3",
    "SD": "#e3dccb",
    "NR": "#d9a679",
    "PD": "#b4623a",
    "yes": "#2f7f86",
    "no": "#e3dccb",
    "alive": "#6fb0ad",
    "dead": "#4d4d4d",
}
GRADES = {
    "0": "#eef1f2",
    "I": "#f7dfc4",
    "II": "#eeb98a",
    "III": "#d98552",
    "IV": "#a94a24",
    "A": "#f7dfc4",
    "B": "#eeb98a",
    "C": "#d98552",
    "D": "#a94a24",
}
STAGES = ("#f4f6f6", "#f7dfc4", "#eeb98a", "#d98552", "#a94a24")
UNKNOWN = "#ffffff"

# From the best to the worst, so that bars and legends read in the order clinicians say them.
ORDER = ("CR", "VGPR", "PR", "R", "responded", "MR", "SD", "NR", "PD", "yes", "no", "alive", "dead")
GRADE_ORDER = ("0", "I", "II", "III", "IV", "A", "B", "C", "D", "1", "2", "3", "4", "5")


def colour_group(position: int) -> str:
    """The colour of the group at that position; the palette repeats after seven.

    Examples
    --------
    >>> colour_group(0) == colour_group(7)
    True
    """
    return GROUPS[position % len(GROUPS)]


def colour_label(label: str | None, position: int = 0) -> str:
    """The colour of a response or grade; other labels take group colours by position.

    Examples
    --------
    >>> colour_label("CR")
    '#0b5c6b'
    """
    if label is None:
        return UNKNOWN
    return RESPONSES.get(label) or GRADES.get(label) or colour_group(position)


def order_labels(labels: list[str]) -> list[str]:
    """Labels from the best to the worst, unknown ones after them in the order given.

    Examples
    --------
    >>> order_labels(["NR", "CR", "PR"])
    ['CR', 'PR', 'NR']
    """
    known = {label: place for place, label in enumerate((*ORDER, *GRADE_ORDER))}
    return sorted(dict.fromkeys(labels), key=lambda label: known.get(label, len(known)))


def contrast(colour: str) -> str:
    """Ink or white, whichever reads better on a colour written as #rrggbb.

    Examples
    --------
    >>> contrast("#0b5c6b")
    '#ffffff'
    """
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if luminance < 0.25 else INK


def _linear(channel: float) -> float:
    """A channel of sRGB as linear light (WCAG 2.1)."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
