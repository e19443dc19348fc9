"""The character encoding of a text file: detected, and decoded in pieces, because it can be large.

Unicode is recognized by its byte order mark, its zeros or its validity as UTF-8. Of the older encodings,
chardetng (the detector of Firefox) knows those of the web; `_better` also tries those of old Macintosh and
DOS files, and corrects guesses from only a few words. No pandas, no NumPy: the web process checks uploads.
"""

import codecs
import math
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable, Iterator

from chardetng_py import EncodingDetector

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text, join

PIECE = 1 << 24
HEAD = 8192
_SAMPLE = 1 << 16  # bytes of lines that are not ASCII
_CHARACTERS_PER_CONTROL = 50  # text can contain one control character in this many
_ZEROS = {"utf-16-le": (1,), "utf-16-be": (0,), "utf-32-le": (2, 3), "utf-32-be": (0, 1)}
_ZERO_SHARE = 0.05  # of the bytes at these places: text of other scripts has zeros only in its delimiters
_FEWEST_ZEROS = 2
_MARKS = (
    (BOM_UTF8, "utf-8"),
    (BOM_UTF32_LE, "utf-32"),  # begins like that of UTF-16
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
_UTF8_SIGN = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)  # of more than one byte
_HIGH = re.compile(rb"[\x80-\xff]")
_MAX_ODD = 0.25  # of the signs that are not ASCII
# what the detector names -> what Python reads them with: Microsoft's supersets, which files really have
_CODECS = {
    "shift-jis": "cp932",
    "euc-kr": "cp949",
    "gbk": "gb18030",
    "big5": "cp950",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "x-mac-cyrillic": "mac-cyrillic",
}
_NAMES = {
    "shift_jis": "shift-jis",
    "koi8-u": "koi8-r",
    "cp874": "windows-874",
    "gb18030": "gbk",
    "ibm866": "cp866",
}
_OLD = (
    "windows-1252", "windows-1251", "mac-roman", "cp850", "iso-8859-15", "windows-1250", "windows-1253",
    "gbk", "shift-jis", "euc-kr", "big5", "koi8-r", "cp866",
)  # fmt: skip
_DOUBTED = (
    "windows-1252",
    "windows-1250",
    "windows-1251",
)  # guesses that are compared even if they look right
_LETTERS = r"[^\W\d_]"
_INNER_SIGNS = "\u2018\u2019\xb4\xb0\xb2\xb3\u0300-\u036f\u0590-\u06ff\u0e00-\u0e7f"  # and vowel signs
_ODD = re.compile(
    rf"{_LETTERS}[^\w\s\x00-\x7f{_INNER_SIGNS}]+{_LETTERS}"  # a sign within a word
    r"|[a-zß-öø-ÿ\u0430-\u044f\u03b1-\u03c9](?=[A-ZÀ-ÖØ-Þ\u0410-\u042f\u0391-\u03a9])"  # small, then capital
    r"|(?<![A-Za-z])[À-ÿ]{2,}(?![A-Za-z])|[À-ÿ]{3,}"  # only vowels with accents
    r"|[À-ÖØ-öø-\u017f\u0410-\u044f](?=[0-9])"  # a letter instead of a currency sign
    r"|[\x7f-\x9f\xad¤¬¦½¼¾\ue000-\uf8ff\u2500-\u25ff\uff61-\uff9f]"  # hardly ever in a table
    r"|[A-Za-z](?=[\u0370-\u04ff])|[\u0370-\u04ff](?=[A-Za-z])"  # two scripts in one word
    r"|[A-Za-z](?=[\u3400-\ud7a3])|[\u3400-\ud7a3](?=[A-Za-z])"
)
_LONG_RUN = re.compile("[À-ÿ]{5,}|[\u0370-\u04ff]{40,}")  # no word is that long
# bytes of the first of two, for the signs that a country's texts mostly use
_FREQUENT = {
    "gbk": rb"[\xb0-\xd7][\xa1-\xfe]|[\xa1-\xa9].",
    "euc-kr": rb"[\xb0-\xc8][\xa1-\xfe]|[\xa1-\xa9].",
    "shift-jis": rb"[\x81-\x83\x88-\x97].",
    "big5": rb"[\xa1-\xc6].",
}

