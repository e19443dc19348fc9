"""A job's live events (Server-Sent Events).

The Redis stream holds recent events, the `metrics` table every metric, and the `artifacts` every sheet of
samples: what the stream lacks is filled in from the tables. An event's id is `<stream id>/<last metric's
step>`, so that a client that reconnects gets exactly the events that it has not seen; only the sheets of a
training, of which a later one may have replaced an earlier one of its step, come again at each connection.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from backend.errors import NotFound, Unavailable
from backend.http.openapi import problems
from backend.http.route import Route
from backend.messaging.waiters import Hub
from backend.outages import outage_log, outage_of
from backend.routers.jobs import is_final
from backend.schemas.jobs import JobRead
from backend.services.jobs import commands, curves, sheets
from backend.settings import settings
from backend.tables import ReviewStatus, Task

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=Route)

COMMENT_SECONDS = 15.0
_PAUSE_SECONDS = 1.0
_ENDED = "end"
_SAMPLES = "samples"
_REVIEW = "review"
_LAST_ID = re.compile(r"(\d{1,20}-\d{1,20})(?:/(\d{1,15}))?(/end)?")
_STREAM = {
    200: {
        "description": "progress, metric, log and samples events, then one named after the final status. "
        "`samples` is a training's newest sheet of sample pictures: its `step` and the `url` of its PNG, "
        "which is served at once and until the job is deleted. Its tiles lie row by row without gaps: `tile` "
        "(width and height in pixels), `columns`, `count`; optional are `row_names`, `column_names` and "
        "`captions`, one for each tile. It replaces an earlier sheet of its step; a connection begins with "
        "all so far. `review` is the review of an uncertain answer, and comes again when it is decided.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "The client has received the end; there are no further events."},
}


@dataclass
class Place:
    """A client's position in the stream."""

    stream_id: str = "0-0"
    step: int = -1
    sheets: set[str] = field(default_factory=set)  # addresses of those sent by this connection

    def __str__(self) -> str:
        return self.stream_id if self.step < 0 else f"{self.stream_id}/{self.step}"


@router.get(
    "/{job_id}/events", response_class=Response, responses={**_STREAM, **problems(NotFound, Unavailable)}
)
async def get_events(
    request: Request,
    job_id: UUID,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
    last_seen: Annotated[
        str | None, Query(alias="last_event_id", max_length=100, description="Alternative to the header.")
    ] = None,
    review: Annotated[
        bool | None, Query(description="true: an answer that waits for a person ends when one has decided.")
    ] = None,
) -> Response:
    """Follow one job: replays events after `Last-Event-ID`, and ends with an event named after the status."""
    await run_sync(commands.read, job_id)
    place, has_seen_end = _parse(last_event_id or last_seen or "")
    if has_seen_end:
        # EventSource reconnects after every end, except after 204
        return Response(status_code=204)
    hub: Hub[JobRead] = request.app.state.hub
    if hub.streams >= settings().max_event_streams:
        raise Unavailable(
            f"The server sends {hub.streams} streams of events, which is its limit; read the job itself.",
            headers={"Retry-After": "5"},
        )
    return EventStream(
        hub,
        _stream(hub, job_id, place, awaits_review=bool(review)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


class EventStream(StreamingResponse):
    """Counted while it is sent: each keeps a connection for as long as its job runs."""

    def __init__(self, hub: Hub[JobRead], content: AsyncIterator[bytes], **options: Any):
        super().__init__(content, **options)
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._hub.streams += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.streams -= 1


def _parse(last_id: str) -> tuple[Place, bool]:
    """An unknown id is ignored: the client gets everything."""
    found = _LAST_ID.fullmatch(last_id.strip())
    if found is None:
        return Place(), False
    return Place(found[1], int(found[2]) if found[2] else -1), bool(found[3])


async def _stream(
    hub: Hub[JobRead], job_id: UUID, place: Place, *, awaits_review: bool = False
) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    with hub.waiting(job_id) as event:
        is_first, sent_at, reviewed = True, time.monotonic(), None
        while True:
            event.clear()
            try:
                job, news = await _read(hub, job_id, place, is_first)
            except SQLAlchemyError as error:
                _warn_of_pause(error)
                if hub.is_closing:
                    return
                yield b": paused\n\n"  # a client would not reconnect to a server that answers 503
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            is_first = False
            if job is None:
                yield news
                return
            news += _review(job, place, reviewed)
            reviewed = job.review and job.review.status
            if is_final(job) and not (awaits_review and reviewed == ReviewStatus.WAITING):
                yield news + _event(
                    job.status, {"status": job.status, "error": job.error}, f"{place}/{_ENDED}"
                )
                return
            if news or time.monotonic() - sent_at >= COMMENT_SECONDS:
                yield news or b": keep-alive\n\n"
                sent_at = time.monotonic()
            if hub.is_closing:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, sent_at + COMMENT_SECONDS - time.monotonic())):
                    await event.wait()


