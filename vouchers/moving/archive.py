"""The file in which an issuer travels: a ZIP with one CSV a table and a manifest that proves them. Decision 0317."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from vouchers.moving import errors

FORMAT = 1
MANIFEST, BOOKS = "manifest.json", "entry.csv"
BLOCK = 1 << 20


class TableProgress(Protocol):
    """Called after each table with the number of rows written."""

    def __call__(self, table: str, rows: int, /) -> None: ...


@dataclass
class ArchiveManifest:
    """What is in the archive.

    `sums`: credit minus debit of every account of the issuer's ledger, in cents; `launched`: when its programmes began
    to be sold; `pepper`: a mark of the CODE_PEPPER; `files`: rows and SHA-256 of each file.
    """

    issuer_id: str
    issuer: str
    revision: str
    made_at: str
    pepper: str
    sums: dict[str, int]
    vouchers: int
    voucher_cents: int
    launched: dict[str, str]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT

    def text(self) -> str:
        """The manifest as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def open_archive(path: Path) -> tuple[zipfile.ZipFile, ArchiveManifest]:
    """Open an archive and check it against its manifest. Refuses (`Invalid`) damage and other formats."""
    try:
        archive = zipfile.ZipFile(path)
        manifest = ArchiveManifest(**json.loads(archive.read(MANIFEST)))
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise errors.archive_not_valid() from error
    if manifest.format != FORMAT:
        raise errors.archive_format()
    for name, expected in manifest.files.items():
        if name not in archive.namelist() or compute_digest(archive, name) != expected["sha256"]:
            raise errors.archive_damaged(name)
    return archive, manifest


def compute_digest(archive: zipfile.ZipFile, name: str) -> str:
    """Compute the SHA-256 of one file of the archive."""
    digest = hashlib.sha256()
    with archive.open(name) as file:
        for block in read_blocks(file):
            digest.update(block)
    return digest.hexdigest()


def read_blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file in blocks of a megabyte."""
    while block := file.read(BLOCK):
        yield block
