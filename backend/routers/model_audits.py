"""What audits found about a model, in its card."""

from functools import partial
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.errors import Conflict, ContentTooLarge, NotFound, UnsupportedMedia
from backend.http.authentication import caller
from backend.http.json_body import read_json
from backend.http.openapi import json_body, problems
from backend.http.responses import reply
from backend.http.route import Route
from backend.schemas.model_audits import ModelAuditCreate, ModelAuditList, ModelAuditRead
from backend.services.models import audits

router = APIRouter(prefix="/v1/models/{name}/audits", tags=["models"], route_class=Route)


@router.get("", response_model=ModelAuditList, responses=problems(NotFound))
async def list_audits(name: str) -> Response:
    """The audits in the cards of all versions, newest first."""
    return reply(await run_sync(audits.of_model, name))


@router.post(
    "",
    status_code=201,
    response_model=ModelAuditRead,
    responses={
        200: {"description": "The audit is in the card already.", "model": ModelAuditRead},
        **problems(NotFound, Conflict, ContentTooLarge, UnsupportedMedia),
    },
    openapi_extra=json_body("ModelAuditCreate"),
)
async def add_audit(request: Request, name: str) -> Response:
    """Add what an audit found to the card of the audited version, also of models that ship."""
    body = await read_json(request, ModelAuditCreate)
    shown, is_new = await run_sync(partial(audits.add, name, body, caller=caller(request)))
    return reply(shown, 201 if is_new else 200)


@router.delete("/{audit_id}", status_code=204, response_class=Response, responses=problems(NotFound))
async def remove_audit(name: str, audit_id: UUID) -> Response:
    """Take an audit out of the card; its job stays."""
    await run_sync(audits.remove, name, audit_id)
    return Response(status_code=204)
