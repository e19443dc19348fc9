"""LitServe with batches of up to eight. It is no dependency: `tests.bench.peers --site` is its folder.

Pictures travel as base64 in JSON: its workers receive only JSON or form data.
"""

import base64
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import litserve  # pyright: ignore[reportMissingImports]

from tests.bench.peer_servers.tiny_loop import TinyLoop

MAX_BATCH, BATCH_SECONDS = 8, 0.005


class Api(litserve.LitAPI):
    def setup(self, device: str) -> None:  # noqa: ARG002
        self.loop = TinyLoop()

    def decode_request(self, request: Mapping[str, str]) -> Any:
        return self.loop.decode(base64.b64decode(request["image"]))

    def batch(self, inputs: Sequence[Any]) -> Sequence[Any]:
        return inputs

    def predict(self, items: Sequence[Any]) -> Sequence[Any]:
        return self.loop.answers(items)

    def unbatch(self, output: Sequence[Any]) -> Sequence[Any]:
        return output

    def encode_response(self, output: Any) -> Any:
        return output


if __name__ == "__main__":
    api = Api(max_batch_size=MAX_BATCH, batch_timeout=BATCH_SECONDS)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, timeout=120)
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        generate_client_file=False,
        num_api_servers=1,
        log_level="warning",
    )
