"""exp, log, power and their kin of a whole vector, written in LLVM's instructions.

exp and log keep within two units in the last place over the whole range, numbers below the
smallest normal one included, and give what IEEE 754 asks for at zero, below zero, at infinity and
for not-a-number. The polynomials interpolate at Chebyshev nodes, computed with 40 digits; their
own error is under 0.15 of a unit in the last place.

A lane never sees its neighbours: what is rare (`power` of a negative number) is computed aside,
for those lanes only, and blended in.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from llvmlite import ir

from stromal.kernels.solvers.lanes.vector import (
    DOUBLE,
    Vector,
    call_llvm,
    find_function,
    lane_by_lane,
)


@dataclass(frozen=True, slots=True)
class _Format:
    """What the functions below need to know of f64 or f32.

    `exp` are coefficients of (exp(r) - 1 - r) / r^2 for |r| <= ln(2)/2, `log` those of
    (log((1+s)/(1-s)) - 2s) / s^3 in s^2 for |s| <= 0.1716, lowest first; `power` has one more of
    the latter, and `power_low` is what its first lost when rounded. `ln2_high` has so few bits
    that its product with an exponent is exact.
    """

    mantissa: int
    bias: int
    least_normal: float
    exp_low: float
    exp_high: float
    power_limit: float
    root_half: int
    ln2_high: float
    ln2_low: float
    exp: tuple[float, ...]
    log: tuple[float, ...]
    power: tuple[float, ...]
    power_low: float

    @property
    def magic(self) -> float:
        """Added to a number, it leaves the number rounded to an integer in the low bits."""
        return float(3 << (self.mantissa - 1))

    @property
    def one(self) -> int:
        """The bits of 1.0."""
        return self.bias << self.mantissa


_F64 = _Format(
    mantissa=52,
    bias=1023,
    least_normal=2.0**-1022,
    exp_low=-746.0,
    exp_high=710.0,
    power_limit=700.0,
    root_half=0x3FE6A09E667F3BCD,
    ln2_high=0.6931471805598903,
    ln2_low=5.497923018708371e-14,
    exp=(
        0.5000000000000001,
        0.16666666666666669,
        0.04166666666662413,
        0.008333333333330062,
        0.0013888888917213717,
        0.00019841269863053618,
        2.4801521295954376e-05,
        2.7557268459997064e-06,
        2.7620088445409746e-07,
        2.510038549551032e-08,
    ),
    log=(
        0.666666666666667,
        0.3999999999989938,
        0.28571428626031065,
        0.22222211125723262,
        0.1818288978615799,
        0.15331699634642276,
        0.146167211662876,
    ),
    power=(
        0.6666666666666666,
        0.4000000000000088,
        0.2857142857080285,
        0.22222222391887056,
        0.18181795621633706,
        0.1538624070891935,
        0.13268746196943831,
        0.13086907873878542,
    ),
    power_low=3.700743415417188e-17,
)
_F32 = _Format(
    mantissa=23,
    bias=127,
    least_normal=2.0**-126,
    exp_low=-104.0,
    exp_high=89.0,
    power_limit=87.0,
    root_half=0x3F3504F3,
    ln2_high=0.693145751953125,
    ln2_low=1.4286068203094173e-06,
    exp=(
        0.5,
        0.16666576989698775,
        0.041666554617204574,
        0.008363179052722578,
        0.0013926183587713494,
    ),
    log=(0.6666668505073735, 0.39988775998063075, 0.2958015669497842),
    power=(0.6666666655440618, 0.4000012191414556, 0.28550812383011837, 0.23330696660983466),
    power_low=-2.099081974904493e-08,
)


def _format(vector: Vector) -> _Format:
    return _F64 if vector.width.bits == 64 else _F32


class Pen:
    """A builder that writes operations of one vector type; nothing is reordered."""

    def __init__(self, builder: ir.IRBuilder, vector: Vector) -> None:
        self.builder = builder
        self.vector = vector

    def add(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """A + b."""
        return self.builder.fadd(a, b)

    def sub(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """A - b."""
        return self.builder.fsub(a, b)

    def mul(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """A * b."""
        return self.builder.fmul(a, b)

    def fma(self, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        """A * b + c, rounded once."""
        return call_llvm(self.builder, self.vector, "fma", [a, b, c])

    def negfma(self, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        """C - a * b, rounded once."""
        return self.fma(self.builder.fneg(a), b, c)

    def pick(self, test: str, a: ir.Value, b: ir.Value, values: Sequence[ir.Value]) -> ir.Value:
        """values[0] where `a test b` (false for not-a-number), values[1] elsewhere."""
        return self.builder.select(self.builder.fcmp_ordered(test, a, b), values[0], values[1])

    def polynomial(self, x: ir.Value, coefficients: Sequence[float]) -> ir.Value:
        """Sum of coefficients[i] * x^i, in pairs so that the chain is half as long."""
        constant = self.vector.constant
        pairs = [
            self.fma(constant(coefficients[i + 1]), x, constant(coefficients[i]))
            if i + 1 < len(coefficients)
            else constant(coefficients[i])
            for i in range(0, len(coefficients), 2)
        ]
        square = self.mul(x, x)
        result = pairs[-1]
        for pair in reversed(pairs[:-1]):
            result = self.fma(result, square, pair)
        return result


def _exp_of_sum(pen: Pen, high: ir.Value, low: ir.Value | None) -> ir.Value:
    """exp(high + low) for high within the range that does not lose the exponent."""
    builder, vector = pen.builder, pen.vector
    form, constant = _format(vector), vector.constant
    shifted = pen.fma(high, constant(1 / math.log(2)), constant(form.magic))
    whole = pen.sub(shifted, constant(form.magic))
    rest = pen.negfma(whole, constant(form.ln2_high), high)
    rest = pen.negfma(whole, constant(form.ln2_low), rest)
    if low is not None:
        rest = pen.add(rest, low)
    curve = pen.mul(pen.polynomial(rest, form.exp), pen.mul(rest, rest))
    grown = pen.add(constant(1.0), pen.add(rest, curve))
    # 2^whole as a product of two powers: both are normal numbers even where the result is not
    half_shifted = pen.fma(whole, constant(0.5), constant(form.magic + form.bias))
    half = pen.sub(half_shifted, constant(form.magic + form.bias))
    other_shifted = pen.add(pen.sub(whole, half), constant(form.magic + form.bias))
    for bits in (half_shifted, other_shifted):
        word = builder.shl(builder.bitcast(bits, vector.words), vector.word(form.mantissa))
        grown = pen.mul(grown, builder.bitcast(word, vector.ir))
    return grown


def emit_exp(builder: ir.IRBuilder, vector: Vector, x: ir.Value) -> ir.Value:
    """exp(x)."""
    pen, form = Pen(builder, vector), _format(vector)
    high, low = vector.constant(form.exp_high), vector.constant(form.exp_low)
    x = pen.pick("<", high, x, (high, x))
    x = pen.pick(">", low, x, (low, x))
    return _exp_of_sum(pen, x, None)


def _split(pen: Pen, x: ir.Value) -> tuple[ir.Value, ir.Value]:
    """The exponent k and f, with x = 2^k (1 + f) and 1 + f between sqrt(1/2) and sqrt(2)."""
    builder, vector = pen.builder, pen.vector
    form, constant, word = _format(vector), vector.constant, vector.word
    least, raised = constant(form.least_normal), float(form.mantissa + 2)
    lifted = pen.mul(x, constant(2.0**raised))
    whole = pen.pick("<", x, least, (lifted, x))
    offset = pen.pick("<", x, least, (constant(-raised), constant(0.0)))
    bits = builder.add(builder.bitcast(whole, vector.words), word(form.one - form.root_half))
    # the biased exponent as a number: set into the low bits of 2^mantissa, which is then taken off
    base = float(1 << form.mantissa)
    exponent = builder.or_(
        builder.lshr(bits, word(form.mantissa)),
        word((form.bias + form.mantissa) << form.mantissa),
    )
    k = pen.sub(builder.bitcast(exponent, vector.ir), constant(base + form.bias))
    low = builder.and_(bits, word((1 << form.mantissa) - 1))
    scaled = builder.bitcast(builder.add(low, word(form.root_half)), vector.ir)
    return pen.add(k, offset), pen.sub(scaled, constant(1.0))


def emit_log(builder: ir.IRBuilder, vector: Vector, x: ir.Value) -> ir.Value:
    """log(x): minus infinity at 0, not-a-number below."""
    pen, form, constant = Pen(builder, vector), _format(vector), vector.constant
    k, f = _split(pen, x)
    s = builder.fdiv(f, pen.add(f, constant(2.0)))
    square = pen.mul(s, s)
    curve = pen.mul(pen.polynomial(square, form.log), square)
    half = pen.mul(pen.mul(constant(0.5), f), f)
    # log(1 + f) = f - (f^2/2 - s (f^2/2 + curve)): what is small is summed first
    rest = pen.fma(s, pen.add(half, curve), pen.mul(k, constant(form.ln2_low)))
    usual = pen.fma(k, constant(form.ln2_high), pen.sub(f, pen.sub(half, rest)))
    zero, endless = constant(0.0), constant(math.inf)
    odd = pen.pick("<", x, zero, (constant(math.nan), x))
    odd = pen.pick("==", x, zero, (constant(-math.inf), odd))
    inside = builder.and_(builder.fcmp_ordered(">", x, zero), builder.fcmp_ordered("<", x, endless))
    return builder.select(inside, usual, odd)


def _log_pair(pen: Pen, x: ir.Value) -> tuple[ir.Value, ir.Value]:
    """log(x) of a positive normal x as a sum of two numbers, the second below the first's last."""
    vector, builder = pen.vector, pen.builder
    form, constant = _format(vector), vector.constant
    k, f = _split(pen, x)
    below = pen.add(f, constant(2.0))
    below_low = pen.sub(f, pen.sub(below, constant(2.0)))
    s = builder.fdiv(f, below)
    s_low = builder.fdiv(pen.negfma(s, below_low, pen.negfma(s, below, f)), below)
    main, twice = pen.mul(k, constant(form.ln2_high)), pen.add(s, s)
    high, lost = _ordered_sum(pen, main, twice)
    curve, curve_low = _curve_pair(pen, s, s_low)
    high, left = _ordered_sum(pen, high, curve)
    low = pen.fma(k, constant(form.ln2_low), pen.add(s_low, s_low))
    return high, pen.add(pen.add(lost, left), pen.add(curve_low, low))