IS_ASCII = Text("core.tables.is_ascii", "The file is plain ASCII text and cannot be read as {encoding}.")
NOT_CHOSEN_UTF8 = Text(
    "core.tables.not_chosen_utf8", "Line {line}: byte {byte} is not UTF-8, the encoding chosen for this file."
)
MIXED_ENCODINGS = Text(
    "core.tables.mixed_encodings", "Line {line}: byte {byte} is not UTF-8, although the text before it is."
)
ONE_ENCODING = Text(
    "core.tables.one_encoding", "Save the table in one encoding, or choose another encoding to read it."
)
NOT_CHOSEN = Text(
    "core.tables.not_chosen_encoding",
    "The file cannot be read in the chosen encoding. Byte {byte:,} is not {encoding} text ({reason}).",
)
NOT_DETECTED = Text(
    "core.tables.not_detected_encoding",
    "The file is not a table. Byte {byte:,} is not {encoding} text ({reason}).",
)
UNRECOGNIZED = Text(
    "core.tables.unrecognized_encoding",
    "The file is text in an encoding that is not recognized. Choose its encoding, or save it as UTF-8.",
)


def codec_of(encoding: str) -> str:
    """The codec of Python that reads the encoding."""
    return _CODECS.get(encoding, encoding)


def detect(pieces: Iterable[bytes]) -> str | None:
    """The encoding of a text given in pieces, the first of at least `HEAD` bytes; None: it is no known text.

    At most `_SAMPLE` bytes of lines with other signs than ASCII are looked at, wherever they stand.
    """
    rest = iter(pieces)
    head = next(rest, b"")
    if (marked := unicode_by_signature(head)) is not None:
        return marked
    sample = _sample(head, rest)
    return "utf-8" if not sample or _is_utf8(sample) else _older(sample)


