"""The charter as a document: the annex for the supervisory authority, as PDF (typst) and as data. Decision 0307."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from foundation.clock import berlin, now
from foundation.languages import _, current_language, show_date
from money.amount import euro
from vouchers.network import queries
from vouchers.network.models import Charter
from vouchers.stored_value.models import Programme

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "templates" / "vouchers" / "documents"
FONTS = ROOT / "static" / "vendor" / "fonts-pdf"


def collect_charter_data(programme: Programme) -> dict[str, Any]:
    """Collect what the annex says as plain values: all versions, who stands for them, today's shops. In cents."""
    versions = queries.list_charters(programme.id)
    names = queries.load_person_names({person for row in versions for person in (row.proposed_by, row.approved_by)})
    return {
        "programme": programme.name,
        "issuer": programme.issuer.legal_name,
        "on": _day(now()),
        "versions": [
            {
                "version": row.version,
                "area": row.area,
                "towns": queries.list_town_names(row.towns),
                "max_outlets": row.max_outlets,
                "max_cents": row.max_cents,
                "month_cents": row.month_cents,
                "payer_30_days_cents": row.payer_cents,
                "reason": row.reason,
                "proposed_by": names.get(row.proposed_by, ""),
                "approved_by": names.get(row.approved_by, ""),
                "valid_from": _day(row.valid_from),
            }
            for row in versions
        ],
        "shops": [
            {"name": outlet.name, "town": outlet.municipality.name, "since": _day(row.valid_from)}
            for row, outlet in queries.list_agreements(programme.id)
            if row.valid_until is None or row.valid_until > now()
        ],
    }


def draw_charter(programme: Programme) -> bytes:
    """Draw the annex as PDF (A4), in the current language."""
    paper = typst.compile(
        str(SOURCES / "charter.typ"),
        root=str(SOURCES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_sheet(programme), ensure_ascii=False)},
    )
    return bytes(paper)


def _sheet(programme: Programme) -> dict[str, Any]:
    data = collect_charter_data(programme)
    versions = queries.list_charters(programme.id)
    return {
        "language": current_language(),
        "programme": data["programme"],
        "issuer": data["issuer"],
        "date": show_date(berlin(now()).date()),
        "limits": _limits(versions[0]) if versions else [],
        "versions": [
            [
                str(row["version"]),
                show_date(datetime.fromisoformat(row["valid_from"]).date()),
                row["proposed_by"],
                row["approved_by"],
                row["reason"],
            ]
            for row in data["versions"]
        ],
        "shops": [[shop["name"], shop["town"]] for shop in data["shops"]],
        "words": {
            "title": _("Netzvereinbarung"),
            "norm": _("Begrenztes Netz nach § 2 Abs. 1 Nr. 10 ZAG: Anlage für die Aufsicht"),
            "issuer": _("Herausgeber"),
            "date": _("Stand vom"),
            "limits": _("Was in Kraft ist"),
            "versions": _("Alle Fassungen"),
            "columns": [_("Fassung"), _("gilt ab"), _("vorgeschlagen von"), _("freigegeben von"), _("Grund")],
            "shops": _("Geschäfte, die annehmen: %(count)s", count=len(data["shops"])),
            "none": _("Noch keine Fassung in Kraft."),
        },
    }


def _limits(row: Charter) -> list[list[str]]:
    return [
        [_("Gebiet"), ", ".join(queries.list_town_names(row.towns)) if row.towns else _("ganze Region")],
        [_("Geschäfte, höchstens"), str(row.max_outlets)],
        [_("je Gutschein, höchstens"), euro(row.max_cents)],
        [_("verkauft je Monat, höchstens"), euro(row.month_cents)],
        [_("je Käufer in 30 Tagen, höchstens"), euro(row.payer_cents)],
    ]


def _day(instant: datetime) -> str:
    return berlin(instant).date().isoformat()
