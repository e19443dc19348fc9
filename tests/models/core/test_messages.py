"""Texts with blanks: numbers, and words whose form depends on a number."""

from models.core.contract.messages import Text, parts_of

ROWS = Text("test.messages.rows", "{n:,} {n:row has|rows have} no value in {column!r}.")


def test_a_word_has_the_form_that_its_number_needs() -> None:
    shown = [ROWS(n=n, column="age") for n in (0, 1, 2_000)]

    assert shown == [
        "0 rows have no value in 'age'.",
        "1 row has no value in 'age'.",
        "2,000 rows have no value in 'age'.",
    ]
    assert parts_of(shown[1]) == [{"id": "test.messages.rows", "values": {"n": 1, "column": "age"}}]
