"""Agreement of a derived label with the one that was reported, patient by patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_known
from stromal.analyses.groups import split_outcomes
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Setting
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.table import tabulate_estimates
from stromal.errors import Issue, join_words
from stromal.estimates.agreement import compare_reported
from stromal.estimates.proportion import estimate_proportion
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.disagreement import render_disagreements
from stromal.report.groups import label_analysis
from stromal.report.view import View
from stromal.report.words import count_noun, render_interval, render_percent
from stromal.tables.statistics import AGREEMENT
from stromal.toml.part import Name


class AgreementUse(AnalysisPart):
    """How often an endpoint gives the label that somebody recorded for the same patient.

    The share of patients in whom both are the same, with an exact (Clopper-Pearson) interval, and a
    list of the patients in whom they differ. A patient without one of the two is not counted.

    Parameters
    ----------
    endpoint
        Endpoint whose labels are compared.
    scale
        Scale of the table `assessments` that holds what was recorded, mostly `investigator`.
    item
        Item of the scale.
    level
        Level of the interval.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "grade_as_reported"
        label = "Derived grade and the printed grade"
        estimate = "agreement"
        endpoint = "grade"
        scale = "investigator"
        item = "acute_gvhd_grade"
    """

    estimate: Literal["agreement"]
    endpoint: Name
    scale: str
    item: str
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


def estimate_agreement(use: AgreementUse, setting: Setting) -> Estimated:
    """Estimate how often both labels are the same, and list the patients in whom they are not."""
    (group,) = split_outcomes(setting, use.endpoint, None)
    both = compare_reported(group.outcomes, setting.patients.assessments, use.scale, use.item)
    compared = both.drop_nulls(["ours", "reported"])
    differing = compared.filter(pl.col("ours") != pl.col("reported"))
    share = estimate_proportion(compared.height - differing.height, compared.height, use.level)
    method = f"share of patients with the reported label, {share.interval} interval"
    rows = (
        make_row(group, AGREEMENT, replace(share, method=method)),
        *count_not_evaluable(group, compared.height),
    )
    named = differing.select(
        pl.lit(use.name).alias("analysis"), "subject", "ours", "reported", "reason"
    )
    return Estimated(rows, disagreements=named)


def describe_agreement(answer: Answer[AgreementUse]) -> list[str]:
    """Say in how many patients both are the same, and which way the others differ."""
    own = answer.estimates.filter(pl.col("statistic") == AGREEMENT.name)
    own = own.drop_nulls(["events", "n"])
    if own.is_empty() or not own["n"][0]:
        return []
    row = own.row(0, named=True)
    interval = render_interval(row["low"], row["high"], row["unit"], row["n"])
    level = f"{100 * (row['level'] or 0.95):g}"
    share = f"{render_percent(row['value'], row['n'])}, {level} % CI {interval}"
    where = f"{row['events']} of {count_noun(row['n'], 'patient')} ({share})"
    return [f"The derived outcome is the reported one in {where}{_direction(answer)}."]


def _direction(answer: Answer[AgreementUse]) -> str:
    """Say how many grades are higher and how many lower than reported, where grades rank."""
    setting = answer.setting
    labels = setting.labels_of(answer.use.endpoint)
    if setting.kind_of(answer.use.endpoint) != "grade" or not labels:
        return ""
    rank = {label.name: label.rank for label in labels}
    pairs = [
        (rank[ours], rank[reported])
        for ours, reported in answer.disagreements.select("ours", "reported").iter_rows()
        if ours in rank and reported in rank
    ]
    higher = sum(ours > reported for ours, reported in pairs)
    lower = sum(ours < reported for ours, reported in pairs)
    parts = [f"higher in {higher}"] * bool(higher) + [f"lower in {lower}"] * bool(lower)
    return f"; the derived grade is {join_words(parts)}" if parts else ""


def tabulate_disagreements(answer: Answer[AgreementUse]) -> View:
    """Return the patients who differ, beside the assessments that the outcome rests on."""
    use, setting = answer.use, answer.setting
    scales = [
        other.given.get("scale")
        for other in setting.protocol.analyses
        if use.endpoint in (other.given.get("endpoints") or ())
    ]
    return render_disagreements(
        answer.disagreements,
        setting.outcomes_of(use.endpoint),
        setting.patients.assessments,
        of_scale=next(iter(scales), None),
        but_scale=use.scale,
        title=f"Patients who differ: {label_analysis(answer.protocol, use.name)}",
    )


def remark_agreement(answer: Answer[AgreementUse]) -> str:
    """Say that both are the same in every patient who has both, where they are."""
    compared = answer.estimates.filter(statistic=AGREEMENT.name)["n"].sum()
    if not compared or answer.disagreements.height:
        return ""
    return "The derived outcome is the reported one in every patient who has both."


def check_item(
    use: AgreementUse, protocol: Protocol, _labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that the assessment is an item of a scale."""
    scales = protocol.vocabulary.scales
    yield from check_known("scale", use.scale, "scale", scales)
    if use.scale in scales:
        yield from check_known("item", use.item, "item", scales[use.scale].items)


KIND = AnalysisKind(
    name="agreement",
    title="Agreement of derived with reported labels",
    use=AgreementUse,
    fits=("grade", "flag", "response"),
    estimate=estimate_agreement,
    describe=describe_agreement,
    tabulate=tabulate_estimates,
    details=tabulate_disagreements,
    remark=remark_agreement,
    check=check_item,
)
