"""torchvision's detectors: fetched, checked and converted; their answers are those of torchvision."""

import hashlib
import http.server
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import answer_opened
from models.core.contract.progress import Progress
from models.core.images.codec import to_tensor
from models.core.weights.torchvision import check
from models.detection.card import PredictParams
from models.detection.predict import Predictor
from models.detection.pretrained.pull import pull
from models.detection.pretrained.torchvision import build

SSD = "ssdlite320_mobilenet_v3_large"
RCNN = "fasterrcnn_mobilenet_v3_large_320_fpn"


def random_network(architecture: str) -> nn.Module:
    """Untrained; the class scores are scaled so that some exceed torchvision's thresholds."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = build(architecture, 91)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "cls_score" in name or "classification_head" in name:
                value.mul_(3000 if "cls_score" in name else 3)
    return model.eval()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint as torchvision publishes them: pickled tensors, the hash in the name."""
    folder = tmp_path_factory.mktemp("published")
    torch.save(random_network(SSD).state_dict(), folder / "weights.pth")
    digest = hashlib.sha256((folder / "weights.pth").read_bytes()).hexdigest()
    return (folder / "weights.pth").rename(folder / f"ssd-{digest[:8]}.pth")


class FileServer(http.server.SimpleHTTPRequestHandler):
    """Serves files; the connection ends halfway through those under /broken/."""

    def do_GET(self) -> None:
        path = Path(self.directory) / Path(self.path).name
        if not path.exists():
            self.send_error(404)
            return
        data = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if "/broken/" in self.path else data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names them
        """Log nothing."""


@pytest.fixture(scope="module")
def server_url(published: Path) -> Iterator[str]:
    def handler(*args: object) -> FileServer:
        return FileServer(*args, directory=str(published.parent))  # type: ignore[arg-type]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_weights_are_fetched_checked_and_converted(server_url: str, published: Path, tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    progress = Progress(lambda *report: reports.append(report[:2]))
    path = tmp_path / "new" / "ssd.safetensors"

    pull(SSD, path, progress, source=f"{server_url}/{published.name}")

    size = published.stat().st_size
    assert reports[-1] == (size, size)
    config, state = checkpoint.load(path)
    assert config["architecture"] == SSD
    assert config["labels"][:3] == ["__background__", "person", "bicycle"]
    assert torch.equal(
        state["backbone.features.0.0.0.weight"],
        random_network(SSD).state_dict()["backbone.features.0.0.0.weight"],
    )
    assert [file.name for file in path.parent.iterdir()] == ["ssd.safetensors"]


def test_a_file_address_serves_a_machine_without_a_network(published: Path, tmp_path: Path) -> None:
    pull(SSD, tmp_path / "ssd.safetensors", Progress(), source=published.as_uri())

    assert (tmp_path / "ssd.safetensors").exists()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("{server}/broken/{name}", "stopped"),
        ("{server}/absent-0123abcd.pth", "404"),
        ("http://127.0.0.1:9/{name}", "network"),
        ("file:///nowhere/{name}", "downloaded"),
    ],
)
def test_a_failed_download_has_a_reason_and_leaves_no_file(
    server_url: str, published: Path, tmp_path: Path, address: str, message: str
) -> None:
    with pytest.raises(WeightsError, match=message):
        pull(
            SSD,
            tmp_path / "w.safetensors",
            Progress(),
            address.format(server=server_url, name=published.name),
        )

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_or_different_file_is_rejected(published: Path, tmp_path: Path) -> None:
    other = tmp_path / published.name
    other.write_bytes(published.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="SHA-256"):
        pull(SSD, tmp_path / "w.safetensors", Progress(), other.as_uri())
    with pytest.raises(WeightsError, match="hash"):
        check(other, "ssd.pth")
    with pytest.raises(WeightsError, match="another network"):
        pull(RCNN, tmp_path / "w.safetensors", Progress(), published.as_uri())
    with pytest.raises(WeightsError, match="not a pretrained"):
        pull("yolo", tmp_path / "w.safetensors", Progress())

    assert list(tmp_path.iterdir()) == [other]


def test_code_in_a_pickle_is_not_run(tmp_path: Path) -> None:
    trap = tmp_path / "trap.pth"
    trap.write_bytes(b"cos\nmkdir\n(S'%s'\ntR." % str(tmp_path / "sprung").encode())
    digest = hashlib.sha256(trap.read_bytes()).hexdigest()
    trap = trap.rename(tmp_path / f"trap-{digest[:8]}.pth")

    with pytest.raises(WeightsError, match="no weights"):
        pull(SSD, tmp_path / "w.safetensors", Progress(), trap.as_uri())

    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(("architecture", "iou"), [(SSD, 0.55), (RCNN, 0.5)])
def test_the_answer_is_that_of_torchvision(architecture: str, iou: float, tmp_path: Path) -> None:
    """With torchvision's own IoU threshold; its maximum is 300 boxes for SSDLite and 100 for Faster R-CNN."""
    model = random_network(architecture)
    labels = [str(number) for number in range(91)]
    checkpoint.save(
        tmp_path / "w.safetensors", {"architecture": architecture, "labels": labels}, model.state_dict()
    )
    picture = Image.effect_noise((200, 150), 120).convert("RGB")
    file = io.BytesIO()
    picture.save(file, "PNG")
    with torch.inference_mode():
        expected = model([to_tensor(picture)])[0]
    maximum = {SSD: 300, RCNN: 100}[architecture]

    params = PredictParams(score=0.0, iou=iou, max_objects=maximum)
    whole = answer_opened(Predictor(tmp_path / "w.safetensors"), {"image": file.getvalue()}, params)
    prediction = whole.prediction

    found = prediction.result["objects"]
    assert len(found) == len(expected["scores"]) > 0
    assert [o["score"] for o in found] == pytest.approx(expected["scores"].tolist(), abs=1e-4)
    assert prediction.result["funnel"]["candidates"] > len(found)
    for own, label, box in zip(
        found[:20], expected["labels"].tolist(), expected["boxes"].tolist(), strict=False
    ):
        if [each["score"] for each in found].count(own["score"]) == 1:
            assert own["label"] == str(label)
            assert list(own["box"].values()) == pytest.approx(box, abs=0.02)
    assert [stage.id for stage in whole.stages] == ["input", "candidates", "suppression", "boxes"]
