"""Sets of models for tests: the shipped ones, and what is made of them. No weights of another origin."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from patrol_anpr.plumbing.files import sha256_of_file
from patrol_anpr.resources import MODELS
from patrol_anpr.wire.models import ModelFile, ModelHead, ModelSet

NOW = datetime(2026, 12, 1, 7, 40, tzinfo=UTC)
_GRAPH, _INITIALIZER, _TYPE, _RAW = 7, 5, 2, 9  # fields of ONNX's protobuf
_FLOAT, _BYTES, _VARINT = 1, 2, 0


def entries(folder: Path = MODELS) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((folder / "manifest.json").read_text())["models"]
    return found


def a_set(revision: int = 1, folder: Path = MODELS, **wishes: object) -> ModelSet:
    """The models of a folder as a set that was signed."""
    head = ModelHead.model_validate({"name": "New", "revision": revision, "issued_at": NOW} | wishes)
    return ModelSet(head=head, files=tuple(ModelFile.model_validate(one) for one in entries(folder)))


def models_in(folder: Path, change: Callable[[bytearray], None] | None = None, *roles: str) -> Path:
    """A copy of the shipped models in `folder`, those of `roles` changed, with a manifest that is right for them."""
    shutil.copytree(MODELS, folder, ignore=shutil.ignore_patterns("recipes", "__pycache__", "*.md"))
    listed = entries(folder)
    for entry in listed:
        path = folder / str(entry["file"])
        if change is not None and entry["role"] in roles:
            content = bytearray(path.read_bytes())
            change(content)
            path.write_bytes(content)
        entry["sha256"], entry["size"] = sha256_of_file(path), path.stat().st_size
    (folder / "manifest.json").write_text(json.dumps({"models": listed}))
    return folder


def with_random_weights(content: bytearray) -> None:
    """Shuffle all weights of an ONNX model: it loads, runs, and knows nothing."""
    rng = np.random.default_rng(1)
    for weights in _weights(content):
        rng.shuffle(weights)


def without_numbers(content: bytearray) -> None:
    """Make what an ONNX model gives no numbers."""
    for weights in _weights(content):
        weights[:] = np.nan


def with_a_comment(content: bytearray) -> None:
    """The same model in other bytes: ONNX's `doc_string` of the model."""
    content += b"\x32\x03new"


def _weights(content: bytearray) -> Iterator["np.ndarray"]:
    for number, _, graph in _fields(content, 0, len(content)):
        if number == _GRAPH:
            for inner, _, tensor in _fields(content, *graph):
                if inner == _INITIALIZER:
                    fields = list(_fields(content, *tensor))
                    kinds = [span[0] for field, kind, span in fields if (field, kind) == (_TYPE, _VARINT)]
                    raws = [span for field, kind, span in fields if (field, kind) == (_RAW, _BYTES)]
                    if kinds == [_FLOAT] and raws and raws[0][1] - raws[0][0] >= 256:
                        begin, end = raws[0]
                        yield np.frombuffer(memoryview(content)[begin:end], "<f4")


def _fields(content: bytearray, at: int, end: int) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Each field of a protobuf message: its number, its kind, and where it lies, or (value, 0)."""
    while at < end:
        key, at = _varint(content, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(content, at)
            yield key >> 3, kind, (value, 0)
            continue
        length, at = _varint(content, at) if kind == _BYTES else ({1: 8, 5: 4}[kind], at)
        yield key >> 3, kind, (at, at + length)
        at += length


def _varint(content: bytearray, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
