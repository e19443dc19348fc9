"""FastAPI with the model in its own process, in one thread beside the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.bench.peer_servers.tiny_loop import TinyLoop

loop = TinyLoop()
app = FastAPI()
thread = ThreadPoolExecutor(max_workers=1)


@app.post("/predict")
async def predict(request: Request) -> JSONResponse:
    data = await request.body()
    return JSONResponse(await asyncio.get_running_loop().run_in_executor(thread, loop.answer, data))
