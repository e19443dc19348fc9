"""Weights of ncnn: read exactly, or refused with the reason."""

import struct

import numpy as np
import pytest

from models.core.contract.errors import WeightsError
from models.core.weights import ncnn
from models.core.weights.ncnn import Convolution

TAG = struct.pack("<I", 0x01306B47)
KERNEL = np.arange(3, dtype="<f2")  # (1, 3, 1, 1): six bytes, padded to eight
PARAM = b"""7767517
4 4
Input data 0 1 data
MemoryData mean 0 1 mean 0=1 1=1 2=3
Convolution first 1 1 data out 0=1 1=1 5=1 6=3
Sigmoid last 1 1 out end
"""
DATA = (
    np.array([1, 2, 3], "<f4").tobytes() + TAG + KERNEL.tobytes() + b"\0\0" + np.array([9], "<f4").tobytes()
)


def convolution(options: str) -> bytes:
    return f"7767517\n1 1\nConvolution c 1 1 a b {options}\n".encode()


def test_constants_and_convolutions_are_read_in_the_order_of_the_layers() -> None:
    found = ncnn.read(PARAM, DATA)

    mean, first = found["mean"], found["first"]
    assert list(found) == ["mean", "first"]
    assert isinstance(mean, np.ndarray)
    assert mean.shape == (3, 1, 1)
    assert mean.ravel().tolist() == [1, 2, 3]
    assert isinstance(first, Convolution)
    assert first.kernel.shape == (1, 3, 1, 1)
    assert first.kernel.ravel().tolist() == [0, 1, 2]
    assert first.bias.tolist() == [9]


@pytest.mark.parametrize("length", [0, 11, 12, 15, 20, 23, 24, len(DATA) - 1])
def test_truncated_numbers_are_refused(length: int) -> None:
    with pytest.raises(WeightsError, match="end within"):
        ncnn.read(PARAM, DATA[:length])


def test_numbers_that_no_layer_describes_are_refused() -> None:
    with pytest.raises(WeightsError, match="describe 28"):
        ncnn.read(PARAM, DATA + b"\0")


def test_a_kernel_in_another_type_is_refused() -> None:
    with pytest.raises(WeightsError, match="not stored as float16"):
        ncnn.read(PARAM, DATA.replace(TAG, b"\0\0\0\0"))


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\n\n",
        b"\xff\xfe",
        b"7767518\n0 0\n",
        PARAM.replace(b"4 4", b"5 4"),
        PARAM.replace(b"4 4", b"four 4"),
        PARAM.replace(b"1 1 out end", b"x 1 out end"),
        b"7767517\n1 1\nConvolution\n",
        b"7767517\n1 1\nInput a 0 1 a 0\n",
    ],
)
def test_a_hostile_list_of_layers_is_refused(hostile: bytes) -> None:
    with pytest.raises(WeightsError, match="not one of ncnn"):
        ncnn.read(hostile, DATA)


@pytest.mark.parametrize(
    "options",
    [
        "0=1 1=1 5=1",
        "0=-1 1=1 5=1 6=3",
        "0=0 1=1 5=1 6=3",
        "0=1 1=99 5=1 6=3",
        "0=2 1=1 5=1 6=3",
        "0=1 1=1 5=0 6=3",
        "0=1 1=1 5=1 6=1000000000000",
        "0=1 1=1 5=1 6=3.0",
    ],
)
def test_impossible_options_of_a_convolution_are_refused(options: str) -> None:
    with pytest.raises(WeightsError, match="layer 'c' has"):
        ncnn.read(convolution(options), DATA)


def test_other_layers_and_repeated_names_are_refused() -> None:
    with pytest.raises(WeightsError, match="'InnerProduct', which is not read"):
        ncnn.read(b"7767517\n1 1\nInnerProduct c 1 1 a b 0=1\n", b"")
    twice = PARAM.replace(b"Sigmoid last", b"MemoryData mean")
    with pytest.raises(WeightsError, match="twice"):
        ncnn.read(twice, DATA)


def test_a_huge_list_of_layers_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(WeightsError, match="at most 1,000,000"):
        ncnn.read(b"\n" * (ncnn.MAX_PARAM_BYTES + 1), b"")
