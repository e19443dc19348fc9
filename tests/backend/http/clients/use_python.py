"""Uses the generated Python client: predictions, pages of jobs, the picture. Prints what it got as JSON."""

import json
import sys
from io import BytesIO
from pathlib import Path

from glassbox_client import Client  # pyright: ignore[reportMissingImports]
from glassbox_client.api.answers import get_artifact_content  # pyright: ignore[reportMissingImports]
from glassbox_client.api.capabilities import list_capabilities  # pyright: ignore[reportMissingImports]
from glassbox_client.api.jobs import get_job, list_jobs, update_job  # pyright: ignore[reportMissingImports]
from glassbox_client.api.predict import (  # pyright: ignore[reportMissingImports]
    predict,
    predict_clustering,
    predict_detection,
    predict_detection_picture,
)
from glassbox_client.api.uploads import create_upload, list_uploads  # pyright: ignore[reportMissingImports]
from glassbox_client.models import (  # pyright: ignore[reportMissingImports]
    ClusteringParams,
    ClusteringRow,
    ClusteringRowRow,
    DetectionParams,
    JobUpdate,
    MediaKind,
    PredictClusteringBody,
    PredictDetectionBody,
)
from glassbox_client.types import File  # pyright: ignore[reportMissingImports]

server, picture, table = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
client = Client(base_url=server, raise_on_unexpected_status=True)


def file(path: Path) -> File:
    return File(BytesIO(path.read_bytes()), path.name)


body = PredictDetectionBody(image=file(picture), params=DetectionParams(score=0.5))
job = predict_detection.sync(client=client, body=body, idempotency_key="python-1")
rows = predict_clustering.sync(
    client=client, body=PredictClusteringBody(table=file(table), params=ClusteringParams(n_clusters=3))
)
plain = predict.sync_detailed("detection", client=client, body=file(picture))
drawn = predict_detection_picture.sync(client=client, body=PredictDetectionBody(image=file(picture)))
answer = get_job.sync(job.id, client=client)
refused = predict_detection.sync(
    client=client, body=PredictDetectionBody(image=file(picture), params=DetectionParams(score=3))
)

row = ClusteringRowRow.from_dict({"petal length (cm)": 4.7, "note": None})
unfitted = predict_clustering.sync(client=client, body=ClusteringRow(row=row))

names, cursor = [], None
while True:
    page = list_jobs.sync(client=client, limit=2, **({"cursor": cursor} if cursor else {}))
    names += [each.name for each in page.items]
    cursor = page.next_cursor
    if cursor is None:
        break

upload = create_upload.sync(client=client, body=file(table), name="flowers.csv")
sys.stdout.write(
    json.dumps(
        {
            "objects": [found.label for found in job.result.objects],
            "scores": [found.score for found in job.result.objects],
            "clusters": [cluster.size for cluster in rows.result.clusters],
            "labels": len(rows.result.labels),
            "raw": plain.parsed.status,
            "picture": drawn.payload.read(8).hex(),
            "artifact": [
                get_artifact_content.sync(each.id, client=client).payload.read(8).hex()
                for each in answer.artifacts
            ],
            "refused": [refused.status, refused.errors[0].pointer],
            "unfitted": [unfitted.status, unfitted.errors[0].pointer],
            "renamed": update_job.sync(job.id, client=client, body=JobUpdate(name="by python")).name,
            "names": names,
            "uploads": [each.name for each in list_uploads.sync(client=client, kind=MediaKind.TABLE).items],
            "upload": upload.name,
            "capabilities": len(list_capabilities.sync(client=client).items),
        }
    )
)
