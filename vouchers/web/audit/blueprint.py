"""Who may enter, and what they asked for: the programmes that somebody sees, the period, what narrows a list."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from foundation.errors import Invalid
from foundation.wiring import audience
from money.ledger import explaining
from money.ledger import queries as books
from money.ledger.models import Entry
from people.models import MemberRole
from people.web.guards import list_memberships, requires
from vouchers.statistics import queries
from vouchers.statistics.queries import Scope
from vouchers.stored_value.models import Programme
from vouchers.web.audit import errors

PERMISSION = "audit.see"
CHECKS = ("proof", "chain", "cover")
REDEEMED = ("voucher.redeem", "voucher.capture", "voucher.void", "voucher.refund")
ISSUED = ("voucher.issue", "voucher.load", "voucher.withdraw")

pages = audience("audit", __name__, guard=requires(PERMISSION), url_prefix="/pruefung")


def list_own_programmes() -> list[Programme]:
    """List all programmes for auditors; an issuer's clerk sees the own ones."""
    own = list_memberships(PERMISSION)
    if any(m.role == MemberRole.AUDITOR for m in own):
        return queries.list_programmes(None)
    return queries.list_programmes([m.organisation_id for m in own])


def read_scope(programmes: list[Programme]) -> tuple[Scope, str | None]:
    """Read the period and programme from the address; the usual ones, with a sentence, when they cannot be."""
    asked = request.args
    try:
        chosen = asked.get("programm", "")[:80]
        return queries.parse_scope(asked.get("von", "")[:10], asked.get("bis", "")[:10], programmes, chosen), None
    except Invalid as error:
        return queries.parse_scope("", "", programmes, ""), str(error.sentence)


def read_filter(programmes: list[Programme], scope: Scope) -> books.EntryFilter:
    """Read from the address what narrows the list of entries. Refuses (`NotFound`) books of other issuers."""
    asked = request.args
    chosen = next((p for p in programmes if p.slug == asked.get("programm", "")), None)
    return books.EntryFilter(
        ledger_id=_read_ledger({p.issuer_id for p in programmes}, chosen),
        programme_id=chosen.id if chosen else None,
        kinds=tuple(kind for kind in asked.get("art", "")[:300].split(",") if kind),
        party=_read_id("wessen"),
        account=asked.get("konto") or None,
        since=scope.since,
        until=scope.until,
    )


def link_to_entries(scope: Scope, kinds: tuple[str, ...], programme: Programme | None = None, **more: object) -> str:
    """The address of the entries behind a figure."""
    chosen = programme.slug if programme else request.args.get("programm", "")[:80]
    values: dict[str, Any] = {"von": scope.since, "bis": scope.until, "programm": chosen or None, **more}
    return url_for("audit.entries", art=",".join(kinds), **values)


def link_again(endpoint: str, **more: Any) -> str:
    """An address with the same choices as this one."""
    values: dict[str, Any] = {**request.args.to_dict(), **more}
    return url_for(endpoint, **values)


def explain_entries(entries: list[Entry]) -> list[dict[str, Any]]:
    """Put beside each entry what it means, in one sentence."""
    return [{"entry": entry, "sentence": explaining.explain(entry)} for entry in entries]


def _read_ledger(ledgers: set[UUID], chosen: Programme | None) -> UUID | None:
    ledger = _read_id("herausgeber")
    if ledger is None and chosen:
        ledger = chosen.issuer_id
    if ledger is None and len(ledgers) == 1:
        ledger = next(iter(ledgers))
    if ledger is not None and ledger not in ledgers:
        raise errors.books_not_here()
    return ledger


def _read_id(name: str) -> UUID | None:
    try:
        return UUID(request.args[name]) if request.args.get(name) else None
    except ValueError as error:
        raise errors.choice_unknown() from error
