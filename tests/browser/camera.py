"""A film for Chromium's fake camera: the code as a customer's telephone shows it, held before a till."""

import io
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT, FRAMES = 640, 480, 3


def film(shown: bytes, target: Path) -> Path:
    """Write a YUV4MPEG2 film of a picture (PNG) lying slightly askew on a counter. `target` ends in .y4m."""
    picture = Image.open(io.BytesIO(shown)).convert("L")
    side = 330
    picture = picture.resize((side, side * picture.height // picture.width), Image.Resampling.LANCZOS)
    telephone = Image.new("L", (picture.width + 40, picture.height + 40), 235)
    telephone.paste(picture, (20, 20))
    tilted = telephone.rotate(7, expand=True, fillcolor=90, resample=Image.Resampling.BICUBIC)
    counter = Image.new("L", (WIDTH, HEIGHT), 90)
    counter.paste(tilted, ((WIDTH - tilted.width) // 2, (HEIGHT - tilted.height) // 2))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    with target.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode())
        for _nth in range(FRAMES):
            file.write(b"FRAME\n" + counter.tobytes() + grey)
    return target


def flags(film: Path) -> list[str]:
    """How Chromium takes the film for what its camera sees, and asks nobody for permission."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