def _ordered_sum(pen: Pen, large: ir.Value, small: ir.Value) -> tuple[ir.Value, ir.Value]:
    """The sum, and what rounding took from it; the first is the larger, or zero."""
    total = pen.add(large, small)
    return total, pen.sub(small, pen.sub(total, large))


def _exact_product(pen: Pen, a: ir.Value, b: ir.Value) -> tuple[ir.Value, ir.Value]:
    """The product, and what rounding took from it."""
    product = pen.mul(a, b)
    return product, pen.fma(a, b, pen.builder.fneg(product))


def _curve_pair(pen: Pen, s: ir.Value, s_low: ir.Value) -> tuple[ir.Value, ir.Value]:
    """log((1+s)/(1-s)) - 2s as a sum of two numbers."""
    form, constant = _format(pen.vector), pen.vector.constant
    square, square_low = _exact_product(pen, s, s)
    square_low = pen.fma(pen.add(s, s), s_low, square_low)
    cube, cube_low = _exact_product(pen, square, s)
    cube_low = pen.fma(square_low, s, pen.fma(square, s_low, cube_low))
    others = pen.mul(pen.polynomial(square, form.power[1:]), square)
    slope, slope_low = _ordered_sum(pen, constant(form.power[0]), others)
    slope_low = pen.add(slope_low, constant(form.power_low))
    curve, curve_low = _exact_product(pen, cube, slope)
    return curve, pen.fma(cube_low, slope, pen.fma(cube, slope_low, curve_low))


