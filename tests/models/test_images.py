"""Every kind of picture file that is taken, and plain words for what is none."""

import io

import numpy as np
import pytest
from PIL import Image

from models.core.card import MediaKind
from models.core.errors import InputError
from models.core.images import decode
from models.core.media import IMAGE_FORMATS, identify


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("name", IMAGE_FORMATS)
def test_every_format_is_known_and_read(name: str) -> None:
    data = saved(Image.new("RGB", (20, 10), (200, 30, 60)), name)

    assert identify(data).kind == MediaKind.IMAGE
    assert (identify(data).width, identify(data).height) == (20, 10)
    np.testing.assert_allclose(np.asarray(decode(data))[5, 5], (200, 30, 60), atol=8)


def test_a_camera_s_picture_of_several_frames_is_its_first() -> None:
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue")]
    data = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])

    assert identify(data).kind == MediaKind.IMAGE
    np.testing.assert_allclose(np.asarray(decode(data))[8, 8], (255, 0, 0), atol=8)


@pytest.mark.parametrize("data", [b"just a line of text\n", b"%PDF-1.7\n", b"\0" * 64])
def test_what_is_no_picture_is_said_in_words(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^The file is not an image that can be read\.$"):
        decode(data)