def _review(job: JobRead, place: Place, sent: ReviewStatus | None) -> bytes:
    """The job's review, if its status is not the one that was sent."""
    if job.review is None or job.review.status == sent:
        return b""
    return _event(_REVIEW, job.review.model_dump(mode="json"), str(place))


def _warn_of_pause(error: SQLAlchemyError) -> None:
    """Raises the error itself if it is no outage."""
    if (outage := outage_of(error)) is None:
        raise error
    outage_log.warn(outage, "Event streams are paused", error)


async def _read(
    hub: Hub[JobRead], job_id: UUID, place: Place, is_first: bool
) -> tuple[JobRead | None, bytes]:
    """The job, and the events since `place`."""
    # the state is read before the stream: a job that has ended has all its events in the stream
    job = await hub.read(job_id)
    entries = await hub.events(job_id, place.stream_id)
    if job is None or not (is_first or is_final(job)):
        return job, b"".join(_render(entries, place))
    filled = await _fill(job_id, job, entries, place, is_first)
    # the table has all sheets in `entries`, which may also have some that were replaced since
    return job, b"".join([*filled, *_render(entries, place, ignored=_SAMPLES)])


async def _fill(
    job_id: UUID, job: JobRead, entries: list[tuple[str, dict[str, str]]], place: Place, is_first: bool
) -> list[bytes]:
    """Events missing from the stream: metrics before its first step, all sheets, and the job's progress."""
    first_step = next((step for step in map(_step_of, entries) if step is not None), None)
    filled = []
    for step, values in _by_step(await run_sync(curves.points, job_id)):
        if step > place.step and (first_step is None or step < first_step):
            place.step = step
            filled.append(_event("metric", {"step": step, "values": values}, str(place)))
    if job.task == Task.TRAIN:
        for sheet in await run_sync(sheets.read, job_id):
            if sheet["url"] not in place.sheets:
                place.sheets.add(sheet["url"])
                filled.append(_event(_SAMPLES, sheet, str(place)))
    if is_first and not entries and (job.progress.total or job.progress.message):
        filled.append(_event("progress", job.progress.model_dump(), str(place)))
    return filled


def _by_step(points: Iterable[dict[str, Any]]) -> list[tuple[int, dict[str, float | None]]]:
    steps: dict[int, dict[str, float | None]] = {}
    for point in points:
        steps.setdefault(point["step"], {})[point["name"]] = point["value"]
    return sorted(steps.items())


def _step_of(entry: tuple[str, dict[str, str]]) -> int | None:
    _, fields = entry
    if fields.get("event") != "metric":
        return None
    return int(orjson.loads(fields["data"]).get("step", 0))


def _render(
    entries: list[tuple[str, dict[str, str]]], place: Place, ignored: str | None = None
) -> Iterable[bytes]:
    for entry in entries:
        place.stream_id, fields = entry
        step = _step_of(entry)
        if step is not None:
            if step <= place.step:
                continue  # sent from the table, or repeated after a resume
            place.step = step
        if fields["event"] == ignored:
            continue
        if fields["event"] == _SAMPLES:
            place.sheets.add(orjson.loads(fields["data"])["url"])
        yield _raw_event(fields["event"], fields["data"].encode(), str(place))


def _event(name: str, data: dict[str, Any], event_id: str) -> bytes:
    return _raw_event(name, orjson.dumps(data), event_id)


def _raw_event(name: str, data: bytes, event_id: str) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event_id.encode(), name.encode(), data)
