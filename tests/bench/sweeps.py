"""Sweeps of 60 networks on a fresh server, over HTTP: seconds from the request to the last fit.

python -m tests.bench.sweeps
"""

import time

from models.core.contract import registry
from tests.application import Application

TABLES = ("iris", "breast-cancer")
AXES = [
    {"param": "learning_rate", "values": [0.001, 0.003, 0.01, 0.03, 0.1]},
    {"param": "layers", "values": [[4], [16], [32], [32, 32]]},
]
SEEDS = [0, 1, 2]


def measure(application: Application, table: str) -> str:
    """The seconds of one sweep, and how many of its fits succeeded."""
    data = (registry.folder("tabular") / "samples" / f"{table}.csv").read_bytes()
    kind = {"content-type": "text/csv"}
    upload = application.ask("POST", f"/v1/uploads?name={table}.csv", data, kind).json
    common = {"method": "neural network", "epochs": 40}
    body = {
        "capability": "tabular",
        "upload_id": upload["id"],
        "params": common,
        "axes": AXES,
        "seeds": SEEDS,
    }
    started = time.monotonic()
    sweep = application.post("/v1/sweeps", body).json
    application.wait_for(
        lambda: application.job(sweep["id"])["status"] in ("succeeded", "failed"),
        900,
        "the sweep has not ended",
    )
    seconds = time.monotonic() - started
    cells = application.get(f"/v1/sweeps/{sweep['id']}").json["cells"]
    succeeded = sum(cell["status"] == "succeeded" for cell in cells)
    return f"{table:15} {seconds:6.1f} s, {succeeded} of {len(cells)} fits succeeded"


def main() -> None:
    with Application() as application:
        for table in TABLES:
            print(measure(application, table), flush=True)


if __name__ == "__main__":
    main()
