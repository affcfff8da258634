from fractions import Fraction

from stromal.measures import DAY, PURE, Measure, measure


def test_measures_multiply_exactly():
    third = Measure(Fraction(1, 3), (("m", Fraction(1)),))
    assert (third**3).factor == Fraction(1, 27)
    assert (third / third) == PURE
    assert (measure(m=2) ** Fraction(1, 2)).fits(measure(m=1))
    assert (Measure(Fraction(1, 7)) ** Fraction(5000)).factor == 0


def test_only_a_number_without_powers_is_pure():
    assert PURE.is_pure
    assert not measure(2).is_pure
    assert not measure(s=1).is_pure


def test_a_measure_is_printed_in_units_of_the_field():
    assert str(measure(f"1/{DAY}", s=-1)) == "1/day"
    assert str(measure("1/1000", m=3)) == "L"
