"""A buyer's own picture: drawn anew, without what the file hides, and never unpacked when it would be huge."""

import io
import struct
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from flask import Flask
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from foundation.errors import Invalid
from vouchers.purchases.models import MAX_PICTURE_BYTES
from vouchers.sales import pictures


def picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 120 if mode in {"L", "P"} else (200, 40, 40, 90)[: len(mode)]).save(out, form, **more)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims, and would unpack to, gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00" * 10_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("WEBP", "RGB")]
)
def test_the_three_forms_become_a_small_jpeg(context: Flask, form: str, mode: str) -> None:
    drawn = pictures.draw_upload(picture(form, (2000, 1500), mode))
    with Image.open(io.BytesIO(drawn.data)) as again:
        assert (again.format, again.mode, again.size) == ("JPEG", "RGB", (1200, 900))
    assert (drawn.width, drawn.height) == (1200, 900)
    assert len(drawn.data) <= MAX_PICTURE_BYTES


def test_nothing_that_the_file_hides_is_kept(context: Flask) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x8825] = "Garten von Oma Erna", {1: "N", 2: (51.0, 56.0, 0.0)}
    text = PngInfo()
    text.add_text("Comment", "Garten von Oma Erna")
    for data in (
        picture("JPEG", exif=exif, comment=b"Garten von Oma Erna"),
        picture("PNG", pnginfo=text),
        picture("WEBP", exif=exif) + b"<script>Garten von Oma Erna</script>",
    ):
        kept = pictures.draw_upload(data).data
        assert b"Oma Erna" not in kept
        assert b"<script>" not in kept
        with Image.open(io.BytesIO(kept)) as again:
            assert dict(again.getexif()) == {}


def test_a_picture_taken_upright_stays_upright(context: Flask) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn = pictures.draw_upload(picture("JPEG", (640, 480), exif=exif))
    assert (drawn.width, drawn.height) == (480, 640)


def test_what_shines_through_becomes_white(context: Flask) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(pictures.draw_upload(out.getvalue()).data)) as again:
        assert again.getpixel((100, 100)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(30_000, 30_000), (12_001, 100), (5_001, 5_000)])
def test_a_bomb_is_refused_by_its_head_and_never_unpacked(context: Flask, size: tuple[int, int]) -> None:
    data = bomb(*size)
    tracemalloc.start()
    with pytest.raises(Invalid) as refused:
        pictures.draw_upload(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.details["field"] == "picture"
    assert most < 5_000_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0" + b"\x00" * 200,
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        picture("PNG")[:200],
        picture("GIF", mode="P"),
        picture("BMP"),
        picture("PNG", (79, 79)),
        b"x" * (pictures.MAX_UPLOAD_BYTES + 1),
    ],
)
def test_what_is_no_picture_is_declined_politely(context: Flask, data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        pictures.draw_upload(data)
    assert refused.value.details["field"] == "picture"
    assert str(refused.value.sentence).endswith(".")


@pytest.mark.parametrize("cut", [20, 300, 1000, 2500])
def test_a_broken_file_is_refused_and_not_a_crash(context: Flask, cut: int) -> None:
    whole = picture("PNG", (300, 300))
    for data in (whole[:cut], whole[:60] + bytes(cut) + whole[60:]):
        with suppress(Invalid):
            assert pictures.draw_upload(data).data
