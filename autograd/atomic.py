"""Files that are written completely or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

DESCRIPTORS = "/proc/self/fd"
"""The folder in which Linux shows the open files of a process, those without a name included."""


Content = bytes | Callable[[IO[bytes]], object]
"""The bytes of a file, or a function that writes them to a stream."""


def write_atomically(path: str | Path, content: Content) -> Path:
    """Writes a file so that it is either complete or as it was before, even if writing is interrupted.

    A symlink is followed, not replaced. An existing file keeps its permissions. On Linux nothing is left in the folder
    even by a process that is killed; on other systems a killed process can leave a file `.*.part`.

    Args:
        path: the path of the file.
        content: bytes, or a function that is called with a binary stream to write to.

    Returns:
        The path.

    Raises:
        FileNotFoundError: the folder does not exist.
        OSError: the file cannot be written; the error names the path.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_atomically(Path(folder, "greeting"), b"hello").read_bytes()
        b'hello'
    """
    path = Path(path)
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        missing = folder if path.is_symlink() else path.parent
        raise FileNotFoundError(f"{path}: there is no folder {missing}; make it first")
    try:
        _replace(target, folder, content)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None
    return path


def write_by_suffix(path: str | Path, contents: Mapping[str, Callable[[], bytes]]) -> Path:
    """Writes what belongs to the suffix of the file's name, in capitals or not; returns the path.

    Raises:
        ValueError: nothing belongs to the suffix; the message names those to which something does.

    Example:
        >>> write_by_suffix("film.gif", {".html": lambda: b"<!DOCTYPE html>"})
        Traceback (most recent call last):
        ...
        ValueError: film.gif: expected a file ending in .html
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in contents:
        raise ValueError(f"{path.name}: expected a file ending in {', '.join(contents)}")
    return write_atomically(path, contents[suffix]())


def _replace(target: str, folder: str, content: Content) -> None:
    temporary = os.path.join(folder, f".{uuid4().hex}.part")
    nameless = _open_nameless(folder)
    try:
        with os.fdopen(_open_new(temporary) if nameless is None else nameless, "wb") as file:
            file.write(content) if isinstance(content, bytes) else content(file)
            file.flush()
            if os.path.exists(target) and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), stat.S_IMODE(os.stat(target).st_mode))
            os.fsync(file.fileno())
            if nameless is not None:
                # with a `src_dir_fd`, which an absolute path does not use, os.link follows the symlink in DESCRIPTORS
                os.link(f"{DESCRIPTORS}/{nameless}", temporary, src_dir_fd=nameless, follow_symlinks=True)
        os.replace(temporary, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _open_new(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)


def _open_nameless(folder: str) -> int | None:
    """A file that disappears when it is closed, unless it is linked to a name; None if the system has no such files."""
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir(DESCRIPTORS):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o666)
    except OSError:  # not on every file system
        return None
