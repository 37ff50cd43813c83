"""The GiroCode: a transfer as a QR code for banking apps (European Payments Council, EPC069-12, version 002)."""

import io

import qrcode
import qrcode.constants
from markupsafe import Markup
from qrcode.image.pil import PilImage

from foundation import qr

MAX_TEXT_BYTES = 331
MAX_NAME_CHARS = 70
MAX_REMITTANCE_CHARS = 140
MIN_CENTS, MAX_CENTS = 1, 99_999_999_999
MODULE_PIXELS = 6  # pixels a module


def write_text(*, holder: str, iban: str, bic: str, cents: int, remittance: str) -> str:
    """Write what the code says, in UTF-8. Refuses (`ValueError`) what the standard has no room for."""
    if not MIN_CENTS <= cents <= MAX_CENTS:
        raise ValueError("no amount of a transfer")
    name, about = (" ".join(words.split()) for words in (holder, remittance))
    if not 1 <= len(name) <= MAX_NAME_CHARS or len(about) > MAX_REMITTANCE_CHARS:
        raise ValueError("name or remittance too long")
    amount = f"EUR{cents // 100}.{cents % 100:02d}"
    lines = ["BCD", "002", "1", "SCT", bic, name, iban.replace(" ", ""), amount, "", "", about]
    said = "\n".join(lines)
    if len(said.encode()) > MAX_TEXT_BYTES:
        raise ValueError("more than 331 bytes")
    return said


def draw_svg(said: str) -> Markup:
    """Draw the code as an SVG element, for pages (error correction M)."""
    return qr.draw_svg(said)


def draw_png(said: str) -> bytes:
    """Draw the code as a PNG, for mails (error correction M)."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=MODULE_PIXELS)
    code.add_data(said)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image(image_factory=PilImage).save(out, "PNG")
    return out.getvalue()
