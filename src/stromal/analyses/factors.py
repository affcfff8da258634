"""Risk factors as they are shown: sentences, a table of ratios, and a forest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stromal.analyses.covariates import label_covariate, label_term
from stromal.analyses.effects import render_effect
from stromal.analyses.kind import Answer, Row
from stromal.errors import join_words
from stromal.estimates.design_matrix import SAME
from stromal.report.figures.figure import Figure
from stromal.report.figures.forest import Forest, ForestColumn, ForestRow, frame_forest
from stromal.report.figures.forest_plot import plot_forest
from stromal.report.groups import label_analysis, label_endpoint
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, capitalise, count_noun, decapitalise, render_p_value
from stromal.tables.statistics import EVENTS_PER_TERM, STATISTICS, TEST_P

_RATIOS = ("odds ratio", "hazard ratio")
_WHY = "; not estimable: "
_FOUND = 0.05


def _terms(answer: Answer[Any]) -> dict[tuple[Any, ...], Row]:
    """Rows by endpoint, covariate, level, reference, model and statistic."""
    return {
        (*_key(row), row["label"], row["statistic"]): row
        for row in answer.estimates.iter_rows(named=True)
        if row["term"] is not None
    }


def _key(row: Mapping[str, Any]) -> tuple[str, str, str, str | None]:
    return row["endpoint"], row["by"], row["term"], row["reference"]


def _name(answer: Answer[Any], key: tuple[str, str, str, str | None]) -> str:
    _, covariate, level, reference = key
    if covariate in answer.use.time_dependent:
        # Of a time, what comes: its competing events are of no interest here.
        what = label_covariate(answer.protocol, covariate).split(",")[0]
        return f"{what}, once it has come"
    return label_term(answer.protocol, covariate, level if reference else None, reference)


def describe_factors(answer: Answer[Any]) -> list[str]:
    """Say of every endpoint how many had the event, and which terms stand out alone."""
    rows = answer.estimates.to_dicts()
    sentences = []
    for endpoint in answer.endpoints:
        own = [row for row in rows if row["endpoint"] == endpoint]
        tests = [row for row in own if row["statistic"] == TEST_P.name and row["value"] is not None]
        if not tests:
            continue
        model = tests[0]["label"]
        low = [row for row in tests if row["label"] == model and row["value"] < _FOUND]
        what = decapitalise(label_endpoint(answer.protocol, endpoint))
        names = [decapitalise(_name(answer, _key(row))) for row in low]
        found = join_words(names) if names else "no covariate"
        verb = "stand" if len(names) > 1 else "stands"
        many = len({row["by"] for row in own if row["term"] is not None})
        sentences.append(
            f"{capitalise(what)}: of {count_noun(many, 'covariate')}, {found} {verb} out "
            f"({model}, P below {_FOUND:g}, not corrected)."
        )
    return sentences


def tabulate_factors(answer: Answer[Any]) -> View:
    """Return a row for each term: the ratio alone and together with the others, each with its P."""
    found = _terms(answer)
    models = list(dict.fromkeys(key[4] for key in found))
    ratio = next((key[5] for key in found if key[5] in _RATIOS), _RATIOS[0])
    headings = [Heading("Factor"), Heading("n/N", numeric=True)]
    for model in models:
        headings += [Heading(f"{capitalise(STATISTICS[ratio].words)}, {model}", numeric=True),
                     Heading("P", numeric=True)]  # fmt: skip
    cells: list[list[Cell]] = []
    seen = ""
    several = len(answer.endpoints) > 1
    for key in dict.fromkeys(key[:4] for key in found):
        if several and key[0] != seen:
            seen = key[0]
            head = Cell(label_endpoint(answer.protocol, seen), "section")
            cells.append([head, *[Cell("")] * (len(headings) - 1)])
        first = next(row for own, row in found.items() if own[:4] == key)
        count = MISSING if not first["n"] else f"{first['events']}/{first['n']}"
        line = [Cell(_name(answer, key), "strong"), Cell(count)]
        for model in models:
            line += _write(found.get((*key, model, ratio)), found.get((*key, model, TEST_P.name)))
        cells.append(line)
    shown = any(row["n"] for row in found.values())
    title = label_analysis(answer.protocol, answer.use.name)
    return view_of(title, headings, cells if shown else [], _explain(answer))


def _write(row: Row | None, test: Row | None) -> list[Cell]:
    """The ratio with its interval and its P, or why there is none."""
    if row is None:
        return [Cell(MISSING), Cell("")]
    if row["value"] is None:
        return [Cell(_why(row), "muted"), Cell("")]
    value, ends = render_effect(row)
    p_value = "" if test is None else render_p_value(test["value"])
    return [Cell(f"{value} ({ends})"), Cell(p_value.removeprefix("P").lstrip(" \u00a0="))]


def _why(row: Row) -> str:
    return str(row["method"]).partition(_WHY)[2] or "not estimable"


def _explain(answer: Answer[Any]) -> str:
    """The methods, and how many events there are for each term."""
    rows = answer.estimates.to_dicts()
    methods = dict.fromkeys(row["method"].partition(_WHY)[0] for row in rows if row["term"])
    counts = [
        f"{row['value']:.1f} in {decapitalise(label_endpoint(answer.protocol, row['endpoint']))}"
        for row in rows
        if row["statistic"] == EVENTS_PER_TERM.name
    ]
    told = f" Events for each term of the multivariable regression: {join_words(counts)}."
    return f"{capitalise('; '.join(methods))}.{told if counts else ''}"


def plot_factors(answer: Answer[Any]) -> Figure | None:
    """Return the forest of the ratios; None where none could be estimated."""
    found = {key: row for key, row in _terms(answer).items() if key[5] in _RATIOS}
    tests = _terms(answer)
    if not any(row["value"] is not None for row in found.values()):
        return None
    models = list(dict.fromkeys(key[4] for key in found))
    ratio = next(iter(found))[5]
    silent = _find_silent(found)
    found = {key: row for key, row in found.items() if key[1] not in silent}
    rows = []
    for endpoint in answer.endpoints:
        for model in models:
            for key, row in found.items():
                if (key[0], key[4]) == (endpoint, model):
                    rows.append(_forest_row(answer, key, row, tests, len(models) > 1))
    words = capitalise(STATISTICS[ratio].words)
    columns = (ForestColumn("n/N", numeric=True), ForestColumn("P", numeric=True))
    forest = Forest(
        words, tuple(rows), (), columns, scale="ratio", level=answer.use.level, first="Factor",
        favours=("less often", "more often"),
    )  # fmt: skip
    name, title = answer.figure_name, label_analysis(answer.protocol, answer.use.name)
    svg = plot_forest(forest, name=name, title=title)
    caption = (
        f"Squares: {words.lower()}s; lines: {100 * answer.use.level:g} % intervals. A factor is "
        "associated with the event, and need not be its cause."
    )
    if silent:
        names = [label_covariate(answer.protocol, name) for name in silent]
        reasons = join_words(list(dict.fromkeys(silent.values())), "or")
        caption += f" Not drawn, not estimable: {join_words(names)} ({reasons})."
    return Figure(name, svg, title, caption, frame_forest(forest), answer.use.name)


def _find_silent(found: Mapping[tuple[Any, ...], Row]) -> dict[str, str]:
    """Covariates in which patients of no endpoint differ, each with the reason."""
    told = {key[1] for key, row in found.items() if row["value"] is not None or _why(row) != SAME}
    return {key[1]: _why(row) for key, row in found.items() if key[1] not in told}


def _forest_row(
    answer: Answer[Any],
    key: tuple[Any, ...],
    row: Row,
    tests: Mapping[tuple[Any, ...], Row],
    several: bool,  # noqa: FBT001
) -> ForestRow:
    group = label_endpoint(answer.protocol, key[0]) if len(answer.endpoints) > 1 else ""
    if several:
        group = f"{group}, {key[4]}" if group else capitalise(key[4])
    test = tests.get((*key[:5], TEST_P.name))
    p_value = MISSING if test is None else render_p_value(test["value"])
    count = f"{row['events']}/{row['n']}" if row["n"] else MISSING
    return ForestRow(
        _name(answer, key[:4]),
        (count, p_value.removeprefix("P").lstrip(" \u00a0=")),
        row["value"],
        row["low"],
        row["high"],
        group=group,
        reason="" if row["value"] is not None else _why(row),
    )
