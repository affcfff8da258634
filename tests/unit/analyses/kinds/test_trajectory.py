import polars as pl
from tests.unit.analyses.example import answer

VALUES = {"estimate": "trajectory", "analyte": "platelets", "thresholds": [30, 50],
          "endpoint": "response"}  # fmt: skip
LABS = pl.DataFrame(
    {"subject": ["1", "1"], "day": [0.0, 9.0], "analyte": "platelets", "value": [9.0, 180.0],
     "unit": "10^9/L"}
)  # fmt: skip


def test_lines_are_coloured_by_the_endpoint_and_thresholds_have_a_unit():
    kind, found = answer(VALUES, labs=LABS)
    caption = kind.plot(found).caption.replace("\u00a0", " ")
    assert "coloured by response" in caption
    assert caption.endswith("Dashed lines: 30 and 50 × 10⁹/L.")


def test_nothing_measured_is_no_figure():
    kind, found = answer(VALUES)
    assert kind.plot(found) is None


def test_values_beyond_a_limit_are_told_in_the_caption():
    kind, found = answer(VALUES, labs=LABS.with_columns(bound=pl.Series(["below", None])))
    assert "1 value lies beyond the limit at which it is drawn." in kind.plot(found).caption
