"""A bank's file: CAMT as XML, many of them in a ZIP as EBICS delivers it, or MT940. Read whole or not at all."""

import io
import zipfile
import zlib

from money.bank import camt, errors, swift
from money.bank.stated import BankStatement

MAX_FILE_BYTES = 40 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_ARCHIVE_FILES = 200
MAX_FILE_ENTRIES = 20_000
ARCHIVE = b"PK\x03\x04"


def read_statements(raw: bytes) -> list[BankStatement]:
    """Read the statements of a file. Refuses (`Invalid`) what is too large, and what is no statement of a bank.

    Also refused is a collective entry whose details have another sum, with the difference.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise errors.statement_too_large()
    parts = _unpack(raw) if raw.startswith(ARCHIVE) else [raw]
    found = [statement for part in parts for statement in _read(part)]
    if sum(len(each.lines) + len(each.left_out) for each in found) > MAX_FILE_ENTRIES:
        raise errors.file_too_long()
    return found


def _read(raw: bytes) -> list[BankStatement]:
    return swift.read_mt940(raw) if swift.is_mt940(raw) else camt.read_camt(raw)


def _unpack(raw: bytes) -> list[bytes]:
    """Unpack an archive. What its directory says of sizes is not believed: reading stops at the limit."""
    found, left = [], MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = [info for info in archive.infolist() if not info.is_dir()]
            if len(names) > MAX_ARCHIVE_FILES:
                raise errors.archive_too_large()
            for info in names:
                with archive.open(info) as file:
                    found.append(file.read(left + 1))
                left -= len(found[-1])
                if left < 0:
                    raise errors.archive_too_large()
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        raise errors.file_unreadable() from error  # RuntimeError: a password, a strange compression
    if not found:
        raise errors.file_unknown()
    return found