def emit_power(
    builder: ir.IRBuilder, vector: Vector, base: ir.Value, exponent: ir.Value
) -> ir.Value:
    """Base ** exponent; what is out of the ordinary goes to the C library, lane by lane."""
    pen, form, constant = Pen(builder, vector), _format(vector), vector.constant
    high, low = _log_pair(pen, base)
    product = pen.mul(exponent, high)
    rest = pen.fma(exponent, low, pen.fma(exponent, high, builder.fneg(product)))
    size = call_llvm(builder, vector, "fabs", [product])
    ordinary = builder.and_(
        builder.and_(
            builder.fcmp_ordered(">=", base, constant(form.least_normal)),
            builder.fcmp_ordered("<", base, constant(math.inf)),
        ),
        builder.fcmp_ordered("<", size, constant(form.power_limit)),
    )
    usual = _exp_of_sum(pen, product, rest)
    flags = builder.bitcast(ordinary, ir.IntType(vector.width.lanes))
    some_odd = builder.icmp_unsigned("!=", flags, ir.Constant(flags.type, -1))
    before = builder.block
    with builder.if_then(some_odd, likely=False):
        aside = emit_library(builder, vector, "pow", [base, exponent])
        mixed = builder.select(ordinary, usual, aside)
        rare = builder.block
    result = builder.phi(vector.ir)
    result.add_incoming(usual, before)
    result.add_incoming(mixed, rare)
    return result


def emit_library(
    builder: ir.IRBuilder, vector: Vector, name: str, values: Sequence[ir.Value]
) -> ir.Value:
    """A function of the C library, lane by lane."""
    function = find_function(builder, name, DOUBLE, [DOUBLE] * len(values))
    return lane_by_lane(
        builder, vector, values, lambda numbers: builder.call(function, list(numbers))
    )


def emit_maximum(builder: ir.IRBuilder, vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    """The larger; not-a-number where one is."""
    pen = Pen(builder, vector)
    return builder.select(builder.fcmp_unordered("uno", a, a), a, pen.pick(">", a, b, (a, b)))


def emit_minimum(builder: ir.IRBuilder, vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    """The smaller; not-a-number where one is."""
    pen = Pen(builder, vector)
    return builder.select(builder.fcmp_unordered("uno", a, a), a, pen.pick("<", a, b, (a, b)))
