"""The routes of the API."""

from collections.abc import Callable, Coroutine
from inspect import signature
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from backend.http import query

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


E = TypeVar("E", bound=Callable[..., Any])


def reads_query(endpoint: E) -> E:
    """Mark a function that refuses unknown query parameters itself: they depend on the body."""
    endpoint.reads_query = True  # pyright: ignore[reportFunctionMemberAccess]
    return endpoint


class Route(APIRoute):
    """Refuses unknown query parameters, and is fast where the function takes only the request and texts.

    FastAPI describes such a route in the OpenAPI document. Its dependency resolution has nothing to do
    there, and adds a tenth to the time of a short request.
    """

    def get_route_handler(self) -> Handler:
        known = [field.alias for field in self.dependant.query_params]
        extra = (self.openapi_extra or {}).get("parameters", [])
        known += [each["name"] for each in extra if each["in"] == "query"]
        handler = self._direct() or super().get_route_handler()
        if getattr(self.endpoint, "reads_query", False):
            return handler

        async def handle(request: Request) -> Response:
            if request.scope["query_string"]:
                query.check(request, known)
            return await handler(request)

        return handle

    def _direct(self) -> Handler | None:
        """Calls the function without FastAPI; None: it takes more than the request and the path's texts."""
        endpoint, parameters = self.endpoint, signature(self.endpoint).parameters
        texts = {name for name, parameter in parameters.items() if parameter.annotation is str}
        if (
            "request" not in parameters
            or parameters.keys() - texts != {"request"}
            or texts - self.param_convertors.keys()
        ):
            return None

        async def handle(request: Request) -> Response:
            return await endpoint(request, **request.path_params)

        return handle
