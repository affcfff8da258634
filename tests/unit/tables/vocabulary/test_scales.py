from stromal.tables.vocabulary.scales import SCALES


def test_items_take_numbers_in_order_or_labels():
    for scale in SCALES.values():
        assert scale.label
        assert scale.source
        assert scale.items
        for item in scale.items.values():
            assert item.label
            assert bool(item.labels) != (item.low is not None)
            assert item.high is None or item.low < item.high


def test_stages_are_whole_and_percentages_are_not():
    assert SCALES["acute_gvhd_stage"].items["upper_gi"].high == 1
    assert SCALES["chimerism"].items["whole_blood"].whole is False
    assert "VGPR" in SCALES["investigator"].items["acute_gvhd_response"].labels
