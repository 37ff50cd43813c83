"""Finds a Chromium or Chrome for the tests, and installs one where there is none. Prints its path.

Everything else goes to standard error, so that a shell can take the path. It never answers with nothing:
either a browser that runs, or a sentence and exit code 1.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
APT = ["apt-get", "-y", "-o", "Acquire::Retries=3"]


def runs(path: str) -> bool:
    """Whether this really is a browser: Ubuntu's `chromium-browser` may only be a hint to install a snap."""
    try:
        asked = subprocess.run(  # noqa: S603
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and any(name in asked.stdout for name in ("Chromium", "Chrome"))


def installed() -> str | None:
    """The browser that the caller names, or one on the PATH, or one at a usual place."""
    found = [shutil.which(name) for name in NAMES]
    for path in [*found, *PLACES, playwright_path()]:
        if path and Path(path).exists() and runs(path):
            return path
    return None


def playwright_path() -> str | None:
    """Where Playwright keeps its own Chromium, whether it is there or not."""
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or None


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def install() -> None:
    """Root on Debian or Ubuntu asks the distribution, everybody else Playwright."""
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        say("No Chromium or Chrome here: installing Debian's chromium (once) ...")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in ([*APT, "update"], [*APT, "install", "--no-install-recommends", "chromium"]):
            if _ran(step, environment):
                continue
            say(f"`{' '.join(step)}` failed.")
            break
        if installed():
            return
    say("Installing Playwright's Chromium (once) ...")
    extra = ["--with-deps"] if apt and os.geteuid() == 0 else []
    _ran([sys.executable, "-m", "playwright", "install", *extra, "chromium"], dict(os.environ))


def _ran(command: list[str], environment: dict[str, str]) -> bool:
    done = subprocess.run(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment, check=False
    )
    return done.returncode == 0


def main() -> int:
    """Print the path of a browser that runs; 1 and a sentence when there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        if runs(named):
            print(named)
            return 0
        say(f"CHROMIUM={named} is not a Chromium or Chrome that runs.")
        return 1
    path = installed()
    if path is None:
        install()
        path = installed()
    if path is None:
        say(
            "The tests need a Chromium or Chrome, and none could be installed. Install one (Debian, as root:"
            " apt-get install chromium; when libraries are missing: playwright install-deps), or name yours:"
            " make test CHROMIUM=/path/to/chromium"
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
