import tomllib

import pytest

from stromal.errors import InvalidInput, Issue
from stromal.toml.families import MOST, expand_families
from stromal.toml.locate import locate_keys

LISTS = {("endpoints",): True, ("evidence", "questions"): False}
TEXT = """
[[endpoints]]
name = "first"

[[endpoints]]
each = { lineage = ["anaemia", "low_platelets"], grade = [1, 3] }
name = "{lineage}_{grade}"
label = "{lineage} of grade {grade}"
parameters = { lineages = ["{lineage}"], grade = "{grade}" }

[[endpoints]]
name = "last"
"""


def expand(text):
    return expand_families(tomllib.loads(text), LISTS, "protocol.toml")


def test_a_table_stands_for_every_combination_in_order_and_others_stay():
    names = [table["name"] for table in expand(TEXT).data["endpoints"]]
    assert names == [
        "first",
        "anaemia_1",
        "anaemia_3",
        "low_platelets_1",
        "low_platelets_3",
        "last",
    ]


def test_a_text_that_is_one_value_takes_it_as_it_is():
    parameters = expand(TEXT).data["endpoints"][2]["parameters"]
    assert parameters == {"lineages": ["anaemia"], "grade": 3}


def test_a_label_is_read_by_people():
    assert expand(TEXT).data["endpoints"][4]["label"] == "Low platelets of grade 3"


def test_what_differs_is_kept_where_it_is_asked_for():
    assert expand(TEXT).data["endpoints"][1]["member"] == {"lineage": "anaemia", "grade": "1"}
    text = "[[evidence.questions]]\neach = { x = [1] }\nname = 'q{x}'\n[evidence.other]\ny = 1"
    data = expand(text).data
    assert data == {"evidence": {"questions": [{"name": "q1"}], "other": {"y": 1}}}


def test_a_file_without_families_is_as_it_was():
    data = {"endpoints": [{"name": "{x}"}], "arms": {}}
    expanded = expand_families(data, LISTS, "protocol.toml")
    assert expanded.data == data
    assert expanded.written == {}


def test_members_have_the_lines_of_the_table_that_stands_for_them():
    spread = expand(TEXT).spread(locate_keys(TEXT))
    assert [spread["endpoints", place, "name"] for place in range(6)] == [3, 7, 7, 7, 7, 12]


def test_a_fault_of_every_member_is_told_once_at_the_table_as_it_is_written():
    issues = [Issue("no", "protocol.toml", 7, f"endpoints[{i}].name") for i in (1, 2, 5)]
    folded = expand(TEXT).fold([*issues, Issue("whole file")])
    assert [issue.column for issue in folded] == ["endpoints[1].name", "endpoints[2].name", None]


@pytest.mark.parametrize(
    ("each", "message"),
    [
        ("['a']", "`a` is not among the lists of `families`"),
        ("{}", "table of lists"),
        ("{ lineage = 'anaemia' }", "table of lists"),
        ("{ lineage = [] }", "table of lists"),
        ("{ lineage = [[1]] }", "table of lists"),
        ("{ linage = ['anaemia'] }", "`{lineage}` is not among the values"),
        (f"{{ lineage = {list(range(MOST + 1))} }}", f"stands for {MOST + 1} tables"),
    ],
)
def test_a_family_that_cannot_be_written_out_is_an_issue(each, message):
    with pytest.raises(InvalidInput) as caught:
        expand(f"[[endpoints]]\neach = {each}\nname = '{{lineage}}'")
    (issue,) = caught.value.issues
    assert message in issue.message
    assert issue.column == "endpoints[0].each"
    assert issue.hint


# Families that share lists, and tables by name ----------------------------------------------------

NAMED = """
[families]
lineage = ["anaemia", "neutropenia"]

[endpoints]
first = { rule = "x" }

[endpoints."{lineage}"]
each = ["lineage"]
rule = "cytopenia"
member = { part = "blood" }

[endpoints.last]
rule = "y"
"""


def test_tables_by_name_are_those_of_a_list_in_their_order():
    data = expand(NAMED).data
    assert "families" not in data
    assert [table["name"] for table in data["endpoints"]] == [
        "first",
        "anaemia",
        "neutropenia",
        "last",
    ]
    assert data["endpoints"][0] == {"name": "first", "rule": "x"}


def test_a_member_that_is_written_stands_beside_what_takes_turns():
    assert expand(NAMED).data["endpoints"][1]["member"] == {"lineage": "anaemia", "part": "blood"}


def test_tables_by_name_have_their_lines_and_their_names_in_issues():
    expanded = expand(NAMED)
    spread = expanded.spread(locate_keys(NAMED))
    assert [spread["endpoints", place, "rule"] for place in range(4)] == [6, 10, 10, 14]
    issues = [Issue("no", "protocol.toml", 10, f"endpoints[{i}].rule") for i in (1, 2, 3)]
    assert [issue.column for issue in expanded.fold(issues)] == [
        "endpoints.{lineage}.rule",
        "endpoints.last.rule",
    ]


def test_a_single_table_where_a_list_is_meant_is_left_as_it_is():
    data = {"endpoints": {"name": "x", "parameters": {}}}
    assert expand_families(data, LISTS, "protocol.toml").data == data


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("families = 3", "families", "is a table of lists"),
        ("[families]\nx = 3", "families.x", "is a list of texts or numbers"),
        (
            "[families]\nlineage = ['a']\n[endpoints.'{lineag}']\neach = ['lineag']",
            "endpoints.{lineag}.each",
            "`lineag` is not among the lists",
        ),
        ("[endpoints.a]\nname = 'b'", "endpoints.a.name", "has two names"),
    ],
)
def test_a_fault_of_shared_lists_and_names_is_an_issue(text, column, message):
    with pytest.raises(InvalidInput) as caught:
        expand(text)
    assert [issue.column for issue in caught.value.issues] == [column]
    assert message in caught.value.issues[0].message
