"""The OpenAPI document, with the schemas of problems and of bodies that routes parse without FastAPI."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from backend.schemas.jobs import JobCreate, JobUpdate, PredictCreate
from backend.schemas.models import DefaultModel, ModelUpdate
from backend.schemas.problem import Problem
from backend.schemas.session import SessionCreate

_TEMPLATE = "#/components/schemas/{model}"
_ADDED_SCHEMAS: list[tuple[type[BaseModel], JsonSchemaMode]] = [
    (JobCreate, "validation"),
    (JobUpdate, "validation"),
    (PredictCreate, "validation"),
    (DefaultModel, "validation"),
    (ModelUpdate, "validation"),
    (SessionCreate, "validation"),
    (Problem, "serialization"),
]
_DESCRIPTION = (
    "Send a picture or a table, get an answer, and open it. Every answer is a job: queued, observed through "
    "events, stored until it is deleted. Errors are application/problem+json (RFC 9457)."
)


def describe(app: FastAPI) -> dict[str, Any]:
    """The document, built once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=_DESCRIPTION,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        _, added = models_json_schema(
            _ADDED_SCHEMAS,
            ref_template=_TEMPLATE,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in added["$defs"].items():
            schemas.setdefault(name, schema)
        document["components"]["schemas"] = dict(sorted(schemas.items()))
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        # the empty entry: no key is required on loopback
        document["security"] = [{}, {"bearer": []}, {"header": []}]
        app.openapi_schema = document
    return app.openapi_schema
