"""Labels of an endpoint in the analyses: their order, their words and their colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stromal.endpoints.endpoint import Label
from stromal.report.figures.palette import TONES
from stromal.report.words import render_name


def order_names(names: Iterable[str], labels: Sequence[Label]) -> list[str]:
    """Return names from the best label to the worst, each once; undeclared ones follow.

    Examples
    --------
    >>> declared = (Label("NR", "no response", rank=1), Label("CR", "a complete response", rank=0))
    >>> order_names(["x", "NR", "CR"], declared)
    ['CR', 'NR', 'x']
    """
    ranks = {label.name: label.rank for label in labels}
    return sorted(dict.fromkeys(names), key=lambda name: ranks.get(name, len(ranks)))


def colour_names(labels: Sequence[Label]) -> dict[str, str]:
    """Return the colour of every label that has a tone, from the best to the worst.

    Examples
    --------
    >>> colour_names((Label("CR", "a complete response", rank=0, tone="best"),))
    {'CR': '#0b5c6b'}
    """
    ordered = sorted(labels, key=lambda label: label.rank)
    return {label.name: TONES[label.tone] for label in ordered if label.tone}


def find_label(name: str, labels: Sequence[Label]) -> Label:
    """Return the declared label of that name; an undeclared one speaks for itself.

    Examples
    --------
    >>> find_label("very_deep", ()).words
    'very deep'
    """
    for label in labels:
        if label.name == name:
            return label
    return Label(name, render_name(name), rank=len(labels))
