"""The page: one HTML file that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from re import sub
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup, escape

from stromal.protocol.protocol import AgreementAnalysis, Analysis, Protocol
from stromal.report.baseline import render_baseline
from stromal.report.cite import Reference, number_references
from stromal.report.comparison import describe_comparison, render_comparison
from stromal.report.content import Content, Definition
from stromal.report.disagreement import render_disagreements
from stromal.report.doses_given import render_doses_given
from stromal.report.every_patient import render_outcomes
from stromal.report.figures.figure import Figure
from stromal.report.groups import label_analysis, label_day_zero, label_endpoint
from stromal.report.summary import primary_endpoint, render_finding, render_summary
from stromal.report.tables import (
    render_estimates,
    render_flow,
    render_issues,
    render_regimens,
)
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    count_noun,
    render_list,
    render_name,
    render_range,
    typeset,
)
from stromal.tables.escape import escape_cell

_FOLD_FROM = 14


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the contents."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Result:
    """One analysis on the page."""

    id: str
    title: str
    primary: bool
    finding: str
    table: View
    disagreements: View
    agrees_everywhere: bool
    figure: Figure | None = None
    number: int = 0
    note: str = ""
    endpoint: str = ""
    definition: Definition | None = None

    @property
    def folded(self) -> bool:
        """Whether a long table under a figure is folded away."""
        return self.figure is not None and len(self.table.rows) > _FOLD_FROM


def render_report(content: Content) -> str:
    """The page as HTML text: the same content gives the same text.

    Parameters
    ----------
    content
        Everything a run found.

    Returns
    -------
    str
        One HTML document with its style and pictures inside; it loads nothing from outside.

    Examples
    --------
    >>> from stromal.protocol.protocol import Arm, Population, Protocol, Study
    >>> from stromal.tables.patients import Patients
    >>> protocol = Protocol(
    ...     format=2,
    ...     study=Study(name="three", title="Three patients", day_zero="enrolment"),
    ...     population=Population(description="adults"),
    ...     arms={"msc": Arm(label="MSC")},
    ... )
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2", "3"], "arm": ["msc"] * 3})
    ... )
    >>> page = render_report(Content(protocol, patients))
    >>> "3 patients were analysed." in page
    True
    """
    references = number_references(_cited(content))
    environment = _environment(references)
    text = environment.get_template("report.html.j2").render(
        **_study_parts(content), **_result_parts(content), references=references
    )
    return text.strip() + "\n"


def _environment(references: Sequence[Reference]) -> jinja2.Environment:
    """Templates with autoescape, and the filters that cells and citations pass through."""
    numbers = {reference.key: reference.number for reference in references}
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
    environment.filters["settings"] = render_settings
    environment.filters["numbers"] = lambda keys: sorted(
        {numbers[key] for key in keys if key in numbers}
    )
    return environment


def _read_template(name: str) -> str:
    return files("stromal.report").joinpath(f"templates/{name}").read_text("utf-8")


def _study_parts(content: Content) -> dict[str, Any]:
    """Everything before the results, and what is needed to run the study again."""
    protocol, facts = content.protocol, content.facts
    versions = view_of(
        "Versions",
        [Heading("Software"), Heading("Version")],
        [[name, version] for name, version in facts.versions.items()],
    )
    inputs = view_of(
        "Input files",
        [Heading("File"), Heading("SHA-256", wide=True)],
        [[name, Cell(digest, "muted")] for name, digest in facts.inputs.items()],
    )
    return {
        # The style sheet is ours and holds no character that HTML would read.
        "css": Markup(_read_template("style.css").strip()),  # noqa: S704
        "study": protocol.study,
        "summary": " ".join(render_summary(content)),
        "study_facts": _study_facts(protocol),
        "day_zero": label_day_zero(protocol),
        "regimens": render_regimens(protocol),
        "flow": render_flow(content),
        "doses_given": render_doses_given(protocol, content.patients),
        "baseline": render_baseline(protocol, content.patients),
        "issues": render_issues(content),
        "issues_sentence": _issues_sentence(content),
        "facts": facts,
        "versions": versions,
        "inputs": inputs,
    }


def _study_facts(protocol: Protocol) -> list[tuple[str, str]]:
    """Question, design, population and day 0, as far as they are stated."""
    study, population = protocol.study, protocol.population
    ages = (population.age_min_years, population.age_max_years)
    age = ""
    if all(value is not None for value in ages):
        age = f"{render_range(*ages)} years"
    elif ages[0] is not None:
        age = f"{ages[0]:g} years or older"
    elif ages[1] is not None:
        age = f"up to {ages[1]:g} years"
    found = (
        ("Question", study.question),
        ("Design", study.design),
        ("Population", population.description),
        ("Diagnoses", "; ".join(population.diagnoses)),
        ("Included", "; ".join(population.inclusion)),
        ("Excluded", "; ".join(population.exclusion)),
        ("Age", age),
        ("Planned", f"{population.planned_n} patients" if population.planned_n else ""),
        ("Day 0", label_day_zero(protocol)),
        ("Registry", study.registry),
    )
    return [(name, text) for name, text in found if text]


def _issues_sentence(content: Content) -> str:
    counts = {
        noun: sum(issue.severity.value == noun for issue in content.issues)
        for noun in ("error", "warning", "note")
    }
    parts = [count_noun(number, noun) for noun, number in counts.items() if number]
    return f"{render_list(parts)}." if parts else ""


def _result_parts(content: Content) -> dict[str, Any]:
    """Results, comparison, outcomes, methods, and the contents of the page."""
    results = _results(content)
    sections = [
        Section("study", "Study and arms"),
        Section("patients", "Patients"),
        Section("issues", "Issues"),
        Section("results", "Results"),
        *([Section("published", "Published versus ours")] if content.comparison.height else []),
        Section("outcomes", "Every patient"),
        Section("methods", "Methods"),
        *([Section("references", "References")] if _cited(content) else []),
        Section("reproduce", "Reproduce"),
    ]
    return {
        "sections": sections,
        "results": results,
        "comparison": render_comparison(content) if content.comparison.height else None,
        "comparison_sentence": describe_comparison(content),
        "outcomes": render_outcomes(content),
        "methods": list(dict.fromkeys(content.estimates["method"].drop_nulls())),
        "method_sources": _split(content.estimates["sources"]),
        "endpoints": render_definitions(content),
        "definitions": [
            {"heading": label_endpoint(content.protocol, item.name), "definition": item}
            for item in content.definitions
            if item not in [result.definition for result in results]
        ],
    }


def render_definitions(content: Content) -> View:
    """Every endpoint with its rule, criteria and parameters."""
    rows = [
        [
            Cell(label_endpoint(content.protocol, item.name), "strong"),
            Cell(item.title),
            Cell(f"{item.criteria}, version {item.version}", "", item.sources),
            Cell("; ".join(render_settings(item.parameters)) or MISSING),
        ]
        for item in content.definitions
    ]
    headings = [Heading(text) for text in ("Endpoint", "Rule", "Criteria", "Parameters")]
    return view_of("Endpoints", headings, rows, wordy=True)


def _results(content: Content) -> tuple[Result, ...]:
    """Every analysis of the protocol, figures numbered in order."""
    primary = primary_endpoint(content)
    results = []
    number = 0
    defined: set[str] = set()
    for analysis in content.protocol.analyses:
        endpoint = getattr(analysis, "endpoint", None) or ""
        figure = content.figures.get(analysis.name)
        number += figure is not None
        definition = None if endpoint in defined else content.definition(endpoint)
        defined.add(endpoint)
        results.append(
            _result(content, analysis, endpoint, definition)
            | {
                "figure": figure,
                "number": number,
                "primary": primary is not None
                and primary.primary
                and primary.name == endpoint
                and analysis.estimate != "trajectory",
            }
        )
    return tuple(Result(**result) for result in results)


def _result(
    content: Content, analysis: Analysis, endpoint: str, definition: Definition | None
) -> dict[str, Any]:
    table = render_estimates(content, analysis)
    compared = isinstance(analysis, AgreementAnalysis)
    disagreements = (
        render_disagreements(content, analysis)
        if isinstance(analysis, AgreementAnalysis)
        else view_of("", [], [])
    )
    return {
        "id": f"result-{analysis.name.replace('_', '-')}",
        "title": label_analysis(content.protocol, analysis.name),
        "finding": " ".join(render_finding(content, analysis)),
        "table": table,
        "disagreements": disagreements,
        "agrees_everywhere": compared and bool(table) and not disagreements,
        "note": analysis.note,
        "endpoint": label_endpoint(content.protocol, endpoint) if endpoint else "",
        "definition": definition,
    }


def _cited(content: Content) -> list[str]:
    """Citation keys in the order in which the page uses them."""
    keys = list(content.protocol.study.sources)
    for analysis in content.protocol.analyses:
        definition = content.definition(getattr(analysis, "endpoint", None) or "")
        keys += definition.sources if definition else ()
    if content.comparison.height:
        keys += content.comparison["source"].drop_nulls().to_list()
    keys += _split(content.estimates["sources"])
    for item in content.definitions:
        keys += item.sources
    return list(dict.fromkeys(keys))


def _split(sources: pl.Series) -> list[str]:
    """Keys of a column that holds several in a cell, each once."""
    return list(dict.fromkeys(key for cell in sources.drop_nulls() for key in cell.split()))


def render_sentence(text: str) -> str:
    """The text with a capital and a full stop.

    Examples
    --------
    >>> render_sentence("child 31 is missing")
    'Child 31 is missing.'
    """
    stripped = text.strip()
    end = "" if stripped.endswith((".", "?", "!")) else "."
    return f"{stripped[:1].upper()}{stripped[1:]}{end}"


def render_text(text: str) -> Markup:
    """Words of a protocol as HTML: escaped, with powers, and `names` in backticks as code.

    Examples
    --------
    >>> str(render_text("`doses` <b> 10^9/L")).replace("\u00a0", " ")
    '<code>doses</code> &lt;b&gt; 10⁹/L'
    """
    # What is between the tags has been escaped on the line above.
    safe = str(escape(typeset(text)))
    return Markup(sub(r"`([^`\n]+)`", r"<code>\1</code>", safe))  # noqa: S704


def render_settings(parameters: Mapping[str, Any]) -> list[str]:
    """Parameters as `name value`, those that are not set left out.

    Examples
    --------
    >>> render_settings({"system": "magic", "day": 28.0, "confirm": None, "needs": ["CR", "PR"]})
    ['system magic', 'day 28', 'needs CR, PR']
    """
    return [
        f"{render_name(name)} {_setting(value)}"
        for name, value in parameters.items()
        if value is not None and value not in ("", [], {}, ())
    ]


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}".replace("-", "\u2212")
    if isinstance(value, str):
        return render_name(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{render_name(key)} {_setting(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_setting(item) for item in value)
    return str(value)
