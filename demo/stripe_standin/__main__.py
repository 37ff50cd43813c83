"""`python -m demo.stripe_standin`: starts the stand-in until Ctrl-C."""

import argparse
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

from .options import Options
from .server import StandIn


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.stripe_standin", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8020)
    parser.add_argument("--state", default=":memory:", help="file that survives a restart, or :memory:")
    parser.add_argument("--webhook", help="the application's address for events")
    parser.add_argument("--secret", default="whsec_test", help="signs the webhooks (whsec_…)")
    parser.add_argument("--mailbox", help="folder with the mails (*.eml) to show at /_mail")
    parser.add_argument("--merchant", help="name that the payment page shows")
    parser.add_argument("--base", help="address that browsers use, when it is not http://host:port")
    parser.add_argument("--sepa-seconds", type=int, default=20, help="until a debit is final")
    parser.add_argument("--available-seconds", type=int, default=0, help="until captured money is available")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    standin = StandIn(
        host=chosen.host,
        port=chosen.port,
        path=None if chosen.state == ":memory:" else Path(chosen.state),
        target=chosen.webhook,
        secret=chosen.secret,
        options=Options(
            sepa_after=chosen.sepa_seconds,
            available_after=chosen.available_seconds,
            mailbox=chosen.mailbox,
            merchant=chosen.merchant,
        ),
    )
    if chosen.base:
        standin.state.base = chosen.base.rstrip("/")
    signal.signal(signal.SIGTERM, _stop)
    standin.start()
    print(f"Stripe stand-in: {standin.state.base}", flush=True)
    try:
        standin.wait()
    except KeyboardInterrupt:
        standin.stop()
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
