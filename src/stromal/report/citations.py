"""Find the citation keys of sections, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stromal.report.blocks import Block, Cite, Facts, Prose, Section
from stromal.report.view import View


def find_citations(sections: Iterable[Section]) -> tuple[str, ...]:
    """Return every citation key of the sections, each once.

    Examples
    --------
    >>> from stromal.report.blocks import prose
    >>> page = [Section("a", "A", (prose("Seen", Cite(("harris2016",)), "."),))]
    >>> find_citations(page)
    ('harris2016',)
    """
    blocks = (block for section in sections for block in section.walk())
    return tuple(dict.fromkeys(key for block in blocks for key in _keys(block)))


def _keys(block: Block) -> Iterator[str]:
    if isinstance(block, Prose):
        for span in block.spans:
            yield from span.keys if isinstance(span, Cite) else ()
    elif isinstance(block, Facts):
        for fact in block.rows:
            yield from fact.sources
    elif isinstance(block, View):
        for row in block.rows:
            for cell in row:
                yield from cell.sources
