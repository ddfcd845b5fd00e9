"""Small changes to a module, each of which switches something off or turns it round."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROBE = "__tests_mutate_reached__"
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Mutant:
    """One changed module: where, what, and the whole source."""

    path: Path
    line: int  # of the statement that is changed; 0 outside of all functions
    what: str
    source: str

    @property
    def name(self) -> str:
        """Place and change, as it is told."""
        return f"{self.path}:{self.line} {self.what}"


def count_mutants(path: Path) -> int:
    """Return how many mutants a module has."""
    counted = _Switch(-1)
    counted.visit(ast.parse(path.read_text(encoding="utf-8")))
    return counted.count


def mutant_of(path: Path, number: int) -> Mutant:
    """Return one mutant of a module, counted from 0."""
    switch = _Switch(number)
    changed = switch.visit(ast.parse(path.read_text(encoding="utf-8")))
    source = ast.unparse(ast.fix_missing_locations(changed))
    return Mutant(path, switch.line, switch.what, source)


def told(path: Path) -> str:
    """Return a module's source in which each statement of a function calls PROBE first."""
    teller = _Teller(path.as_posix())
    return ast.unparse(ast.fix_missing_locations(teller.visit(ast.parse(path.read_text("utf-8")))))


class _Teller(ast.NodeTransformer):
    """Puts a call with a module's path and a line before every statement of a function."""

    def __init__(self, path: str) -> None:
        self._path = path

    def visit(self, node: ast.AST) -> ast.AST:
        node = self.generic_visit(node)
        if isinstance(node, ast.Module | ast.ClassDef):
            return node
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                setattr(node, name, [each for old in statements for each in self._told(old)])
        return node

    def _told(self, statement: ast.stmt) -> tuple[ast.stmt, ...]:
        arguments: list[ast.expr] = [ast.Constant(self._path), ast.Constant(statement.lineno)]
        return ast.Expr(ast.Call(ast.Name(PROBE), arguments, [])), statement


class _Switch(ast.NodeTransformer):
    """Makes the change of one number, and counts all there are."""

    def __init__(self, wanted: int) -> None:
        self.count = 0
        self.line, self.what = 0, ""
        self._wanted = wanted
        self._statement = 0

    def visit(self, node: ast.AST) -> ast.AST:
        changes = list(_changes(node))
        first = self.count
        self.count += len(changes)
        if first <= self._wanted < self.count:
            self.what, other = changes[self._wanted - first]
            self.line = node.lineno if isinstance(node, ast.stmt) else self._statement
            return other
        outer = self._statement
        if isinstance(node, ast.stmt):
            self._statement = node.lineno
        inner = self.generic_visit(node)
        self._statement = outer
        return inner


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield each change of a node: what it is, and what stands in the node's place."""
    words = ast.unparse(node).splitlines()[0][:70] if isinstance(node, ast.expr | ast.stmt) else ""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        turned = [OPPOSITE[type(node.ops[0])]()]
        yield f"turned round: {words}", ast.Compare(node.left, turned, node.comparators)
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"and for or: {words}", ast.BoolOp(other, node.values)
    if isinstance(node, ast.If) and words != "if TYPE_CHECKING:":
        for value in (True, False):
            yield f"always {value}: {words}", ast.If(ast.Constant(value), node.body, node.orelse)
    if isinstance(node, ast.IfExp):
        for value in (True, False):
            kept = node.body if value else node.orelse
            yield f"always {value}: {words}", kept
    if isinstance(node, ast.Raise):
        yield f"left out: {words}", ast.Pass()
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await):
        yield f"left out: {words}", ast.Pass()
