"""The OpenAPI document. The bodies that routes read by themselves, and problems, are put in by hand."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from backend.schemas.jobs import JobCreate
from backend.schemas.models import DefaultModel
from backend.schemas.problem import Problem
from backend.schemas.session import SessionCreate

_TEMPLATE = "#/components/schemas/{model}"
_READ_BY_HAND: list[tuple[type[BaseModel], JsonSchemaMode]] = [
    (JobCreate, "validation"),
    (DefaultModel, "validation"),
    (SessionCreate, "validation"),
    (Problem, "serialization"),
]
_DESCRIPTION = (
    "Send a picture or a table, get an answer, and open it. Long work is a job: queued, followed by events, "
    "kept until it is deleted. Errors are application/problem+json (RFC 9457)."
)


def describe(app: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=_DESCRIPTION,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        _, read_by_hand = models_json_schema(
            _READ_BY_HAND,
            ref_template=_TEMPLATE,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in read_by_hand["$defs"].items():
            schemas.setdefault(name, schema)
        document["components"]["schemas"] = dict(sorted(schemas.items()))
        document["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        # none: on loopback no key is needed
        document["security"] = [{}, {"bearer": []}, {"header": []}]
        app.openapi_schema = document
    return app.openapi_schema
