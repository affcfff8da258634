import dataclasses

import pytest

from stromal.report.evidence.shown import Answered, ShownEvidence
from stromal.report.figures.forest import Forest, ForestPool, ForestRow


def answer(*pools):
    return Answered("a", "A", Forest("Share", (), pools), 2)


def test_the_number_told_is_the_first_of_all_or_that_of_the_one_study():
    of_group = ForestPool("children", 0.1, group="children")
    common, random = ForestPool("c", 0.2, kind="common"), ForestPool("r", 0.3)
    assert answer(of_group, random, common).pooled is random
    assert answer(of_group).pooled is None
    one = Forest("Share", (ForestRow("A", value=0.5, low=0.1), ForestRow("B", reason="no count")))
    assert Answered("a", "A", one, 1).pooled.value == 0.5
    shown = Forest("Share", (ForestRow("A", value=0.5, reason="no interval"),))
    assert Answered("a", "A", shown, 1).pooled is None


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ShownEvidence().flow = ()
