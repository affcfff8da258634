from stromal.kernels.series.loops import FEW, choose_loop


def _count(numbers):
    total = 0
    for number in numbers:
        total += number
    return total


def test_few_records_run_as_written():
    assert choose_loop(_count, FEW) is _count


def test_many_records_run_compiled_once_and_give_the_same():
    made = choose_loop(_count, FEW + 1)
    assert made is not _count
    assert choose_loop(_count, FEW + 2) is made
    assert made((1, 2, 3)) == _count((1, 2, 3))
