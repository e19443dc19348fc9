"""The hashes of the log: what is hashed, and how it is written for it.

An entry's hash covers its position, time and content, the hash of the entry before it, and commitments
to its details: for each field the SHA-256 of a random salt and the value. So a detail can be deleted with its
salt, and the chain is still valid; nobody can guess the value from the commitment that remains. The same idea
as in Crosby and Wallach, Efficient Data Structures for Tamper-Evident Logging, USENIX Security 2009.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

BEGINNING = "0" * 64  # the hash before the first entry


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and without spaces, in UTF-8: equal values have equal bytes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def commit(values: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, list[Any]]]:
    """The commitments to the fields of an entry's details, and the details: field -> [salt, value]."""
    details = {field: [secrets.token_hex(16), value] for field, value in values.items()}
    return {field: commitment(salted) for field, salted in details.items()}, details


def commitment(salted: Any) -> str:
    """SHA-256 of a field of the details."""
    return hashlib.sha256(canonical(salted)).hexdigest()


def entry_hash(position: int, at: float, content: Any, commitments: Any, previous_hash: str) -> str:
    """SHA-256 of an entry."""
    protected = {
        "at": at,
        "commitments": commitments,
        "content": content,
        "position": position,
        "previous_hash": previous_hash,
    }
    return hashlib.sha256(canonical(protected)).hexdigest()
