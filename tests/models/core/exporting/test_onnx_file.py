"""The comparison of an exported network with PyTorch, with graphs written by hand."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from models.core.contract.errors import WeightsError
from models.core.exporting import onnx_file
from models.core.exporting.exported import Exported


class Scaled(nn.Module):
    """x -> factor * x."""

    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.factor * x


def exported(factor: float) -> Exported:
    return Exported(
        module=Scaled(factor),
        inputs={"x": torch.tensor([[1.0, -3.0]])},
        outputs=("y",),
        dynamic={"x": {0: "batch"}},
        preprocessing={},
        description="",
        script=Path("answer.py"),
    )


@pytest.fixture
def doubled(tmp_path: Path) -> Path:
    """A file with the graph y = 2 x."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2]) for name in "xy")
    two = helper.make_tensor("two", TensorProto.FLOAT, [], [2.0])
    graph = helper.make_graph([helper.make_node("Mul", ["x", "two"], ["y"])], "doubled", [x], [y], [two])
    opset = helper.make_operatorsetid("", onnx_file.OPSET)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=10), tmp_path / "doubled.onnx")
    return tmp_path / "doubled.onnx"


def test_equal_networks_pass_with_their_difference(doubled: Path) -> None:
    check = onnx_file.compare(exported(2.00002), doubled)

    assert check.difference == pytest.approx(3 * 0.00002, rel=0.01)
    assert check.relative == pytest.approx(0.00001, rel=0.01)  # of the largest value, 6


def test_another_network_is_an_error(doubled: Path) -> None:
    with pytest.raises(WeightsError, match=r"differs from PyTorch by 0\.33 of the largest value in 'y'"):
        onnx_file.compare(exported(3.0), doubled)


@pytest.mark.slow
def test_an_exported_network_takes_batches_of_any_length_and_describes_its_inputs(tmp_path: Path) -> None:
    check = onnx_file.write(exported(2.0), tmp_path / "network.onnx", {"name": "doubled"})

    session = onnx_file.open_session(tmp_path / "network.onnx")
    (y,) = session.run(None, {"x": torch.ones(5, 2).numpy()})
    assert np.array_equal(np.asarray(y), np.full((5, 2), 2.0))
    assert check.difference == 0
    assert session.get_modelmeta().custom_metadata_map["name"] == "doubled"
