"""Groups of patients: by arm or by a declared covariate, in the order of the protocol."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from stromal.endpoints.registry import ENDPOINTS
from stromal.protocol.groups import list_levels
from stromal.protocol.protocol import Protocol
from stromal.report.content import Cohort
from stromal.report.words import capitalise, render_name, typeset
from stromal.tables.patients import Patients

ALL_PATIENTS = "All patients"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of patients: its name in the tables, its label, and who belongs to it.

    `name` is None for all patients together.
    """

    name: str | None
    label: str
    subjects: tuple[str, ...]

    @property
    def n(self) -> int:
        """Return how many patients."""
        return len(self.subjects)


def list_groups(protocol: Protocol, patients: Patients, by: str | None) -> tuple[Group, ...]:
    """Return patients by arm or covariate; all of them together where `by` is None.

    Every arm and every declared level is there, also one that nobody belongs to, unless the arm is
    of virtual patients alone; patients without a value come last.
    """
    subjects = patients.subjects
    if by is None or (by != "arm" and by not in subjects.columns):
        return (Group(None, ALL_PATIENTS, tuple(subjects["subject"])),)
    values = subjects.select("subject", pl.col(by).cast(pl.String).alias("level"))
    names = list_levels(protocol, by, values["level"].drop_nulls())
    groups = [
        Group(
            name,
            label_group(protocol, name, by),
            tuple(values.filter(pl.col("level") == name)["subject"]),
        )
        for name in names
    ]
    missing = values.filter(pl.col("level").is_null())
    if missing.height:
        groups.append(Group("", "Not stated", tuple(missing["subject"])))
    return tuple(groups)


def label_group(protocol: Protocol, name: str | None, by: str | None = "arm") -> str:
    """Return a group in words: all patients, the label of an arm, or the level as written."""
    if name is None:
        return ALL_PATIENTS
    if by == "arm" and name in protocol.arms:
        return typeset(protocol.arms[name].label)
    return name or "not stated"


def label_cohort(cohort: Cohort) -> str:
    """Return a cohort in words: `Observed patients`, `Simulated patients, replicate 3`."""
    replicate = "" if cohort.replicate is None else f", replicate {cohort.replicate}"
    return f"{capitalise(cohort.origin)} patients{replicate}"


def label_analysis(protocol: Protocol, name: str) -> str:
    """An analysis in words: its label, that of its endpoint, or its name."""
    for analysis in protocol.analyses:
        if analysis.name == name:
            return analysis.label or capitalise(render_name(name))
    return capitalise(render_name(name))


def label_endpoint(protocol: Protocol, name: str) -> str:
    """Return an endpoint in words: its label, the title of its rule, or its name.

    A rule that two endpoints use does not tell them apart, so that their names do.
    """
    for endpoint in protocol.endpoints:
        if endpoint.name == name:
            alone = sum(other.rule == endpoint.rule for other in protocol.endpoints) == 1
            rule = ENDPOINTS.get(endpoint.rule) if alone else None
            named = capitalise(render_name(name)) if rule is None else rule.title
            return endpoint.label or named
    return capitalise(render_name(name))


DAY_ZERO = {
    "car_t_infusion": "CAR-T infusion",
    "graft": "transplantation",
    "first_msc_dose": "the first MSC dose",
    "randomisation": "randomisation",
    "enrolment": "enrolment",
}


def label_day_zero(protocol: Protocol) -> str:
    """Return what day 0 is, in words."""
    return DAY_ZERO[protocol.study.day_zero]
