"""Every address of the application with its methods and guard: `python -m scripts.routes` writes the list anew."""

import os
from pathlib import Path

from flask import Flask

LIST = Path(__file__).resolve().parent.parent / "tests" / "architecture" / "routes.txt"
UNGUARDED = "Flask-Security"


def lines(app: Flask) -> list[str]:
    """One line a route: methods, address, endpoint, who may enter."""
    found = []
    for rule in app.url_map.iter_rules():
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
        guard = getattr(blueprint, "guard", None)
        name = getattr(guard, "permission", None) or getattr(guard, "__name__", UNGUARDED if blueprint else "files")
        found.append(f"{rule.rule:<70} {methods:<10} {rule.endpoint:<44} {name}".rstrip())
    return sorted(found)


def main() -> None:
    """Write the list."""
    for name in ("SECRET_KEY", "CODE_PEPPER"):
        os.environ.setdefault(name, "x" * 40)
    os.environ.setdefault("DATABASE_URL", "postgresql://nowhere")
    from wsgi import create_app  # noqa: PLC0415 the settings must be there first

    LIST.write_text("\n".join(lines(create_app())) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
