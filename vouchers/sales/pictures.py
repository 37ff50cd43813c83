"""A buyer's own picture on a gift: read carefully, drawn anew, kept small. Nothing of the file itself is stored.

Decision 0310.
"""

import io
import struct
from dataclasses import dataclass
from uuid import UUID

from PIL import Image, ImageOps

from foundation.database import session, uuid7
from vouchers.purchases.models import MAX_PICTURE_BYTES, VoucherPicture
from vouchers.sales import errors

MAX_UPLOAD_BYTES = 1_800_000
MAX_UPLOAD_PIXELS = 25_000_000
MIN_SIDE_PIXELS, MAX_SIDE_PIXELS = 80, 12_000
DRAWN_SIZE = (1200, 900)
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITIES = (84, 74, 62, 48)
BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError, IndexError, TypeError)


@dataclass(frozen=True)
class DrawnPicture:
    """A picture as it is kept: JPEG, upright, small."""

    data: bytes
    width: int
    height: int


def draw_upload(data: bytes) -> DrawnPicture:
    """Draw an uploaded picture anew. Refuses (`Invalid`, field `picture`) what is none, too big, or too small."""
    if len(data) > MAX_UPLOAD_BYTES:
        raise errors.picture_too_large()
    drawn = redraw(data)
    return DrawnPicture(_compress(drawn), drawn.width, drawn.height)


def store_picture(drawn: DrawnPicture) -> UUID:
    """Store a picture and give its id."""
    made = VoucherPicture(id=uuid7(), data=drawn.data, width=drawn.width, height=drawn.height)
    session.add(made)
    session.flush()
    return made.id


def redraw(data: bytes) -> Image.Image:
    """Draw a picture anew: upright, RGB on white, within 1200 x 900, without what else its file holds (place, device).

    The size is read from the head of the file first: what would unpack to gigabytes is never unpacked.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            _check_size(opened.size)
            opened.draft("RGB", DRAWN_SIZE)
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail(DRAWN_SIZE)
            return _flatten_on_white(upright)
    except BROKEN as error:
        raise errors.picture_not_readable() from error


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_UPLOAD_PIXELS or max(size) > MAX_SIDE_PIXELS:
        raise errors.picture_has_too_many_pixels()
    if min(size) < MIN_SIDE_PIXELS:
        raise errors.picture_too_small()


def _flatten_on_white(image: Image.Image) -> Image.Image:
    with_alpha = image.convert("RGBA")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return ground


def _compress(image: Image.Image) -> bytes:
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= MAX_PICTURE_BYTES:
            return out.getvalue()
    raise errors.picture_too_detailed()
