"""The scripts that make the environment and find the browser."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )


def folder_of_tools(tmp_path: Path, *names: str) -> str:
    for name in names:
        (tmp_path / name).symlink_to(shutil.which(name) or "/bin/false")
    return str(tmp_path)


def executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_make_without_a_target_lists_all_of_them() -> None:
    shown = run("make", "--no-print-directory", MAKEFLAGS="").stdout
    for target in ("demo", "test", "check", "bench", "lock", "clean", "help"):
        assert f"make {target} " in shown


def test_a_python_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    tools = folder_of_tools(tmp_path, "sh", "dirname", "cksum", "cat")
    executable(tmp_path / "python3.13", "#!/bin/sh\nexit 1\n")
    executable(tmp_path / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    found = run("sh", "scripts/environment.sh", "find", PATH=tools)
    assert (found.returncode, found.stdout) == (0, "python3\n")


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    copied = tmp_path / "project"
    (copied / "scripts").mkdir(parents=True)
    script = (ROOT / "scripts" / "environment.sh").read_text().replace("/usr/bin/python3", "no-python")
    (copied / "scripts" / "environment.sh").write_text(script)
    tools = folder_of_tools(tmp_path, "sh", "dirname", "cksum", "cat")
    executable(tmp_path / "python3", '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n')
    refused = run("sh", str(copied / "scripts" / "environment.sh"), "find", PATH=tools)
    assert refused.returncode == 1
    assert "apt-get install python3-venv" in refused.stderr
    (tmp_path / "python3").unlink()
    refused = run("sh", str(copied / "scripts" / "environment.sh"), "find", PATH=tools)
    assert refused.returncode == 1
    assert "No Python 3.11 or newer was found" in refused.stderr


def test_a_named_browser_that_is_none_is_refused_and_nothing_is_installed(tmp_path: Path) -> None:
    hint = executable(tmp_path / "chromium", "#!/bin/sh\necho please install the snap\nexit 1\n")
    refused = run(sys.executable, "scripts/browser.py", CHROMIUM=str(hint))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is not a Chromium or Chrome that runs" in refused.stderr


def test_the_browser_is_the_one_on_the_path(tmp_path: Path) -> None:
    there = executable(tmp_path / "chromium", "#!/bin/sh\necho Chromium 199.0\n")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert run(sys.executable, "scripts/browser.py", PATH=path, CHROMIUM="").stdout == f"{there}\n"
