"""Weights of TensorFlow.js: read exactly, or refused with the reason."""

import json
from typing import Any

import numpy as np
import pytest

from models.core.contract.errors import WeightsError
from models.core.weights import tfjs
from tests.models.core.weights.packed import MANIFEST, NUMBERS


def manifest(*weights: Any, paths: Any = ("w.bin",)) -> bytes:
    return json.dumps({"weightsManifest": [{"paths": paths, "weights": weights}]}).encode()


def entry(**values: Any) -> dict[str, Any]:
    return {"name": "w", "shape": [2], "dtype": "float32", **values}


def test_numbers_are_read_in_the_order_of_the_manifest() -> None:
    found = tfjs.read(MANIFEST, NUMBERS)

    assert list(found) == ["kernel", "bias", "none"]
    np.testing.assert_array_equal(found["kernel"], [[0, 1, 2], [3, 4, 5]])
    assert found["kernel"].dtype == np.float16
    np.testing.assert_array_equal(found["bias"], [7.5])
    assert found["none"].shape == (0, 4)


@pytest.mark.parametrize("length", [0, 1, 11, len(NUMBERS) - 1])
def test_truncated_numbers_are_refused(length: int) -> None:
    with pytest.raises(WeightsError, match="end within"):
        tfjs.read(MANIFEST, NUMBERS[:length])


def test_numbers_that_no_entry_describes_are_refused() -> None:
    with pytest.raises(WeightsError, match="describes 16"):
        tfjs.read(MANIFEST, NUMBERS + b"\0")


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        MANIFEST[:-5],
        b'{"weightsManifest": 3}',
        b'{"weightsManifest": []}',
        manifest(paths=["a.bin", "b.bin"]),
        manifest(7),
        manifest(entry(shape=[-2])),
        manifest(entry(shape=[2.0])),
        manifest(entry(shape=[True])),
        manifest(entry(shape="22")),
        manifest(entry(shape=[1] * 9)),
        manifest(entry(shape=[10**30])),
        manifest(entry(name=3)),
        manifest(entry(dtype="complex64")),
        manifest(entry(dtype=["float32"])),
        manifest(entry(quantization={"dtype": "uint8", "min": 0, "scale": 1})),
        manifest({"name": "w"}),
    ],
)
def test_a_hostile_manifest_is_refused(hostile: bytes) -> None:
    with pytest.raises(WeightsError, match=r"manifest"):
        tfjs.read(hostile, b"\0" * 8)


def test_a_product_of_lengths_that_overflows_is_refused() -> None:
    huge = manifest(entry(shape=[2**31 - 1] * 8))
    with pytest.raises(WeightsError, match="end within"):
        tfjs.read(huge, b"\0" * 8)


def test_a_name_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(WeightsError, match="twice"):
        tfjs.read(manifest(entry(), entry()), b"\0" * 16)


def test_a_huge_manifest_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(WeightsError, match="at most 16,000,000"):
        tfjs.read(b" " * (tfjs.MAX_MANIFEST_BYTES + 1), b"")
    with pytest.raises(WeightsError, match="at most 10,000"):
        tfjs.read(manifest(*[entry()] * 10_001), b"")
