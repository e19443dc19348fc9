"""The log of decisions: who got which answer of which model."""

import asyncio
from functools import partial
from typing import Annotated
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from starlette.responses import Response

from backend.errors import Invalid
from backend.http.openapi import problems
from backend.http.query import Cursor, Limit
from backend.http.responses import reply
from backend.http.route import Route
from backend.schemas.base import LIMIT
from backend.schemas.log import LogList, LogProblem, LogVerification
from backend.services.log import entries
from backend.services.log.verification import Place, verify
from models.core.contract.messages import Text, parts_of

router = APIRouter(prefix="/v1/log", tags=["log"], route_class=Route)

_BOTH = Text("core.log.both", "position and hash belong together; send both.")
_one_at_a_time = asyncio.Lock()  # each reads all entries


@router.get("", response_model=LogList, responses=problems())
async def list_log(
    action: Annotated[str | None, Query(max_length=32, examples=["predict"])] = None,
    model: Annotated[str | None, Query(max_length=128, description="Its name.")] = None,
    job_id: UUID | None = None,
    by: Annotated[str | None, Query(max_length=100, description="Name of a key or a person.")] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Response:
    """Entries, newest first; every given filter must match."""
    chosen = entries.Filter(action, model, None if job_id is None else str(job_id), by)
    return reply(await run_sync(partial(entries.page, chosen, limit=limit or LIMIT, cursor=cursor)))


@router.get("/verification", response_model=LogVerification, responses=problems())
async def verify_log(
    position: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="Of an entry that was noted earlier.")
    ] = None,
    hash: Annotated[  # noqa: A002  the name of the parameter
        str | None, Query(pattern="^[0-9a-f]{64}$", description="Of the same entry.")
    ] = None,
) -> Response:
    """Compute every hash of the log again: finds entries that were changed, deleted, inserted or moved."""
    if (position is None) != (hash is None):
        where = [{"pointer": "/hash" if hash is None else "/position", "detail": _BOTH()}]
        raise Invalid(_BOTH(), errors=where)
    noted = Place(position, hash) if position is not None and hash is not None else None
    async with _one_at_a_time:
        found = await run_sync(verify, noted)
    listed = [
        LogProblem.model_validate({"position": position, "text": text, "text_parts": parts_of(text)})
        for position, text in found.problems
    ]
    names = ("is_valid", "entries", "first", "last", "head", "waiting", "deleted_details")
    values = {name: getattr(found, name) for name in names}
    return reply(LogVerification(**values, problems=listed), headers={"Cache-Control": "no-store"})
