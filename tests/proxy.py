"""A TCP proxy that a test can silence, as a firewall does, or close, as a machine that is down."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

_POLL_SECONDS = 0.1
_PIECE = 65_536


class Proxy:
    """Forwards connections on a port of its own to 127.0.0.1:`target`."""

    def __init__(self, target: int):
        self._target = target
        self._flows = threading.Event()  # cleared: nothing passes, in either direction
        self._flows.set()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._accept()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._flows.set()
        self.refuse()

    def silence(self) -> None:
        """Let nothing pass from now on. Connections are still accepted, as those of a full backlog are."""
        self._flows.clear()

    def refuse(self) -> None:
        """Refuse new connections, and end the existing ones."""
        # shutdown first: it wakes the thread that waits in accept
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._guard:
            ended, self._open = self._open, set()
        for connection in ended:
            _close(connection)

    def restore(self) -> None:
        """Forward again, what was held back included."""
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
            self._accept()
        self._flows.set()

    def _accept(self) -> None:
        threading.Thread(target=self._serve, args=[self._listener], daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        while not self._closing.is_set():
            try:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            with self._guard:
                self._open |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=[source, sink], daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                while not self._flows.wait(_POLL_SECONDS):
                    pass
                sink.sendall(data)
        _close(source)
        _close(sink)


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
