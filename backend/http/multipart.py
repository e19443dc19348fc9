"""multipart/form-data, parsed as it arrives: files become `UploadStream`s, other fields short texts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from backend.errors import BadRequest, ContentTooLarge, Invalid
from backend.http.content_encoding import decoded
from backend.http.json_body import check_length
from backend.http.query import among_params
from backend.http.upload_stream import UploadStream
from backend.settings import settings

FIELD_BYTES = 1_000_000
_MARGIN = 2_000_000  # for the fields and boundaries around the file
_MAX_PARTS = 20


@dataclass(frozen=True)
class Form:
    files: Mapping[str, UploadStream]  # by the field's name
    fields: Mapping[str, str]

    def discard(self) -> None:
        """Delete the files on disk."""
        for file in self.files.values():
            file.discard()


class _Parts:
    """The parts of one form, filled by the parser's callbacks."""

    def __init__(
        self,
        files: Collection[str],
        fields: Collection[str],
        max_files: int,
        limit: int,
        archive_limit: int,
        params: Collection[str],
    ):
        self.known_files, self.known_fields, self.max_files = files, fields, max_files
        self.params = params
        self.limit, self.archive_limit = limit, archive_limit
        self.fields: dict[str, str] = {}
        self.files: dict[str, UploadStream] = {}
        self.file: UploadStream | None = None  # the one that is being received
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
        if self._name in self.known_files:
            if self._name in self.files:
                raise _invalid(self._name, f"The form has two files named {self._name}; one is accepted.")
            if len(self.files) == self.max_files:
                accepted = "one is" if self.max_files == 1 else f"{self.max_files or 'none'} are"
                raise _invalid(self._name, f"The form has too many files; {accepted} accepted.")
            name = options.get(b"filename", b"").decode("utf-8", "replace")
            self.file = self.files[self._name] = UploadStream(
                name, self.limit, archive_limit=self.archive_limit
            )
        elif self._name in self.known_fields:
            if self._name in self.fields:
                raise _invalid(self._name, f"The form has {self._name} twice.")
            self._text = bytearray()
        else:
            known, shown = ", ".join([*self.known_files, *self.known_fields]), self._name[:80]
            advice = among_params(self._name) if self._name in self.params else ""
            raise _invalid(shown, f"The form has an unknown field {shown!r}; allowed are: {known}.{advice}")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._text is None:
            assert self.file is not None  # noqa: S101  a part that is not a text is the file
            self.file.write(data[start:end])
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


async def read_form(
    request: Request,
    files: Collection[str] = ("file",),
    fields: Collection[str] = (),
    max_files: int = 1,
    *,
    archives: bool = False,
    params: Collection[str] = (),
) -> Form:
    """The form of `request`, with whichever of these files and text fields it has.

    Args:
        archives: a ZIP may be as large as what it may hold.
        params: names that belong into the field `params`.

    Raises:
        BadRequest: it is malformed, or it ends too early.
        ContentTooLarge: it exceeds the limits; raised while it is received.
        Invalid: a file or field is unknown, or sent twice.
    """
    limit, archive_limit = settings().max_upload_bytes, settings().max_archive_bytes if archives else 0
    parts = _Parts(files, fields, max_files, limit, archive_limit, params)
    limit = max(limit, archive_limit) * max_files
    check_length(request, limit + _MARGIN)
    form = Form(parts.files, parts.fields)
    try:
        await _feed(request, parts, limit + _MARGIN)
        if not parts.is_complete:
            raise BadRequest("The form is incomplete: it ends before its last boundary.")
        return form
    except BaseException:
        form.discard()
        raise


async def _feed(request: Request, form: _Parts, limit: int) -> None:
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if not options.get(b"boundary"):
        raise BadRequest("The Content-Type names no boundary, so the form cannot be read.")
    names = ("part_begin", "part_data", "part_end", "header_field", "header_value", "header_end")
    callbacks = {f"on_{name}": getattr(form, f"on_{name}") for name in (*names, "headers_finished", "end")}
    read = 0
    try:
        parser = MultipartParser(options[b"boundary"], callbacks)  # pyright: ignore[reportArgumentType]
        async for chunk in decoded(request):
            read += len(chunk)
            if read > limit:
                raise ContentTooLarge(f"The form has more than {limit:,} bytes.")
            parser.write(chunk)
            for file in form.files.values():
                await file.flush()
        parser.finalize()
    except FormParserError as error:
        raise BadRequest(f"The form cannot be read: {error}.") from error
