"""The API: its routes, its middleware, its start and its stop."""

import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version

from anyio.to_thread import current_default_thread_limiter, run_sync
from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from backend.database import advisory_lock
from backend.http import authentication, openapi_document, problem_details, static_pages
from backend.http.middleware import HeadAsGet, Observe, is_safe_id
from backend.logs import set_up_logs
from backend.messaging.microbatch import Microbatcher
from backend.messaging.waiters import Hub
from backend.migrations.upgrade import upgrade
from backend.routers import (
    artifacts,
    capabilities,
    datasets,
    events,
    health,
    model_audits,
    model_files,
    models,
    pictures,
    predict,
    reviews,
    session,
    sweeps,
    uploads,
)
from backend.routers import jobs as job_routes
from backend.routers import log as log_routes
from backend.schemas.jobs import JobRead
from backend.services import capabilities as capability_service
from backend.services import retention, samples
from backend.services.jobs import commands, submission
from backend.services.jobs.sweep import Sweeper
from backend.services.models import pretrained, registration
from backend.services.reviews import webhook
from backend.settings import settings
from models.core.contract import registry

log = logging.getLogger(__name__)

# blocking work is database statements and small files: more threads would only compete for the interpreter
_THREADS = 6
_SWITCH_SECONDS = 0.0005
_START_LOCK = 6_173_201  # any number, the same in every process
# beside those that every page may read
_EXPOSED_HEADERS = (
    "ETag",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "Server-Timing",
    "X-Glassbox-Answer",
    "X-Request-ID",
)
_ROUTERS = (
    predict,
    job_routes,
    sweeps,
    events,
    artifacts,
    uploads,
    pictures,
    datasets,
    capabilities,
    model_files,
    model_audits,
    models,
    reviews,
    log_routes,
    session,
    health,
)


def create_app() -> FastAPI:
    """The application.

    Raises:
        authentication.Exposed: it would serve other machines without keys.
        webhook.WrongWebhook: decisions would be sent to no usable address, or unsigned.
    """
    set_up_logs()
    authentication.check_exposure(settings())
    webhook.check(settings())
    capability_service.load()
    app = FastAPI(
        title="Glassbox",
        version=version("glassbox"),
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    for module in _ROUTERS:
        app.include_router(module.router)
    problem_details.install(app)
    static_pages.install(app, settings().frontend_folder)
    app.openapi = cache(lambda: openapi_document.describe(app, registry.cards()))
    # the last one added is the outermost
    app.add_middleware(HeadAsGet)
    app.add_middleware(authentication.Guard, settings=settings())
    if settings().cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=authentication.origins(settings()),
            allow_methods=["DELETE", "GET", "PATCH", "POST", "PUT"],
            allow_headers=["*"],
            expose_headers=_EXPOSED_HEADERS,
        )
    app.add_middleware(Observe)
    app.add_middleware(
        CorrelationIdMiddleware,
        header_name="X-Request-ID",
        validator=is_safe_id,
        update_request_header=False,
        transformer=None,
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = _THREADS
    await run_sync(prepare)
    app.state.hub = Hub[JobRead](commands.states, commands.read_many)
    await app.state.hub.open()
    app.state.submit = Microbatcher(submission.submit)
    sweeper = Sweeper()
    sweeper.start()
    notifier = webhook.Notifier()
    notifier.start()
    # a thread that has just written must not wait 5 ms behind one that computes
    sys.setswitchinterval(_SWITCH_SECONDS)
    # objects of the start are permanent: the collector need not scan them under load
    gc.collect()
    gc.freeze()
    log.info("serving %d capabilities", len(registry.cards()))
    yield
    await app.state.hub.close()
    app.state.submit.close()
    await run_sync(sweeper.stop)
    await run_sync(notifier.stop)


def prepare() -> None:
    """Migrate the database, and register the models and samples that ship with the application."""
    with advisory_lock(_START_LOCK):
        upgrade()
        pretrained.add_from_folder()
        registration.sync_cards()
        samples.seed()
    retention.delete_leftovers()
