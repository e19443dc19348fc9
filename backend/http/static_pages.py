"""The frontend's files, the API's documentation, and a page for installations without a built frontend."""

import html
import re
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_SWAGGER = Path(str(files("fastapi_offline"))) / "static"
_API_PATHS = ("/v1/", "/docs/", "/healthz/", "/readyz/", "/metrics/")
# the pages' own addresses (frontend/src/main.tsx)
_PAGE = re.compile(
    r"/(t/[^/]+(/batch)?|r/[^/]+(/box)?|jobs|datasets(/[^/]+(/label)?)?|collect|compare|train(/[^/]+)?"
    r"|models(/[^/]+)?|api|learn/[^/]+|glossary|gan|reviews|log|audits(/new)?|lessons(/[^/]+)?"
    r"|sweeps(/(example/[^/]+/)?[^/]+)?)?/?"
)
_IMMUTABLE = "public, max-age=31536000, immutable"

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Glassbox</title>
<style>body{{font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em}}</style>
<h1>Glassbox is running</h1>
<p>The API is available, and so is <a href="/docs">its documentation</a>. The pages are not built yet:
<code>{folder}</code> is empty.</p>
<p>Build them with <code>make run</code>, or <code>npm --prefix frontend ci</code> and then
<code>npm --prefix frontend run build</code>, and reload this page.</p></html>"""

_DOCS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Glassbox API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="data:,"></head>
<body><div id="docs"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>"""
_START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null,
  tryItOutEnabled: true, presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"});
"""


class Frontend:
    """Everything that is not a route: the built files, or the single page with its own addresses."""

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        self.static = StaticFiles(directory=self.folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._close(scope, send)
            return
        response = await self._find(scope)
        await response(scope, receive, send)

    async def _close(self, scope: Scope, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _find(self, scope: Scope) -> Response:
        path = scope["path"]
        if scope["method"] != "GET" or f"{path}/".startswith(_API_PATHS):
            raise HTTPException(404)
        try:
            found = await self.static.get_response(self.static.get_path(scope), scope)
        except HTTPException as error:
            # addresses of pages have no suffix; a missing file is an error
            if error.status_code != 404 or "." in path.rpartition("/")[2]:
                raise
            if not _PAGE.fullmatch(path):
                return self._not_found(Headers(scope=scope), error)
            return self._index()
        found.headers["Cache-Control"] = _IMMUTABLE if path.startswith("/assets/") else "no-cache"
        return found

    def _not_found(self, headers: Headers, error: HTTPException) -> Response:
        """The page for browsers, which accept HTML by name; the error for programs."""
        if "text/html" not in headers.get("accept", ""):
            raise error
        page = self._index(404)
        page.headers["Vary"] = "Accept"
        return page

    def _index(self, status: int = 200) -> Response:
        index = self.folder / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT.format(folder=html.escape(str(self.folder))), status)
        return FileResponse(index, status, headers={"Cache-Control": "no-cache"})


def install(app: FastAPI, folder: Path) -> None:
    """Serve the documentation at /docs, and the frontend at every other address."""

    async def docs(_: Request) -> Response:
        return HTMLResponse(_DOCS)

    async def start(_: Request) -> Response:
        return Response(_START, media_type="text/javascript")

    async def swagger(request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        return FileResponse(_SWAGGER / name, headers={"Cache-Control": "public, max-age=86400"})

    app.add_route("/docs", docs, include_in_schema=False)
    app.add_route("/docs/start.js", start, include_in_schema=False)
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        app.add_route(f"/docs/{name}", swagger, include_in_schema=False)
    app.router.default = Frontend(folder)
