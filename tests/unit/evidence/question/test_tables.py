import polars as pl
from tests.unit.evidence.question.records import ask, record

from stromal.evidence.question.answer import answer_question
from stromal.evidence.question.tables import list_tables

DOSES = {"A": 1e6, "B": 2e6, "C": 3e6, "E": 4e6}
LIBRARY = record(
    {"study": "A", "events": 4}, {"study": "B", "events": 8, "status": "note", "reason": "cut"},
    {"study": "C", "events": 15}, {"study": "D", "indication": "itp"}, {"study": "E", "events": 9},
    {"study": "M", "value": 67.0},
    arms=[{"study": name, "dose_median": dose} for name, dose in DOSES.items()],
    designs={"M": "meta_analysis"},
)  # fmt: skip


def tables(**more):
    return list_tables([answer_question(LIBRARY, *ask(**more))])


def test_every_table_names_its_question_first():
    asked = tables(question={"groups": ("source",)}, moderators=("dose",))
    for name, table in asked.items():
        assert table.columns[0] == "question", name
        assert set(table["question"]) == {"response"}


def test_models_and_sensitivities_stand_below_each_other():
    pooled = tables()["pooled"]
    assert pooled["what"].to_list() == [
        "told", "random effects", "common effect", "counts", "without notes",
        *["one left out"] * 4,
    ]  # fmt: skip
    assert pooled.filter(what="one left out")["left_out"].to_list() == ["A", "B", "C", "E"]
    told, random = (pooled.filter(what=what) for what in ("told", "random effects"))
    assert told["value"].item() == random["value"].item()
    assert random["tau2_low"].item() <= random["tau2"].item() <= random["tau2_high"].item()


def test_flow_and_left_out_account_for_every_study():
    found = tables()
    flow, left_out = found["flow"], found["left_out"]
    assert flow["studies"].to_list() == [6, 5, 5, 5, 5, 4, 4]
    assert set(left_out["study"]) == {"D", "M"}
    assert found["studies"]["study"].to_list() == ["A", "B", "C", "E"]
    assert found["reviews"]["study"].to_list() == ["M"]


def test_regressions_and_quantiles_are_listed():
    found = tables(moderators=("dose", "year", "source"))
    dose = found["moderators"].filter(moderator="dose")
    assert dose["coefficient"].to_list() == ["intercept", "log dose"]
    assert found["moderators"].filter(moderator="source")["reason"].to_list() != [None]
    values = found["new_study"]["value"].to_list()
    assert values == sorted(values)
    assert found["new_study"]["probability"].is_between(0, 1).all()


def test_groups_are_listed_with_their_test_below_them():
    found = tables(question={"groups": ("source", "design")})["groups"]
    source = found.filter(by="source")
    assert source["group"].to_list()[-1] is None
    assert source["studies"].to_list()[-1] == sum(source["studies"].to_list()[:-1])
    assert found.filter(pl.col("group").is_null())["reason"].drop_nulls().len() > 0


def test_nothing_asked_gives_empty_tables():
    assert all(table.is_empty() for table in list_tables([]).values())
    empty = list_tables([answer_question(record({"study": "A", "indication": "itp"}), *ask())])
    assert empty["studies"].is_empty()
    assert empty["pooled"].filter(pl.col("what") == "told")["reason"].item() == "no study answers"
