"""Examples in the OpenAPI document."""

from typing import Any

JOB_ID = "0198f3a2-5b7e-4c11-9d2a-6f0e8b1c4d35"
UPLOAD_ID = "0198f3a1-0c4d-4e8b-8a7f-2b9d6c3e1f40"
MODEL_ID = "0198f300-7a2b-4d9c-b1e4-5c8f0a6d2e71"
ARTIFACT_ID = "0198f3a3-9e1f-4a6d-8c5b-7d0f3b2a1c98"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_MOMENT = "2026-01-31T12:00:00Z"

# of parameters, by name
PARAMETERS: dict[str, Any] = {
    "job_id": JOB_ID,
    "upload_id": UPLOAD_ID,
    "artifact_id": ARTIFACT_ID,
    "capability": "detection",
    "name": "detection",
    "model": "glassbox-detector@1",
    "task": "predict",
    "status": "succeeded",
    "source": "trained",
    "kind": "image",
    "limit": 20,
    "cursor": "WyJqb2JzIiwxNzY5ODYwODAwLjAsIjAxOThmM2EyIl0",
    "samples": True,
    "tag": "landscape",
    "q": "landscape",
    "version": 1,
    "last_event_id": "1769860800000-0",
    "last-event-id": "1769860800000-0",
}

UPLOAD = {
    "id": UPLOAD_ID,
    "sha256": SHA256,
    "name": "valley.jpg",
    "kind": "image",
    "media_type": "image/jpeg",
    "bytes": 184_302,
    "width": 1024,
    "height": 683,
    "rows": None,
    "columns": None,
    "created_at": _MOMENT,
    "url": f"/v1/uploads/{UPLOAD_ID}/content",
}
MODEL = {
    "id": MODEL_ID,
    "name": "glassbox-detector",
    "version": 1,
    "title": "Glassbox detector",
    "summary": "A grid detector for landscapes.",
    "description": "",
    "tags": ["landscape"],
    "capability": "detection",
    "source": "shipped",
    "architecture": "grid",
    "license": "Apache-2.0",
    "is_default": True,
    "is_preferred": False,
    "download_bytes": None,
    "is_installed": True,
    "install_command": None,
    "digest": SHA256,
    "bytes": 4_812_004,
    "metrics": {"map50": 0.61},
    "job_id": None,
    "created_at": _MOMENT,
}
MODEL_COLUMNS = {
    "target": "species",
    "columns": [
        {
            "name": "petal length",
            "type": "number",
            "usual": 3.758,
            "smallest": 1.0,
            "largest": 6.9,
            "categories": None,
        }
    ],
}
JOB = {
    "id": JOB_ID,
    "name": "valley.jpg",
    "capability": "detection",
    "task": "predict",
    "inspects": None,
    "model": {"id": MODEL_ID, "name": "glassbox-detector", "version": 1, "digest": SHA256},
    "status": "succeeded",
    "queue": None,
    "progress": {"fraction": 1.0, "step": 1, "total": 1, "message": ""},
    "inputs": {"image": UPLOAD_ID},
    "upload_id": UPLOAD_ID,
    "upload_deleted": False,
    "params": {"score": 0.5},
    "inspect": False,
    "description": "",
    "tags": [],
    "model_name": None,
    "seed": None,
    "result": {
        "objects": [
            {
                "id": 0,
                "label": "cow",
                "score": 0.91,
                "box": {"xmin": 120.5, "ymin": 310.0, "xmax": 260.25, "ymax": 402.5},
            }
        ],
        "image": {"width": 1024, "height": 683},
    },
    "metrics": {},
    "artifacts": [
        {
            "id": ARTIFACT_ID,
            "name": "boxes.png",
            "kind": "image",
            "media_type": "image/png",
            "bytes": 912_044,
            "url": f"/v1/artifacts/{ARTIFACT_ID}/content",
        }
    ],
    "error": None,
    "error_message": [],
    "attempt": 1,
    "created_at": _MOMENT,
    "started_at": _MOMENT,
    "finished_at": _MOMENT,
    "timings_ms": {"queued": 1.2, "decode": 8.4, "forward": 31.0, "encode": 5.1, "store": 0.9, "train": None},
    "environment": {"device": "cpu"},
}
JOB_CREATE = {"capability": "detection", "inputs": {"image": UPLOAD_ID}, "params": {"score": 0.5}}
_INPUT = {"name": "image", "kind": "image", "required": True, "title": "Picture", "sketch": None}
CAPABILITY = {
    "name": "detection",
    "title": "Object detection",
    "summary": "Finds objects and draws a box around each.",
    "inputs": [_INPUT],
    "produces": ["boxes", "image"],
    "tasks": ["predict"],
    "predict_params": {"type": "object", "properties": {"score": {"type": "number", "default": 0.5}}},
    "train_params": None,
    "trains_on": None,
    "keeps_stages": False,
    "models": [MODEL],
    "samples": [
        {
            "name": "valley",
            "title": "A valley",
            "credit": "A photographer",
            "license": "CC0-1.0",
            "width": 1024,
            "height": 683,
            "inputs": {"image": UPLOAD_ID},
            "upload_id": UPLOAD_ID,
            "job_id": JOB_ID,
            "url": f"/v1/uploads/{UPLOAD_ID}/content",
        }
    ],
    "paper": "Redmon et al., You Only Look Once, CVPR 2016",
    "limits": "Small objects are missed.",
}
INSPECTION = {
    "job_id": JOB_ID,
    "stages": [
        {
            "id": "input",
            "kind": "image",
            "role": "input",
            "title": "The picture as the network receives it",
            "title_message": [{"id": "detection.input.title", "values": {}}],
            "explanation": "Scaled to fit, with gray bars.",
            "explanation_message": [{"id": "detection.input.explanation", "values": {}}],
            "count": None,
            "bytes": 211,
            "data_url": f"/v1/artifacts/{ARTIFACT_ID}/content",
            "files": {"input.png": f"/v1/artifacts/{ARTIFACT_ID}/content"},
            "code": None,
        }
    ],
}
TABLE = {
    "rows": 150,
    "delimiter": ",",
    "decimal": "point",
    "encoding": "utf-8",
    "has_header": True,
    "sheets": [],
    "sheet": "",
    "columns": [
        {
            "name": "petal length",
            "type": "number",
            "missing": 0,
            "wrong": 0,
            "distinct": 43,
            "unit": "cm",
            "smallest": 1.0,
            "largest": 6.9,
            "mean": 3.758,
            "histogram": {"counts": [50, 100], "edges": [1.0, 2.5, 6.9], "words": []},
        }
    ],
    "problems": [],
    "problems_total": 0,
}
PROBLEM = {
    "type": "urn:glassbox:invalid",
    "title": "Invalid request",
    "status": 422,
    "detail": "Invalid params: score: Input should be less than or equal to 1.",
    "request_id": "7d0f3b2a1c98",
    "detail_message": [],
    "errors": [{"pointer": "/params/score", "detail": "Input should be less than or equal to 1"}],
}
TRANSLATIONS = {"language": "de", "texts": {"detection.title": "Objekterkennung"}}
READINESS = {"ready": True, "parts": [{"name": "database", "ready": True, "detail": "reachable"}]}


def page(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next_cursor": None, "limit": 50}


def example(value: dict[str, Any]) -> dict[str, Any]:
    """For `json_schema_extra` of a model."""
    return {"examples": [value]}
