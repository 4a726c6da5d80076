"""A model within the archive of a run: `archive.zip/models/cbt/lstm/C15/seed1`.

The archive is that of `textvae archive`, whose metadata has the SHA-256 of every file.
"""

import errno
import hashlib
import json
import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from textvae.errors import InputError

_METADATA = "ro-crate-metadata.json"
_FILES = ("config.json", "vocabulary.txt", "model.safetensors")
_CHUNK = 2**20
# Of the models in a message.
_SHOWN = 3
# What zipfile raises for a damaged, encrypted or foreign file.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, RuntimeError, NotImplementedError, ValueError),
)


@contextmanager
def model_folder(path: Path) -> Iterator[Path]:
    """Yield the folder of a model: `path`, or a temporary copy if it is in an archive.

    path: in an archive, what follows its name is the folder, or as much of its end as identifies
    it; nothing if there is a single model. InputError, one line, if the archive is damaged or has
    no such model.
    """
    archive = next((one for one in (path, *path.parents) if one.is_file()), None)
    if archive is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="textvae-") as copy:
        member = _extract(archive, PurePosixPath(path.relative_to(archive)), Path(copy))
        try:
            yield Path(copy)
        except InputError as error:
            shown = str(archive / member)
            raise InputError(*(str(line).replace(copy, shown) for line in error.args)) from None


def _extract(archive: Path, inside: PurePosixPath, folder: Path) -> PurePosixPath:
    """Copy a model's files to `folder`; return its path in the archive."""
    if not zipfile.is_zipfile(archive):
        raise InputError(
            f"{archive}: not a zip file, or an incomplete one; expected the folder of a model, or"
            " an archive of `textvae archive`"
        )
    try:
        with zipfile.ZipFile(archive) as file:
            checksums = _checksums(archive, file)
            member = _find(archive, file, inside)
            for name in _FILES:
                _copy(archive, file, str(member / name), folder / name, checksums)
            return member
    except (*_DAMAGE, OSError) as error:
        # A wrong offset; any other OSError is a fault of the disk.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise InputError(f"{archive}: damaged ({error}); copy or download it again") from None


def _checksums(archive: Path, file: zipfile.ZipFile) -> Mapping[str, str]:
    """Return file -> SHA-256 as the metadata of the archive states it."""
    if _METADATA not in file.namelist():
        raise InputError(f"{archive}: has no {_METADATA}, expected an archive of `textvae archive`")
    try:
        entities = json.loads(file.read(_METADATA))["@graph"]
        return {one["@id"]: one["sha256"] for one in entities if "sha256" in one}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(f"{archive}: {_METADATA} is not that of an RO-Crate") from None


def _find(archive: Path, file: zipfile.ZipFile, inside: PurePosixPath) -> PurePosixPath:
    """Return the only folder of a model whose path ends in `inside`."""
    names = set(file.namelist())
    folders = [PurePosixPath(name).parent for name in file.namelist() if name.endswith(_FILES[-1])]
    complete = [one for one in folders if all(str(one / name) in names for name in _FILES)]
    ending = inside.parts
    matching = [one for one in complete if one.parts[len(one.parts) - len(ending) :] == ending]
    if inside.parts and inside in matching:
        return inside
    # Language models are found by name only.
    models = [one for one in matching if "models" in one.parts] or matching
    if len(models) == 1:
        return models[0]
    if not models:
        models = [one for one in complete if "models" in one.parts]
        problem = f"has no model {inside}" if ending else "has no model"
    else:
        problem = f"has {len(models)} models" + (f" that end in {inside}" if ending else "")
    shown = ", ".join(f"{archive / one}" for one in models[:_SHOWN])
    more = ", ..." if len(models) > _SHOWN else ""
    expected = f"; expected one of {shown}{more}" if models else ""
    raise InputError(f"{archive}: {problem}{expected}")


def _copy(
    archive: Path, file: zipfile.ZipFile, name: str, target: Path, checksums: Mapping[str, str]
) -> None:
    """Copy a file in chunks; InputError if it is not the one that the metadata describes."""
    digest = hashlib.sha256()
    with file.open(name) as source, target.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    if checksums.get(quote(name)) != digest.hexdigest():
        raise InputError(
            f"{archive / name}: not the file that {_METADATA} describes (its SHA-256 differs)"
        )
