"""The secrets of one demo: made once, kept beside its database, useless without it."""

import os
import secrets
from pathlib import Path

from demo.processes import Failed


def keys(path: Path, *, data_exist: bool) -> dict[str, str]:
    """Read the secrets, or make them at the first start.

    Refuses when the database is there and the secrets are not: no voucher code could be checked any more.
    """
    if not path.exists():
        if data_exist:
            raise Failed(
                f"{path} is gone, and with it the key to the voucher codes in the database."
                " Put it back, or start afresh: make demo RESET=1"
            )
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "CODE_PEPPER": secrets.token_urlsafe(48),
            "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(24)}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
            "METRICS_TOKEN": secrets.token_urlsafe(24),
        }
        making = path.with_suffix(".making")
        making.unlink(missing_ok=True)
        with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in made.items())
        making.replace(path)
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
