import dataclasses

import pytest

from stromal.report.evidence.shown import Answered, ShownEvidence
from stromal.report.figures.forest import Forest, ForestPool


def answer(*pools):
    return Answered("a", "A", Forest("Share", (), pools), 2)


def test_the_pooled_effect_is_that_of_all_by_random_effects():
    of_group = ForestPool("children", 0.1, group="children")
    common, random = ForestPool("c", 0.2, kind="common"), ForestPool("r", 0.3)
    assert answer(of_group, common, random).pooled is random
    assert answer(of_group, common).pooled is common
    assert answer(of_group).pooled is None


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ShownEvidence().flow = ()
