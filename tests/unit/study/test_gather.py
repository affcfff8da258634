import weakref

import polars as pl

from stromal.study.gather import gather_trials


def part(*replicates, by_endpoint=False):
    """One patient for each number of a replicate, with outcomes of two endpoints."""
    subjects = pl.DataFrame({"subject": [str(n) for n in range(len(replicates))],
                             "replicate": replicates})  # fmt: skip
    asked = pl.DataFrame({"endpoint": ["a", "b"], "kind": ["flag", "flag"]})
    outcomes = subjects.join(asked, how="cross", maintain_order="left_right")
    if by_endpoint:
        outcomes = outcomes.sort("endpoint", maintain_order=True)
    return subjects, outcomes


def test_a_trial_that_spans_parts_comes_whole():
    for by_endpoint in (False, True):
        parts = [part(1, 1, by_endpoint=by_endpoint), part(1, 2, 2, by_endpoint=by_endpoint)]
        found = list(gather_trials(parts))
        assert [trial.replicate for trial in found] == [1, 2]
        assert [pl.concat(trial.subjects)["subject"].to_list() for trial in found] == [
            ["0", "1", "0"],
            ["1", "2"],
        ]
        for trial in found:
            wanted = pl.concat(trial.subjects)["subject"].to_list()
            assert trial.outcomes.of("b")["subject"].to_list() == wanted


def test_no_more_is_held_than_a_trial_and_a_part():
    given, most = [], 0

    def give():
        for replicate in range(1, 41):
            nonlocal most
            subjects, outcomes = part(replicate, replicate)
            given.append(weakref.ref(outcomes))
            most = max(most, sum(one() is not None for one in given))
            yield subjects, outcomes
            del subjects, outcomes

    seen = [trial.replicate for trial in gather_trials(give())]
    assert seen == list(range(1, 41))
    assert most <= 3  # the part that is made, the part before, and none from further back


def test_nothing_gives_nothing():
    assert list(gather_trials([])) == []
