"""A stage that is a table."""

from collections.abc import Sequence
from typing import Any

from models.core.contract.card import Kind
from models.core.contract.messages import Message
from models.core.contract.prediction import Stage


def table_stage(
    name: str,
    title: Message,
    explanation: Message,
    columns: Sequence[str],
    rows: list[list[Any]],
    code: str,
    *,
    notes: Sequence[Message] = (),
) -> Stage:
    """`notes` are shown above the table, where the table is the answer."""
    data: dict[str, Any] = {"columns": [{"name": column} for column in columns], "rows": rows}
    if notes:
        data["notes"] = list(notes)
    return Stage(name, Kind.TABLE, title, explanation, data, code=code)
