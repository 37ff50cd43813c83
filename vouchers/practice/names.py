"""What practice is called on receipts, in the reader's language: the database knows one language only."""

from typing import Any

from foundation.languages import _


def name_receipt(answer: dict[str, Any]) -> dict[str, Any]:
    """Give the answer of a till with issuer and programme of its receipt in the reader's language."""
    if "receipt" not in answer:
        return answer
    names = {"issuer": _("Übung, kein Herausgeber"), "programme": _("Übungsgutschein")}
    return answer | {"receipt": answer["receipt"] | names}
