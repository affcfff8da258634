"""Every case of the SBML test suite that is here passes within its own tolerances, or is refused.

NumPy runs all of them. The compiled back ends run a fixed sample; they run all where
STROMAL_SBML_BACKENDS names them ("numpy,scalar,lanes").
"""

from __future__ import annotations

import os
from zipfile import ZipFile

import pytest

from stromal.errors import InvalidInput
from tests.sbml_test_suite.cases import agrees, case_files, compute, members, read_case

ARCHIVES = {path.resolve(): members(path) for path in case_files()}
CASES = [(path, number) for path, cases in ARCHIVES.items() for number in cases]
SAMPLE = CASES[::17][:40] or CASES
EVERYTHING = os.environ.get("STROMAL_SBML_BACKENDS", "numpy").split(",")

# What a refusal may speak of, and the cases of the shared archive that are refused for it.
NAMED = {
    "algebraic rules are not supported": (),
    "is fast, which is not supported": (),
    "has a delay that depends on a state": (),
    "has a priority that depends on a state": (),
    "is triggered again before": (),
    "is triggered by more than the time": (),
    "delay is not supported": (),
    "order is not defined": (),
    "the SBML package": (),
    "SBML Level 1 is not supported": (),
    "the name `time` means the time": ("01820", "01821"),
    "the function `gamma` of a state has no derivative": ("00173",),
}
LEAST_SHARE = 0.97

# Cases of the whole suite (1,821, of which 1,136 pass on NumPy) with events that move their own
# next time, delays, priorities, or triggers of time in other forms; run where an archive has them.
EVENTS_AT_KNOWN_TIMES = """
    00699 00701 00930 00931 00934 00935 00936 00963 00967 00980 00995 00997 01119 01211 01212
    01213 01227 01229 01230 01241 01242 01284 01286 01287 01304 01305 01328 01329 01330 01331
    01332 01333 01334 01335 01336 01337 01508 01509 01528 01529 01533 01594 01595 01596 01597
    01598 01600 01601 01602 01603 01604 01659 01660 01661 01662 01663 01693 01694 01695 01696
    01697 01698 01699 01700 01706 01707 01708 01709 01712 01713 01714 01720 01721 01754 01755
    01756 01757 01758 01759
"""

# Events of equal priority, for which the suite wants an order of chance: ours is that of the file.
IN_ORDER_OF_CHANCE = frozenset({"01466", "01588"})

pytestmark = pytest.mark.skipif(
    not CASES,
    reason="no cases of the SBML test suite are here (STROMAL_SHARED, STROMAL_SBML_CASES)",
)


def _label(case):
    return f"{case[0].stem}-{case[1]}" if isinstance(case, tuple) else str(case)


def _judge(path, number, backend):
    if number in IN_ORDER_OF_CHANCE:
        return "events of equal priority are in the order of the file"
    case = read_case(path, number, ARCHIVES[path][number])
    try:
        values = compute(case, backend)
    except InvalidInput as error:
        issues = error.issues
    else:
        assert agrees(case, values)
        return None
    assert number not in EVENTS_AT_KNOWN_TIMES
    unnamed = [i for i in issues if not i.hint or not any(name in i.message for name in NAMED)]
    assert not unnamed, "a refusal names the feature"
    return f"refused: {issues[0].message}"


@pytest.mark.parametrize("backend", EVERYTHING)
@pytest.mark.parametrize("case", CASES, ids=_label)
def test_case(case, backend):
    if refusal := _judge(*case, backend):
        pytest.skip(refusal)


@pytest.mark.parametrize("backend", [b for b in ("scalar", "lanes") if b not in EVERYTHING])
@pytest.mark.parametrize("case", SAMPLE, ids=_label)
def test_sample_on_compiled_back_ends(case, backend):
    if refusal := _judge(*case, backend):
        pytest.skip(refusal)


def test_few_cases_are_refused():
    expected = sorted(number for numbers in NAMED.values() for number in numbers)
    first = CASES[0][0]
    refused = [n for n in expected if n in ARCHIVES[first] and _judge(first, n, "numpy")]
    assert refused == [n for n in expected if n in ARCHIVES[first]]
    assert len(refused) <= (1 - LEAST_SHARE) * len(ARCHIVES[first])


def test_archive_with_odd_members_is_read_by_its_cases_alone(tmp_path):
    path = tmp_path / "odd.zip"
    with ZipFile(path, "w") as archive:
        for kind in ("sbml.xml", "settings.txt", "results.csv"):
            archive.writestr(f"00001/00001-{kind}", "")
            archive.writestr(f"../../00002/00002-{kind}", "")
        archive.writestr("/etc/00003-sbml.xml", "")
    assert list(members(path)) == ["00001"]


def test_what_is_not_an_archive_is_said_to_be_none(tmp_path):
    path = tmp_path / "cases.zip"
    path.write_text("no archive")
    with pytest.raises(ValueError, match=r"cases\.zip is not a zip archive"):
        members(path)
