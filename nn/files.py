"""Named arrays in files: NumPy's `.npz`, and `.safetensors`, which PyTorch, JAX and others read. Never pickle.

The latter format is documented at https://github.com/huggingface/safetensors: the length of the header in eight bytes,
the header in JSON with the dtype, shape and offsets of each array, and the bytes of the arrays.
"""

from __future__ import annotations

import json
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import ArrayLike

from autograd import atomic
from nn.conversion import Array

Arrays = dict[str, Array]

BF16 = "BF16"
DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "|b1",
    BF16: "<u2",  # the upper half of a float32
}
LONGEST_HEADER = 100_000_000
"""In bytes; the limit of the reference implementation."""

OF_CHECKPOINT = "json"
"""The name of the array in which a checkpoint keeps what is no array: see `nn.checkpoint`."""

MAX_COMPRESSION = 1032
"""Largest ratio of an array's size to its compressed size that deflate reaches, on zeros: zlib's technical details."""


def write(file: str | Path, arrays: Mapping[str, ArrayLike]) -> Path:
    """Writes the arrays under their names, atomically: after a crash the file is either complete or unchanged.

    A symlink stays one: the file that it leads to is written.

    Raises:
        ValueError: the file's name ends neither in .npz nor in .safetensors, or an array is not numeric.
    """
    put, _ = _format_of(file)
    checked = {name: _checked(name, array) for name, array in arrays.items()}
    return atomic.write_atomically(file, lambda stream: put(stream, checked))


def read(file: str | Path) -> Arrays:
    """The arrays of a file by their names; bfloat16 becomes float32. Nothing in the file is executed.

    Raises:
        ValueError: the file is damaged, not in the format that its name states, or has numbers that NumPy lacks.
        FileNotFoundError: there is no such file.
    """
    _, get = _format_of(file)
    with open(file, "rb") as stream:
        try:
            return get(stream, os.fstat(stream.fileno()).st_size)
        except UnknownDtypeError as error:
            raise ValueError(f"{file}: {error}") from None
        except DAMAGE as error:
            raise ValueError(f"{file}: damaged, or not a file of arrays: {error}") from None


class UnknownDtypeError(ValueError):
    """The file is in order, but NumPy has no such numbers."""


def _checked(name: str, array: ArrayLike) -> Array:
    checked: Array = np.asarray(array)
    if checked.dtype.kind not in "fiub":
        raise ValueError(f"{name}: expected numbers to write, got an array of {checked.dtype}")
    return checked


# npz


def _put_npz(stream: IO[bytes], arrays: Arrays) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _get_npz(stream: IO[bytes], size: int) -> Arrays:
    with zipfile.ZipFile(stream) as archive:
        if (inflated := sum(entry.file_size for entry in archive.infolist())) > MAX_COMPRESSION * size:
            raise ValueError(f"it claims {inflated} bytes of arrays in {size} bytes")
        return {name.removesuffix(".npy"): _member(archive, name) for name in archive.namelist()}


def _member(archive: zipfile.ZipFile, name: str) -> Array:
    with archive.open(name) as entry:
        version = np.lib.format.read_magic(entry)
        header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = header[version](entry)
        if prod(shape) * dtype.itemsize > archive.getinfo(name).file_size:
            raise ValueError(f"{name} has fewer bytes than its shape {shape} of {dtype} needs")
    with archive.open(name) as entry:
        array: Array = np.lib.format.read_array(entry, allow_pickle=False)
        return array


# safetensors


def _put_safetensors(stream: IO[bytes], arrays: Arrays) -> None:
    names = {np.dtype(text): name for name, text in DTYPES.items() if name != BF16}
    header: dict[str, Any] = {}
    end = 0
    for name, array in arrays.items():
        begin, end = end, end + array.nbytes
        dtype = array.dtype.newbyteorder("<")
        header[name] = {"dtype": names[dtype], "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays are aligned
    stream.write(len(text).to_bytes(8, "little") + text)
    for array in arrays.values():
        stream.write(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())


def _get_safetensors(stream: IO[bytes], size: int) -> Arrays:
    length = int.from_bytes(stream.read(8), "little")
    if length > min(size - 8, LONGEST_HEADER):
        raise ValueError(f"its header claims {length} bytes of a file of {size}")
    header = json.loads(stream.read(length))
    header.pop("__metadata__", None)
    body = stream.read()
    entries = sorted(header.items(), key=lambda entry: entry[1]["data_offsets"])
    arrays, end = {}, 0
    for name, entry in entries:
        begin, before = entry["data_offsets"][0], end
        array, end = _decoded(name, entry, body)
        if begin != before:
            raise ValueError(f"{name} begins at byte {begin}, but the array before it ends at byte {before}")
        arrays[name] = array
    if end != len(body):
        raise ValueError(f"its arrays end at byte {end} of {len(body)}")
    return {name: arrays[name] for name in header}


def _decoded(name: str, entry: Mapping[str, Any], body: bytes) -> tuple[Array, int]:
    """The array of a header entry, and the offset of its end."""
    begin, end = entry["data_offsets"]
    shape = entry["shape"]
    if entry["dtype"] not in DTYPES:
        expected = f"expected a dtype among {', '.join(DTYPES)}, got {entry['dtype']}"
        raise UnknownDtypeError(f"{name}: {expected}; convert it where it was written, to float32 for example")
    dtype = np.dtype(DTYPES[entry["dtype"]])
    if not all(type(x) is int and x >= 0 for x in (*shape, begin, end)):
        raise ValueError(f"{name}: its shape {shape} and offsets {begin}, {end} are not all nonnegative integers")
    if end - begin != prod(shape) * dtype.itemsize or end > len(body):
        raise ValueError(f"{name}: shape {shape} of {dtype} does not match bytes {begin} to {end} of {len(body)}")
    array = np.frombuffer(body, dtype, prod(shape), begin).reshape(shape)
    if entry["dtype"] == BF16:
        return (array.astype(np.uint32) << 16).view(np.float32), end
    return array.astype(dtype.newbyteorder("="), copy=True), end


Format = tuple[Callable[[IO[bytes], Arrays], None], Callable[[IO[bytes], int], Arrays]]
DAMAGE = (
    *(ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, RuntimeError, MemoryError, OverflowError),
    *(SyntaxError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)
"""The errors that the readers raise for damaged files."""

FORMATS: dict[str, Format] = {".npz": (_put_npz, _get_npz), ".safetensors": (_put_safetensors, _get_safetensors)}


def _format_of(file: str | Path) -> Format:
    if (suffix := Path(file).suffix) not in FORMATS:
        raise ValueError(f"{file}: expected a name that ends in {' or '.join(FORMATS)}, got {suffix or 'no suffix'!r}")
    return FORMATS[suffix]
