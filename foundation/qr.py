"""QR codes as SVG: dark modules on white with the quiet zone that scanners need (ISO/IEC 18004)."""

import io

import qrcode
import qrcode.constants
from markupsafe import Markup
from qrcode.image.svg import SvgPathFillImage

MAX_TEXT_SYMBOLS = 500


def draw_svg(text: str) -> Markup:
    """Draw a QR code as an SVG element, with error correction level M (15 %). Refuses more than 500 characters."""
    if len(text) > MAX_TEXT_SYMBOLS:
        raise ValueError("too long for a code that a phone reads")
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, image_factory=SvgPathFillImage)
    code.add_data(text)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image().save(out)
    drawn = out.getvalue().decode().replace(' id="qr-path"', "")  # a page may show several codes
    return Markup(drawn[drawn.index("<svg") :])  # noqa: S704 made of modules only, nothing of `text` is in it
