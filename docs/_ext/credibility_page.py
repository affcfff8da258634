"""The credibility of the model: stored results of simulated trials beside what was observed."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import polars as pl
from markdown_text import write_table

from stromal.calibrate.comparisons import Comparison, read_comparisons
from stromal.calibrate.credibility import HIT, NOT_COMPARED, find_kind
from stromal.calibrate.stored import read_credibility, read_learned
from stromal.models.library.read import find_folder

KINDS = {
    "share": "shares of patients",
    "days": "median days",
    "level": "levels",
    "ratio": "ratios",
    "direction": "directions",
    "range": "printed ranges",
}
HELD_BY = {"test": "`test_assertion_holds[{number}]`", "check": "a check: told, not tested"}
ROLES = {"C": "fitted or meant to be fitted", "V": "checked", "H": "held out"}


def _show(value: float | None, kind: str) -> str:
    if value is None:
        return ""
    if kind in ("share", "direction"):
        return f"{100 * value:.0f} %"
    return f"{value:.0f}" if kind in ("days", "level") else f"{value:.2f}"


def _show_interval(low: float | None, high: float | None, kind: str) -> str:
    if low is None or high is None:
        return ""
    return f"{_show(low, kind)} to {_show(high, kind)}"


def write_summary() -> str:
    """Write how many targets of each role and kind lie in the intervals, and the scores."""
    found = read_credibility().filter(pl.col("verdict") != NOT_COMPARED)
    rows = []
    for (parameters, role, kind), own in found.group_by(
        ["parameters", "role", "kind"], maintain_order=True
    ):
        hits = own.filter(verdict=HIT).height
        scores = own.drop_nulls("crps")
        crps = f"{scores['crps'].mean():.3f}" if scores.height else ""
        score = f"{scores['interval_score'].mean():.2f}" if scores.height else ""
        rows.append((parameters, ROLES[role], KINDS[kind], f"{hits} of {own.height}", score, crps))
    rows.sort(key=lambda row: (list(ROLES.values()).index(row[1]), row[2], row[0]))
    header = ("parameters", "role", "what", "held by the interval", "interval score", "CRPS")
    return write_table(header, rows)


def write_pooled() -> str:
    """Write the scores beside those of the pooled share of the other studies."""
    found = read_credibility().drop_nulls("pooled_crps")
    rows = []
    for (parameters,), own in found.group_by(["parameters"], maintain_order=True):
        rows.append(
            (
                f"simulated, {parameters}",
                f"{own.filter(verdict=HIT).height} of {own.height}",
                f"{own['interval_score'].mean():.2f}",
                f"{own['crps'].mean():.3f}",
            )
        )
    first = found.filter(parameters=found["parameters"][0])
    known = {each.id: each for each in read_comparisons()}
    held = sum(
        low <= (known[name].value or 0.0) <= high
        for name, low, high in first.select("id", "pooled_low", "pooled_high").iter_rows()
    )
    rows.append(
        (
            "pooled share of the other studies",
            f"{held} of {first.height}",
            f"{first['pooled_interval_score'].mean():.2f}",
            f"{first['pooled_crps'].mean():.3f}",
        )
    )
    return write_table(("forecast", "held by the interval", "interval score", "CRPS"), rows)


def write_targets() -> str:
    """Write one row for each target."""
    results = read_credibility()
    kinds = list(results["parameters"].unique(maintain_order=True))
    found = {
        name: {row["id"]: row for row in results.filter(parameters=name).iter_rows(named=True)}
        for name in kinds
    }
    header = ["target", "", "role", "n", "observed"]
    for name in kinds:
        header += [f"simulated, {name}", ""]
    rows = (_write_target(each, [found[name][each.id] for name in kinds]) for each in _ordered())
    return write_table(header, rows)


def _ordered() -> tuple[Comparison, ...]:
    return read_comparisons()


def _write_target(target: Comparison, results: list[dict[str, object]]) -> Iterator[str]:
    kind = find_kind(target)
    yield target.id
    yield target.target
    yield target.role
    yield "" if target.n is None else str(target.n)
    observed = _show(target.value, kind)
    interval = _show_interval(target.low, target.high, kind)
    yield f"{observed} ({interval})" if observed and interval else observed or interval
    for result in results:
        yield _write_result(result, kind)
        verdict = str(result["verdict"])
        yield f"{verdict}: {target.note}" if verdict == NOT_COMPARED and target.note else verdict


def _write_result(result: dict[str, object], kind: str) -> str:
    middle, low, high = (result[name] for name in ("middle", "low", "high"))
    if not isinstance(middle, float):
        return ""
    if not isinstance(low, float) or not isinstance(high, float):
        return f"in {_show(middle, kind)} of trials"
    return f"{_show(middle, kind)} ({_show_interval(low, high, kind)})"


def write_learned() -> str:
    """Write how the fit was run, what it learned of parameters, and what it did not."""
    table, facts = read_learned()
    names = ("name", "prior_sd", "posterior_sd", "ratio", "middle")
    learned = table.filter(pl.col("learned"))
    rows = [
        (f"`{name}`", f"{before:.2f}", f"{after:.2f}", f"{ratio:.2f}", f"{middle:.2f}")
        for name, before, after, ratio, middle in learned.select(names).iter_rows()
    ]
    others = table.filter(~pl.col("learned"))["name"].sort()
    misfit = ", ".join(f"{each:.1f}" for each in facts["misfit"])
    run = (
        f"{facts['members']} vectors of {table.height} log factors, {facts['assimilations']} "
        f"assimilations, {len(facts['data'])} data of role C. Mean squared distance of data "
        f"from the middle, in standard deviations of their noise, before each assimilation: "
        f"{misfit}.\n"
    )
    lead = (
        f"**Learned** ({learned.height} of {table.height} parameters have a spread below 0.8 "
        f"of what it was; all that was learned is worth {facts['learned']} parameters that "
        f"became known):\n"
    )
    header = ("parameter", "sd before", "sd after", "ratio", "middle factor")
    left = f"**Not learned**: {', '.join(f'`{name}`' for name in others)}.\n"
    return "\n".join([run, lead, write_table(header, rows), left])


def write_assertions() -> str:
    """Write every assertion: its words, the first words, and whether a test holds it."""
    file = find_folder("physiology") / "assertions.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        rows = [
            (
                row["number"],
                row["words"],
                row["first_words"],
                HELD_BY[row["kind"]].format(number=row["number"]),
                row["note"],
            )
            for row in csv.DictReader(opened)
        ]
    return write_table(("", "words", "first words", "held by", "note"), rows)
