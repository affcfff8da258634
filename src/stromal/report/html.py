"""Blocks as HTML: the one place that knows tags, through the templates beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from re import sub

import jinja2
import polars as pl
from markupsafe import Markup, escape

from stromal.report.blocks import Block, Picture, Prose, Section, Span
from stromal.report.citations import find_citations
from stromal.report.cite import number_references
from stromal.report.words import render_sentence, typeset
from stromal.tables.escape import escape_cell, write_csv


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its title, the paragraphs of its summary, its sections, and what kind it is."""

    title: str
    summary: tuple[Prose, ...]
    sections: tuple[Section, ...]
    kicker: str = "Study report"


def render_page(page: Page) -> str:
    """Return one HTML document, with its style inside, that loads nothing from outside.

    Examples
    --------
    >>> from stromal.report.blocks import prose
    >>> page = Page("Two arms", (prose("2 < 3."),), (Section("a", "Arms", (prose("`x`"),)),))
    >>> html = render_page(page)
    >>> "&lt;" in html, '<h2 id="a">Arms</h2>' in html, "<code>x</code>" in html
    (True, True, True)
    """
    # The style sheet is ours and holds no character that HTML would read.
    css = Markup(_read_template("style.css").strip())  # noqa: S704
    template = _environment(page.sections).get_template("report.html.j2")
    return template.render(page=page, css=css).strip() + "\n"


def _environment(sections: Iterable[Section]) -> jinja2.Environment:
    """Templates with autoescape, and the filters that words and citations pass through."""
    sections = tuple(sections)
    numbers = {item.key: item.number for item in number_references(find_citations(sections))}
    blocks = (block for section in sections for block in section.walk())
    pictures = (block.figure.name for block in blocks if isinstance(block, Picture))
    figures = {name: number for number, name in enumerate(pictures, start=1)}
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = lambda text: render_text(escape_cell(text))
    environment.filters["text"] = render_text
    environment.filters["sentence"] = render_sentence
    environment.filters["kind"] = name_kind
    environment.filters["numbers"] = lambda keys: sorted(
        {numbers[key] for key in keys if key in numbers}
    )
    environment.filters["csv_base64"] = encode_csv
    environment.filters["figure_number"] = lambda name: figures[name]
    return environment


def _read_template(name: str) -> str:
    return files("stromal.report").joinpath(f"templates/{name}").read_text("utf-8")


def name_kind(item: Block | Span) -> str:
    """Return the name by which a template knows a block or a span of words.

    Examples
    --------
    >>> from stromal.report.blocks import Cite
    >>> name_kind(Cite(("harris2016",))), name_kind("words")
    ('cite', 'str')
    """
    return type(item).__name__.lower()


def encode_csv(frame: pl.DataFrame) -> str:
    r"""Return a table as CSV text in base64, which a link can hold.

    Examples
    --------
    >>> from base64 import b64decode
    >>> b64decode(encode_csv(pl.DataFrame({"day": [0.5]})))
    b'day\n0.5\n'
    """
    file = BytesIO()
    write_csv(frame, file)
    return b64encode(file.getvalue()).decode("ascii")


def render_text(text: str) -> Markup:
    r"""Return words of a protocol as HTML: escaped, with powers, `names` in backticks as code.

    Examples
    --------
    >>> str(render_text("`doses` <b> 10^9/L")).replace("\u00a0", " ")
    '<code>doses</code> &lt;b&gt; 10⁹/L'
    """
    # What is between the tags has been escaped on the line above.
    safe = str(escape(typeset(text)))
    return Markup(sub(r"`([^`\n]+)`", r"<code>\1</code>", safe))  # noqa: S704
