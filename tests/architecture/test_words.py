"""The words of the code: one thing has one name, and the name is the trade's. `docs/glossary.md` rules them."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from foundation import errors
from tests.architecture.test_house import modules, name_of, sources, tree

BANNED = frozenset(Path(__file__).with_name("banned.txt").read_text(encoding="utf-8").split())
LIMIT_NAME = re.compile(r"(^|_)(MOST|LEAST|LONGEST|SHORTEST|LIMIT|LARGEST|SMALLEST|HIGHEST|LOWEST|FEWEST)(_|$)")
PARTICIPLES = re.compile(
    r"^(owed|placed|shown|fitting|seen|told|made|given|taken|found|held|known|listed|named|written|counted|sorted_by"
    r"|added|booked|checked|chosen|closed|collected|confirmed|crossed|drawn|due|ended|explained|filled|grouped|joined|left|locked"
    r"|marked|masked|matched|moved|opened|packed|parsed|passed_on|planned|posted|printed|put|read_out|redeemed|said|sent|signed"
    r"|sold|split_up|stored|summed|tidied|used|waiting|wanted|wished|worked)(_|$)"
)
KINDS = {kind.__name__ for kind in errors.DomainError.__subclasses__()}


def classes() -> list[tuple[str, str]]:
    """(name, place) of every class of the application, its demo, its scripts and the examples for cash registers."""
    return [
        (node.name, f"{name_of(path)}:{node.lineno}")
        for path in [*modules(), *sources("demo", "scripts", "docs")]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and node.name not in {"Meta", "Model"}
    ]


def test_a_class_name_occurs_once() -> None:
    places = defaultdict(list)
    for name, place in classes():
        places[name].append(place)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def definitions(path: Path) -> list[tuple[str, int]]:
    """Names that others meet: of functions, classes, parameters, constants and fields; what a function calls its own
    intermediate results is left to it."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append((node.name, node.lineno))
        elif isinstance(node, ast.arg):
            found.append((node.arg, node.lineno))
        if isinstance(node, ast.Module | ast.ClassDef):
            for part in node.body:
                targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
                found += [(t.id, part.lineno) for t in targets if isinstance(t, ast.Name)]
    return found


def test_no_banned_name_is_defined() -> None:
    wrong = [
        f"{name_of(path)}:{line} {name}"
        for path in modules()
        for name, line in definitions(path)
        if name.lower().strip("_") in BANNED
    ]
    wrong += [name_of(path) for path in modules() if path.stem in BANNED]
    assert wrong == []


def test_limits_are_called_max_or_min_with_their_unit_last() -> None:
    wrong = [
        f"{name_of(path)}:{line} {name}"
        for path in modules()
        for name, line in definitions(path)
        if name.isupper() and LIMIT_NAME.search(name)
    ]
    wrong += [
        f"{name_of(path)}:{line} {name}"
        for path in modules()
        for name, line in definitions(path)
        if name in {"most", "least", "longest", "shortest"}
    ]
    assert wrong == []


def test_functions_are_verbs() -> None:
    wrong = []
    for path in modules():
        if path.stem == "errors":  # a refusal is called by what is so: `sold_out`
            continue
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and PARTICIPLES.match(node.name.strip("_")):
                wrong.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert wrong == []


def test_no_state_or_kind_is_compared_with_a_literal() -> None:
    wrong = []
    for path in modules():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Compare):
                continue
            sides = [node.left, *node.comparators]
            named = any(isinstance(s, ast.Attribute) and s.attr in {"state", "kind"} for s in sides)
            literal = any(
                isinstance(c, ast.Constant) and isinstance(c.value, str)
                for s in sides
                for c in ([s] if not isinstance(s, ast.Tuple | ast.Set | ast.List) else s.elts)
            )
            if named and literal:
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert wrong == []


def said(node: ast.expr, names: dict[str, ast.expr]) -> str:
    """The sentence of a refusal, also where a line above gave it a name."""
    node = names.get(node.id, node) if isinstance(node, ast.Name) else node
    inner = node.args[0] if isinstance(node, ast.Call) and node.args else node
    return str(inner.value) if isinstance(inner, ast.Constant) else ast.unparse(inner)


def refusals() -> list[tuple[str, str, str]]:
    """(code, sentence, place) of every refusal. A code that comes with a `reason_code` is told apart by it."""
    found = []
    for path in modules():
        for function in ast.walk(tree(path)):
            if not isinstance(function, ast.FunctionDef):
                continue
            names = {
                n.targets[0].id: n.value
                for n in ast.walk(function)
                if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
            }
            for node in ast.walk(function):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name not in KINDS:
                    continue
                values = [*node.args[1:], *(k.value for k in node.keywords if k.arg == "reason_code")]
                code = "/".join(str(v.value) for v in values if isinstance(v, ast.Constant))
                handed = {argument.arg for argument in function.args.args} - names.keys()
                place = f"{name_of(path)}:{node.lineno}"
                if isinstance(node.args[0], ast.Name) and node.args[0].id in handed:
                    place += f" leaves its sentence to who calls {function.name}"
                found.append((code, said(node.args[0], names), place))
    return found


def test_refusals_stand_in_errors_and_once() -> None:
    loose = [place for _code, _sentence, place in refusals() if not re.search(r"(^|/)errors\.py:\d+$", place)]
    assert loose == []
    sentences, codes = defaultdict(set), defaultdict(set)
    for code, sentence, place in refusals():
        sentences[sentence].add(place)
        codes[code].add(place)
    assert [s for s, places in sentences.items() if len(places) > 1] == []
    assert [c for c, places in codes.items() if c and len(places) > 1] == []


def test_web_modules_run_no_query() -> None:
    pattern = re.compile(r"session\.(scalars?|execute|get|get_one|add|delete)\(|sa\.select\(|\bcall\(")
    wrong = [
        f"{name_of(path)}:{n}"
        for path in modules()
        if {"web", "api"} & set(name_of(path).split("/"))
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert wrong == []


def test_schemas_stand_in_forms() -> None:
    wrong = []
    for path in modules():
        if path.stem in {"forms", "schemas"} or path.stem.endswith("_forms"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and any("Schema" in ast.unparse(b) for b in node.bases):
                wrong.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert wrong == []


def test_public_docstrings_say_something() -> None:
    wrong = []
    for path in modules():
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                words = (ast.get_docstring(node) or "").split()
                if len(words) <= 5:
                    wrong.append(f"{name_of(path)}:{node.lineno} {node.name}: {' '.join(words)}")
    assert wrong == []
