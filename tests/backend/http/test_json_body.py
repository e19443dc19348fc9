"""JSON as requests send it."""

import pytest

from backend.errors import Invalid
from backend.http.json_body import parse_json


@pytest.mark.parametrize(
    "text", [r'"\u0000"', r'{"a": ["b", {"c": "d\u0000"}]}', r'{"a\u0000": 1}', r'"\\\u0000"']
)
def test_a_nul_character_is_refused_wherever_it_stands(text: str) -> None:
    for data in (text, text.encode()):
        with pytest.raises(Invalid, match="NUL character"):
            parse_json(data)


@pytest.mark.parametrize("text", [r'{"pattern": "\\u0000"}', r'"\\\\u0000"'])
def test_a_backslash_before_the_letters_of_its_escape_is_no_nul_character(text: str) -> None:
    for data in (text, text.encode()):
        assert "u0000" in str(parse_json(data))


def test_a_nul_character_is_found_at_any_depth() -> None:
    depth = 900
    with pytest.raises(Invalid, match="NUL character"):
        parse_json("[" * depth + r'"\u0000"' + "]" * depth)
