from typing import get_args

import pytest

from stromal.endpoints.endpoint import Tone
from stromal.report.figures.palette import (
    INK,
    STAGES,
    TONES,
    colour_group,
    colour_label,
    contrast,
    deepen,
)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", sorted({*TONES.values(), *STAGES}))
def test_text_on_every_filled_cell_can_be_read(colour):
    one, other = sorted((luminance(colour), luminance(contrast(colour))))
    assert (other + 0.05) / (one + 0.05) >= 4


def test_every_tone_of_a_label_has_a_colour():
    assert set(TONES) == set(get_args(Tone)) - {""}


def test_unknown_labels_take_the_colour_of_their_place():
    assert colour_label("something", {}, 1) == colour_group(1)
    assert contrast("#ffffff") == INK


def test_letters_in_a_groups_colour_read_on_white():
    for place in range(7):
        assert 1.05 / (luminance(deepen(colour_group(place))) + 0.05) >= 4.5
