"""An embedded PostgreSQL for demo and tests, when no DATABASE_URL names another.

It listens on a Unix socket in a folder that only its user may enter (that is why no password is asked),
never on the network. It works as a normal user and as root, who hands it to an unprivileged user.
"""

import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from foundation import postgres_remains as remains
from foundation.postgres_binaries import (
    PostgresError,
    Programs,
    SystemUser,
    build_environment,
    choose_system_user,
    find_programs,
    find_shared_folder,
    make_reachable,
)
from foundation.roles import LOGIN, OWNER, list_database_statements, list_role_statements

SUPERUSER = "postgres"
MAX_SOCKET_PATH_BYTES = 103  # bytes; the smaller of Linux' and macOS' limits
START_SECONDS = 60
_started: dict[int, subprocess.Popen[bytes]] = {}  # kept so that an ended server is waited for


class Server:
    """The PostgreSQL whose data lie in one folder. `start` attaches to it when it runs already."""

    def __init__(self, folder: Path | str, *, fsync: bool = True, die_with_parent: bool = False) -> None:
        """`fsync=False` is for tests only: a crash of the machine may lose the data.

        With `die_with_parent` the server stops when the starting process dies, however it dies (Linux).
        """
        self.folder = Path(folder).resolve()
        self.fsync = fsync
        self.die_with_parent = die_with_parent
        self.started = False  # by this object; false after attaching
        self.process: subprocess.Popen[bytes] | None = None
        self.runtime = Path()
        self.log = Path()

    # ---- start and stop

    def start(self) -> str:
        """Start, or attach to the server that runs. Returns the superuser's URL of `postgres`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            data = self._data()
            if remains.find_postmaster(data) is None:
                self._launch(data)
                self.started = True
            self._wait(data)
            self._run(list_role_statements())
        return self.url("postgres")

    def stop(self) -> None:
        """End the server, whoever started it. Nothing happens when none runs."""
        data = self.folder / "data"
        if not data.exists() or (data.is_symlink() and not self._owns(Path(os.path.realpath(data)).parent)):
            return
        with self._alone():
            self._use(data)
            pid = remains.find_postmaster(data)
            if pid and not remains.end_processes([pid], signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, patience=3.0):
                raise PostgresError(f"PostgreSQL (process {pid}) does not end.")
            if pid in _started:
                _started.pop(pid).wait()
            self.started = False

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        link = self.folder / "data"
        if link.is_symlink():
            home = Path(os.path.realpath(link)).parent
            if self._owns(home):
                shutil.rmtree(home)
        if self.folder.exists():
            shutil.rmtree(self.folder)
        if self.runtime != Path():
            shutil.rmtree(self.runtime, ignore_errors=True)

    # ---- databases

    def url(self, database: str, user: str = SUPERUSER) -> str:
        """Address of a database on this server."""
        return f"postgresql://{user}@/{quote(database)}?host={quote(str(self.runtime), safe='')}"

    def connect(self, database: str = "postgres", user: str = SUPERUSER) -> psycopg.Connection:
        """A connection in autocommit, for administration."""
        return psycopg.connect(host=str(self.runtime), dbname=database, user=user, autocommit=True)

    def has_database(self, name: str) -> bool:
        """Whether there is a database of this name."""
        with self.connect() as link:
            found = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        return found is not None

    def create_database(self, name: str) -> str:
        """Create the database, owned by the owner role, unless it exists. Returns the owner's URL."""
        if not self.has_database(name):
            self._run(list_database_statements(name))
        return self.url(name, OWNER)

    def drop_database(self, name: str) -> None:
        """Delete the database, also while somebody is connected."""
        with self.connect() as link:
            link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def urls(self, database: str) -> tuple[str, str]:
        """(MIGRATION_DATABASE_URL, DATABASE_URL) of a database: the owner's login and the application's."""
        return self.url(database, OWNER), self.url(database, LOGIN)

    def _run(self, statements: list[sql.Composed]) -> None:
        with self.connect() as link:
            for statement in statements:
                link.execute(statement)

    # ---- places

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two processes that start the same server at once: the second waits and then attaches."""
        with (self.folder / "lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def _account(self, data: Path) -> SystemUser:
        """Data are always served by the user who owns them."""
        if os.geteuid() == 0 and data.exists():
            owner = data.stat()
            if owner.st_uid != 0:
                return SystemUser(owner.st_uid, owner.st_gid)
        return choose_system_user()

    def _data(self) -> Path:
        """The data folder, made at the first start; elsewhere, behind a link, if its user cannot reach it."""
        data = self.folder / "data"
        if (data / "PG_VERSION").exists():
            home = Path(os.path.realpath(data)).parent
            if data.is_symlink() and not self._owns(home):
                raise PostgresError(
                    f"{self.folder} is a copy: its database is that of {self._owner(home)}."
                    " To give the copy one of its own: make demo RESET=1"
                )
            self._use(data)
            return Path(os.path.realpath(data))
        if data.is_symlink():
            data.unlink()  # its target is gone: somebody cleared the shared place
        account = choose_system_user()
        home = self.folder
        if account.other and not account.may("-x", self.folder):
            home = Path(tempfile.mkdtemp(prefix=self._short(), dir=find_shared_folder(account)))
            home.chmod(0o711)
            (home / "belongs_to").write_text(f"{self.folder}\n")
        making = home / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        account.give(making)
        try:
            initialise(make_reachable(find_programs(), account), account, making, sync=self.fsync)
        except BaseException:
            shutil.rmtree(making if home == self.folder else home)
            raise
        making.rename(home / "data")  # only a whole data folder ever bears the name
        if home != self.folder:
            data.symlink_to(home / "data")
        self._use(data)
        return Path(os.path.realpath(data))

    def _owner(self, home: Path) -> Path:
        return Path((home / "belongs_to").read_text().rstrip("\n"))

    def _owns(self, home: Path) -> bool:
        """Whether data elsewhere are ours: a moved project takes them along, a copied one does not."""
        try:
            owner = self._owner(home)
        except OSError:
            return False
        if owner != self.folder and not (owner / "data").is_symlink():
            (home / "belongs_to").write_text(f"{self.folder}\n")
            return True
        return owner == self.folder

    def _use(self, data: Path) -> None:
        real = Path(os.path.realpath(data))
        self.log = real / "server.log"
        self.runtime = self._runtime(real)

    def _short(self) -> str:
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:12] + "-"

    def _runtime(self, data: Path) -> Path:
        """The socket's folder: short whatever the project's path is, and open to the server's user alone."""
        try:
            named = Path((data / "postmaster.pid").read_text().splitlines()[4])
            if remains.find_postmaster(data) and named.is_absolute():
                return named
        except (OSError, IndexError):
            pass
        account = self._account(data)
        name = f"marktplatz-{account.uid}-" + hashlib.sha256(str(data).encode()).hexdigest()[:12]
        base = Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())  # noqa: S108
        runtime = base / name
        try:
            runtime.mkdir(mode=0o700)
            account.give(runtime)
        except FileExistsError:
            found = runtime.lstat()
            if found.st_uid != account.uid or found.st_mode & 0o170077 != 0o040000:
                runtime = Path(tempfile.mkdtemp(prefix=name, dir=base))  # somebody else sits on our name
                account.give(runtime)
        if len(os.fsencode(runtime / ".s.PGSQL.5432")) > MAX_SOCKET_PATH_BYTES:
            raise PostgresError(f"The folder for PostgreSQL's socket has too long a path: {runtime}")
        return runtime

    # ---- the process

    def _launch(self, data: Path) -> None:
        account = self._account(data)
        major = int((data / "PG_VERSION").read_text().split(".")[0])
        programs = make_reachable(find_programs(major), account)
        remains.clear_remains(data, self.runtime)
        if self.log.exists() and self.log.stat().st_size > 5_000_000:
            self.log.replace(self.log.with_suffix(".old.log"))
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.runtime),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "max_connections": "100",
            "log_timezone": "UTC",
            "fsync": "on" if self.fsync else "off",
            "full_page_writes": "on" if self.fsync else "off",
        }
        command = [programs.path("postgres"), "-D", str(data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=build_environment(),
                start_new_session=True,
                preexec_fn=death_signal(signal.SIGINT) if self.die_with_parent else None,
                **account.options(),
            )
        _started[process.pid] = self.process = process

    def _wait(self, data: Path) -> None:
        """Until the server answers: recovery after a kill may take a while."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError as refusal:
                ended = self._ended()
                if ended or time.monotonic() > until:
                    reason = "ended at once" if ended else f"does not answer after {START_SECONDS} s"
                    raise PostgresError(
                        f"PostgreSQL {reason} ({str(refusal).strip()}). Its last lines ({self.log}):\n" + self.tail()
                    ) from refusal
            time.sleep(0.03)

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def tail(self, lines: int = 15) -> str:
        """The last lines of the server's log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(no log)"


def initialise(programs: Programs, account: SystemUser, data: Path, *, sync: bool) -> None:
    """Make an empty data folder in UTF-8, sorted alike on every machine."""
    ways = [["--locale=C.UTF-8"], ["--locale=C"]]
    if programs.major >= 17:  # macOS before 15 has no C.UTF-8; PostgreSQL 17 brings its own
        ways.insert(1, ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"])
    for way in ways:
        command = [
            programs.path("initdb"),
            "-D",
            str(data),
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            *way,
        ]
        command += [] if sync else ["--no-sync"]
        initdb = subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=build_environment(),
            **account.options(),
        )
        if initdb.returncode == 0:
            return
        if "locale" not in initdb.stderr:
            break
    raise PostgresError(f"PostgreSQL's data folder {data} could not be made:\n{initdb.stderr.strip()}")


def death_signal(chosen: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the kernel sends the signal to the child when its parent dies. Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()

    def ask() -> None:
        prctl(1, int(chosen), 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it died in between
            os.kill(os.getpid(), chosen)

    return ask
