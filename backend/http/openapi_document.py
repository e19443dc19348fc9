"""The OpenAPI document, with the schemas of problems and of bodies that routes parse without FastAPI."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from backend.http import openapi_capabilities
from backend.schemas.datasets import (
    DatasetCreate,
    DatasetUpdate,
    PicturesAdd,
    PictureUpdate,
    VersionCreate,
)
from backend.schemas.examples import PARAMETERS
from backend.schemas.jobs import JobCreate, JobUpdate, PredictCreate
from backend.schemas.model_audits import ModelAuditCreate
from backend.schemas.models import DefaultModel, ModelImport, ModelUpdate
from backend.schemas.problem import Problem
from backend.schemas.reviews import ReviewDecision
from backend.schemas.session import SessionCreate
from backend.schemas.sweeps import SweepCreate
from models.core.contract.card import Card

_TEMPLATE = "#/components/schemas/{model}"
_BODIES: list[type[BaseModel]] = [
    DatasetCreate,
    DatasetUpdate,
    DefaultModel,
    JobCreate,
    SweepCreate,
    JobUpdate,
    ModelImport,
    ModelUpdate,
    PictureUpdate,
    PicturesAdd,
    PredictCreate,
    ModelAuditCreate,
    ReviewDecision,
    SessionCreate,
    VersionCreate,
]
_DESCRIPTION = (
    "Send a picture or a table, get an answer, and open it. Every answer is a job: queued, observed through "
    "events, stored until it is deleted. Errors are application/problem+json (RFC 9457)."
)


def describe(app: FastAPI, cards: Mapping[str, Card]) -> dict[str, Any]:
    """The document of a server with these capabilities."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=_DESCRIPTION,
        routes=app.routes,
        openapi_version="3.1.0",
    )
    of_cards = openapi_capabilities.operations(document["paths"], cards.values())
    document["paths"] = dict(sorted({**document["paths"], **of_cards}.items()))
    document["components"] = {
        "schemas": _schemas(document["components"]["schemas"], cards),
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        },
    }
    # the empty entry: no key is required on loopback
    document["security"] = [{}, {"bearer": []}, {"header": []}]
    for path in document["paths"].values():
        for operation in path.values():
            operation["parameters"] = [_parameter(each) for each in operation.get("parameters", [])]
    return document


def _schemas(of_routes: dict[str, Any], cards: Mapping[str, Card]) -> dict[str, Any]:
    sent: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((body, "validation") for body in _BODIES),
        *((openapi_capabilities.params(card), "validation") for card in cards.values()),
    ]
    received: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (Problem, "serialization"),
        *((openapi_capabilities.job(card), "serialization") for card in cards.values()),
    ]
    _, of_requests = models_json_schema(sent, ref_template=_TEMPLATE)
    _, of_responses = models_json_schema(received, ref_template=_TEMPLATE)
    schemas = {name: _without_defaults(schema) for name, schema in of_requests["$defs"].items()}
    bodies = {
        name: body for card in cards.values() for name, body in openapi_capabilities.bodies(card).items()
    }
    return dict(sorted({**schemas, **bodies, **of_responses["$defs"], **of_routes}.items()))


def _without_defaults(value: Any) -> Any:
    """What may be left out, with its default in words.

    Generators send a default with every request, or require the value that has one.
    """
    if isinstance(value, list):
        return [_without_defaults(each) for each in value]
    if not isinstance(value, dict):
        return value
    shown = {name: _without_defaults(each) for name, each in value.items() if name != "default"}
    if value.get("default") is not None and isinstance(value.get("description", ""), str):
        sentence = f"By default {json.dumps(value['default'], ensure_ascii=False)}."
        shown["description"] = f"{value.get('description', '')} {sentence}".strip()
    return shown


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """With an example; a query has no null, and no default that generators would send."""
    schema = dict(parameter["schema"])
    kinds = [each for each in schema.pop("anyOf", []) if each != {"type": "null"}]
    if len(kinds) == 1:
        schema = {**kinds[0], **schema}
    schema.pop("default", None)
    shown = {**parameter, "schema": schema}
    if parameter["name"] in PARAMETERS and not {"example", "examples"} & {*parameter, *schema}:
        shown["example"] = PARAMETERS[parameter["name"]]
    return shown
