"""What belongs to an issuer: the tables of an export, in the order in which they can be written, and their rows.

Decision 0317.

Left out: payments and bank lines (their money is in the ledger; they belong to the operator's contracts with bank and
provider), jobs, mails, practice, webhooks, and everything of the marketplace.
"""

from dataclasses import dataclass

OWN = "SELECT id FROM programme WHERE issuer_id = %(issuer)s"
HOSTS = (
    "SELECT g.id FROM programme g JOIN reciprocity r ON g.id = r.host_programme_id"
    f" WHERE r.programme_id IN ({OWN}) AND g.issuer_id <> %(issuer)s"
)
VOUCHERS = "SELECT id FROM voucher WHERE ledger_id = %(issuer)s"
OUTLETS = (
    f"SELECT outlet_id FROM acceptance WHERE programme_id IN ({OWN}) UNION"
    f" SELECT outlet_id FROM voucher_operation WHERE voucher_id IN ({VOUCHERS}) AND outlet_id IS NOT NULL UNION"
    " SELECT credit_party FROM entry WHERE ledger_id = %(issuer)s AND credit_account = 'KR'"
)
SALES = f"SELECT order_id FROM voucher_sale WHERE programme_id IN ({OWN})"
COUNTERS = "SELECT id FROM counter WHERE issuer_id = %(issuer)s"
CHARTERS = f"SELECT unnest(ARRAY[proposed_by, approved_by]) FROM charter WHERE programme_id IN ({OWN})"
PEOPLE = (
    f"{CHARTERS} UNION SELECT recorded_by FROM gate_record WHERE programme_id IN ({OWN})"
    f" UNION SELECT recorded_by FROM programme_terms WHERE programme_id IN ({OWN})"
    " UNION SELECT unnest(ARRAY[t.proposed_by, t.approved_by]) FROM trust_account t"
    "   JOIN bank_account b ON b.id = t.account_id WHERE b.organisation_id = %(issuer)s"
    f" UNION SELECT unnest(ARRAY[begun_by, ender_id]) FROM acceptance WHERE programme_id IN ({OWN} UNION {HOSTS})"
    f" UNION SELECT unnest(ARRAY[clerk_id, undone_by]) FROM card_sale WHERE counter_id IN ({COUNTERS})"
    f" UNION SELECT recorded_by FROM counter_payment WHERE counter_id IN ({COUNTERS})"
    f" UNION SELECT person_id FROM wallet_item WHERE voucher_id IN ({VOUCHERS})"
    f" UNION SELECT person_id FROM voucher_order WHERE id IN ({SALES})"
)


@dataclass(frozen=True)
class ExportPart:
    """One table: its rows, and what is written instead of the stored value of some columns."""

    table: str
    rows: str
    instead: dict[str, str]


def _part(table: str, rows: str, **instead: str) -> ExportPart:
    """A table of the export; `instead`: expressions that are written for some columns."""
    return ExportPart(table, rows, instead)


BATCHES = f"SELECT id FROM card_batch WHERE programme_id IN ({OWN})"
PARTS = (
    _part(
        "organisation",
        f"id = %(issuer)s OR id IN (SELECT organisation_id FROM outlet WHERE id IN ({OUTLETS}))"
        f" OR id IN (SELECT issuer_id FROM programme WHERE id IN ({HOSTS}))"
        f" OR id IN (SELECT organisation_id FROM counter WHERE id IN ({COUNTERS}))",
    ),
    _part(
        "person",
        f"id IN ({PEOPLE})",
        password="NULL",
        tf_primary_method="NULL",
        tf_totp_secret="NULL",
        mf_recovery_codes="NULL",
        fs_webauthn_user_handle="NULL",
        fs_uniquifier="replace(gen_random_uuid()::text, '-', '')",
    ),
    _part("outlet", f"id IN ({OUTLETS})"),
    # Selling begins anew, by a person. When a programme began at all is said once its gate's records are there.
    _part("programme", f"id IN ({OWN} UNION {HOSTS})", on_sale="false", launched_at="NULL"),
    _part("programme_town", f"programme_id IN ({OWN} UNION {HOSTS})"),
    _part("charter", f"programme_id IN ({OWN})"),
    _part("programme_terms", f"programme_id IN ({OWN})"),
    _part("bank_account", "organisation_id = %(issuer)s"),
    _part("trust_account", "account_id IN (SELECT id FROM bank_account WHERE organisation_id = %(issuer)s)"),
    _part("gate_record", f"programme_id IN ({OWN})"),
    _part("acceptance", f"programme_id IN ({OWN} UNION {HOSTS}) AND outlet_id IN ({OUTLETS})"),
    _part("reciprocity", f"programme_id IN ({OWN})"),
    _part("till", f"outlet_id IN ({OUTLETS})"),
    _part("till_token", f"till_id IN (SELECT id FROM till WHERE outlet_id IN ({OUTLETS}))"),
    _part("till_staff", f"outlet_id IN ({OUTLETS})"),
    _part("voucher", "ledger_id = %(issuer)s"),
    _part("lot", f"voucher_id IN ({VOUCHERS})"),
    _part("voucher_operation", f"voucher_id IN ({VOUCHERS})"),
    _part("operation_part", f"voucher_id IN ({VOUCHERS})"),
    _part("till_key", f"operation_id IN (SELECT id FROM voucher_operation WHERE voucher_id IN ({VOUCHERS}))"),
    _part("voucher_contact", f"voucher_id IN ({VOUCHERS})"),
    _part("lapse_letter", f"operation_id IN (SELECT id FROM voucher_operation WHERE voucher_id IN ({VOUCHERS}))"),
    _part("voucher_terms", f"hash IN (SELECT terms_hash FROM voucher_sale WHERE programme_id IN ({OWN}))"),
    _part(
        "voucher_picture",
        f"id IN (SELECT picture_id FROM voucher_sale WHERE programme_id IN ({OWN}) AND picture_id IS NOT NULL)",
    ),
    _part("voucher_order", f"id IN ({SALES})"),
    _part("voucher_sale", f"programme_id IN ({OWN})"),
    _part("wallet_item", f"voucher_id IN ({VOUCHERS})"),
    _part("counter", "issuer_id = %(issuer)s"),
    _part("card_batch", f"programme_id IN ({OWN})"),
    _part("stock_card", f"batch_id IN ({BATCHES})"),
    _part("card_sale", f"counter_id IN ({COUNTERS})"),
    _part("card_movement", f"counter_id IN ({COUNTERS})"),
    _part("counter_payment", f"counter_id IN ({COUNTERS})"),
    _part("move_in", f"programme_id IN ({OWN})"),
    _part("moved_code", f"voucher_id IN ({VOUCHERS})"),
)
# Vouchers' documents go out whole, with the lines in other issuers' books; everything else of this ledger as it stands.
ENTRIES = f"ledger_id = %(issuer)s OR aggregate_id IN ({VOUCHERS})"
# What is no voucher's document is restored as one document a day: same accounts, same parties, same sums.
VOUCHER_DOCUMENTS = "e.kind LIKE 'voucher.%%' AND EXISTS (SELECT 1 FROM voucher v WHERE v.id = e.aggregate_id)"
