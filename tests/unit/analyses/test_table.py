import polars as pl

from stromal.analyses.bind import read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.run import run_analyses
from stromal.analyses.table import order_groups, tabulate_estimates
from tests.unit.analyses import example

SURVIVAL = {"estimate": "survival", "endpoint": "relapse", "by": "stage", "days": [15]}


def answer():
    protocol = example.protocol(SURVIVAL)
    (found,) = run_analyses(
        read_bound(protocol), Setting(protocol, example.patients(), example.outcomes())
    )
    return found


def texts(view):
    return [[cell.text.replace("\u00a0", " ") for cell in row] for row in view.rows]


def test_groups_stand_before_all_patients_and_the_test_last():
    rows = texts(tabulate_estimates(answer(), dated=True))
    assert [row[0] for row in rows if row[0]] == [
        "late", "early", "All patients", "late against early", "Between groups",
    ]  # fmt: skip
    assert rows[-1][1] == "log-rank test"
    assert rows[-1][2].startswith("χ² = ")


def test_methods_and_the_note_stand_under_the_table():
    view = tabulate_estimates(answer(), note="A note.")
    assert view.note.startswith("Kaplan-Meier")
    assert "A note." in view.note
    assert [heading.text for heading in view.headings][-1] == "n/N"


def test_all_patients_come_last_where_they_are():
    assert order_groups(pl.DataFrame({"group": ["a", None, "b"]})) == ["a", "b", None]
    assert order_groups(pl.DataFrame({"group": ["a"]})) == ["a"]
