"""Examples in the OpenAPI document."""

from typing import Any

JOB_ID = "0198f3a2-5b7e-4c11-9d2a-6f0e8b1c4d35"
UPLOAD_ID = "0198f3a1-0c4d-4e8b-8a7f-2b9d6c3e1f40"
MODEL_ID = "0198f300-7a2b-4d9c-b1e4-5c8f0a6d2e71"
ARTIFACT_ID = "0198f3a3-9e1f-4a6d-8c5b-7d0f3b2a1c98"
DATASET_ID = "0198f3a4-1b7c-4f3e-9a6d-0c2e5d8b4f17"
PICTURE_ID = "0198f3a5-6d2a-4b8f-8e1c-3f7a9c0d5e26"
REVIEW_ID = "0198f3a6-2c9d-4e1b-b7a4-8d5f1e0c3b62"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_MOMENT = "2026-01-31T12:00:00Z"

# of parameters, by name
PARAMETERS: dict[str, Any] = {
    "job_id": JOB_ID,
    "upload_id": UPLOAD_ID,
    "artifact_id": ARTIFACT_ID,
    "dataset_id": DATASET_ID,
    "picture_id": PICTURE_ID,
    "review_id": REVIEW_ID,
    "audit_id": REVIEW_ID,
    "parent": JOB_ID,
    "dataset": DATASET_ID,
    "sweep": "rate-and-width",
    "figure": "accuracy",
    "audits": True,
    "by": "anna",
    "position": 118,
    "hash": SHA256,
    "order": "oldest",
    "decided": True,
    "review": True,
    "version": 1,
    "label": "apple",
    "labeled": False,
    "split": "validation",
    "after": 41,
    "form": "coco",
    "capability": "detection",
    "name": "detection",
    "model": "glassbox-detector@1",
    "task": "predict",
    "status": "succeeded",
    "source": "trained",
    "format": "zip",
    "kind": "image",
    "limit": 20,
    "cursor": "WyJqb2JzIiwxNzY5ODYwODAwLjAsIjAxOThmM2EyIl0",
    "samples": True,
    "tag": "landscape",
    "q": "landscape",
    "listed": True,
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
    "picture_url": f"/v1/uploads/{UPLOAD_ID}/picture",
    "thumbnail_url": f"/v1/uploads/{UPLOAD_ID}/thumbnail",
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
    "formats": ["zip", "onnx", "safetensors"],
    "metrics": {"map50": 0.61},
    "is_reviewable": True,
    "review_from": None,
    "review_to": None,
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
LOG_ENTRY = {
    "position": 118,
    "at": "2026-01-31T09:30:02.5Z",
    "action": "predict",
    "content": {
        "job_id": JOB_ID,
        "capability": "detection",
        "status": "succeeded",
        "model": {"name": "glassbox-detector", "version": 1, "digest": SHA256},
    },
    "details": {
        "by": "anna",
        "inputs": [{"name": "image", "file": "valley.jpg", "sha256": SHA256}],
        "answer": SHA256,
    },
    "deleted": [],
    "hash": SHA256,
}
LOG_VERIFICATION = {
    "is_valid": True,
    "entries": 118,
    "first": 1,
    "last": 118,
    "head": SHA256,
    "waiting": 0,
    "deleted_details": 0,
    "problems": [],
}
_FIT = {
    "cell": 0,
    "values": {"learning_rate": 0.01},
    "seed": 0,
    "job_id": JOB_ID,
    "status": "succeeded",
    "value": 0.95,
    "validation": 0.95,
    "test": 0.93,
    "metrics": {"accuracy": 0.95},
    "seconds": 0.4,
    "message": None,
    "message_parts": [],
}
SWEEP = {
    "job_id": JOB_ID,
    "capability": "tabular",
    "of": "train",
    "name": "iris.csv",
    "params": {"method": "neural network"},
    "axes": [{"param": "learning_rate", "title": "Learning rate", "values": [0.01]}],
    "seeds": [0],
    "status": "succeeded",
    "figure": "accuracy",
    "figures": ["accuracy"],
    "greater_is_better": True,
    "part": "validation",
    "cells": [_FIT],
    "best": _FIT,
    "settings": [
        {
            "values": {"learning_rate": 0.01},
            "cells": [0],
            "mean": 0.95,
            "deviation": None,
            "validation": 0.95,
            "test": 0.93,
        }
    ],
    "spread": {"between_settings": None, "between_seeds": None},
    "samples": None,
}
JOB = {
    "id": JOB_ID,
    "name": "valley.jpg",
    "capability": "detection",
    "task": "predict",
    "inspects": None,
    "parent_id": None,
    "cell": None,
    "model": {"id": MODEL_ID, "name": "glassbox-detector", "version": 1, "digest": SHA256},
    "status": "succeeded",
    "queue": None,
    "progress": {"fraction": 1.0, "step": 1, "total": 1, "message": ""},
    "inputs": {"image": UPLOAD_ID},
    "upload_id": UPLOAD_ID,
    "upload_deleted": False,
    "params": {"score": 0.5},
    "dataset_id": None,
    "dataset_version": None,
    "inspect": False,
    "description": "",
    "tags": [],
    "model_name": None,
    "requested_by": "anna",
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
    "review": None,
}
REVIEW = {
    "id": REVIEW_ID,
    "status": "corrected",
    "confidence": 0.54,
    "correction": {"objects": [{"label": "horse", "box": [120.5, 310.0, 260.25, 402.5]}]},
    "reviewer": "Ada",
    "reason": "The mane is visible.",
    "dataset_id": None,
    "picture_id": None,
    "created_at": _MOMENT,
    "decided_at": _MOMENT,
    "job_id": JOB_ID,
    "job_name": "valley.jpg",
    "capability": "detection",
    "model": {"id": MODEL_ID, "name": "glassbox-detector", "version": 1, "digest": SHA256},
}
REVIEW_DECISION = {
    "decision": "corrected",
    "reviewer": "Ada",
    "reason": "The mane is visible.",
    "correction": {"objects": [{"label": "horse", "box": [120.5, 310.0, 260.25, 402.5]}]},
}
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
    "trains_on_datasets": ["boxes", "masks"],
    "audit_params": None,
    "audits_on": None,
    "audits_on_datasets": ["boxes", "masks"],
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
DATASET_CREATE = {"name": "Fruit", "kind": "classes", "classes": ["apple", "pear"]}
DATASET = {
    "id": DATASET_ID,
    "name": "Fruit",
    "description": "",
    "kind": "classes",
    "classes": [{"name": "apple", "pictures": 20, "objects": 0}],
    "pictures": 24,
    "labeled": 20,
    "newest_version": 1,
    "is_changed": False,
    "job_id": None,
    "preview": [f"/v1/uploads/{UPLOAD_ID}/thumbnail"],
    "created_at": _MOMENT,
    "updated_at": _MOMENT,
}
_LABELED = {
    "label": None,
    "objects": [
        {
            "label": "apple",
            "box": [12.0, 20.0, 180.0, 200.0],
            "polygons": None,
            "mask": None,
            "is_crowd": False,
        }
    ],
}
PICTURES_ADD = {"pictures": [{"upload_id": UPLOAD_ID, "annotation": {"label": "apple"}}]}
PICTURE_UPDATE = {"revision": 1, "annotation": _LABELED}
DATASET_PICTURE = {
    "id": PICTURE_ID,
    "name": "apple.jpg",
    "upload_id": UPLOAD_ID,
    "url": f"/v1/uploads/{UPLOAD_ID}/content",
    "picture_url": f"/v1/uploads/{UPLOAD_ID}/picture",
    "thumbnail_url": f"/v1/uploads/{UPLOAD_ID}/thumbnail",
    "width": 640,
    "height": 480,
    "split": None,
    "group": None,
    "annotation": _LABELED,
    "revision": 1,
    "position": 0,
    "updated_at": _MOMENT,
}
DATASET_VERSION = {
    "version": 1,
    "sha256": SHA256,
    "bytes": 2_104_330,
    "options": {"validation_share": 0.15, "test_share": 0.15, "seed": 0, "keep_splits": True},
    "report": {
        "counts": {"pictures": 24, "labeled": 20, "objects": 0},
        "classes": [{"name": "apple", "pictures": 20, "objects": 0, "train": 14, "validation": 3, "test": 3}],
        "sizes": {"min": [640, 480], "median": [640, 480], "max": [640, 480]},
        "splits": {"train": 16, "validation": 4, "test": 4},
        "problems": [],
    },
    "created_at": _MOMENT,
}
TRANSLATIONS = {"language": "de", "texts": {"detection.title": "Objekterkennung"}}
READINESS = {"ready": True, "parts": [{"name": "database", "ready": True, "detail": "reachable"}]}


def page(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next_cursor": None, "limit": 50}


def example(value: dict[str, Any]) -> dict[str, Any]:
    """For `json_schema_extra` of a model."""
    return {"examples": [value]}
