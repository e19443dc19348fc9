"""The operations of each capability in the OpenAPI document, with its own inputs, params and result.

The server has one route for all of them; a generated client has a function and types for each.
"""

import json
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from backend.http.openapi import BINARY, prediction_options
from backend.schemas.examples import JOB, UPLOAD_ID
from backend.schemas.jobs import JobRead, Row
from models.core.contract import sample_answers
from models.core.contract.card import Card
from models.core.tables.read_options import takes_rows

PATH = "/v1/predict/{capability}"
PICTURE_PATH = f"{PATH}/picture"
_ROW = TypeAdapter(Row).json_schema()
_EXAMPLE_FILES = {"image": "@picture.jpg", "table": "@table.csv", "archive": "@files.zip"}


def component(card: Card, part: str) -> str:
    """The name of a schema: super_resolution, Job -> SuperResolutionJob."""
    return "".join(word.capitalize() for word in card.name.split("_")) + part


@cache
def params(card: Card) -> type[BaseModel]:
    return create_model(component(card, "Params"), __base__=card.predict_params)


@cache
def job(card: Card) -> type[BaseModel]:
    """A prediction by this capability."""
    fields: Any = {
        "capability": (Literal[card.name], Field(description="The capability.")),
        "result": (card.result | None, Field(description="null: it has not succeeded.")),
    }
    # the base is documented as a job of any capability
    made = create_model(component(card, "Job"), __base__=JobRead, **fields)
    made.__doc__ = f"A prediction of {card.title.lower()}."
    made.model_config = ConfigDict(from_attributes=True, json_schema_extra={})
    return made


def operations(paths: dict[str, Any], cards: Iterable[Card]) -> dict[str, Any]:
    """Paths of each capability, made from those of all."""
    made: dict[str, Any] = {}
    for card in cards:
        made[PATH.format(capability=card.name)] = _of(paths[PATH], card)
        if {"image", "boxes"} & set(card.produces):
            made[PICTURE_PATH.format(capability=card.name)] = _of(paths[PICTURE_PATH], card)
    return made


def _of(path: dict[str, Any], card: Card) -> dict[str, Any]:
    operation = deepcopy(path["post"])
    is_picture = operation["operationId"].endswith("picture")
    operation["operationId"] = f"predict_{card.name}" + ("_picture" if is_picture else "")
    operation["summary"] = f"{card.title}, the picture" if is_picture else card.title
    operation["description"] = f"{card.summary}\n\n{operation['description']}"
    operation["parameters"] = [each for each in operation["parameters"] if each["in"] != "path"]
    operation["requestBody"] = _body(card)
    schema = {"$ref": f"#/components/schemas/{component(card, 'Job')}"}
    for status in ("202",) if is_picture else ("200", "202"):
        content = {"schema": schema}
        if status == "200":
            content["example"] = _example(card)
        operation["responses"][status]["content"] = {"application/json": content}
    return {"post": operation}


def bodies(card: Card) -> dict[str, Any]:
    """Schemas by name of the bodies of a capability that takes a form or JSON.

    Generators name inline schemas by their media types where there are several.
    """
    if not takes_rows(card):
        return {}
    row = {"type": "object", "properties": {"row": _ROW, **_options(card)}, "required": ["row"]}
    return {f"Predict{component(card, 'Body')}": _form(card), component(card, "Row"): row}


def _options(card: Card) -> dict[str, Any]:
    return prediction_options({"$ref": f"#/components/schemas/{component(card, 'Params')}"})


def _form(card: Card) -> dict[str, Any]:
    inputs = {each.name: {**BINARY, "description": each.title} for each in card.inputs}
    needed = [each.name for each in card.inputs if each.required]
    form = {"type": "object", "properties": {**inputs, **_options(card)}}
    return {**form, "required": needed} if needed else form


def _body(card: Card) -> dict[str, Any]:
    named = [{"$ref": f"#/components/schemas/{name}"} for name in bodies(card)]
    form, row = named or (_form(card), None)
    content = {}
    if card.inputs:
        content["multipart/form-data"] = {
            "schema": form,
            "encoding": {"params": {"contentType": "application/json"}},
            "example": {each.name: _EXAMPLE_FILES[each.kind] for each in card.inputs},
        }
    if row is not None:
        example = {"row": _ROW["examples"][0], "model": f"{card.name}-1f0e9c2b"}
        content["application/json"] = {"schema": row, "example": example}
    elif not any(each.required for each in card.inputs):
        options = {"type": "object", "properties": _options(card)}
        content["application/json"] = {"schema": options, "example": {"params": {}}}
    return {"required": any(each.required for each in card.inputs), "content": content}


def _example(card: Card) -> dict[str, Any]:
    """A job whose result is that of the shipped sample, with its lists cut short."""
    result = None
    for sample in card.samples:
        index = sample.answer / sample_answers.INDEX if sample.answer else None
        if index is not None and index.exists():
            result = _cut(json.loads(index.read_text("utf-8"))["result"])
            break
    inputs = {each.name: UPLOAD_ID for each in card.inputs}
    only = UPLOAD_ID if len(inputs) == 1 else None
    return {**JOB, "capability": card.name, "inputs": inputs, "upload_id": only, "result": result}


def _cut(value: Any) -> Any:
    if isinstance(value, list):
        return [_cut(each) for each in value[:2]]
    return {name: _cut(each) for name, each in value.items()} if isinstance(value, dict) else value
