"""Checks of `[evidence]` against the record: its words, its studies, and questions nobody answers.

Issues are of `protocol.toml`, with their keys; `protocol.read.locate_issues` adds the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stromal.errors import Issue, Severity, has_errors
from stromal.evidence.library.reader import Library
from stromal.evidence.library.words import list_words
from stromal.evidence.question.select import select_rows
from stromal.evidence.question.words import split_outcome
from stromal.likeness import find_nearest
from stromal.protocol.evidence import Evidence, EvidenceQuestion

_MANY = 12
"""Words that a hint may list in full."""


def check_questions(evidence: Evidence | None, library: Library) -> tuple[Issue, ...]:
    """Check a table `[evidence]` against the record; nothing where a protocol has none.

    Whether a question is answered is only looked at where all words are right.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> check_questions(None, read_library())
    ()
    """
    if evidence is None:
        return ()
    issues = check_question_words(evidence, library)
    return issues if has_errors(issues) else (*issues, *check_answered(evidence, library))


def check_question_words(evidence: Evidence, library: Library) -> tuple[Issue, ...]:
    """Check that the words of `[evidence]` are words of the record, and its studies are there.

    Parameters
    ----------
    evidence
        The table as it was read.
    library
        The record.

    Returns
    -------
    tuple of Issue
        Errors, each with its key; empty where all is well.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> table = {"population": {"indications": ("engraftmnt",)},
    ...          "questions": ({"name": "response", "outcomes": ("overall_respons",)},)}
    >>> for issue in check_question_words(Evidence.model_validate(table), read_library()):
    ...     print(issue.column, issue.message, issue.hint, sep="; ")
    evidence.population.indications[0]; `engraftmnt` is not an indication of the record; \
did you mean `engraftment`?
    evidence.questions[0].outcomes[0]; `overall_respons` is not an outcome of the record; \
did you mean `overall_response`?
    """
    population, given = evidence.population, evidence.intervention
    table = "evidence.population"
    issues = [
        *_check_list("indication", population.indications, f"{table}.indications"),
        *_check_list("age_group", population.age_groups, f"{table}.age_groups"),
        *_check_parts(population.parts, f"{table}.parts", library),
        *_check_list("source", given.sources, "evidence.intervention.sources"),
        *_check_list("donor", given.donors, "evidence.intervention.donors"),
    ]
    for index, question in enumerate(evidence.questions):
        issues += _check_question(question, f"evidence.questions[{index}]", library)
    known = library.studies["study"].to_list()
    for index, left_out in enumerate(evidence.exclude):
        if left_out.study not in known:
            column = f"evidence.exclude[{index}].study"
            issues.append(_unknown("study", left_out.study, column, known))
    return tuple(issues)


def check_answered(evidence: Evidence, library: Library) -> tuple[Issue, ...]:
    """Warn of questions that no study of the record answers; their words must be right.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> table = {"population": {"indications": ("itp",)},
    ...          "questions": ({"name": "gvhd", "outcomes": ("acute_gvhd",)},)}
    >>> print(check_answered(Evidence.model_validate(table), read_library())[0])
    protocol.toml evidence.questions[0]: no study of the record answers `gvhd`.
    hint: the last 1 is lost at: outcome on that day and scale
    """
    issues = []
    for index, question in enumerate(evidence.questions):
        found = select_rows(library, evidence, question)
        if found.chosen.height:
            continue
        held = [step for step in found.flow if step.studies]
        lost = found.flow[min(len(held), len(found.flow) - 1)]
        verb = "is" if held[-1].studies == 1 else "are"
        issues.append(
            Issue(
                f"no study of the record answers `{question.name}`",
                table="protocol.toml",
                column=f"evidence.questions[{index}]",
                hint=f"the last {held[-1].studies} {verb} lost at: {lost.label}"
                if held
                else "the record is empty",
                severity=Severity.WARNING,
            )
        )
    return tuple(issues)


def _check_question(question: EvidenceQuestion, place: str, library: Library) -> Iterator[Issue]:
    for at, text in enumerate(question.outcomes):
        yield from _check_list("outcome", split_outcome(text), f"{place}.outcomes", at)
    yield from _check_list("scale", question.printed_as, f"{place}.printed_as")
    yield from _check_parts(question.parts, f"{place}.parts", library)


def _check_list(
    kind: str, words: Iterable[str], column: str, at: int | None = None
) -> Iterator[Issue]:
    known = list_words(kind)
    for index, word in enumerate(words):
        if word not in known:
            place = f"{column}[{index if at is None else at}]"
            yield _unknown(kind.replace("_", " "), word, place, known)


def _check_parts(parts: Iterable[str], column: str, library: Library) -> Iterator[Issue]:
    known = library.arms["subgroup"].drop_nulls().unique().sort().to_list()
    for index, part in enumerate(parts):
        if part not in known:
            yield _unknown("part of an arm", part, f"{column}[{index}]", known)


def _unknown(what: str, word: str, column: str, known: Iterable[str]) -> Issue:
    words = sorted(known)
    near = find_nearest(word, words)
    if near is not None:
        hint = f"did you mean `{near}`?"
    elif len(words) <= _MANY:
        hint = "the record knows: " + ", ".join(f"`{one}`" for one in words)
    else:
        hint = "`stromal evidence` lists the words of the record"
    article = "an" if what[0] in "aeiou" else "a"
    message = f"`{word}` is not {article} {what} of the record"
    return Issue(message, table="protocol.toml", column=column, hint=hint)
