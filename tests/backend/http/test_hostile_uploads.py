"""Files and bodies designed to break something: each gets a clear answer, and the server survives."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image

from tests.application import ROOT
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()
BOUNDARY = "b0undary"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, pixels: bytes, *extra: bytes, gray: bool = False) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0 if gray else 2, 0, 0, 0))
    body = b"".join(extra) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + body


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def color(mode: str = "RGB", size: tuple[int, int] = (40, 30), value: Any = 0) -> Image.Image:
    return Image.new(mode, size, value)


def palette_with_transparency() -> bytes:
    return saved(color("P", value=3), "PNG", transparency=3)


def rotated_by_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(color(), "JPEG", exif=exif)


def exif_garbage() -> bytes:
    return PICTURE[:2] + b"\xff\xe1\x00\x20Exif\0\0MM\0\x2a\xff\xff\xff\xff" + b"\xee" * 16 + PICTURE[2:]


def animated(kind: str) -> bytes:
    frames = [color(value=(n * 20, 0, 0)) for n in range(5)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def zip_with(name: str, data: bytes = b"x") -> bytes:
    return archive(**{name: data})


def zip_that_claims(total: int) -> bytes:
    data = bytearray(zip_with("a", b"x" * 100))
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, total)
    return bytes(data)


def png_with_long_text() -> bytes:
    # a compressed text of 60 MB in 60 kB
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(60_000_000), 9))
    return png(4, 4, b"\0" * 52, text)


def mangled(data: bytes) -> bytes:
    return bytes(byte ^ (0x5A if at % 7 == 3 else 0) for at, byte in enumerate(data))


# name -> content, and the statuses that /v1/predict/tiny may answer with
FILES: dict[str, tuple[Callable[[], bytes], set[int]]] = {
    "truncated.jpg": (lambda: PICTURE[: len(PICTURE) // 2], {422}),
    "truncated.png": (lambda: saved(color(), "PNG")[:60], {415, 422}),
    "header-only.jpg": (lambda: PICTURE[:4], {415}),
    "text.jpg": (lambda: b"this is only text, whatever its name", {415}),
    "empty.png": (lambda: b"", {415}),
    "one-byte": (lambda: b"\0", {415}),
    "bomb-60000.png": (lambda: png(60_000, 60_000, b"\0" * 1000), {413}),
    "bomb-2G.png": (lambda: png(2**31 - 1, 2**31 - 1, b""), {413, 415}),
    "bomb-real.png": (lambda: png(9_000, 9_000, bytes(9_000 * 9_001), gray=True), {413}),
    "bomb-text.png": (png_with_long_text, {200, 415, 422}),
    "zero-width.png": (lambda: png(0, 10, b""), {415, 422}),
    "one-pixel.png": (lambda: saved(color(size=(1, 1)), "PNG"), {200}),
    "thin.png": (lambda: saved(color(size=(20_000, 1)), "PNG"), {200}),
    "sixteen-bit.png": (lambda: saved(color("I;16", value=40_000), "PNG"), {200}),
    "cmyk.jpg": (lambda: saved(color("CMYK"), "JPEG"), {200}),
    "one-bit.png": (lambda: saved(color("1"), "PNG"), {200}),
    "animated.gif": (lambda: animated("GIF"), {200}),
    "animated.webp": (lambda: animated("WEBP"), {200}),
    "many-pages.tiff": (lambda: animated("TIFF"), {200}),
    "float.tiff": (lambda: saved(color("F"), "TIFF"), {200, 422}),
    "rotated.jpg": (rotated_by_exif, {200}),
    "palette.png": (palette_with_transparency, {200}),
    "exif-garbage.jpg": (exif_garbage, {200}),
    "mangled.jpg": (lambda: PICTURE[:300] + mangled(PICTURE[300:]), {200, 415, 422}),
    "mangled.png": (lambda: mangled(saved(color(), "PNG")), {415}),
    "noise.bin": (lambda: bytes((n * 7919 + n // 13) % 256 for n in range(50_000)), {415}),
    "wide.csv": (lambda: b",".join(b"x" for _ in range(2_000)) + b"\n", {413}),
    "table.csv": (lambda: b"a,b\n1,2\n", {415}),
    "quotes.csv": (lambda: b'"' * 200_000, {413, 415}),
    "nul.csv": (lambda: b"a,b\n\0,2\n", {415}),
    "slip.zip": (lambda: zip_with("../../etc/cron.d/x"), {422}),
    "absolute.zip": (lambda: zip_with("/etc/passwd"), {422}),
    "drive.zip": (lambda: zip_with("C:\\windows\\x"), {422}),
    "bomb.zip": (lambda: zip_that_claims(4_000_000_000), {413}),
    "nested.zip": (lambda: zip_with("a.zip", zip_with("b.zip", zip_with("c", bytes(100_000)))), {415}),
    "torn.zip": (lambda: zip_with("a")[:-10], {415}),
    "polyglot.jpg": (lambda: PICTURE + zip_with("a.html", b"<script>"), {200}),
    "polyglot.zip": (lambda: zip_with("a") + PICTURE, {415}),
    "drawing.svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", {415}),
    "entities.svg": (lambda: b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><svg>&b;</svg>", {415}),
    "paper.pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", {415}),
    "page.png": (lambda: b"<!doctype html><script>alert(1)</script>", {415}),
    "program.jpg": (lambda: b"\x7fELF\x02\x01\x01" + bytes(200), {415}),
    "script.eps": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n", {415}),
    "weights.pt": (lambda: b"\x80\x04cos\nsystem\n(S'id'\ntR.", {415}),
}


def check(client: TestClient, answer: Response, statuses: set[int]) -> None:
    assert answer.status_code in statuses, answer.text
    assert answer.headers["x-request-id"]
    if answer.status_code >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["status"] == answer.status_code
        assert problem["detail"]
        assert "Traceback" not in answer.text
        assert str(ROOT) not in problem["detail"]
    assert client.get("/healthz").status_code == 200


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_gets_a_clear_answer(client: TestClient, name: str) -> None:
    make, statuses = FILES[name]
    data = make()

    check(client, client.post("/v1/predict/tiny", files={"file": (name, data)}), statuses)
    raw = client.post("/v1/predict/tiny", content=data, headers={"content-type": "application/octet-stream"})
    check(client, raw, statuses)


@pytest.mark.parametrize("name", ["drawing.svg", "entities.svg", "paper.pdf", "page.png", "script.eps"])
def test_a_page_or_a_document_is_not_accepted_as_a_table(client: TestClient, name: str) -> None:
    make, _ = FILES[name]
    answer = client.post("/v1/uploads", files={"file": (name, make())})

    check(client, answer, {415})
    assert re.match(
        r"The file is (neither an image|an? [\w ]+ (drawing|document|file), which)", answer.json()["detail"]
    )


@pytest.mark.parametrize(
    "name",
    [
        "a\0b.png",
        "x" * 5_000 + ".png",
        "😀" * 500,
        "\u202egnp.exe",
        "",
        ".",
        "..",
        "con.png",
        "a/b\\c.png",
        "%00",
    ],
)
def test_a_hostile_name_does_not_matter(client: TestClient, name: str) -> None:
    answer = client.post("/v1/uploads", files={"file": (name or " ", saved(color(), "PNG"))})

    check(client, answer, {200, 201} if len(name) < 4_000 else {400})
    assert len(name) >= 4_000 or 1 <= len(answer.json()["name"]) <= 120


def part(name: str, data: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + data + b"\r\n"


FILE = part("file", PICTURE, '; filename="a.jpg"')
END = f"--{BOUNDARY}--\r\n".encode()
FORMS: dict[str, tuple[bytes, set[int]]] = {
    "good": (FILE + END, {200}),
    "good, with a preamble": (b"\r\n" + FILE + END, {200, 400}),
    "no file": (part("params", b"{}") + END, {422}),
    "empty file": (part("file", b"", '; filename="a.jpg"') + END, {415}),
    "file without a name": (part("file", PICTURE) + END, {200}),
    "two files": (FILE + FILE + END, {422}),
    "unknown field": (FILE + part("surprise", b"1") + END, {422}),
    "params twice": (FILE + part("params", b"{}") + part("params", b"{}") + END, {422}),
    "params not UTF-8": (FILE + part("params", b"\xff\xfe") + END, {422}),
    "params with NUL": (FILE + part("params", b'{"a\0": 1}') + END, {422}),
    "model with NUL": (FILE + part("model", b"a\0b") + END, {422}),
    "params of 2 MB": (FILE + part("params", b" " * 2_000_000) + END, {413}),
    "100 parts": (part("model", b"a") + b"".join(part(f"f{n}", b"1") for n in range(100)) + END, {400, 422}),
    "no end": (FILE, {400}),
    "cut off": (FILE[: len(FILE) // 2], {400}),
    "nothing": (b"", {400}),
    "only an end": (END, {400, 422}),
    "not a form": (b"hello" * 1000, {400}),
    "another boundary": (FILE.replace(BOUNDARY.encode(), b"other") + END, {400}),
    "long header": (f"--{BOUNDARY}\r\nX-A: {'x' * 100_000}\r\n\r\n\r\n".encode() + END, {400, 422}),
    "no disposition": (f"--{BOUNDARY}\r\n\r\nx\r\n".encode() + END, {400, 422}),
}


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_form_gets_a_clear_answer(client: TestClient, name: str) -> None:
    body, statuses = FORMS[name]
    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}

    check(client, client.post("/v1/predict/tiny", content=body, headers=kind), statuses)


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        (f"multipart/form-data; boundary={'x' * 5_000}", 400),
        ("application/json", 415),
        ("text/html", 415),
        ("\xff\xfe", 415),
    ],
)
def test_a_body_of_another_type_is_refused(client: TestClient, kind: str, status: int) -> None:
    answer = client.post(
        "/v1/predict/tiny", content=PICTURE, headers=[(b"content-type", kind.encode("latin-1"))]
    )

    check(client, answer, {status})
