import pytest

from stromal.errors import InvalidInput
from stromal.protocol.read import locate_issues
from tests.unit.simulate.conftest import PORTS

FIGURE = '\n[[simulation.figures]]\nname = "one"\nlabel = "One"\n'
COURSES = '\n[courses.effect]\noutput = "EFF"\nlabel = "Effect"\n'
CASES = {
    "an analyte that is not measured": ('analytes = ["neutrophils"]\n', "none of the measured"),
    "a course without a port": ('outputs = ["lung"]\n', "none of the courses of the model's ports"),
    "an arm": ('analytes = ["platelets"]\narms = ["mcs"]\n', "`mcs` is none of the arms"),
    "an event": ('analytes = ["platelets"]\nevents = ["gcsf"]\n', "`gcsf` is none of the events"),
    "nothing to show": ("", "shows analytes or outputs"),
    "both": ('analytes = ["platelets"]\noutputs = ["effect"]\n', "one of the two"),
    "a threshold of two quantities": (
        'analytes = ["platelets", "platelets"]\nthresholds = [9]\n',
        "more than one quantity",
    ),
    "a share of nothing": ('show = "dose_response"\n', "whose share"),
    "the share of no analysis": (
        'show = "dose_response"\nanalysis = "respons"\ncategory = "CR"\n',
        "`respons` is none of the analyses",
    ),
    "a change of nothing": ('show = "best_change"\n', "one analyte"),
    "an end before the beginning": (
        'analytes = ["platelets"]\nfrom_day = 9\nto_day = 3\n',
        "ends before it begins",
    ),
    "before the run": ('analytes = ["platelets"]\nfrom_day = -9\n', "begins before the run"),
    "a name twice": ('analytes = ["platelets"]\n' + FIGURE, "two figures are called `one`"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_figure_asks_for_in_vain_has_a_line_and_a_hint(trial_of, tmp_path, case):
    asked, message = CASES[case]
    with pytest.raises(InvalidInput) as caught:
        trial_of(after=FIGURE + asked, ports=PORTS + COURSES)
    issues = [i for i in locate_issues(caught.value.issues, tmp_path) if "figure" in str(i)]
    assert any(message in f"{i.message} {i.hint}" for i in issues)
    assert all(issue.row is not None and issue.hint for issue in issues)
