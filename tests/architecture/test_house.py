"""The house rules that a machine can see. A change here is a decision: write it down in docs/decisions/."""

import ast
import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from foundation.config import Settings
from scripts import routes

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("foundation", "people", "money", "vouchers", "marketplace")
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?|base|core|tools?)$")
FRAMEWORK = {"flask", "werkzeug", "jinja2"}
MONEY_WORD = re.compile(r"cent|amount|price|fee|vat|balance|total|money", re.IGNORECASE)
MONEY_EXEMPT = re.compile(r"latitude|longitude|seconds|distance")


def sources(*folders: str) -> list[Path]:
    found = [p for f in folders for p in (ROOT / f).rglob("*.py") if "__pycache__" not in p.parts]
    assert found
    return sorted(found)


def modules() -> list[Path]:
    return [*sources(*PACKAGES), ROOT / "wsgi.py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module]
    return []


def test_imports_point_down() -> None:
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_top_level_is_what_was_asked_for() -> None:
    for name in (
        "pyproject.toml",
        "wsgi.py",
        "README.md",
        "Makefile",
        ".env.example",
        ".ci/run",
        "LICENSE",
        "publiccode.yml",
    ):
        assert (ROOT / name).is_file(), name
    for name in (*PACKAGES, "templates", "static", "migrations", "tests", "translations", "docs", "demo"):
        assert (ROOT / name).is_dir(), name


def test_the_framework_is_met_only_at_the_edge() -> None:
    wrong = []
    for path in modules():
        parts = path.relative_to(ROOT).parts
        edge = parts[0] == "foundation" or {"web", "api"} & set(parts) or path.stem in {"wiring", "commands", "wsgi"}
        if not edge:
            names = {i.split(".")[0] for node in ast.walk(tree(path)) for i in imported(node)}
            wrong += [name_of(path)] if names & FRAMEWORK else []
    assert wrong == []


def test_the_application_never_imports_the_demo_or_tests() -> None:
    wrong = [
        name_of(path)
        for path in modules()
        for node in ast.walk(tree(path))
        for name in imported(node)
        if name.split(".")[0] in {"demo", "tests"}
    ]
    assert wrong == []


def test_nothing_is_imported_inside_a_function() -> None:
    wrong = []
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                wrong += [
                    f"{name_of(path)}:{n.lineno}" for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)
                ]
    assert wrong == []


def test_only_the_database_module_commits() -> None:
    wrong = [
        f"{name_of(path)}:{n}"
        for path in modules()
        if name_of(path) != "foundation/database.py"
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"session\.commit\(|\.commit\(\)", line)
    ]
    assert wrong == []


