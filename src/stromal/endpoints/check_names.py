"""Names that an endpoint reads are those of the study's vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stromal.endpoints.endpoint import Need
from stromal.errors import Issue
from stromal.likeness import find_nearest
from stromal.tables.vocabulary.vocabulary import Vocabulary

_WORDS = {"labs": "analyte", "events": "event", "assessments": "item of a scale"}
_TABLES = {"labs": "analytes", "events": "events", "assessments": "scales"}


def check_names(needs: Iterable[Need], vocabulary: Vocabulary, column: str) -> Iterator[Issue]:
    """Check that what an endpoint reads has a name, in the shared vocabulary or the protocol.

    Parameters
    ----------
    needs
        What the endpoint reads under its parameters.
    vocabulary
        The vocabulary of the study.
    column
        Key of the protocol that the issues name.

    Examples
    --------
    >>> from stromal.tables.vocabulary.vocabulary import SHARED
    >>> for issue in check_names([Need("labs", ("platelet",))], SHARED, "endpoints[0].parameters"):
    ...     print(issue)
    protocol.toml endpoints[0].parameters: analyte `platelet` is not known here.
    hint: did you mean `platelets`?
    """
    known = {
        "labs": tuple(vocabulary.analytes),
        "events": tuple(vocabulary.events),
        "assessments": tuple(
            f"{scale}.{item}" for scale, found in vocabulary.scales.items() for item in found.items
        ),
    }
    for need in needs:
        for name in need.names:
            if name not in known[need.table]:
                near = find_nearest(name, known[need.table])
                hint = f"did you mean `{near}`?" if near else f"declare it under {_place(need)}"
                message = f"{_WORDS[need.table]} `{name}` is not known here"
                yield Issue(message, "protocol.toml", column=column, hint=hint)


def _place(need: Need) -> str:
    return f"[{_TABLES[need.table]}] of the protocol"
