"""Who made the files of a Debian package: its machine-readable copyright file.

Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def authors(package: Path) -> dict[str, tuple[str, str]]:
    """Author and source by the stem of a file's name, from the package's copyright file."""
    found: dict[str, tuple[str, str]] = {}
    for notice in package.glob("usr/share/doc/*/copyright"):
        for paragraph in notice.read_text("utf-8").split("\n\n"):
            fields = dict(_fields(paragraph))
            for file in fields.get("Files", "").split():
                found[PurePosixPath(file).stem] = (fields.get("Copyright", ""), fields.get("Comment", ""))
    return found


def _fields(paragraph: str) -> Iterator[tuple[str, str]]:
    """The fields of one paragraph; a line that begins with a space continues the previous one."""
    for field in paragraph.replace("\n ", " ").splitlines():
        name, _, value = field.partition(":")
        yield name, " ".join(value.split())
