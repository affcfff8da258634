"""What `stromal evidence STUDY` does: the answers of the record to the questions of a study."""

from __future__ import annotations

from pathlib import Path

from stromal.cli.printing import guard, plain_issue, print_issues, print_json, say
from stromal.cli.show_record import count_studies, print_csv
from stromal.evidence.question.answer import EvidenceAnswer
from stromal.evidence.question.plain import describe_answers
from stromal.evidence.question.pooling import Told
from stromal.study.evidence import gather_evidence


def show_study(study: Path, output: Path | None, record: Path | None, *, as_json: bool) -> int:
    """`stromal evidence STUDY`: published estimates on stdout, as CSV or JSON."""

    def work() -> None:
        done = gather_evidence(study, output, record)
        print_issues(done.issues)
        for answer in done.answers:
            say(tell_answer(answer))
        if done.folder is not None:
            say(f"written to {done.folder}")
        if as_json:
            print_json(
                {
                    "study": done.study,
                    "folder": None if done.folder is None else str(done.folder),
                    "issues": [plain_issue(issue) for issue in done.issues],
                    "answers": describe_answers(done.answers),
                    "estimates": done.estimates.to_dicts(),
                }
            )
        else:
            print_csv(done.estimates)

    return guard(work, as_json=as_json)


def tell_answer(answer: EvidenceAnswer) -> str:
    """Say an answer in one line: what is told, of how many studies, and how many are left out.

    Examples
    --------
    >>> from stromal.study.evidence import gather_evidence
    >>> tell_answer(gather_evidence("studies/itp-dose").answers[0])
    'Response: 44.4 % (21.5 to 69.2; 1 study, 18 patients); one study: its own interval, nothing \
is pooled; 74 studies left out'
    """
    told = answer.pooled.told
    left_out = len({item.study for item in answer.left_out} - set(answer.rows["study"]))
    parts = [f"{answer.title}: {_tell(told, answer.question.scale)}"]
    if told.value is not None and told.reason:
        parts.append(told.reason)
    shown = answer.rows.height - told.studies
    if shown:
        parts.append(f"{count_studies(shown)} shown without an effect")
    return "; ".join([*parts, f"{count_studies(left_out)} left out"])


def _tell(told: Told, scale: str) -> str:
    if told.value is None or told.low is None or told.high is None:
        return f"not estimable, {told.reason}"
    numbers = (told.value, told.low, told.high)
    of = f"{count_studies(told.studies)}, {told.patients} patients"
    if scale in {"proportion", "risk_difference"}:
        value, low, high = (f"{100 * number:.1f}" for number in numbers)
        return f"{value} % ({low} to {high}; {of})"
    value, low, high = (f"{number:.3g}" for number in numbers)
    return f"{scale.replace('_', ' ')} {value} ({low} to {high}; {of})"
