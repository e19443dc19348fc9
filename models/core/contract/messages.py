"""Texts for people: English, with an id and values by which a page shows them in another language.

A module declares each text once, as a constant, and fills it in where it is shown:

    LEFT_OUT = Text("clustering.columns.left_out", "{lost:,} of {total:,} rows have missing values.")
    LEFT_OUT(lost=3, total=150)  # a str: "3 of 150 rows have missing values."

A word that depends on a number has its forms for one and for others in a blank of the number:

    "{n:,} {n:row|rows} {n:has|have} missing values."

`translations/<language>.json` beside the code has the same in another language, by id. A text without a
translation is shown in English. Static texts of a card need no constant: their ids follow from their place,
such as `detection.predict.score.title` (see `card_texts`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from models.core.contract.titles import titled_choices

Part = dict[str, Any]  # {"id": ..., "values": {...}}: one filled-in text

_declared: dict[str, "Text"] = {}


class Message(str):
    """English text that also knows the ids and values of the sentences it is made of."""

    __slots__ = ("parts",)
    parts: tuple[Part, ...]

    def __new__(cls, english: str, parts: Sequence[Part]) -> "Message":
        made = super().__new__(cls, english)
        made.parts = tuple(parts)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Message, (str(self), self.parts)


@dataclass(frozen=True)
class Text:
    """One text in English, with blanks as `str.format` has them.

    Raises:
        ValueError: the id belongs to another text.
    """

    id: str
    english: str

    def __post_init__(self) -> None:
        if _declared.setdefault(self.id, self).english != self.english:
            raise ValueError(f"two texts have the id {self.id!r}")

    def __call__(self, **values: Any) -> Message:
        """The text with its blanks filled in. A value may be a message itself."""
        return Message(filled(self.english, values), ({"id": self.id, "values": values},))


class _Plurals(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        one, is_plural, other = format_spec.partition("|")
        if is_plural:
            return one if value == 1 else other
        return super().format_field(value, format_spec)


_PLURALS = _Plurals()


def filled(template: str, values: Mapping[str, Any]) -> str:
    """The template with its blanks filled in."""
    if "|" not in template:
        return template.format(**values)
    return _PLURALS.vformat(template, (), values)


def declared() -> dict[str, str]:
    """Id -> English of every text whose module has been imported."""
    return {name: text.english for name, text in _declared.items()}


def join(*messages: str) -> Message:
    """Sentences one after another; empty ones are left out."""
    given = [message for message in messages if message]
    return Message(
        " ".join(given), [part for message in given for part in parts_of(message) or [_plain(message)]]
    )


def parts_of(text: str) -> list[Part]:
    """What a page needs to show `text` in another language; empty: it is English only."""
    return [_encode(part) for part in text.parts] if isinstance(text, Message) else []


def messages_in(data: Any) -> dict[str, list[Part]]:
    """JSON pointer -> parts of every message within JSON data, such as the names of a chart's axes."""
    found: dict[str, list[Part]] = {}
    _collect(data, "", found)
    return found


def with_messages(data: Mapping[str, Any]) -> dict[str, Any]:
    """JSON data with the parts of its messages, if it has any, for pages in other languages.

    Those that it has already are kept.
    """
    messages = messages_in(data)
    return {**data, "messages": {**data.get("messages", {}), **messages}} if messages else dict(data)


_PLAIN = frozenset((str, int, float, bool, type(None)))  # most of the data, passed over without a call


def _collect(value: Any, pointer: str, found: dict[str, list[Part]]) -> None:
    kind = type(value)
    if kind is dict:
        for name, each in value.items():
            if type(each) not in _PLAIN:
                _collect(each, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", found)
    elif kind is list or kind is tuple:
        for index, each in enumerate(value):
            if type(each) not in _PLAIN:
                _collect(each, f"{pointer}/{index}", found)
    elif kind is Message:
        found[pointer] = parts_of(value)


def message_of(error: Exception) -> str:
    """The text of an error: its message with ids and values, where it has one."""
    return error.args[0] if error.args and isinstance(error.args[0], Message) else str(error)


def _plain(text: str) -> Part:
    return {"id": "", "values": {"text": text}}


def _encode(part: Part) -> Part:
    values = {
        name: {"text": str(value), "parts": parts_of(value)} if isinstance(value, Message) else value
        for name, value in part["values"].items()
    }
    return {"id": part["id"], "values": values}


def form_texts(prefix: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(id, English) of what a form shows of params, from their JSON Schema."""
    for name, field in schema["properties"].items():
        for key in ("title", "description", "group"):
            if key in field:
                yield f"{prefix}.{name}.{key}", field[key]
        for choice, title in titled_choices(field, schema.get("$defs", {})):
            yield f"{prefix}.{name}.choices.{choice}", title or choice
    for number, preset in enumerate(schema.get("examples", [])):
        if "title" in preset:
            yield f"{prefix}.presets.{number}", preset["title"]
