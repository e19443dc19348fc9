"""The one-call way: send a file, get the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.errors import Invalid, NotAcceptable, UnsupportedMedia
from backend.http.fast_route import DirectRoute
from backend.http.json_body import RAW_TYPES, SEND_A_FILE, media_type, parse_flag, parse_params, read_raw
from backend.http.multipart import read_form
from backend.http.openapi import BINARY, CREATES, LOCATION, RAW_BODIES, body, problems
from backend.http.preferences import allows_stored, idempotency_key, preferences, wants_picture
from backend.http.responses import reply, reply_file
from backend.messaging.waiters import Hub
from backend.routers.jobs import is_final
from backend.routers.require_worker import check_workers
from backend.schemas.jobs import JobRead
from backend.services import artifacts, capabilities
from backend.services.jobs import predictions
from backend.services.jobs.predictions import Asked
from backend.services.uploads import files
from backend.settings import settings
from backend.tables import Status
from models.core.contract.card import Card, Kind

router = APIRouter(prefix="/v1/predict", tags=["predict"], route_class=DirectRoute)

_FIELDS = ("params", "model", "inspect")
_TEXT = {"type": "string"}
_TIMED = {"Server-Timing": {"description": "queue, decode, forward, encode, store.", "schema": _TEXT}}
_QUERY = [
    {"name": name, "in": "query", "required": False, "description": about, "schema": schema}
    for name, about, schema in (
        ("params", "With a raw body: the params as JSON text.", _TEXT),
        ("model", "With a raw body: name or name@version.", {"type": "string", "maxLength": 160}),
        ("inspect", "With a raw body: whether to keep the stages.", {"type": "boolean", "default": True}),
    )
]
_BODY = body(
    {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": BINARY,
                    "params": {"type": "string", "description": "JSON, as the card's predict_params say."},
                    "model": {"type": "string", "maxLength": 160},
                    "inspect": {"type": "boolean", "default": True},
                },
                "additionalProperties": False,
            }
        },
        **RAW_BODIES,
    }
)


@router.post(
    "/{capability}",
    response_model=JobRead,
    responses={
        200: {
            "description": "The finished job; with `Accept: image/png` the picture itself.",
            "headers": _TIMED,
            "content": {"image/png": {"schema": BINARY}},
        },
        202: {"description": "It takes longer; look at `Location`.", "model": JobRead, "headers": LOCATION},
        **problems(NotAcceptable, *CREATES),
    },
    openapi_extra={**_BODY, "parameters": _QUERY},
)
async def predict(request: Request, capability: str) -> Response:
    """Send a file, get the answer: the finished job, or with `Accept: image/png` the picture itself.

    Waits up to 30 s; what takes longer, or `Prefer: respond-async`, is answered 202 with the job's address.
    The same question asked again is answered from what is stored, unless `Cache-Control: no-cache` or an
    `Idempotency-Key` asks for a job of its own.
    """
    card = capabilities.card(capability)
    picture = wants_picture(request)
    if picture and Kind.IMAGE not in card.produces and Kind.BOXES not in card.produces:
        raise NotAcceptable(f"{card.title} answers with no picture; ask for application/json.")
    wish = preferences(request)
    hub: Hub[JobRead] = request.app.state.hub
    if not wish.respond_async:
        await check_workers(hub)
    job = await _submit(request, card, picture)
    headers = {"Location": f"/v1/jobs/{job.id}"}
    if is_final(job):
        headers["X-Glassbox-Answer"] = "stored"
    elif not wish.respond_async:
        seconds = settings().wait_seconds if wish.wait_seconds is None else wish.wait_seconds
        job = await hub.until(job.id, is_final, seconds) or job
    if not is_final(job):
        return reply(job, 202, headers)
    return await _answer(request, job, headers, picture)


async def _submit(request: Request, card: Card, picture: bool) -> JobRead:
    key = idempotency_key(request)
    asked = await _read(request)
    try:
        order = predictions.order(
            card.name,
            asked,
            picture=picture,
            reuse=allows_stored(request) and key is None,  # a key belongs to a job of its own
            idempotency_key=key,
            request_id=request.scope["glassbox.request_id"],
        )
        if not files.is_stored_quickly(asked.file):  # those that are submitted together must not wait
            order = replace(order, input=await run_sync(files.store, asked.file))
        return await request.app.state.submit(order)
    finally:
        asked.file.discard()


async def _read(request: Request) -> Asked:
    """The file and what stands beside it: in the form, or in the query of a raw body."""
    kind = media_type(request)
    if kind == "multipart/form-data":
        _check_query(request, ())
        form = await read_form(request, _FIELDS)
        try:
            return Asked(form.file, **_options(form.fields))
        except BaseException:
            form.file.discard()
            raise
    if not kind.startswith(RAW_TYPES):
        raise UnsupportedMedia(SEND_A_FILE)
    _check_query(request, (*_FIELDS, "name"))
    query = dict(request.query_params)
    options = _options(query)  # refused before the file is read
    return Asked(await read_raw(request, query.get("name", "")), **options)


def _check_query(request: Request, known: Sequence[str]) -> None:
    """Raises Invalid: the query says what nobody reads; params would seem to be heard and are not."""
    for name in request.query_params:
        if name not in known:
            wanted = f"known are: {', '.join(known)}" if known else "a form says it in its fields"
            where = [{"pointer": f"/{name[:80]}", "detail": "is not known here"}]
            raise Invalid(f"The query says {name[:80]!r}; {wanted}.", errors=where)


def _options(said: Mapping[str, str]) -> dict[str, Any]:
    model = said.get("model") or None
    if model and (len(model) > 160 or "\0" in model):
        where = [{"pointer": "/model", "detail": "is name or name@version"}]
        raise Invalid("model must be name or name@version.", errors=where)
    return {
        "params": parse_params(said.get("params")),
        "model": model,
        "inspect": parse_flag(said.get("inspect"), "inspect", default=True),
    }


async def _answer(request: Request, job: JobRead, headers: dict[str, str], picture: bool) -> Response:
    if job.status != Status.SUCCEEDED:
        raise await run_sync(predictions.failure, job)
    if "X-Glassbox-Answer" not in headers:  # the times of an answer from before were another request's
        headers["Server-Timing"] = _server_timing(job)
    if not picture:
        return reply(job, 200, headers)
    image = await run_sync(artifacts.first_image, job.id)
    if image is None:
        raise NotAcceptable("The answer holds no picture; ask for application/json.", job_id=str(job.id))
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
