"""Headers that cost far more than their bytes: read within bounds of time and memory, or refused."""

import io
import time
import tracemalloc
from contextlib import suppress

import pytest
from PIL import Image

from models.core.contract.errors import InputError
from models.core.images import file_types
from models.core.images.picture_files import open_picture
from tests.faults.hostile_files import FILES

MAX_SECONDS = 1.0  # of the processor; unbounded, most of these take several
MAX_BYTES = 30_000_000  # beside the file


@pytest.mark.parametrize("name", [name for name in FILES if "ZIP" not in name])
def test_a_hostile_header_costs_little(name: str) -> None:
    data = FILES[name]()
    started = time.process_time()
    with suppress(InputError):
        file_types.identify(data)
    taken = time.process_time() - started

    assert taken < MAX_SECONDS


@pytest.mark.parametrize("name", ["GIF of 3,000,000 comments", "PNG of 2,000 packed texts with names"])
def test_a_hostile_header_takes_little_memory(name: str) -> None:
    data = FILES[name]()
    tracemalloc.start()
    with suppress(InputError):
        file_types.identify(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < MAX_BYTES


def test_a_header_without_end_is_called_damaged() -> None:
    with pytest.raises(InputError, match=r"signature of the GIF format.* damaged"):
        file_types.identify(FILES["GIF of 3,000,000 comments"]())


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM"])
def test_an_honest_picture_is_read_to_its_end(kind: str) -> None:
    buffer = io.BytesIO()
    picture = Image.effect_noise((2_000, 1_500), 90).convert("RGB")
    picture.save(buffer, kind, **({"comment": b"a" * 60_000} if kind in ("JPEG", "GIF") else {}))
    opened = open_picture(buffer.getvalue(), 64_000_000)

    assert opened.size == (2_000, 1_500)
    assert opened.image.convert("RGB").size == (2_000, 1_500)
