"""The file in which an issuer travels: a ZIP with one CSV a table and a manifest that proves them."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from foundation.errors import Invalid
from foundation.languages import _

FORMAT = 1
MANIFEST, BOOKS = "manifest.json", "entry.csv"
BLOCK = 1 << 20


@dataclass
class ArchiveManifest:
    """What is in the archive. `sums`: credit minus debit of every account of the issuer's ledger, in cents. `launched`:
    when its programmes began to be sold."""

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
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


def open_archive(path: Path) -> tuple[zipfile.ZipFile, ArchiveManifest]:
    """The archive with its manifest. Refuses (`Invalid`) what is none, what is damaged, and another format."""
    try:
        archive = zipfile.ZipFile(path)
        manifest = ArchiveManifest(**json.loads(archive.read(MANIFEST)))
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise Invalid(_("Diese Datei ist kein Auszug eines Herausgebers."), "archive_not_valid") from error
    if manifest.format != FORMAT:
        raise Invalid(_("Dieser Auszug hat ein anderes Format."), "archive_format")
    for name, said in manifest.files.items():
        if name not in archive.namelist() or compute_digest(archive, name) != said["sha256"]:
            raise Invalid(_("Der Auszug ist beschädigt: %(name)s.", name=name), "archive_damaged")
    return archive, manifest


def compute_digest(archive: zipfile.ZipFile, name: str) -> str:
    """The SHA-256 of one file in it."""
    digest = hashlib.sha256()
    with archive.open(name) as file:
        for block in read_blocks(file):
            digest.update(block)
    return digest.hexdigest()


def read_blocks(file: IO[bytes]) -> Iterator[bytes]:
    """The file in blocks of a megabyte."""
    while block := file.read(BLOCK):
        yield block
