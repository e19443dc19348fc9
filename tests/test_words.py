"""Texts and names use the terms of the field.

Each banned word has its replacement, so that a failure explains itself. Texts are documents, cards, pages,
errors, docstrings and comments; names are those of modules, functions, classes, arguments and variables.
"""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

PHRASES = {  # regular expression, ignoring case -> what to write
    r"least score": "score threshold",
    r"(?-i:Most objects)(?=[\"'<:`])": "maximum objects",
    r"least share": "minimum share",
    r"freedom \(C\)": "inverse regularization (C)",
    r"your own start": "initial centers",
    r"fitted anew": "a new model",
    r"k-means and kin": "k-means family",
    r"as the job had them": "reset",
    r"by itself|by themselves": "automatic, alone, or nothing",
    r"by chance": "random",
    r"the knee": "the elbow",
    r"stop to pay": "bring little",
    r"unlike each other": "distinct",
    r"how they are spread": "distribution",
    r"the same by code": "do this in code",
    r"(?-i:Its card)\b": "model card",
    r"(?-i:For the test)\b": "test share",
    r"pick a capability": "What do you want to do?",
    r"a key, please": "Sign in",
    r"not a kind of file": "unsupported media type",
    r"wrong state": "conflict",
    r"died on each": "crashed on every attempt",
    r"memory than there is": "memory than is available",
    r"its own price": "overhead",
    r"(?-i:What holds)": "guarantees",
    r"it is careful": "secure by default",
    r"(?:none|one|bug) of ours": "a noun",
    r"of those (?:said|there)\b": "precision, recall",
    r"true ↓|(?:said|told) →": "actual, predicted",
    r"\bsaid\b": "predicted, sent, reported, …",
    r"\btold\b": "given, notified, …",
    r"\b(?:say|says)\b": "a noun or a precise verb",
    r"\b(?:tell|tells)\b": "show, report, distinguish, …",
}
TOKENS = {  # part of a name, between underscores or capitals -> what to write
    "said": "predicted, header, output, …",
    "told": "given, read_options, …",
    "tell": "report, notify",
    "tells": "prints, shows",
    "say": "print, write",
    "says": "states, shows",
    "asked": "request, requested",
    "mine": "own",
    "ours": "a noun",
    "theirs": "a noun",
    "words": "texts, arguments, description",
    "judged": "evaluated",
    "living": "alive, workers",
    "orders": "requests, submissions",
    "joining": "bootstrap",
    "gather": "collect, microbatch",
    "intake": "body, form",
    "incoming": "upload, stream",
    "knee": "elbow",
}
NAMES = {"wanted": "requested, expected", "may": "allowed", "watch": "monitor, stages"}  # the whole name

# quick to search for in lower case; most files contain none, and need not be parsed
LIKELY_PHRASES = re.compile("|".join(PHRASES).replace("(?-i:", "(?:").lower())
LIKELY_NAMES = re.compile("|".join([*TOKENS, *NAMES]))

EXEMPT_NAMES = {  # keys of the JSON that clients and stored reports have, and a file's own method
    ("models/core/images/file_types.py", "tell"),
    ("backend/schemas/uploads.py", "words"),
    ("models/core/tables/profile.py", "words"),
}
EXEMPT_TEXTS = {'"told"'}  # a key of a stored result
EXEMPT_FILES = {"tests/test_words.py"}  # has the lists above


@cache
def _files(*patterns: str) -> list[Path]:
    """Files of the repository, also new ones that git does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = [ROOT / line for line in run.stdout.splitlines() if line not in EXEMPT_FILES]
    return [path for path in found if path.exists()]


def _python(folder: str) -> list[Path]:
    return _files(f"{folder}/*.py")


def _frontend() -> list[Path]:
    return [path for path in _files("frontend/src/*.ts", "frontend/src/*.tsx") if path.name != "schema.d.ts"]


def _shown(path: Path, line: int, found: str, replacement: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {found!r} -> {replacement}"


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text): the strings and comments of Python, all lines of other files."""
    source = path.read_text("utf-8")
    if not LIKELY_PHRASES.search(source.lower()):
        return
    if path.suffix == ".py":
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            kinds = (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1))
            if token.type in kinds and token.string not in EXEMPT_TEXTS:
                yield token.start[0], token.string
    else:
        yield from enumerate(source.splitlines(), start=1)


def _phrases_in(paths: Iterable[Path]) -> list[str]:
    return [
        _shown(path, line, found[0], replacement)
        for path in paths
        for line, text in _texts(path)
        for pattern, replacement in PHRASES.items()
        for found in re.finditer(pattern, text, re.IGNORECASE)
    ]


def _python_names(path: Path) -> Iterator[tuple[int, str]]:
    """Names that the file gives to modules, functions, classes, arguments, variables and attributes."""
    yield 1, path.stem
    source = path.read_text("utf-8")
    if not LIKELY_NAMES.search(source.lower()):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def _frontend_names(path: Path) -> Iterator[tuple[int, str]]:
    yield 1, path.name.partition(".")[0]
    declared = re.compile(r"\b(?:const|let|function|class|type|interface)\s+([A-Za-z_$][\w$]*)")
    for line, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
        for name in declared.findall(text):
            yield line, name


def _tokens(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_$-]+", " ", name)
    return spaced.lower().split()


def _banned(name: str) -> Iterator[str]:
    """The replacements of a name."""
    yield from (TOKENS[token] for token in _tokens(name) if token in TOKENS)
    yield from filter(None, [NAMES.get(name.strip("_").lower())])


def _names_in(named: Iterable[tuple[Path, int, str]]) -> list[str]:
    return [
        _shown(path, line, name, replacement)
        for path, line, name in named
        if (str(path.relative_to(ROOT)), name) not in EXEMPT_NAMES
        for replacement in _banned(name)
    ]


@pytest.mark.parametrize("pattern", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md"])
def test_documents_use_the_fields_terms(pattern: str) -> None:
    assert _phrases_in(_files(pattern)) == []


@pytest.mark.parametrize("folder", ["backend", "workers", "models", "tests"])
def test_texts_in_the_code_use_the_fields_terms(folder: str) -> None:
    assert _phrases_in([*_python(folder), *_files(f"{folder}/*.md")]) == []


def test_pages_use_the_fields_terms() -> None:
    assert _phrases_in(_frontend()) == []


@pytest.mark.parametrize("folder", ["backend", "workers", "models", "tests"])
def test_names_use_the_fields_terms(folder: str) -> None:
    named = ((path, line, name) for path in _python(folder) for line, name in _python_names(path))

    assert _names_in(named) == []


def test_names_in_the_frontend_use_the_fields_terms() -> None:
    named = ((path, line, name) for path in _frontend() for line, name in _frontend_names(path))

    assert _names_in(named) == []


@pytest.mark.parametrize("name", ["said", "_asked_at", "wordsOf", "isWordsList", "Incoming", "watch", "_may"])
def test_a_banned_name_is_found(name: str) -> None:
    assert list(_banned(name)) != []


@pytest.mark.parametrize("name", ["keywords", "is_wanted", "maximum", "stopwatch", "gathered"])
def test_other_names_pass(name: str) -> None:
    assert list(_banned(name)) == []


def test_a_banned_phrase_is_found_in_strings_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "said.py"
    file.write_text('said = f"The file says {said}."  # as told\n', "utf-8")

    assert {found[0] for _, text in _texts(file) for found in re.finditer(r"\b(said|says|told)\b", text)} >= {
        "says",
        "told",
    }
