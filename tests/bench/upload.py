"""Sends stdin to a server as one multipart upload. Run as `python -m tests.bench.upload URL`."""

import sys
import urllib.request

BOUNDARY = b"glassbox-bench-boundary"
HEAD = b'content-disposition: form-data; name="file"; filename="large.jpg"'


def main(url: str) -> None:
    form = b"--" + BOUNDARY + b"\r\n" + HEAD + b"\r\n\r\n" + sys.stdin.buffer.read()
    form += b"\r\n--" + BOUNDARY + b"--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}
    urllib.request.urlopen(urllib.request.Request(f"{url}/v1/uploads", form, headers)).read()  # noqa: S310


if __name__ == "__main__":
    main(sys.argv[1])
