"""Every target says how it is compared, or why it is not."""

from __future__ import annotations

from stromal.calibrate.comparisons import MODEL, read_comparisons
from stromal.calibrate.statistics import STATISTICS
from stromal.calibrate.trials import list_trials, read_trial
from stromal.models.library.targets import read_targets


def test_every_target_is_there_once():
    found = [each.id for each in read_comparisons()]
    assert found == read_targets(MODEL)["id"].to_list()
    assert len(set(found)) == len(found)


def test_roles_are_chosen():
    assert {each.role for each in read_comparisons(("C",))} == {"C"}


def test_what_is_not_compared_says_why():
    assert all(each.trial or each.note for each in read_comparisons())


def test_what_is_compared_is_in_its_trial():
    for each in read_comparisons():
        if not each.trial:
            continue
        assert each.trial in list_trials()
        protocol, bound = read_trial(each.trial)
        known = {item.name: item.label_names for item in bound}
        assert each.statistic in STATISTICS, each.id
        assert set(each.arms) <= set(protocol.arms), each.id
        assert not each.against or each.against in protocol.arms
        assert each.endpoint in known, each.id
        assert not each.among or each.among in known
        # labels are those of whom is counted among where a day is given, else of the endpoint
        dated = each.among and each.day is not None
        labels = known[each.among if dated else each.endpoint]
        assert set(each.labels) <= set(labels), each.id
