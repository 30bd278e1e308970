"""The file of a backup: a tar with a manifest that holds the size and SHA-256 of every part."""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from webapp.errors import ConflictError, InvalidError

FORMAT = "heed backup 1"
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 64 << 20
BLOCK = 1 << 20
# Everything a backup may hold; nothing else is ever written to disk.
PART = re.compile(r"(?:heed\.db|heed\.dump|secret_key|imports/[A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True)
class Manifest:
    """What a backup is of, and what it holds: `parts` are name → (bytes, SHA-256)."""

    made_at: str
    schema: str
    key_print: str  # which secret key belongs to it; tells nothing about the key
    parts: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def as_json(self) -> bytes:
        """As it stands in the file."""
        facts = {"format": FORMAT, **self.__dict__, "parts": dict(self.parts)}
        return json.dumps(facts, indent=1).encode()


def write(target: Path, parts: Mapping[str, Path], facts: Callable[..., Manifest]) -> Manifest:
    """Put files into one, readable for its owner alone; `facts` makes the manifest of `parts`.

    Under another name first and synced, so that whatever stands under the name asked for is whole.
    """
    sums = {name: (file.stat().st_size, _sum_of(file)) for name, file in parts.items()}
    manifest = facts(parts=sums)
    draft = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with _private(draft) as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                _add(tar, MANIFEST, io.BytesIO(manifest.as_json()), len(manifest.as_json()))
                for name, file in parts.items():
                    with file.open("rb") as stream:
                        _add(tar, name, stream, sums[name][0])
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def check_target(target: Path, *, force: bool) -> None:
    """ConflictError for a file that is there already, unless it may be replaced."""
    if target.is_dir():
        raise ConflictError(f"{target} is a folder; name a file.")
    if target.exists() and not force:
        raise ConflictError(f"{target} exists already; nothing was written. --force replaces it.")


def unpack(source: Path, folder: Path) -> Manifest:
    """Write the parts of a backup into a folder; InvalidError unless every byte is as it was."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            manifest = _manifest(tar)
            seen = set()
            for member in tar:
                if not member.offset:
                    continue  # The manifest itself.
                if member.name not in manifest.parts or not member.isreg():
                    raise InvalidError(_damaged(source, f"{member.name} does not belong in it"))
                _extract(tar, member, folder / PurePosixPath(member.name), manifest, source)
                seen.add(member.name)
    except (tarfile.TarError, EOFError) as error:
        raise InvalidError(_damaged(source, "it is not a whole tar file")) from error
    missing = manifest.parts.keys() - seen
    if missing:
        raise InvalidError(_damaged(source, f"{min(missing)} is missing"))
    return manifest


def _manifest(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    facts: Any = None
    if first is not None and first.name == MANIFEST and 0 < first.size < LARGEST_MANIFEST:
        stream = tar.extractfile(first)
        assert stream is not None
        with suppress(ValueError):
            facts = json.loads(stream.read())
    if not isinstance(facts, dict) or facts.pop("format", "") != FORMAT:
        raise InvalidError("This is no backup that this version of Heed can read.")
    try:
        parts = {str(name): (int(one[0]), str(one[1])) for name, one in facts["parts"].items()}
        manifest = Manifest(**facts | {"parts": parts})
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InvalidError("The backup's list of contents cannot be read.") from error
    for name in parts:
        if not PART.fullmatch(name):
            raise InvalidError(f"The backup holds {name}, which is no part of a backup.")
    return manifest


def _extract(
    tar: tarfile.TarFile, member: tarfile.TarInfo, file: Path, manifest: Manifest, source: Path
) -> None:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    stream = tar.extractfile(member)
    assert stream is not None
    found = hashlib.sha256()
    with _private(file) as out:
        while block := stream.read(BLOCK):
            found.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if (member.size, found.hexdigest()) != manifest.parts[member.name]:
        raise InvalidError(_damaged(source, f"{member.name} is not as it was"))


def _damaged(source: Path, why: str) -> str:
    return f"{source} is damaged ({why}); nothing was changed."


def _private(file: Path) -> IO[bytes]:
    """A new file that nobody else can read, from its first moment on."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _add(tar: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, stream)


def _sum_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
