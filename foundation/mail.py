"""Mails: written in the transaction that causes them, sent by a job, emptied when sent."""

import re
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import sqlalchemy as sa
from flask import current_app, has_request_context, render_template

from foundation.clock import now
from foundation.config import settings
from foundation.database import lock_one, session
from foundation.errors import address_not_valid
from foundation.jobs import enqueue, job
from foundation.languages import force_locale
from foundation.links import absolute_url
from foundation.models import OutgoingMail
from foundation.security import decrypt, encrypt, keyed_hash

MAX_ADDRESS_SYMBOLS = 254  # RFC 5321
MAX_SUBJECT_SYMBOLS = 250
OVERDUE_AGE, ABANDONED_AGE = timedelta(minutes=30), timedelta(days=14)
MAX_REQUEUED_MAILS = 500
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5322: dot-atom
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True)
class MailContent:
    """What a mail says: its subject, and its body as text and as HTML."""

    subject: str
    text: str
    html: str


def normalise_address(text: str) -> str:
    """Bring a mail address into its usual form, its domain encoded by IDNA. Refuses what is no address (`Invalid`).

    Before the `@` only ASCII goes: other letters would be encoded on the way and the mail would reach nobody.
    """
    cleaned = text.strip()[: MAX_ADDRESS_SYMBOLS + 1]
    local, at, domain = cleaned.rpartition("@")
    try:
        host = domain.encode("idna").decode().lower()
    except UnicodeError:
        host = ""
    labels = host.split(".")
    good = at and len(labels) > 1 and all(LABEL.fullmatch(label) for label in labels)
    encoded = local.startswith("=?")  # readers of headers would decode it to another address
    if not good or encoded or not LOCAL_PART.fullmatch(local) or len(local) > 64 or len(cleaned) > MAX_ADDRESS_SYMBOLS:
        raise address_not_valid()
    return f"{local}@{host}"


def mask_address(address: str) -> str:
    """Shorten an address so that its owner recognises it and nobody can write to it: `a…@example.org`."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"


def send(
    *,
    to: str,
    template: str,
    subject: object,
    language: str = "de",
    at: datetime | None = None,
    attachments: list[Attachment] | None = None,
    **context: object,
) -> UUID:
    """Write a mail in `language` and queue it, not before `at`. "vouchers/gift" is vouchers/mail/gift.html and .txt."""
    package, name = template.split("/", 1)
    context |= {"absolute_url": absolute_url, "language": language}
    with force_locale(language):
        if has_request_context():
            texts = [render_template(f"{package}/mail/{name}.{kind}", **context) for kind in ("txt", "html")]
        else:
            with current_app.test_request_context(base_url=settings().base_url):
                texts = [render_template(f"{package}/mail/{name}.{kind}", **context) for kind in ("txt", "html")]
        title = str(subject)
    return send_rendered(to, template, MailContent(title, *texts), at=at, attachments=attachments)


def count_recent(to: str, template: str, within: timedelta) -> int:
    """Count the mails of a kind that were queued for an address lately, to limit what strangers can have sent."""
    begin = now() - within
    earliest = UUID(int=int(begin.timestamp() * 1000) << 80)  # ids begin with their time, and have an index
    query = sa.select(sa.func.count()).where(
        OutgoingMail.id > earliest,
        OutgoingMail.recipient_hash == keyed_hash("mail", to.lower()),
        OutgoingMail.template == template,
        OutgoingMail.created_at > begin,
    )
    return int(session.scalar(query) or 0)


def count_due() -> int:
    """Count the mails whose time has come and that are not sent yet."""
    query = sa.select(sa.func.count()).where(OutgoingMail.sent_at.is_(None), OutgoingMail.send_at <= now())
    return int(session.scalar(query) or 0)


def send_rendered(
    to: str,
    template: str,
    content: MailContent,
    *,
    at: datetime | None = None,
    attachments: list[Attachment] | None = None,
) -> UUID:
    """Queue a mail whose texts are rendered already; `template` only names its kind."""
    message = _compose(to, content, attachments or [])
    mail = OutgoingMail(
        recipient_hash=keyed_hash("mail", to.lower()),
        template=template,
        message=encrypt(message.as_bytes(policy=SMTP)),
        send_at=at or now(),
    )
    session.add(mail)
    session.flush()
    enqueue(deliver, at=at, mail_id=str(mail.id))
    return mail.id


def _compose(to: str, content: MailContent, attachments: list[Attachment]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        settings().mail_sender,
        normalise_address(to),
        _one_line(content.subject),
    )
    message["Date"], message["Message-ID"] = now(), make_msgid(domain="marktplatz.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text)
    message.add_alternative(content.html, subtype="html")
    for part in attachments:
        main, sub = part.type.split("/", 1)
        message.add_attachment(part.data, maintype=main, subtype=sub, filename=part.name)
    return message


def _one_line(text: str) -> str:
    """What people typed may stand in a subject; a line break in it would be a header of its own."""
    return " ".join(text.encode("utf-8", "replace").decode().split())[:MAX_SUBJECT_SYMBOLS]


@job("foundation.deliver_mail")
def deliver(mail_id: str) -> None:
    """Send one mail and empty its row. A second run finds it sent and does nothing."""
    mail = lock_one(OutgoingMail, UUID(mail_id))
    if mail.sent_at or mail.message is None:
        return
    _hand_over(mail.id, decrypt(mail.message))
    mail.sent_at, mail.message = now(), None


@job("foundation.deliver_left_mails", every="*/15 * * * *")
def requeue_overdue() -> None:
    """Queue mails again that should have been sent half an hour ago, so that no outage of the mail server loses one."""
    query = sa.select(OutgoingMail.id).where(
        OutgoingMail.sent_at.is_(None),
        OutgoingMail.message.is_not(None),
        OutgoingMail.send_at < now() - OVERDUE_AGE,
        OutgoingMail.send_at > now() - ABANDONED_AGE,
    )
    for mail_id in session.scalars(query.order_by(OutgoingMail.send_at).limit(MAX_REQUEUED_MAILS)):
        enqueue(deliver, lock=f"mail:{mail_id}", mail_id=str(mail_id))


def _hand_over(mail_id: UUID, message: bytes) -> None:
    target = settings().mail_url
    if target.startswith("maildir:"):
        folder = Path(target.removeprefix("maildir:"))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = folder / f".{mail_id}.part"
        half.touch(mode=0o600)  # letters carry vouchers and links: for nobody else on this machine
        half.write_bytes(message)
        half.rename(folder / f"{mail_id}.eml")
        return
    place = urlsplit(target)
    kind = smtplib.SMTP_SSL if place.scheme == "smtps" else smtplib.SMTP
    with kind(place.hostname or "localhost", place.port or 0, timeout=20) as server:
        if place.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        server.send_message(message_from_bytes(message, policy=SMTP))
