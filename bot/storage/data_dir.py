"""One product per DATA_DIR: a lock that ends with its process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StartError

LOCK_FILE = "dangjik.lock"


@contextmanager
def hold_data_dir(folder: Path) -> Iterator[str]:
    """Hold the folder; gives "" or, where another process holds it, that one's pid.

    Raises StartError for a folder that cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartError(f"{folder} cannot be used: {error.strerror or error}") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield os.read(lock, 20).decode(errors="replace").strip() or "unknown"
            return
        os.truncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        yield ""
    finally:
        os.close(lock)
