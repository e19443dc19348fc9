"""How numbers are written: their decimals, thousands, signs, and the currency or unit beside them.

As regular expressions without look-ahead or back-references, because RE2 reads them too. No pandas, no NumPy.
"""

import re

SPACES = " \u00a0\u2007\u2009\u202f"
MINUS = "\\-\u2212\u2013\ufe63\uff0d"
APOSTROPHES = "'\u2019"
THOUSANDS = {"point": "\\.", "comma": ",", "space": f"[{SPACES}]", "apostrophe": f"[{APOSTROPHES}]"}
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_CODES = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK DM EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR "
    "NOK NZD PHP PLN RMB RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
).replace(" ", "|")
_CURRENCY = rf"(?:[A-Z]{{0,3}}[$€£¥₹₽₩₺₴₪฿₫₱₦¢]|{_CODES}|Fr\.|Kr\.?|kr\.?|Rs\.?)"
# a few ranges, because RE2 takes long to compile every letter of Unicode
_LETTERS = "A-Za-z\u00b5\u00c0-\u024f\u0370-\u04ff\u2126"
_SIGNS = r"[%‰°\x{2032}\x{2033}]"
_UNIT = rf"(?:(?:sq|cu|fl) ?[A-Za-z]{{2,4}}|[{_LETTERS}°][{_LETTERS}°²³0-9/^·*]{{0,11}}\.?|{_SIGNS})"
SIGNED = (
    rf"(?P<open>\()?(?P<sign>[+{MINUS}])?[{SPACES}]?(?P<before>{_CURRENCY})?[{SPACES}]?(?P<inner>[+{MINUS}])?"
    rf"(?P<number>[0-9.,][0-9.,{SPACES}{APOSTROPHES}]*{_EXPONENT})"
    rf"[{SPACES}]?(?P<after>{_CURRENCY}|{_UNIT})?[{SPACES}]?(?P<last>[{MINUS}])?(?P<close>\))?"
)


def digits(decimal: str, thousands: tuple[str, ...]) -> str:
    """The pattern of a number without sign and unit.

    Args:
        decimal: point or comma.
        thousands: names of the separators that may stand before every three digits.
    """
    sign = THOUSANDS[decimal]
    grouped = [rf"[1-9][0-9]{{0,2}}(?:{THOUSANDS[name]}[0-9]{{3}})+" for name in thousands]
    if "comma" in thousands:  # as in India
        grouped.append(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
    whole = "|".join(["[0-9]+", *grouped])
    return rf"(?:(?:{whole})(?:{sign}[0-9]*)?|{sign}[0-9]+){_EXPONENT}"


USUAL = {"point": ("comma", "space", "apostrophe"), "comma": ("point", "space", "apostrophe")}
POINT, COMMA = digits("point", USUAL["point"]), digits("comma", USUAL["comma"])
_PLAIN = re.compile(rf"[+{MINUS}]?(?:{POINT}|{COMMA})")


def is_number(cell: str) -> bool:
    """Whether the cell is a number without a unit, its decimals after a point or a comma."""
    return _PLAIN.fullmatch(cell) is not None
