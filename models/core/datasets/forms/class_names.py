"""Names of classes as files list them: `classes.txt`, `obj.names`, `labels.json`, `data.yaml`."""

import re
from collections.abc import Iterator, Mapping

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.datasets.forms.objects import MOST_CHARACTERS

Value = str | list[str] | dict[str, str]

BROKEN_YAML = Text("core.datasets.broken_yaml", "{name}, line {line:,}: {reason}.")
NO_KEY = Text("core.datasets.no_key", "a key and a colon are expected")
UNCLOSED = Text("core.datasets.unclosed", "a bracket or a quote is not closed")
SPECIAL = Text("core.datasets.special", "anchors, aliases and tags of YAML are not read")
BAD_NAME = Text("core.datasets.bad_name", "{name}: class {number:,} has no name of 1 to 100 characters.")
BAD_NUMBER = Text("core.datasets.bad_number", "{name}: {key!r} is not the number of a class.")

_MOST_CLASSES = 10_000
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\[\]{}#&*!|>%@,][^:#]*?))\s*:(?:\s+(.*)|\s*)$""")


def lines_of(text: str) -> list[str]:
    """A name a line; empty lines at the end do not count."""
    names = [line.strip() for line in text.splitlines()]
    while names and not names[-1]:
        names.pop()
    return names


def numbered(value: object, name: str) -> dict[int, str]:
    """Number -> class, from a list or a mapping.

    Raises:
        InputError: a number or a name that makes no sense; `name` is the file's.
    """
    if isinstance(value, list):
        pairs: Iterator[tuple[object, object]] = enumerate(value)
    elif isinstance(value, Mapping):
        pairs = iter(value.items())
    else:
        pairs = iter(())
    found: dict[int, str] = {}
    for key, own in pairs:
        number = int(str(key)) if re.fullmatch(r"\d{1,5}", str(key)) else _MOST_CLASSES
        if number >= _MOST_CLASSES:
            raise InputError(BAD_NUMBER(name=name, key=str(key)[:MOST_CHARACTERS]))
        if not isinstance(own, str) or not 0 < len(own.strip()) <= MOST_CHARACTERS:
            raise InputError(BAD_NAME(name=name, number=number))
        found[number] = own.strip()
    return found


def read_yaml(text: str, name: str) -> dict[str, Value]:
    """The keys at the top of a YAML file whose values are texts, lists or mappings of texts.

    This is the part of YAML that `data.yaml` uses; nothing can refer to anything else.

    Raises:
        InputError: another part of YAML.
    """
    found: dict[str, Value] = {}
    key = ""
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, full in lines:
        line = _without_comment(full)
        if not line.strip() or line.strip() in ("---", "..."):
            continue
        is_nested = line[0] in " \t" or line.startswith("- ")
        if is_nested and key:
            found[key] = _add(found[key], line.strip(), name, number)
            continue
        match = _KEY.match(line)
        if match is None:
            raise _error(name, number, NO_KEY())
        key = match[1] or match[2] or match[3] or ""
        value = (match[4] or "").strip()
        while value[:1] in ("[", "{") and value[-1:] not in ("]", "}"):  # a list over several lines
            _, following = next(lines, (0, None))
            if following is None:
                raise _error(name, number, UNCLOSED())
            value += " " + _without_comment(following).strip()
        found[key] = _value(value, name, number)
    return found


def _add(value: Value, line: str, name: str, number: int) -> Value:
    """The value of a key, with one more line of its block."""
    if line.startswith("- "):
        return [*(value if isinstance(value, list) else []), _scalar(line[2:], name, number)]
    match = _KEY.match(line)
    if match is None:
        raise _error(name, number, NO_KEY())
    own = value if isinstance(value, dict) else {}
    own[match[1] or match[2] or match[3] or ""] = _scalar(match[4] or "", name, number)
    return own


def _value(text: str, name: str, number: int) -> Value:
    if text[:1] == "[":
        return [_scalar(item, name, number) for item in _items(text[1:-1], name, number)]
    if text[:1] == "{":
        pairs = [_pair(item, name, number) for item in _items(text[1:-1], name, number)]
        return dict(pairs)
    return _scalar(text, name, number)


def _pair(item: str, name: str, number: int) -> tuple[str, str]:
    key, colon, value = item.partition(":")
    if not colon:
        raise _error(name, number, NO_KEY())
    return _scalar(key, name, number), _scalar(value, name, number)


def _items(text: str, name: str, number: int) -> Iterator[str]:
    """The items of a list in brackets: separated by commas outside of quotes."""
    item, quote = "", ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[]{}":
            raise _error(name, number, UNCLOSED())
        elif letter == ",":
            yield item
            item = ""
            continue
        item += letter
    if quote:
        raise _error(name, number, UNCLOSED())
    if item.strip():
        yield item


def _scalar(text: str, name: str, number: int) -> str:
    text = text.strip()
    if text[:1] in ("&", "*", "!", "|", ">", "%", "@"):
        raise _error(name, number, SPECIAL())
    if text[:1] in ("'", '"'):
        if len(text) < 2 or text[-1] != text[0]:
            raise _error(name, number, UNCLOSED())
        inner = text[1:-1]
        return inner.replace("''", "'") if text[0] == "'" else re.sub(r"\\(.)", r"\1", inner)
    return text


def _without_comment(line: str) -> str:
    """The line up to a # that follows a space, outside of quotes."""
    quote = ""
    for index, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'" and (index == 0 or line[index - 1] in " \t[{,:"):
            quote = letter
        elif letter == "#" and (index == 0 or line[index - 1] in " \t"):
            return line[:index].rstrip()
    return line.rstrip()


def _error(name: str, line: int, reason: Message) -> InputError:
    return InputError(BROKEN_YAML(name=name, line=line, reason=reason))
