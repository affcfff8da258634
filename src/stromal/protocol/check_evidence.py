"""Checks of the table `[evidence]` that need no record: names, days, scales, exclusions."""

from __future__ import annotations

from collections.abc import Iterator

from stromal.errors import Issue
from stromal.protocol.evidence import Evidence, EvidenceQuestion
from stromal.protocol.protocol import Protocol
from stromal.toml.explain import suggest


def check_evidence(protocol: Protocol) -> Iterator[Issue]:
    """Questions have names of their own, and name endpoints and analyses of the study."""
    evidence = protocol.evidence
    if evidence is None:
        return
    yield from _check_names(evidence)
    for index, question in enumerate(evidence.questions):
        place = f"evidence.questions[{index}]"
        yield from _check_target(protocol, question, place)
        yield from _check_days(question, place)
        yield from _check_groups(evidence, question, place)
    yield from _check_answers(protocol, evidence)
    yield from _check_exclusions(evidence)


def target_of(protocol: Protocol, question: EvidenceQuestion) -> tuple[str, str]:
    """Return the analysis and the endpoint that a question answers, as estimates name them.

    A question that names no analysis has its own name there.
    """
    given = {use.name: use.given.get("endpoint") for use in protocol.analyses}
    endpoint = question.endpoint or given.get(question.analysis or "") or question.name
    return question.analysis or question.name, str(endpoint)


def _check_names(evidence: Evidence) -> Iterator[Issue]:
    seen: set[str] = set()
    for index, question in enumerate(evidence.questions):
        if question.name in seen:
            yield _issue(
                f"name `{question.name}` is taken by an earlier question",
                f"evidence.questions[{index}].name",
                "give it a name of its own",
            )
        seen.add(question.name)


def _check_target(protocol: Protocol, question: EvidenceQuestion, place: str) -> Iterator[Issue]:
    endpoints = [use.name for use in protocol.endpoints]
    given = {use.name: use.given.get("endpoint") for use in protocol.analyses}
    if question.endpoint is None and question.analysis is None:
        yield _issue(
            "neither an endpoint nor an analysis is named",
            place,
            'write `endpoint = "..."`, `analysis = "..."` or both',
        )
    if question.endpoint is not None and question.endpoint not in endpoints:
        yield _unknown("endpoint", question.endpoint, f"{place}.endpoint", endpoints)
    if question.analysis is not None and question.analysis not in given:
        yield _unknown("analysis", question.analysis, f"{place}.analysis", list(given))
        return
    several = {use.name for use in protocol.analyses if "endpoints" in use.given}
    if question.analysis in several and question.endpoint is None:
        yield _issue(
            f"analysis `{question.analysis}` has several endpoints, and none is named",
            f"{place}.endpoint",
            'write `endpoint = "..."`, the one that the question is about',
        )
    of_analysis = given.get(question.analysis or "")
    if question.analysis is None or question.endpoint is None:
        return
    if of_analysis is not None and of_analysis != question.endpoint:
        yield _issue(
            f"analysis `{question.analysis}` is of endpoint `{of_analysis}`",
            f"{place}.endpoint",
            "name the endpoint of the analysis, or leave it out",
        )


def _check_days(question: EvidenceQuestion, place: str) -> Iterator[Issue]:
    if question.days is None:
        return
    first, last = question.days
    if first > last:
        yield _issue(
            f"day {first:g} is after day {last:g}", f"{place}.days", "write the earlier day first"
        )
    elif question.day is not None and not first <= question.day <= last:
        yield _issue(
            f"day {question.day:g} is not among the days {first:g} to {last:g}",
            f"{place}.day",
            "write a day inside `days`, or widen them",
        )


def _check_groups(evidence: Evidence, question: EvidenceQuestion, place: str) -> Iterator[Issue]:
    comparison = evidence.comparison_of(question)
    if question.has_two_groups and comparison != "control":
        yield _issue(
            f"a {question.scale} compares two groups, and the comparison is `{comparison}`",
            f"{place}.scale",
            'write `comparison = "control"` here, or `scale = "proportion"`',
        )
    if question.comparison == "control" and not question.has_two_groups:
        yield _issue(
            f"a {question.scale} is of one group, and the comparison is `control`",
            f"{place}.comparison",
            'leave it out, or write `scale = "risk_ratio"`',
        )


def _check_answers(protocol: Protocol, evidence: Evidence) -> Iterator[Issue]:
    """No two questions give the same number of the table of estimates."""
    seen: dict[tuple[object, ...], str] = {}
    for index, question in enumerate(evidence.questions):
        key = (*target_of(protocol, question), question.category, question.day, question.scale)
        if key in seen:
            yield _issue(
                f"question `{seen[key]}` has the same analysis, category, day and scale",
                f"evidence.questions[{index}]",
                "tell them apart by `category` or `day`, or join their outcomes in one question",
            )
        seen.setdefault(key, question.name)


def _check_exclusions(evidence: Evidence) -> Iterator[Issue]:
    seen: set[str] = set()
    for index, left_out in enumerate(evidence.exclude):
        if left_out.study in seen:
            yield _issue(
                f"study `{left_out.study}` is left out twice",
                f"evidence.exclude[{index}].study",
                "give one reason",
            )
        seen.add(left_out.study)


def _unknown(what: str, name: str, column: str, known: list[str]) -> Issue:
    return _issue(f"{what} `{name}` is not known here", column, suggest(name, known, f"{what}s"))


def _issue(message: str, column: str, hint: str) -> Issue:
    return Issue(message, table="protocol.toml", column=column, hint=hint)
