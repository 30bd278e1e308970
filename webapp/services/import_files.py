"""Where the files of imports are kept, and which import is being worked on right now."""

import fcntl
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from webapp.config import Settings
from webapp.models import ContactImport, ImportState


def folder_of(settings: Settings) -> Path:
    """Where uploads wait for their import; other people of this machine cannot read it."""
    folder = settings.instance / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def kept(stream: IO[bytes], folder: Path) -> Iterator[Path]:
    """An uploaded file, copied into the folder; it is deleted again if the block fails."""
    file = folder / f"{secrets.token_hex(16)}.csv"
    with file.open("wb") as copy:
        shutil.copyfileobj(stream, copy, 1 << 20)
    try:
        yield file
    except Exception:
        file.unlink()
        raise


def stored_as(file: Path, folder: Path) -> str:
    """How an import remembers its file: by name in the folder, elsewhere by its whole path."""
    return file.name if file.parent == folder else str(file.resolve())


def is_upload(row: ContactImport) -> bool:
    """Whether a worker can do the import; a command reads its file in place and does it itself."""
    return not Path(row.stored_as).is_absolute()


def file_of(row: ContactImport, folder: Path) -> Path:
    """The file of an import."""
    return folder / row.stored_as


def scratch_of(row: ContactImport, folder: Path) -> Path:
    """The scratch database of an import."""
    return folder / f"import-{row.id}.scratch"


def forget(row: ContactImport, folder: Path) -> None:
    """Delete what an import has left in the folder; the file of a command is not ours."""
    scratch_of(row, folder).unlink(missing_ok=True)
    _lock(folder, row.id).unlink(missing_ok=True)
    if is_upload(row):
        file_of(row, folder).unlink(missing_ok=True)


def has_somebody(row: ContactImport, folder: Path) -> bool:
    """Whether somebody is at an import that has begun, or will be: a worker, or its command."""
    taken_back = row.state is ImportState.REVERSING
    return taken_back or is_upload(row) or is_running(folder, row.id)


def _lock(folder: Path, import_id: int) -> Path:
    return folder / f"import-{import_id}.lock"


@contextmanager
def only_one(folder: Path, import_id: int) -> Iterator[bool]:
    """Be the only process that works on an import; False when another one does.

    The kernel gives the lock back when its holder ends, also by kill -9.
    """
    with _lock(folder, import_id).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def is_running(folder: Path, import_id: int) -> bool:
    """Whether a process works on an import now."""
    with only_one(folder, import_id) as free:
        return not free
