"""The mails of the wallet. Decision 0312."""

from datetime import date
from uuid import UUID

from foundation import links, mail
from foundation.languages import _, force_locale
from money.amount import euro
from vouchers.purchases import papers
from vouchers.purchases.links import build_voucher_url
from vouchers.stored_value.holder_view import HolderView
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Programme

PROOF, UNLOCK = "vouchers/wallet_proof", "vouchers/wallet_unlock"


def send_voucher(
    view: HolderView, secrets: Issued, *, to: str, language: str, giver: str = "", greeting: str = ""
) -> None:
    """Send a voucher with new secrets to its present holder: a present of a `giver`, or a replacement."""
    with force_locale(language):
        amount, sheet = euro(view.balance_cents), f"{_('Gutschein')}.pdf"
        paper = papers.typeset_voucher(view.programme, None, secrets, cents=view.balance_cents)
        if giver:
            subject = _("Ein Gutschein über %(amount)s von %(giver)s", amount=amount, giver=giver)
        else:
            subject = _("Ihr neuer Gutschein über %(amount)s", amount=amount)
    mail.send(
        to=to,
        template="vouchers/wallet_voucher",
        subject=subject,
        language=language,
        attachments=[mail.Attachment(sheet, "application/pdf", paper)],
        programme=view.programme,
        cents=view.balance_cents,
        secrets=secrets,
        giver=giver,
        greeting=greeting,
        link=build_voucher_url(secrets.token),
    )


def send_proof_links(email: str, language: str, vouchers: list[tuple[Programme, str, str]], hours: int) -> None:
    """Send the links by which a holder proves to be one: (programme, last four symbols, link) of each voucher."""
    with force_locale(language):
        subject = _("Ihr neuer Code: bitte bestätigen")
    rows = [(p.name, last4, links.absolute_url("wallet_proof.renew", link=link)) for p, last4, link in vouchers]
    mail.send(to=email, template=PROOF, subject=subject, language=language, vouchers=rows, hours=hours)


def send_unlock_link(email: str, language: str, programme: Programme, link: str, hours: int) -> None:
    """Send the link with which a code that was locked after wrong PINs can be used again."""
    with force_locale(language):
        subject = _("Ihr Gutschein-Code ist gesperrt: so geht er wieder")
    mail.send(
        to=email,
        template=UNLOCK,
        subject=subject,
        language=language,
        programme=programme,
        link=links.absolute_url("wallet_proof.unlock", link=link),
        hours=hours,
    )


def send_reminder(email: str, language: str, *, programme: Programme, cents: int, end: date, item: UUID) -> None:
    """Remind that something of a voucher ends soon. Only who asked for it; one link ends it."""
    with force_locale(language):
        subject = _("%(amount)s enden bald", amount=euro(cents))
    mail.send(
        to=email,
        template="vouchers/wallet_reminder",
        subject=subject,
        language=language,
        programme=programme,
        cents=cents,
        end=end,
        link=links.absolute_url("wallet_items.item", item_id=item),
        off=links.absolute_url("wallet_proof.quiet", link=links.sign("wallet-reminder-off", str(item))),
    )
