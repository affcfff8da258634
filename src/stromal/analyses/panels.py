"""Several endpoints and groupings of one survival analysis: a panel for each pair of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

import polars as pl

from stromal.analyses.covariates import label_covariate
from stromal.analyses.effects import name_contrast, render_effect
from stromal.analyses.family import check_endpoints, find_endpoints
from stromal.analyses.kind import Answer, Row
from stromal.analyses.table import tabulate_estimates
from stromal.analyses.tests import find_test
from stromal.errors import Issue, join_words
from stromal.estimates.multiplicity import Correction, correct_p_values
from stromal.protocol.protocol import Protocol
from stromal.report.figures.curves import frame_curves
from stromal.report.figures.figure import Figure
from stromal.report.figures.survival_panels import SurvivalPanel, plot_survival_panels
from stromal.report.groups import label_analysis, label_day_zero, label_endpoint, label_group
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    capitalise,
    count_noun,
    decapitalise,
    render_interval,
    render_number,
    render_p_value,
)
from stromal.tables.statistics import (
    CORRECTED_P,
    HAZARD_RATIO,
    LEFT_OUT,
    LOG_RANK_P,
    MEDIAN_TIME,
    PROPORTIONAL_HAZARDS_P,
    Statistic,
)

FOUND = 0.05
"""P below which a comparison of a large family is said in a sentence; a habit, no boundary."""
_MARK = "; landmark on day "
_SAID = 3
"""Panels that are all said in words; of more, those that stand out."""


@dataclass(frozen=True, slots=True)
class Panel:
    """An endpoint and what makes its groups; `by` None is all patients together."""

    endpoint: str
    by: str | None = None


def is_family(use: Any) -> bool:  # noqa: ANN401
    """Tell whether an analysis is of several endpoints or groupings, and so has panels."""
    return bool(use.endpoints) or isinstance(use.by, tuple)


def list_groupings(by: str | tuple[str, ...] | None, protocol: Protocol) -> tuple[str, ...]:
    """Return what makes groups, in order: the names as written, and groupings like a pattern.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> list_groupings(("arm", "early_*"), read_protocol("studies/cart-cytopenia"))[:2]
    ('arm', 'early_anaemia')
    """
    written = (by,) if isinstance(by, str) else by or ()
    found: list[str] = []
    for name in written:
        like = [item.name for item in protocol.groupings if fnmatchcase(item.name, name)]
        found += like if "*" in name else [name]
    return tuple(dict.fromkeys(found))


def list_panels(use: Any, protocol: Protocol) -> tuple[Panel, ...]:  # noqa: ANN401
    """Return the panels of an analysis: endpoints in order, each with every grouping."""
    groupings: Sequence[str | None] = list_groupings(use.by, protocol) or (None,)
    names = [item.name for item in find_endpoints(use, protocol)]
    return tuple(Panel(name, by) for name in names for by in groupings)


def name_panel(use: Any, panel: Panel, rows: Iterable[Row]) -> Iterator[Row]:  # noqa: ANN401
    """Yield the rows of a panel with its endpoint; of several groupings, also all patients of each.

    Who is at risk may depend on a grouping with a landmark, so that all patients are not the same
    in every panel.
    """
    for row in rows:
        named = row | {"endpoint": panel.endpoint} if is_family(use) else row
        several = isinstance(use.by, tuple)
        yield named | {"by": panel.by} if several else named


def correct_rows(
    rows: Sequence[Row], statistic: Statistic, correction: Correction | Literal["none"]
) -> Iterator[Row]:
    """Yield rows of corrected P values, where there are several and a correction is asked for."""
    tests = [row for row in rows if row["statistic"] == statistic.name and row["value"] is not None]
    if correction == "none" or len(tests) < 2:
        return
    found = correct_p_values([row["value"] for row in tests], correction)
    for row, value in zip(tests, found.p_values, strict=True):
        told = {"statistic": CORRECTED_P.name, "value": value, "degrees": None}
        yield row | told | {"method": found.method, "sources": " ".join(found.sources)}


def check_named(use: Any) -> Iterator[Issue]:  # noqa: ANN401
    """Check that one endpoint is named, or several."""
    if (use.endpoint is None) == (not use.endpoints):
        what = "both an endpoint and several are named" if use.endpoint else "no endpoint is named"
        hint = 'write `endpoint = "..."` for one, or `endpoints = ["..."]` for several'
        yield Issue(what, column="endpoint", hint=hint)


def check_panels(use: Any, protocol: Protocol) -> Iterator[Issue]:  # noqa: ANN401
    """Check that endpoints are known, and that patterns of groupings find some."""
    yield from check_endpoints(use.endpoints, protocol)
    for place, name in enumerate(use.by if isinstance(use.by, tuple) else ()):
        if "*" in name and not list_groupings((name,), protocol):
            hint = "write the names of groupings of this protocol"
            yield Issue(f"no grouping is named like `{name}`", column=f"by[{place}]", hint=hint)


def rows_of(answer: Answer[Any], panel: Panel) -> pl.DataFrame:
    """Return the estimates of one panel."""
    own = answer.estimates.filter(pl.col("endpoint") == panel.endpoint)
    mine = pl.lit(panel.by, pl.String)
    return own.filter(pl.col("by").is_null() | (pl.col("by") == mine).fill_null(value=False))


def _panels(answer: Answer[Any]) -> tuple[Panel, ...]:
    return list_panels(answer.use, answer.protocol)


def _name(answer: Answer[Any], panel: Panel) -> str:
    """A panel in words: its endpoint, its grouping, or both, as they differ in the family."""
    panels = _panels(answer)
    endpoint = label_endpoint(answer.protocol, panel.endpoint).split(",")[0]
    if panel.by is None or len({item.by for item in panels}) == 1:
        return endpoint
    by = label_covariate(answer.protocol, panel.by)
    return by if len({item.endpoint for item in panels}) == 1 else f"{endpoint}, {decapitalise(by)}"


# Words --------------------------------------------------------------------------------------------


def describe_panels(answer: Answer[Any]) -> list[str]:
    """Say the effect and the test of each panel; of many, how many stand out and which."""
    said = [(panel, words) for panel in _panels(answer) if (words := _compare(answer, panel))]
    if not said:
        return []
    sentences: list[str] = []
    if len(_panels(answer)) <= _SAID:
        sentences += [f"{capitalise(_name(answer, panel))}: {words}." for panel, words in said]
    else:
        found = [(panel, words) for panel, words in said if _p_of(answer, panel) < FOUND]
        named = [f"{decapitalise(_name(answer, panel))} ({words})" for panel, words in found]
        which = f": {join_words(named)}" if named else ""
        of = count_noun(len(said), "comparison")
        after, verb = _count_corrected(answer), "has" if len(found) < 2 else "have"
        sentences.append(f"Of {of}, {len(found) or 'none'} {verb} P below {FOUND:g}{after}{which}.")
    silent = [_name(answer, panel) for panel in _panels(answer) if not _compare(answer, panel)]
    if silent:
        names = join_words([decapitalise(name) for name in silent])
        sentences.append(f"Without a comparison, for want of events or of groups: {names}.")
    changing = answer.estimates.filter(
        pl.col("statistic") == PROPORTIONAL_HAZARDS_P.name, pl.col("value") < FOUND
    )
    if changing.height:
        of = count_noun(changing.height, "panel")
        sentences.append(f"Hazards do not look proportional in {of}.")
    return sentences


def _compare(answer: Answer[Any], panel: Panel) -> str:
    """Effects and test of a panel in words; the probability alone where nothing is compared."""
    rows = rows_of(answer, panel)
    effects = rows.filter(statistic=HAZARD_RATIO.name).drop_nulls("value")
    parts = []
    for row in effects.iter_rows(named=True):
        value, ends = render_effect(row)
        contrast = name_contrast(answer, row)
        parts.append(f"hazard ratio of {contrast} {value} ({_level(answer)} % CI {ends})")
    test = find_test(rows)
    if test is not None:
        parts.append(f"log-rank {render_p_value(test.p_value)}")
    if panel.by is None:
        median = rows.filter(statistic=MEDIAN_TIME.name).to_dicts()[0]
        if median["n"]:
            reached = median["value"] is not None
            days = f"{render_number(median['value'])} days" if reached else "not reached"
            parts.append(f"median {days} in {count_noun(median['n'], 'patient')}")
    return ", ".join(parts)


def _count_corrected(answer: Answer[Any]) -> str:
    """How many comparisons are left after the correction; empty where there is none."""
    found = answer.estimates.filter(statistic=CORRECTED_P.name)["value"]
    return f" ({int((found < FOUND).sum()) or 'none'} after correction)" if found.len() else ""


def _p_of(answer: Answer[Any], panel: Panel) -> float:
    test = find_test(rows_of(answer, panel))
    return 1.0 if test is None else test.p_value


def _level(answer: Answer[Any]) -> str:
    return f"{100 * answer.use.level:g}"


# Tables -------------------------------------------------------------------------------------------


def tabulate_panels(answer: Answer[Any]) -> View:
    """Return a line for each group that is compared: events, medians, hazard ratio and tests."""
    panels = _panels(answer)
    several = len({item.endpoint for item in panels}) > 1 and len({item.by for item in panels}) > 1
    corrected = CORRECTED_P.name in answer.estimates["statistic"]
    grouped = any(panel.by is not None for panel in panels)
    texts = ["Events/n", "Median, days"]
    if grouped:
        texts = ["Events/n", "reference", "Median, days", "reference",
                 f"Hazard ratio ({_level(answer)} %)", "P"]  # fmt: skip
        texts += ["P, corrected"] if corrected else []
    headings = [Heading(""), *(Heading(text, numeric=True) for text in texts)]
    same = _find_contrast(answer)
    cells: list[list[Cell]] = []
    seen = ""
    for panel in panels:
        endpoint = label_endpoint(answer.protocol, panel.endpoint).split(",")[0]
        if several and endpoint != seen:
            seen = endpoint
            cells.append([Cell(seen, "section"), *[Cell("")] * (len(headings) - 1)])
        what = _name(answer, panel)
        if several and panel.by is not None:
            what = label_covariate(answer.protocol, panel.by)
        lines = _list_lines(answer, panel, grouped=grouped, corrected=corrected)
        for contrast, numbers in lines:
            named = what if same or not contrast else f"{what}: {contrast}"
            cells.append([Cell(named, "strong"), *map(Cell, numbers)])
    shown = answer.estimates["n"].drop_nulls().sum() > 0
    title = label_analysis(answer.protocol, answer.use.name)
    title += f": {same}" if same else ""
    return view_of(title, headings, cells if shown else [], _explain(answer))


def _list_lines(
    answer: Answer[Any], panel: Panel, *, grouped: bool, corrected: bool
) -> Iterator[tuple[str, list[str]]]:
    """Contrast and numbers of one panel: of each group against the reference, or of everybody."""
    rows = rows_of(answer, panel)
    medians = {row["group"]: row for row in rows.filter(statistic=MEDIAN_TIME.name).to_dicts()}
    test, found = find_test(rows), rows.filter(statistic=CORRECTED_P.name).to_dicts()
    tests = [_write_p(None if test is None else test.p_value)]
    tests += [_write_p(found[0]["value"] if found else None)] if corrected else []
    effects = rows.filter(statistic=HAZARD_RATIO.name).to_dicts()
    for place, row in enumerate(effects):
        pair = (medians.get(row["term"]), medians.get(row["reference"]))
        value, ends = render_effect(row)
        ratio = value if ends == MISSING else f"{value} ({ends})"
        numbers = [*map(_count, pair), *map(_median, pair), ratio, *(tests if not place else [])]
        yield name_contrast(answer, row), _fill(numbers, 5 + len(tests))
    if not effects:
        whole = medians.get(None)
        numbers = [_count(whole), *([""] if grouped else []), _median(whole)]
        width = 5 + len(tests) if grouped else 2
        yield "", _fill(numbers, width)


def _find_contrast(answer: Answer[Any]) -> str:
    """What all effects compare; empty where they do not compare the same."""
    effects = answer.estimates.filter(statistic=HAZARD_RATIO.name)
    found = {name_contrast(answer, row) for row in effects.iter_rows(named=True)}
    return found.pop() if len(found) == 1 else ""


def _fill(numbers: Sequence[str], width: int) -> list[str]:
    return [*numbers, *[""] * (width - len(numbers))]


def _count(row: Row | None) -> str:
    if row is None or not row["n"]:
        return MISSING
    return f"{row['events']}/{row['n']}"


def _median(row: Row | None) -> str:
    """The median with its interval; `not reached` where the curve stays above one half."""
    if row is None or not row["n"]:
        return MISSING
    if row["value"] is None:
        return "not reached"
    ends = render_interval(row["low"], row["high"], row["unit"], row["n"])
    days = render_number(row["value"])
    return f"{days} ({ends})" if ends != MISSING else days


def _write_p(value: float | None) -> str:
    if value is None:
        return MISSING
    return render_p_value(value).removeprefix("P").lstrip(" \u00a0=")


def _explain(answer: Answer[Any]) -> str:
    """The methods of effects and tests, and who is left out at a landmark."""
    rows = answer.estimates
    shown = (HAZARD_RATIO.name, LOG_RANK_P.name, CORRECTED_P.name, MEDIAN_TIME.name)
    written = rows.filter(pl.col("statistic").is_in(shown))["method"].drop_nulls()
    parts = [method.partition(_MARK)[::2] for method in written]
    methods = dict.fromkeys(method.partition("; not estimable")[0] for method, _ in parts)
    days = dict.fromkeys(f"{_MARK[2:]}{day}" for _, day in parts if day)
    said = f"{capitalise('; '.join((*methods, *days)))}."
    reasons = dict.fromkeys(
        method.partition("; not estimable: ")[2].partition(_MARK)[0] for method in written
    )
    why = [reason for reason in reasons if reason]
    said += f" A ratio without a number: {'; '.join(why)}." if why else ""
    if rows.filter(statistic=LEFT_OUT.name).height:
        said += " Patients who are in no group at the landmark are counted in the full table."
    return said


def detail_panels(answer: Answer[Any]) -> View:
    """Return every estimate of every panel, panel by panel."""
    cells: list[tuple[Cell, ...]] = []
    headings: tuple[Heading, ...] = ()
    notes: dict[str, None] = {}
    for panel in _panels(answer):
        own = rows_of(answer, panel).filter(pl.col("statistic") != CORRECTED_P.name)
        view = tabulate_estimates(answer, own, dated=True)
        if own.is_empty():
            continue
        headings = view.headings
        cells.append((Cell(_name(answer, panel), "section"), *[Cell("")] * (len(headings) - 1)))
        cells += view.rows
        notes |= dict.fromkeys(view.note.rstrip(".").split("; "))
    title = f"{label_analysis(answer.protocol, answer.use.name)}: every estimate"
    shown = answer.estimates["n"].drop_nulls().sum() > 0
    note = "; ".join(filter(None, notes))
    return view_of(title, headings, cells if shown else [], f"{note}." if note else "")


# Figure -------------------------------------------------------------------------------------------


def plot_panels(answer: Answer[Any]) -> Figure | None:
    """Return the curves of every panel that has any, as small panels of one figure."""
    protocol, use = answer.protocol, answer.use
    panels, frames = [], []
    both = len({item.endpoint for item in _panels(answer)}) > 1 and isinstance(use.by, tuple)
    for panel in _panels(answer):
        own = [c for c in answer.curves if (c.endpoint, c.by) == (panel.endpoint, panel.by)]
        curves = [curve for curve in own if curve.group is not None] or own
        if not curves:
            continue
        frame = frame_curves(curves)
        endpoint = label_endpoint(protocol, panel.endpoint).split(",")[0]
        by = "" if panel.by is None else label_covariate(protocol, panel.by)
        groups = frame["group"].drop_nulls().unique(maintain_order=True)
        words = {group: label_group(protocol, group, panel.by) for group in groups}
        panels.append(
            SurvivalPanel(
                by if both else _name(answer, panel), frame, endpoint if both else "", words,
                _note(answer, panel),
            )
        )  # fmt: skip
        frames.append(
            frame.select(
                pl.lit(panel.endpoint).alias("endpoint"),
                pl.lit(panel.by, pl.String).alias("by"),
                pl.all(),
            )
        )
    if not panels:
        return None
    name, title = answer.figure_name, label_analysis(protocol, use.name)
    svg = plot_survival_panels(panels, name=name, title=title, since=label_day_zero(protocol))
    caption = (
        f"{answer.curves[0].method}. Bands are pointwise {_level(answer)} % intervals, short "
        "vertical strokes are patients whose follow-up ended without the event. Above each panel: "
        f"hazard ratio with its {_level(answer)} % interval, and P of the log-rank test, not "
        "corrected."
    )
    return Figure(name, svg, title, caption, pl.concat(frames), use.name)


def _note(answer: Answer[Any], panel: Panel) -> str:
    """The comparison of a panel in a few words."""
    rows = rows_of(answer, panel)
    effects = rows.filter(statistic=HAZARD_RATIO.name).to_dicts()
    parts = []
    if len(effects) == 1 and effects[0]["value"] is not None:
        value, ends = render_effect(effects[0])
        parts.append(f"HR {value} ({ends.replace(' to ', '–')})")
    test = find_test(rows)
    parts += [] if test is None else [render_p_value(test.p_value)]
    if panel.by is not None and not parts:
        return "not comparable"
    return ", ".join(parts)
