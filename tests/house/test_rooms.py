"""House rules that a program can check: sizes, borders between packages, and where SQL stands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
MODULES = sorted(
    [*(REPOSITORY / "tachi_data").rglob("*.py"), *(REPOSITORY / "pipelines").glob("*.py")]
)
# What makes statements out of declarations.
GENERATING = (
    "tachi_data/store/_schema.py",
    "tachi_data/store/_tables.py",
    "tachi_data/tables/scores.py",
)
MOST_LINES, MOST_IN_FUNCTION = 400, 40
STATEMENT = re.compile(
    r"^\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|WITH|MERGE INTO|CREATE) [\w\"'(*{$]"
)


def name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def test_modules_are_short_and_so_are_their_functions() -> None:
    long = [
        f"{name(path)}: {lines} lines"
        for path in MODULES
        if (lines := path.read_text(encoding="utf-8").count("\n")) > MOST_LINES
    ]
    long += [
        f"{name(path)}:{node.lineno} {node.name}: {lines} lines"
        for path in MODULES
        for node in ast.walk(_tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (lines := _lines(node)) > MOST_IN_FUNCTION
    ]
    assert long == []


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function's body, without its docstring."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of each import of ours."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("tachi_data", "pipelines")
        ):
            yield from ((node.module or "", alias.name) for alias in node.names)


def test_no_name_with_an_underscore_crosses_a_package() -> None:
    assert [f"{name(path)}: {used}" for path in MODULES for used in _private(path)] == []


def _private(path: Path) -> Iterator[str]:
    """Private names of other packages that a module imports."""
    own = name(path.parent).replace("/", ".")
    for module, imported in _imports(path):
        is_private = any(re.match(r"_(?!_)", part) for part in (*module.split("."), imported))
        package = module.split("._")[0]
        if is_private and own != package and not own.startswith(f"{package}."):
            yield f"{module}.{imported}"


def test_statements_stand_in_sql_files() -> None:
    paths = [path for path in MODULES if name(path) not in GENERATING]
    assert [f"{name(path)}: {text}" for path in paths for text in _inline(path)] == []


def _inline(path: Path) -> Iterator[str]:
    """What looks like a statement in a module, but for its docstrings."""
    tree = _tree(path)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docs and STATEMENT.match(node.value):
            yield f"line {node.lineno}: {node.value[:60]}"


def test_statements_are_named_once_say_what_a_row_is_and_are_used() -> None:
    for path in sorted((REPOSITORY / "tachi_data").rglob("queries.sql")):
        text = path.read_text(encoding="utf-8")
        names = re.findall(r"^-- name: (\w+)$", text, re.MULTILINE)
        assert len(names) == len(set(names)), path
        assert len(names) == len(re.findall(r"^-- name: \w+\n-- \S", text, re.MULTILINE)), path
        code = "".join(p.read_text(encoding="utf-8") for p in path.parent.rglob("*.py"))
        assert [n for n in names if f'"{n}"' not in code] == [], path