def unicode_by_signature(head: bytes) -> str | None:
    """The Unicode encoding by byte order mark or by the places of zeros; None: neither."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    head = head[:HEAD]
    if b"\0" not in head:
        return None
    return next((name for name in _ZEROS if _has_zeros_of(head, name)), None)


def _has_zeros_of(head: bytes, name: str) -> bool:
    width = int(name[4:6]) // 8
    zeros = [head[place::width].count(0) for place in range(width)]
    own = min(zeros[place] for place in _ZEROS[name])
    least = (_ZERO_SHARE if name in ("utf-16-le", "utf-16-be") else 1 - _ZERO_SHARE) * (len(head) // width)
    if own < max(least, _FEWEST_ZEROS) or zeros[0 if name.endswith("le") else -1] > own / 4:
        return False
    text = head[: len(head) // width * width].decode(name, errors="replace")
    return is_text(text) and any(sign in text for sign in "\r\n,;\t")


def _sample(head: bytes, rest: Iterator[bytes]) -> bytes:
    """Lines that are not ASCII, and their neighbors."""
    while head.isascii():
        if (following := next(rest, None)) is None:
            return b""
        head = following
    place = _HIGH.search(head)
    start = place.start() if place else 0
    start = max(head.rfind(b"\n", 0, start), head.rfind(b"\r", 0, start)) + 1
    sample = head[start : start + _SAMPLE]
    if len(sample) < HEAD:
        sample += next(rest, b"")[:_SAMPLE]
    lines = [line for line in sample.splitlines(keepends=True) if not line.isascii()]
    if len(lines) > 1 and not lines[-1].endswith((b"\n", b"\r")):
        lines.pop()  # it can end within a character
    return b"".join(lines)


def _is_utf8(sample: bytes) -> bool:
    """Whether most signs that are not ASCII are UTF-8; reading the whole file finds the first that is not."""
    others, signs = _UTF8_SIGN.subn(b"", sample)
    return signs >= max(len(_HIGH.findall(others)), 1)


def _older(sample: bytes) -> str | None:
    detector = EncodingDetector()
    detector.feed(sample, last=True)
    guess = str(detector.guess(tld=None, allow_utf8=False)).lower()
    return _better(sample, _NAMES.get(guess, guess))


def _better(sample: bytes, guess: str) -> str | None:
    """The guess, or an encoding in which the words look less odd; None: they are odd in all."""
    oddity = {guess: _oddity(sample, guess)}
    if oddity[guess] or guess in _DOUBTED:
        oddity |= {name: _oddity(sample, name) for name in _OLD if name != guess}
    best = min(oddity, key=oddity.__getitem__)
    return best if oddity[best] <= _MAX_ODD else None


def _oddity(sample: bytes, encoding: str) -> float:
    """Unlikely signs for each sign that is not ASCII; lower is better."""
    try:
        text = sample.decode(codec_of(encoding))
    except UnicodeDecodeError:
        return math.inf
    foreign = sum(sign > "\x7f" for sign in text)
    if not is_text(text) or "\0" in text:
        return math.inf
    odd = len(_ODD.findall(text)) + sum(map(len, _LONG_RUN.findall(text)))
    if frequent := _FREQUENT.get(encoding):
        odd += len(_HIGH.findall(re.sub(frequent, b"", sample)))
    return odd / max(foreign, 2)


def is_text(start: str) -> bool:
    """Whether `start` is text: hardly any control characters, which random bytes are full of."""
    controls = sum(1 for sign in start if (sign < " " and sign not in "\t\r\n\f") or "\x7f" <= sign < "\xa0")
    return controls <= len(start) // _CHARACTERS_PER_CONTROL


def pieces_of(data: bytes) -> Iterator[bytes]:
    """The data in pieces, without a copy of the whole."""
    view = memoryview(data)
    return (bytes(view[at : at + PIECE]) for at in range(0, len(data), PIECE))


def to_utf8(data: bytes, chosen: str = "guess") -> tuple[bytes, str]:
    """The same text in UTF-8 without a byte order mark, and the name of its original encoding.

    Args:
        chosen: the encoding; "guess" detects it.

    Raises:
        InputError: an unknown encoding, more than one of them, or not the chosen one.
    """
    if chosen not in ("guess", "utf-8"):
        return _decode_chosen(data, chosen)
    detected = "utf-8" if chosen == "utf-8" else detect(pieces_of(data))
    if detected is None:
        raise InputError(UNRECOGNIZED())
    if detected != "utf-8":
        return _decode(data, detected, NOT_DETECTED)
    data = data.removeprefix(BOM_UTF8)
    broken = None if data.isascii() else _first_invalid_byte(data)
    if broken is not None:
        raise InputError(_not_utf8(data, broken, NOT_CHOSEN_UTF8 if chosen == "utf-8" else MIXED_ENCODINGS))
    return data, "utf-8"


def _decode_chosen(data: bytes, chosen: str) -> tuple[bytes, str]:
    if not chosen.startswith("utf-"):
        return _decode(data, chosen, NOT_CHOSEN)
    if data and data.isascii() and b"\0" not in data:
        raise InputError(IS_ASCII(encoding=chosen.upper()))
    # without a byte order mark: little-endian, unless the zeros show otherwise
    detected = unicode_by_signature(data[:HEAD]) or ""
    return _decode(data, detected if detected.startswith(chosen) else f"{chosen}-le", NOT_CHOSEN)


def _not_utf8(data: bytes, broken: int, message: Text) -> Message:
    line = data.count(b"\n", 0, broken) + 1
    return join(message(line=line, byte=f"0x{data[broken]:02x}"), ONE_ENCODING())


def _decode(data: bytes, encoding: str, message: Text) -> tuple[bytes, str]:
    decoder = codecs.getincrementaldecoder(codec_of(encoding))()
    pieces: list[bytes] = []
    for at in range(0, len(data), PIECE):
        held = len(decoder.getstate()[0])  # bytes of a character that the last piece cut
        is_last = at + PIECE >= len(data)
        try:
            pieces.append(decoder.decode(data[at : at + PIECE], final=is_last).encode())
        except UnicodeDecodeError as error:
            byte = at - held + error.start + 1
            raise InputError(message(byte=byte, encoding=encoding, reason=error.reason)) from error
    return b"".join(pieces), encoding


def _first_invalid_byte(data: bytes) -> int | None:
    """The position of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(data), PIECE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[at : at + PIECE], final=at + PIECE >= len(data))
        except UnicodeDecodeError as error:
            return at - held + error.start
    return None
