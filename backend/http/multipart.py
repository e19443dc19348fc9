"""multipart/form-data, read as it comes: the one file goes to an `Incoming`, the rest are short texts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from backend.errors import BadRequest, ContentTooLarge, Invalid
from backend.http.json_body import check_length
from backend.http.upload_stream import Incoming
from backend.settings import settings

FIELD_BYTES = 1_000_000
_MARGIN = 2_000_000  # for the fields and boundaries around the file
_MAX_PARTS = 20


@dataclass(frozen=True)
class Form:
    file: Incoming
    fields: Mapping[str, str]


class _Parts:
    """The parts of one form, gathered by the parser's callbacks."""

    def __init__(self, fields: Collection[str], limit: int):
        self.known, self.limit = fields, limit
        self.fields: dict[str, str] = {}
        self.file: Incoming | None = None
        self._parts = 0
        self._header: list[bytes] = [b"", b""]
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._text: bytearray | None = None
        self.is_complete = False

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise BadRequest(f"The form has more than {_MAX_PARTS} parts.")
        self._headers = {}

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._text = None
        if self._name == "file":
            if self.file is not None:
                raise _invalid("file", "The form has two files; one is taken.")
            name = options.get(b"filename", b"").decode("utf-8", "replace")
            self.file = Incoming(name, self.limit)
        elif self._name in self.known:
            if self._name in self.fields:
                raise _invalid(self._name, f"The form has {self._name} twice.")
            self._text = bytearray()
        else:
            known = ", ".join(["file", *self.known])
            raise _invalid(self._name[:80], f"The form has a field {self._name[:80]!r}; known are: {known}.")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._text is None:
            assert self.file is not None  # noqa: S101  a part without a text is the file
            self.file.take(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > FIELD_BYTES:
            raise ContentTooLarge(f"{self._name} has more than {FIELD_BYTES:,} bytes.")

    def on_part_end(self) -> None:
        if self._text is not None:
            try:
                self.fields[self._name] = self._text.decode("utf-8")
            except UnicodeDecodeError as error:
                raise _invalid(self._name, f"{self._name} is not UTF-8 text.") from error

    def on_end(self) -> None:
        self.is_complete = True


def _invalid(field: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[{"pointer": f"/{field}", "detail": detail}])


async def read_form(request: Request, fields: Collection[str] = ()) -> Form:
    """The form of `request`, which holds a `file`.

    Raises:
        BadRequest: it is not what it says, or it ends too early.
        ContentTooLarge: more than the limits, found out while it still comes.
        Invalid: no file, two of them, or an unknown field.
    """
    limit = settings().max_upload_bytes
    check_length(request, limit + _MARGIN)
    form = _Parts(fields, limit)
    try:
        await _feed(request, form)
        if not form.is_complete:
            raise BadRequest("The form ends before its last boundary: part of it is missing.")
        if form.file is None:
            raise _invalid("file", "The form has no field `file`.")
        return Form(form.file, form.fields)
    except BaseException:
        if form.file is not None:
            form.file.discard()
        raise


async def _feed(request: Request, form: _Parts) -> None:
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if not options.get(b"boundary"):
        raise BadRequest("The Content-Type names no boundary, so the form cannot be read.")
    names = ("part_begin", "part_data", "part_end", "header_field", "header_value", "header_end")
    callbacks = {f"on_{name}": getattr(form, f"on_{name}") for name in (*names, "headers_finished", "end")}
    read = 0
    try:
        parser = MultipartParser(options[b"boundary"], callbacks)  # pyright: ignore[reportArgumentType]
        async for chunk in request.stream():
            read += len(chunk)
            if read > form.limit + _MARGIN:
                raise ContentTooLarge(f"The form has more than {form.limit + _MARGIN:,} bytes.")
            parser.write(chunk)
            if form.file is not None:
                await form.file.settle()
        parser.finalize()
    except FormParserError as error:
        raise BadRequest(f"The form cannot be read: {error}.") from error
