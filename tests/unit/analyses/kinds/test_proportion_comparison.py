import polars as pl
import pytest
from tests.unit.analyses import example

from stromal.analyses.bind import bind_analyses, read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.run import run_analyses
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

COMPARISON = {"estimate": "proportion_comparison", "endpoint": "response", "by": "arm",
              "labels": ["CR", "R"]}  # fmt: skip


def compare(msc, control, **keys):
    """Kind and answer of `events of n` in two arms."""
    counts = {"msc": msc, "control": control}
    people = [(f"{arm}{i}", arm, "CR" if i < events else "NR")
              for arm, (events, n) in counts.items() for i in range(n)]  # fmt: skip
    frame = pl.DataFrame(people, schema=["subject", "arm", "label"], orient="row")
    outcomes = OUTCOMES.conform(
        frame.select(
            "subject", "label", endpoint=pl.lit("response"), kind=pl.lit("response"),
            reason=pl.lit("made up"),
        )
    )  # fmt: skip
    protocol = example.protocol({**COMPARISON, **keys})
    patients = Patients.of(None, subjects=frame.select("subject", "arm"))
    (bound,) = read_bound(protocol)
    (answer,) = run_analyses([bound], Setting(protocol, patients, outcomes))
    return bound.kind, answer


def value(answer, statistic, column="value"):
    return answer.estimates.filter(statistic=statistic)[column].item()


@pytest.mark.parametrize(
    ("msc", "control", "test", "p"),
    [
        # Zhao 2022, printed 0.043; Zhao 2015, printed 0.023; Ning, printed 0.041
        ((82, 99), (70, 99), "pearson", 0.0435),
        ((82, 99), (70, 99), "yates", 0.0642),
        ((82, 99), (70, 99), "fisher", 0.0635),
        ((21, 28), (8, 19), "pearson", 0.0228),
        ((6, 10), (3, 15), "pearson", 0.0412),
    ],
)
def test_printed_p_values_are_those_of_the_uncorrected_test(msc, control, test, p):
    _, answer = compare(msc, control, test=test)
    assert value(answer, "p") == pytest.approx(p, abs=6e-5)


def test_the_printed_odds_ratio_comes_out_with_term_and_reference():
    _, answer = compare((82, 99), (70, 99))
    row = answer.estimates.filter(statistic="odds ratio").row(0, named=True)
    assert (row["by"], row["group"], row["term"], row["reference"]) == (
        "arm", None, "msc", "control",
    )  # fmt: skip
    printed = [round(row[name], 2) for name in ("value", "low", "high")]
    assert printed == [2.0, 1.01, 3.94]
    assert value(answer, "chi-squared", "degrees") == 1


def test_another_reference_turns_the_difference():
    _, answer = compare((3, 4), (1, 4), reference="msc")
    assert value(answer, "risk difference") == -0.5
    assert value(answer, "risk difference", "term") == "control"


def test_sentences_and_table_tell_shares_difference_and_test():
    kind, answer = compare((82, 99), (70, 99), event="a response")
    said = " ".join(kind.describe(answer)).replace("\u00a0", " ")
    assert said.startswith("A response: 82/99 (83 %) in MSC and 70/99 (71 %) in Control.")
    assert "Difference of MSC against Control: 12 percentage points (95 % CI 0 to 24)." in said
    assert "P = 0.043" in said
    view = kind.tabulate(answer)
    lines = [[cell.text.replace("\u00a0", " ") for cell in row] for row in view.rows]
    assert ["MSC against Control", "odds ratio", "2.00", "1.01 to 3.94"] in lines
    assert lines[-1][0] == "Between groups"


def test_an_exact_test_has_no_statistic():
    kind, answer = compare((3, 4), (1, 4), test="fisher")
    assert "chi-squared" not in set(answer.estimates["statistic"])
    assert any("Fisher exact test: P = 0.49" in said.replace("\u00a0", " ")
               for said in kind.describe(answer))  # fmt: skip


def test_zero_cells_give_no_made_up_ratio():
    _, answer = compare((0, 9), (4, 9))
    assert value(answer, "risk ratio") in (0, None)
    assert value(answer, "odds ratio", "low") is None


def test_wrong_labels_and_groups_are_issues():
    protocol = example.protocol({**COMPARISON, "labels": ["VGPR"], "reference": "msd"})
    _, issues = bind_analyses(protocol, {}, {"response": ("CR", "R", "NR")})
    assert [issue.column for issue in issues] == ["analyses[0].labels[0]", "analyses[0].reference"]
