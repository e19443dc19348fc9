"""Predictions in one request: send the inputs, get the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.errors import AppError, Conflict, Invalid, NotAcceptable, UnsupportedMedia
from backend.http import query
from backend.http.authentication import caller
from backend.http.json_body import (
    SEND_A_FILE,
    is_raw,
    media_type,
    parse_flag,
    parse_params,
    read_json,
    read_raw,
)
from backend.http.multipart import read_form
from backend.http.openapi import (
    ANSWER_HEADERS,
    BINARY,
    CACHE_CONTROL,
    CREATES,
    IDEMPOTENCY_KEY,
    PENDING_HEADERS,
    PICTURE,
    PREFER,
    RAW_BODIES,
    body,
    prediction_options,
    problems,
)
from backend.http.preferences import accepted, allows_stored_answer, idempotency_key, preferences
from backend.http.responses import reply, reply_file
from backend.http.route import Route, reads_query
from backend.http.upload_stream import UploadStream
from backend.messaging.waiters import Hub
from backend.routers.jobs import is_final, pending
from backend.routers.require_worker import check_workers
from backend.schemas.jobs import JobRead, PredictCreate
from backend.services import artifacts, capabilities
from backend.services.jobs import commands, rows, submission
from backend.services.jobs.validation import ONLY, check_request
from backend.services.uploads import files
from backend.settings import settings
from backend.tables import Status, Task
from models.core.contract.card import Card, Kind
from models.core.contract.messages import Message
from models.core.tables.read_options import takes_rows

router = APIRouter(prefix="/v1/predict", tags=["predict"], route_class=Route)

_FIELDS = ("params", "model", "inspect")
_JSON, _PNG = "application/json", "image/png"
_PARAMS = {
    "type": "string",
    "contentMediaType": _JSON,
    "description": "JSON, as described by the card's predict_params.",
}
_INPUTS = {
    "file": {**BINARY, "description": "The input of a capability that has one."},
    "additionalProperties": {**BINARY, "description": "An input, by its name on the card."},
}
_BODY = body(
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"file": _INPUTS["file"], **prediction_options(_PARAMS)},
                "additionalProperties": _INPUTS["additionalProperties"],
            },
            "example": {"file": "@valley.jpg", "params": '{"score": 0.5}'},
        },
        _JSON: {"schema": {"$ref": "#/components/schemas/PredictCreate"}},
        **RAW_BODIES,
    },
    required=False,
)
_PARAMETERS = {"parameters": [PREFER, IDEMPOTENCY_KEY, CACHE_CONTROL]}
_ERRORS = problems(NotAcceptable, *CREATES)
_PENDING = {
    202: {"description": "It takes longer; see `Location`.", "model": JobRead, "headers": PENDING_HEADERS}
}


@dataclass(frozen=True)
class _Body:
    """The content of a request: files by the names of the inputs, and options."""

    files: Mapping[str, UploadStream]
    options: Mapping[str, Any]

    def discard(self) -> None:
        for file in self.files.values():
            file.discard()


@router.post(
    "/{capability}",
    response_model=JobRead,
    responses={200: {"description": "The finished job.", "headers": ANSWER_HEADERS}, **_PENDING, **_ERRORS},
    openapi_extra={**_BODY, **_PARAMETERS},
)
@reads_query
async def predict(request: Request, capability: str) -> Response:
    """Send the inputs, get the answer: the finished job.

    Options are fields of the form. A file may also be the body itself; then options are query parameters
    of the same names, and `name` is the file's. With `Accept: image/png` the answer is the picture, as of
    `POST /v1/predict/{capability}/picture`.

    Waits up to 30 s; a longer job, or `Prefer: respond-async`, returns 202 with the job's address.
    A repeated prediction is answered from storage, unless `Cache-Control: no-cache` or an
    `Idempotency-Key` requests a job of its own.
    """
    card = capabilities.card(capability)
    offered = (_JSON, _PNG) if _draws(card) else (_JSON,)
    return await _predict(request, card, accepted(request, offered) == _PNG)


@router.post(
    "/{capability}/picture",
    response_class=Response,
    responses={
        200: {"description": "The picture.", "headers": ANSWER_HEADERS, "content": PICTURE},
        **_PENDING,
        **_ERRORS,
    },
    openapi_extra={**_BODY, **_PARAMETERS},
)
@reads_query
async def predict_picture(request: Request, capability: str) -> Response:
    """Send the inputs, get the answer as a picture, such as the photo with its boxes.

    Otherwise as `POST /v1/predict/{capability}`. The job with the numbers is at `Location`.
    """
    card = capabilities.card(capability)
    if not _draws(card):
        raise NotAcceptable(f"{card.title} does not return pictures; use POST /v1/predict/{card.name}.")
    accepted(request, (_PNG, "application/octet-stream"))
    return await _predict(request, card, picture=True)


def _draws(card: Card) -> bool:
    return Kind.IMAGE in card.produces or Kind.BOXES in card.produces


async def _predict(request: Request, card: Card, picture: bool) -> Response:
    wish = preferences(request)
    hub: Hub[JobRead] = request.app.state.hub
    job = await _submit(request, card, picture, None if wish.respond_async else hub)
    headers = {"Location": f"/v1/jobs/{job.id}"}
    if is_final(job):
        headers["X-Glassbox-Answer"] = "stored"
    elif not wish.respond_async:
        seconds = settings().wait_seconds if wish.wait_seconds is None else wish.wait_seconds
        job = await hub.until(job.id, is_final, seconds) or job
    headers |= wish.applied(was_queued=not is_final(job))
    if not is_final(job):
        return pending(job, headers)
    return await _answer(request, job, headers, picture)


async def _submit(request: Request, card: Card, picture: bool, hub: Hub[JobRead] | None) -> JobRead:
    """The queued or stored job. With a `hub` a worker must be there, unless the request is wrong."""
    key = idempotency_key(request)
    received = await _read(request, card)
    try:
        checked = check_request(
            card.name,
            Task.PREDICT,
            inputs=received.files,
            at="",
            picture=picture,
            reuse=allows_stored_answer(request) and key is None,  # a key belongs to a job of its own
            idempotency_key=key,
            request_id=request.scope["glassbox.request_id"],
            requested_by=caller(request),
            **received.options,
        )
        if hub is not None:
            await check_workers(hub, otherwise=partial(submission.check, checked))
        if not all(map(files.is_stored_quickly, received.files.values())):
            # simultaneous requests must not wait for it
            stored = await run_sync(files.store_together, received.files)
            inputs = {name: stored.get(name, stored.get(ONLY)) for name in checked.inputs}
            checked = replace(checked, inputs=inputs)
        return await request.app.state.submit(checked)
    finally:
        received.discard()


async def _read(request: Request, card: Card) -> _Body:
    """A form, one raw file with its options in the query, or JSON if no file is required."""
    kind = media_type(request)
    if kind == "multipart/form-data":
        query.check(request, (), "send options as fields of the form")
        return await _read_form(request, card)
    needs_file = any(taken.required for taken in card.inputs)
    if (kind == _JSON and takes_rows(card)) or (not needs_file and kind in ("", _JSON)):
        query.check(request, (), "send options in the body")
        return await _read_json(request, card)
    if not is_raw(kind):
        raise UnsupportedMedia(SEND_A_FILE)
    query.check(request, (*_FIELDS, "name"), params=card.predict_params.model_fields)
    given = dict(request.query_params)
    options = _options(given)  # refused before the file is read
    return _Body({ONLY: await read_raw(request, given.get("name", ""))}, options)


async def _read_form(request: Request, card: Card) -> _Body:
    names = [taken.name for taken in card.inputs]
    params = card.predict_params.model_fields
    form = await read_form(request, [*names, "file"], _FIELDS, max_files=len(names), params=params)
    try:
        given = {
            ONLY if name == "file" and name not in names else name: file for name, file in form.files.items()
        }
        return _Body(given, _options(form.fields))
    except BaseException:
        form.discard()
        raise


async def _read_json(request: Request, card: Card) -> _Body:
    chosen = await read_json(request, PredictCreate, allow_empty=True)
    options = {"params": chosen.params, "model": chosen.model, "inspect": chosen.inspect}
    if chosen.row is None:
        return _Body({}, options)
    rows.check_rows(card)
    await run_sync(rows.check_model, card, chosen.model)
    options["params"] = rows.read_as_written(chosen.params)
    return _Body({ONLY: rows.table_of(chosen.row)}, options)


def _options(given: Mapping[str, str]) -> dict[str, Any]:
    model = given.get("model") or None
    if model and (len(model) > 160 or "\0" in model):
        where = [{"pointer": "/model", "detail": "is name or name@version"}]
        raise Invalid("model must be name or name@version.", errors=where)
    return {
        "params": parse_params(given.get("params")),
        "model": model,
        "inspect": parse_flag(given.get("inspect"), "inspect"),
    }


async def _answer(request: Request, job: JobRead, headers: dict[str, str], picture: bool) -> Response:
    if job.status != Status.SUCCEEDED:
        raise await run_sync(failure, job)
    if "X-Glassbox-Answer" not in headers:  # the times of a stored answer belong to another request
        headers["Server-Timing"] = _server_timing(job)
    if not picture:
        return reply(job, 200, headers)
    image = await run_sync(artifacts.first_image, job.id)
    if image is None:
        raise NotAcceptable("The answer has no picture; request application/json.", job_id=str(job.id))
    answer = await reply_file(
        request,
        key=image.key,
        name=image.name,
        media_type=image.media_type,
        total=image.bytes,
        etag=f'"{image.id.hex}"',
    )
    answer.headers.update({**headers, "Cache-Control": "no-store"})
    return answer


def failure(job: JobRead) -> AppError:
    """The error of a finished job without an answer."""
    detail = Message(job.error, [part.model_dump() for part in job.error_message]) if job.error else ""
    if job.status == Status.CANCELED:
        return Conflict("The job was canceled.", job_id=str(job.id))
    if commands.failed_on_input(job.id):
        where = "/file" if len(job.inputs) == 1 else ""
        return Invalid(detail, errors=[{"pointer": where, "detail": str(detail)}], job_id=str(job.id))
    return AppError(detail or "It has no answer.", job_id=str(job.id))


def _server_timing(job: JobRead) -> str:
    spent = job.timings_ms
    named = {
        "queue": spent.queued,
        "decode": spent.decode,
        "forward": spent.forward,
        "encode": spent.encode,
        "store": spent.store,
    }
    return ", ".join(f"{name};dur={value:.1f}" for name, value in named.items() if value is not None)