def test_no_page_takes_a_transaction_back() -> None:
    """What a page reads ends with the request, what it does is an action's: `transact` takes that back."""
    wrong = [
        name_of(path)
        for path in modules()
        if {"web", "api"} & set(name_of(path).split("/"))
        and re.search(r"\.(rollback|begin_nested)\(", path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_no_float_near_money() -> None:
    wrong = []
    for path in sources("money", "vouchers", "marketplace"):
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            floating = re.search(r"\bfloat\(|: float\b|-> float\b|sa\.Float|Decimal\(", line)
            if floating and MONEY_WORD.search(line) and not MONEY_EXEMPT.search(line):
                wrong.append(f"{name_of(path)}:{n}")
    assert wrong == []


def test_money_columns_are_whole_cents(app: Flask) -> None:
    from foundation.database import db  # noqa: PLC0415 the tables are known only once the application is made

    wrong = [
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if re.search(r"cents$", column.name) and "INT" not in str(column.type).upper()
    ]
    assert wrong == []


def test_files_stay_small_and_have_names() -> None:
    long = [f"{name_of(p)}: {n}" for p in modules() if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400]
    empty = [name_of(p) for p in modules() if EMPTY_NAMES.search(p.stem) or any(EMPTY_NAMES.search(x) for x in p.parts)]
    assert long == []
    assert empty == []


def test_no_top_level_name_shadows_the_standard_library() -> None:
    assert not set(PACKAGES) & set(sys.stdlib_module_names)


def test_packages_say_what_they_are_for_and_hold_nothing_else() -> None:
    wrong = []
    for path in sources(*PACKAGES):
        if path.name == "__init__.py":
            body = tree(path).body
            single = len(body) == 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
            wrong += [] if single else [name_of(path)]
    assert wrong == []


def test_every_module_and_public_function_has_a_docstring() -> None:
    wrong = []
    for path in modules():
        module = tree(path)
        if not ast.get_docstring(module):
            wrong.append(name_of(path))
        for node in module.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):  # type: ignore[arg-type]
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert wrong == []


def test_env_example_agrees_with_the_settings() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    names = [line.split("=", 1)[0] for line in lines if line and not line.startswith("#")]
    assert names == [f.name.upper() for f in fields(Settings)]
    # As docs/running.md reads it: by a shell, in which a value with a space needs quotes.
    script = '. ./.env.example; exec "$0" -c "import json, os; print(json.dumps(dict(os.environ)))"'
    reading = ["/bin/sh", "-aeuc", script, sys.executable]
    shown = json.loads(subprocess.run(reading, cwd=ROOT, env={}, check=True, capture_output=True, text=True).stdout)
    for field in fields(Settings):
        if isinstance(field.default, bool):
            assert shown[field.name.upper()] == str(int(field.default))
        elif isinstance(field.default, str | int):
            assert shown[field.name.upper()] == str(field.default)


def test_every_blueprint_has_a_guard(app: Flask) -> None:
    ours = {name: b for name, b in app.blueprints.items() if name != "security"}
    without = [name for name, b in ours.items() if not getattr(b, "guard", None)]
    assert without == []
    for name, blueprint in ours.items():
        assert blueprint.before_request_funcs.get(None) or app.before_request_funcs.get(name), name


def test_no_route_lies_outside_of_a_blueprint(app: Flask) -> None:
    loose = [r.endpoint for r in app.url_map.iter_rules() if "." not in r.endpoint and r.endpoint != "static"]
    assert loose == []


def test_no_address_appears_or_vanishes_unseen(app: Flask) -> None:
    written = routes.LIST.read_text(encoding="utf-8").splitlines()
    assert routes.lines(app) == written, "a route changed: look at it, then run `python -m scripts.routes`"


def views() -> list[tuple[str, str, str]]:
    """(file, view, template) of every literal render_template in a web module."""
    found = []
    for path in sources(*PACKAGES):
        if "web" not in path.parts:
            continue
        for function in ast.walk(tree(path)):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "render_template"
                if called and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
                    found.append((name_of(path), function.name, node.args[0].value))  # type: ignore[attr-defined]
    return found


def test_templates_mirror_views() -> None:
    wrong = []
    for file, _view, template in views():
        package, *rest = file.removesuffix(".py").split("/")
        place = "/".join([package, *[part for part in rest if part != "web"]])
        if not template.startswith(f"{place}/"):
            wrong.append(f"{file} renders {template}")
        assert (ROOT / "templates" / template).is_file(), template
    assert wrong == []
    assert len(views()) > 20


def test_no_template_lies_unused() -> None:
    known = "\n".join(p.read_text(encoding="utf-8") for p in modules())
    known += "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "templates").rglob("*.html"))
    unused = []
    for path in (ROOT / "templates").rglob("*.html"):
        relative = path.relative_to(ROOT / "templates").as_posix()
        shared = relative.startswith(("layouts/", "parts/", "security/", "errors/")) or "/mail/" in relative
        if not shared and relative not in known:
            unused.append(relative)
    assert unused == []


def test_every_mail_has_html_and_text() -> None:
    html = {p.with_suffix("") for p in (ROOT / "templates").rglob("mail/*.html")}
    text = {p.with_suffix("") for p in (ROOT / "templates").rglob("mail/*.txt")}
    assert html == text != set()


def test_pages_need_no_inline_script_or_style() -> None:
    wrong = []
    for path in (ROOT / "templates").rglob("*.html"):
        relative = path.relative_to(ROOT / "templates").as_posix()
        text = path.read_text(encoding="utf-8")
        if "/mail/" in relative or relative in {"layouts/mail.html", "parts/mail.html"}:
            continue
        if re.search(r"\sstyle=[\"']|<style|\son[a-z]+=[\"']|<script(?![^>]*\ssrc=)[^>]*>", text):
            wrong.append(relative)
    assert wrong == []


def test_every_form_that_posts_carries_its_token() -> None:
    wrong = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for form in re.findall(r"<form[^>]*method=[\"']post[\"'].*?</form>", text, re.DOTALL | re.IGNORECASE):
            if not re.search(r"csrf|hidden_tag", form):
                wrong.append(path.relative_to(ROOT).as_posix())
    assert wrong == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    pattern = re.compile(r"(src|href)=[\"']https?://(?!127\.0\.0\.1)|@import|url\(\s*[\"']?https?:", re.IGNORECASE)
    wrong = []
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("[!v]*/**/*.css")]:
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            link = re.search(r"<a [^>]*href=", line)
            if pattern.search(line) and not link:
                wrong.append(f"{path.relative_to(ROOT)}:{n}")
    assert wrong == []


def test_vendored_files_name_version_and_licence() -> None:
    readme = (ROOT / "static/vendor/README.md").read_text(encoding="utf-8")
    for folder in (ROOT / "static/vendor").iterdir():
        if folder.is_dir():
            assert folder.name in readme, folder.name
            assert list(folder.glob("LICENSE*")), folder.name


def test_migrations_are_numbered_without_gap() -> None:
    """Each is called as its file is: a number alone would also fit a database of the days before (0107)."""
    names = sorted(p.name for p in (ROOT / "migrations/versions").glob("*.py"))
    assert [int(n[:4]) for n in names] == list(range(1, len(names) + 1))
    for name in names:
        text = (ROOT / "migrations/versions" / name).read_text(encoding="utf-8")
        assert f'\nrevision = "{name.removesuffix(".py")}"\n' in text
        assert len(name) <= 32 + len(".py"), "Alembic keeps 32 characters"
        assert "def downgrade" in text


def test_answers_name_their_charset_once() -> None:
    """`mimetype` gets a charset by itself: with one in it the header says it twice."""
    twice = re.compile(r"mimetype=[^,)\n]*charset")
    assert [name_of(path) for path in modules() if twice.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_was_left_for_later() -> None:
    pattern = re.compile(
        r"(?<![\w-])(TODO|FIXME|XXX|HACK)\b(?!-)|NotImplementedError|pragma: no cover|# noqa$|type: ignore$"
    )
    wrong = [
        f"{name_of(path)}:{n}"
        for path in modules() + sources("demo")
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert wrong == []


def test_no_test_is_skipped() -> None:
    pattern = re.compile(r"mark\.(skip|xfail)|pytest\.(skip|xfail)\(|importorskip|assert True\b")
    here = Path(__file__).resolve()
    wrong = [name_of(p) for p in sources("tests") if p != here and pattern.search(p.read_text(encoding="utf-8"))]
    assert wrong == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_readme_knows_the_house(package: str) -> None:
    assert package in (ROOT / "README.md").read_text(encoding="utf-8")
