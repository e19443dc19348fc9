"""The supervisor with stand-ins for its programs, which start at once.

    python -m tests.workers.supervisor.stand_in

GLASSBOX_STAND_IN selects the behavior of the training worker's stand-in: idle, ignore SIGTERM, or exit.
"""

import os
import sys

from backend.settings import settings
from workers.cli import entry
from workers.supervisor import preflight
from workers.supervisor.console import Console
from workers.supervisor.programs import Program
from workers.supervisor.supervisor import Supervisor

API = """
import http.server, socket, sys, time
time.sleep(float(sys.argv[3]))
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[1]))
def answer(request):
    request.send_response(int(sys.argv[2]))
    request.end_headers()
    request.wfile.write(b'{"parts": [{"name": "worker:train", "ready": false, "detail": "none"}]}')
server.RequestHandlerClass.do_GET = answer
server.serve_forever()
"""
IDLE = "import time; time.sleep(600)"
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(os.environ["GLASSBOX_DATA_FOLDER"] + "/stubborn", "w").close()
time.sleep(600)
"""
BROKEN = "import sys, time; time.sleep(1); print('no such device', file=sys.stderr); sys.exit(4)"
LATE_SECONDS = 1.5
TRAIN = {"stubborn": STUBBORN, "broken": BROKEN}


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", code, *arguments]


app = entry.command_line("up")


@app.command()
def run() -> None:
    folder = preflight.open_data_folder(settings().data_folder)
    lock = preflight.lock_data_folder(folder, "stand-in")
    kind = os.environ.get("GLASSBOX_STAND_IN", "")
    # as the real API: not ready while a worker is missing
    status = "503" if kind == "broken" else "200"
    late = str(LATE_SECONDS if kind == "late" else 0.0)
    with lock, preflight.listen(settings().host, settings().port) as listener:
        programs = [
            Program("api", python(API, str(listener.fileno()), status, late), keeps=(listener.fileno(),)),
            Program("predict", python(IDLE)),
            Program("train", python(TRAIN.get(kind, IDLE), "stand-in of training"), waits=True),
        ]
        order = (
            (("predict", "train"), 1.0 if kind == "stubborn" else 20.0),
            (("api",), 20.0),
            (("redis",), 20.0),
        )
        Supervisor(folder, listener, programs, Console(), stop_order=order).run(lock)


if __name__ == "__main__":
    entry.run(app)
