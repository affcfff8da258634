import numpy as np
import pytest

from stromal.models.parameters import CONFIDENCES
from stromal.protocol.products import GraftProduct, MscProduct
from stromal.simulate.effective import draw_effect, find_rules, read_rules
from stromal.simulate.numbering import Numbering
from stromal.tables.vocabulary.products import PRODUCT_KINDS

NUMBERING = Numbering({"msc": 4000}, 1, per_lot=4)
NUMBERS = NUMBERING.patients(NUMBERING.members(0, 4000))


def msc(**stated):
    given = {"label": "MSC", "source": "bone marrow", "donor": "related", "preparation": "fresh"}
    return MscProduct(kind="msc", **(given | {"passage_max": 3} | stated))


def test_every_rule_has_a_source_and_a_reason():
    for rule in read_rules():
        assert rule.kind in PRODUCT_KINDS
        assert rule.source == "assumed"
        assert len(rule.locator) > 20
    assert CONFIDENCES


def test_effects_that_nobody_measured_have_no_mean_effect():
    assert all(rule.factor == 1 for rule in read_rules() if rule.source == "assumed")


def test_a_lot_is_one_draw_for_all_its_patients():
    worth = draw_effect("msc", msc(), NUMBERS, NUMBERING, 1)
    assert (worth.reshape(-1, 4) == worth[::4, None]).all()
    assert np.log(worth[::4]).std() == pytest.approx(0.3, rel=0.1)
    assert np.median(worth) == pytest.approx(1, rel=0.05)


def test_only_viable_cells_count():
    full = draw_effect("msc", msc(), NUMBERS, NUMBERING, 1)
    most = draw_effect("msc", msc(viability_percent=80.0), NUMBERS, NUMBERING, 1)
    assert most == pytest.approx(0.8 * full, rel=1e-15)


def test_what_is_not_known_of_a_preparation_is_the_same_for_all_lots_of_a_draw():
    fresh = draw_effect("msc", msc(), NUMBERS, NUMBERING, 1)
    thawed = draw_effect("msc", msc(preparation="thawed"), NUMBERS, NUMBERING, 1)
    assert len(np.unique((thawed / fresh).round(12))) == 1
    assert thawed[0] != fresh[0]


def test_a_graft_is_counted_and_nothing_is_drawn():
    graft = GraftProduct(
        kind="graft", label="marrow", source="bone marrow", donor="matched sibling"
    )
    assert [rule.between_lots for rule in find_rules(graft)] == [0]
    assert (draw_effect("marrow", graft, NUMBERS, NUMBERING, 1) == 1).all()
