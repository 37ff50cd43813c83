"""Towns, persons, organisations, outlets, memberships."""

import csv
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002_people"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

DATA = Path(__file__).resolve().parent.parent / "data"
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "-", "(": "", ")": "", ".": "", "/": "-"})
TABLES = (
    "municipality",
    "postcode",
    "organisation",
    "outlet",
    "person",
    "membership",
    "passkey",
)


def upgrade() -> None:
    _towns()
    _people()
    _fill()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _towns() -> None:
    op.create_table(
        "municipality",
        sa.Column("ags", sa.CHAR(8), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("district", sa.Text(), nullable=False),
    )
    op.create_table(
        "postcode",
        sa.Column("postcode", sa.CHAR(5), primary_key=True),
        sa.Column("ags", sa.CHAR(8), sa.ForeignKey("municipality.ags"), primary_key=True),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
    )


def _people() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.CHAR(5), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("vat_id", sa.Text()),
        sa.Column("register", sa.Text()),
        sa.Column("created_at", Time, nullable=False),
        sa.CheckConstraint("kind IN ('retailer', 'issuer', 'association', 'operator', 'counter')", name="kind_known"),
    )
    op.create_table(
        "outlet",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organisation_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.CHAR(5), nullable=False),
        sa.Column("ags", sa.CHAR(8), sa.ForeignKey("municipality.ags"), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("opening_hours", sa.Text(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_index("ix_outlet_ags", "outlet", ["ags"])
    op.create_index("ix_outlet_organisation_id", "outlet", ["organisation_id"])
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False, unique=True),
        sa.Column("confirmed_at", Time),
        sa.Column("last_link_at", Time),
        sa.Column("tf_primary_method", sa.Text()),
        sa.Column("tf_totp_secret", sa.Text()),
        sa.Column("mf_recovery_codes", sa.UnicodeText()),
        sa.Column("fs_webauthn_user_handle", sa.Text(), unique=True),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("organisation_id", sa.Uuid(), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("role", sa.Text(), primary_key=True),
        sa.Column("since", Time, nullable=False),
        sa.CheckConstraint(
            "role IN ('retailer_owner', 'retailer_clerk', 'point_keeper', 'issuer_clerk', 'counter_clerk', 'auditor',"
            " 'operator')",
            name="role_known",
        ),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.UnicodeText()),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.Text(), nullable=False),
        sa.Column("extensions", sa.Text()),
        sa.Column("create_datetime", Time, nullable=False),
        sa.Column("lastuse_datetime", Time, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
    )
    op.create_index("ix_passkey_user_id", "passkey", ["user_id"])


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _fill() -> None:
    municipality = sa.table("municipality", *(sa.column(name) for name in ("ags", "name", "slug", "district")))
    towns = [row | {"slug": row["name"].lower().translate(UMLAUTS)} for row in _rows("municipalities.csv")]
    op.bulk_insert(municipality, [{name: row[name] for name in ("ags", "name", "slug", "district")} for row in towns])
    postcode = sa.table("postcode", *(sa.column(name) for name in ("postcode", "ags", "latitude", "longitude")))
    places = [
        {
            "postcode": row["postcode"],
            "ags": row["ags"],
            "latitude": float(row["latitude"]),
            "longitude": float(row["longitude"]),
        }
        for row in _rows("postcodes.csv")
    ]
    op.bulk_insert(postcode, places)
