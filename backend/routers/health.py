"""Health, readiness and metrics for operators."""

from importlib.metadata import version

from anyio.to_thread import run_sync
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from starlette.responses import Response

from backend.http.openapi import problems
from backend.http.responses import reply
from backend.http.route import Route
from backend.schemas.health import Alive, Readiness
from backend.services import metrics, readiness

router = APIRouter(tags=["operation"], route_class=Route)


@router.get("/healthz", response_model=Alive, responses=problems())
async def get_health() -> Response:
    """Whether the process is alive."""
    return reply(Alive(version=version("glassbox")))


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={**problems(), 503: {"description": "A part is missing.", "model": Readiness}},
)
async def get_readiness() -> Response:
    """Whether jobs can be processed: the database, Redis, the storage, and a worker for each queue.

    Answers within 2 s, whatever the parts do.
    """
    found = await readiness.readiness()
    return reply(found, 200 if found.ready else 503, {"Cache-Control": "no-store"})


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}}, **problems()},
)
async def get_metrics() -> Response:
    """Requests of this process, and jobs, queues and workers of the installation, for Prometheus."""
    installation = metrics.Installation(await readiness.readiness())
    of_installation = await run_sync(generate_latest, installation)
    return Response(generate_latest(REGISTRY) + of_installation, media_type=CONTENT_TYPE_LATEST)
