from stromal.report.evidence.sentences import caption_forest, describe_answer, title_forest
from stromal.report.evidence.shown import Answered
from stromal.report.figures.forest import Forest, ForestPool, ForestRow

POOL = ForestPool("r", 0.71, 0.61, 0.79, prediction=(0.45, 0.88))


def test_a_share_is_said_in_per_cent():
    answer = Answered("a", "Response", Forest("Response", (), (POOL,)), 1, 1)
    assert describe_answer(answer) == (
        "71 % (61–79) in 1 study with 1 patient. The true effect in a new study lies between 45 "
        "and 88\u00a0%."
    )


def test_ends_below_zero_are_joined_by_and():
    pool = ForestPool("r", -2.0, -4.0, 0.5, prediction=(-6.0, 2.0))
    forest = Forest("Difference", (), (pool,), scale="difference", unit="days", digits=0)
    said = describe_answer(Answered("a", "Days", forest, 3))
    assert said.endswith("lies between −6 and 2.")


def test_what_is_not_estimable_says_why():
    forest = Forest("Risk ratio", (), (ForestPool("r", reason="no events"),), scale="ratio")
    said = describe_answer(Answered("a", "A", forest, 2))
    assert said == "Risk ratio is not estimable over 2 studies: no events."
    assert describe_answer(Answered("a", "A", Forest("x", ()), 0)).endswith("over 0 studies.")


def test_a_caption_names_what_is_drawn():
    rows = (ForestRow("A"), ForestRow("B", value=0.5))
    pools = (POOL, ForestPool("c", 0.7, 0.6, 0.8, kind="common"))
    said = caption_forest(Forest("Risk ratio", rows, pools, scale="ratio"))
    for part in ("filled diamonds", "hollow diamonds", "prediction", "no effect", "1 study cannot"):
        assert part in said
    assert "diamond" not in caption_forest(Forest("x", ()))
    assert title_forest(Answered("a", "ANC", Forest("x", ()), 0)) == "Studies of ANC"
