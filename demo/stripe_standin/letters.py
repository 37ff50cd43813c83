"""Mails in a folder, one `.eml` each, as the application writes them."""

import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

_NAME = re.compile(r"^[\w.@+=,-]{1,200}\.eml$")
_MOST = 200


@dataclass(frozen=True)
class LetterAttachment:
    place: int
    name: str
    kind: str
    size: int


@dataclass(frozen=True)
class Letter:
    """One mail, ready to show."""

    name: str
    subject: str
    sender: str
    to: str
    date: datetime
    text: str
    html: str
    attachments: tuple[LetterAttachment, ...]


def newest(folder: Path) -> list[Letter]:
    """The latest mails, newest first. A file that cannot be read as a mail is left out."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return [letter for file in files[:_MOST] if (letter := read(folder, file.name))]


def read(folder: Path, name: str) -> Letter | None:
    """None for names that are no mail of this folder."""
    message = _message(folder, name)
    if message is None:
        return None
    return Letter(
        name=name,
        subject=str(message["Subject"] or "(ohne Betreff)"),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        date=_date(message, folder / name),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(
            LetterAttachment(
                place, part.get_filename() or f"Anhang {place + 1}", part.get_content_type(), len(_bytes(part))
            )
            for place, part in enumerate(message.iter_attachments())
        ),
    )


def attachment(folder: Path, name: str, place: int) -> tuple[str, str, bytes] | None:
    """(file name, type, content) of one attachment."""
    message = _message(folder, name)
    parts = list(message.iter_attachments()) if message else []
    if not 0 <= place < len(parts):
        return None
    part = parts[place]
    return part.get_filename() or f"Anhang-{place + 1}", part.get_content_type(), _bytes(part)


def inline(folder: Path, name: str, content_id: str) -> tuple[str, bytes] | None:
    """(type, content) of a picture that the HTML names by `cid:`."""
    message = _message(folder, name)
    for part in message.walk() if message else ():
        if str(part.get("Content-ID", "")).strip("<>") == content_id and isinstance(part, EmailMessage):
            return part.get_content_type(), _bytes(part)
    return None


def _message(folder: Path, name: str) -> EmailMessage | None:
    if not _NAME.match(name) or not (folder / name).is_file():
        return None
    with (folder / name).open("rb") as file:
        message = BytesParser(EmailMessage, policy=email.policy.default).parse(file)
    return message if isinstance(message, EmailMessage) else None


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    return _bytes(part).decode(part.get_content_charset() or "utf-8", "replace")


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _date(message: EmailMessage, file: Path) -> datetime:
    try:
        found = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        found = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found.astimezone(ZoneInfo("Europe/Berlin"))
