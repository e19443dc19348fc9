"""Files that jobs made, and the stages that open an answer."""

from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.errors import Conflict, NotFound
from backend.http.openapi import FILE, NOT_MODIFIED, problems
from backend.http.responses import reply_file, reply_unless_known
from backend.schemas.inspections import InspectionRead
from backend.services import artifacts
from backend.services.jobs import inspection

router = APIRouter(prefix="/v1", tags=["answers"])


@router.get("/artifacts/{artifact_id}/content", response_class=Response, responses=FILE)
async def get_artifact_content(request: Request, artifact_id: UUID) -> Response:
    """One file of an answer."""
    row = await run_sync(artifacts.read_row, artifact_id)
    return await reply_file(
        request,
        key=row.key,
        name=row.name,
        media_type=row.media_type,
        total=row.bytes,
        etag=f'"{row.id.hex}"',
    )


@router.get(
    "/jobs/{job_id}/inspection",
    response_model=InspectionRead,
    responses={**NOT_MODIFIED, **problems(NotFound, Conflict)},
)
async def get_inspection(request: Request, job_id: UUID) -> Response:
    """The ordered stages on the way to an answer, each with its words, data, pictures and code."""
    return reply_unless_known(request, await run_sync(inspection.read, job_id))
