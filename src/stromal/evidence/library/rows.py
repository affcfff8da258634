"""What can be wrong with the rows of a record: words, keys, counts, and rows without a home."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stromal.errors import Issue
from stromal.evidence.library.words import list_words
from stromal.likeness import find_nearest
from stromal.tables.fold import fold_rows
from stromal.tables.patients import TableFile

SAME = ("study", "arm", "subgroup", "outcome", "scale", "range_end", "day")
"""Columns that name one number of the record: two rows to be used may not agree in all."""


def check_words(frame: pl.DataFrame, file: TableFile, columns: Sequence[str]) -> tuple[Issue, ...]:
    """Check that the cells of some columns are words of the lists.

    Examples
    --------
    >>> frame = pl.DataFrame({"outcome": ["overall_respons"]})
    >>> print(check_words(frame, TableFile("outcomes.csv", 2), ["outcome"])[0])
    outcomes.csv row 2 column outcome: `overall_respons` is no word for an outcome.
    hint: is `overall_response` meant?
    """
    return tuple(issue for column in columns for issue in _check_column(frame, file, column))


def _check_column(frame: pl.DataFrame, file: TableFile, column: str) -> tuple[Issue, ...]:
    words = list_words(column)
    article = "an" if column[0] in "aeiou" else "a"

    def say(position: int) -> Issue:
        text = frame[column][position]
        near = find_nearest(text, words)
        hint = f"is `{near}` meant?" if near else f"the words for {column} stand in vocabulary.csv"
        message = f"`{text}` is no word for {article} {column.replace('_', ' ')}"
        return Issue(message, file.name, file.row(position), column, hint)

    return fold_rows(~frame[column].is_in(list(words)) & frame[column].is_not_null(), say)


def check_keys(frame: pl.DataFrame, file: TableFile, key: Sequence[str]) -> tuple[Issue, ...]:
    """Check that no two rows agree in all columns of the key.

    Examples
    --------
    >>> frame = pl.DataFrame({"row": ["E1", "E1"]})
    >>> print(check_keys(frame, TableFile("outcomes.csv", 2), ["row"])[0])
    outcomes.csv row 3 column row: a row above has the same row.
    hint: keep one of the two, or name what tells them apart
    """
    again = (
        ~frame.select(key)
        .with_row_index("at")
        .select(pl.col("at").is_first_distinct() if not key else pl.struct(key).is_first_distinct())
        .to_series()
    )

    def say(position: int) -> Issue:
        message = f"a row above has the same {', '.join(key)}"
        hint = "keep one of the two, or name what tells them apart"
        return Issue(message, file.name, file.row(position), key[-1], hint)

    return fold_rows(again, say)


def check_told_once(outcomes: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    """Check that no number is used twice, whatever was read.

    Examples
    --------
    >>> row = dict.fromkeys(SAME, "x") | {"status": "use"}
    >>> print(check_told_once(pl.DataFrame([row, row]), TableFile("outcomes.csv", 2))[0])
    outcomes.csv row 3 column status: this number is used in a row above.
    hint: exclude one of the two and say why
    """
    used = outcomes["status"] == "use"
    seen = outcomes.select(*SAME, used.alias("used"))
    again = ~seen.select(pl.struct(pl.all()).is_first_distinct()).to_series() & used

    def say(position: int) -> Issue:
        hint = "exclude one of the two and say why"
        message = "this number is used in a row above"
        return Issue(message, file.name, file.row(position), "status", hint)

    return fold_rows(again, say)


def check_homes(
    frame: pl.DataFrame, file: TableFile, homes: pl.DataFrame, key: Sequence[str], table: str
) -> tuple[Issue, ...]:
    """Check that every row has its row in the table above it, and none of those stands empty.

    Examples
    --------
    >>> arms = pl.DataFrame({"study": ["A"]})
    >>> studies = pl.DataFrame({"study": ["B"]})
    >>> for issue in check_homes(arms, TableFile("arms.csv", 2), studies, ["study"], "studies"):
    ...     print(issue)
    arms.csv row 2 column study: `A` is not in studies.
    hint: add it there, or correct the name here
    """
    names = list(key)
    found = homes.select(names).unique().with_columns(pl.lit(value=True).alias("found"))
    joined = frame.select(names).join(
        found, on=names, how="left", nulls_equal=True, maintain_order="left"
    )

    def say(position: int) -> Issue:
        text = " / ".join(cell for cell in frame.select(names).row(position) if cell)
        hint = "add it there, or correct the name here"
        return Issue(f"`{text}` is not in {table}", file.name, file.row(position), names[-1], hint)

    return fold_rows(joined["found"].is_null(), say)


def check_with_arms(
    studies: pl.DataFrame, file: TableFile, arms: pl.DataFrame
) -> tuple[Issue, ...]:
    """Check that every study has an arm.

    Examples
    --------
    >>> studies, arms = pl.DataFrame({"study": ["A", "B"]}), pl.DataFrame({"study": ["A"]})
    >>> print(check_with_arms(studies, TableFile("studies.csv", 2), arms)[0])
    studies.csv row 3 column study: `B` has no arm.
    hint: add its arms to the table of arms
    """

    def say(position: int) -> Issue:
        message = f"`{studies['study'][position]}` has no arm"
        hint = "add its arms to the table of arms"
        return Issue(message, file.name, file.row(position), "study", hint)

    held = arms["study"].drop_nulls().unique().to_list()
    return fold_rows(~studies["study"].is_in(held), say)


def check_printed_values(outcomes: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    """Check that printed values are numbers with their digits, as the checks of a record read them.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"printed_value": ["65.50", "70 %", None]})
    >>> print(check_printed_values(outcomes, TableFile("outcomes.csv", 2))[0])
    outcomes.csv row 3 column printed_value: `70 %` is not a number.
    hint: write the digits alone, `65.50`; the unit stands in `unit`
    """
    printed = outcomes["printed_value"]

    def say(at: int) -> Issue:
        hint = "write the digits alone, `65.50`; the unit stands in `unit`"
        message = f"`{printed[at]}` is not a number"
        return Issue(message, file.name, file.row(at), "printed_value", hint)

    return fold_rows(~printed.str.contains(r"^-?\d+(\.\d+)?$"), say)


def check_counts(outcomes: pl.DataFrame, file: TableFile, arms: pl.DataFrame) -> tuple[Issue, ...]:
    """Check numerators, denominators and reasons.

    A numerator is at most its denominator, a count has both, a proportion that is used has a
    number of patients in its row or its arm, and a status other than `use` has its reason.
    """
    key = ["study", "arm", "subgroup", "read_in"]
    n = outcomes.join(
        arms.select(*key, "n").unique(key),
        on=key,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )["n"]
    issues: list[Issue] = []
    for suffix in ("", "printed_"):
        events, total = outcomes[f"{suffix}events"], outcomes[f"{suffix}total"]

        def say_above(at: int, e: pl.Series = events, t: pl.Series = total) -> Issue:
            message = f"{e[at]} events of {t[at]} patients"
            hint = "look the two numbers up; they may be exchanged"
            return Issue(message, file.name, file.row(at), e.name, hint)

        issues += fold_rows((events > total) | (events < 0), say_above)

    def say_without(at: int) -> Issue:
        hint = "write `total`, or `n` of the arm; or set the status and say why"
        return Issue("a percentage without n", file.name, file.row(at), "total", hint)

    def say_half(at: int) -> Issue:
        hint = "write both or none"
        return Issue("events without a total", file.name, file.row(at), "total", hint)

    def say_reason(at: int) -> Issue:
        message = f"status `{outcomes['status'][at]}` without a reason"
        return Issue(message, file.name, file.row(at), "reason", "say why in a few words")

    shares = outcomes["scale"].is_in(["proportion", "survival", "cumulative_incidence"])
    bare = shares & (outcomes["status"] == "use") & outcomes["total"].is_null() & n.is_null()
    half = outcomes["events"].is_not_null() & outcomes["total"].is_null()
    mute = (outcomes["status"] != "use") & outcomes["reason"].is_null()
    issues += fold_rows(bare, say_without)
    issues += fold_rows(half, say_half)
    issues += fold_rows(mute, say_reason)
    return tuple(issues)
