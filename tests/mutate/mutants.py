"""Small changes to a module, each of which switches something off or turns it round."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    line: int
    what: str
    source: str

    @property
    def name(self) -> str:
        """Place and change, as it is told."""
        return f"{self.path}:{self.line} {self.what}"


def mutants_of(path: Path) -> list[Mutant]:
    """Return every mutant of a module."""
    source = path.read_text(encoding="utf-8")
    counted = _Switch(-1)
    counted.visit(ast.parse(source))
    found = []
    for number in range(counted.count):
        switch = _Switch(number)
        changed = ast.fix_missing_locations(switch.visit(ast.parse(source)))
        found.append(Mutant(path, switch.line, switch.what, ast.unparse(changed)))
    return found


class _Switch(ast.NodeTransformer):
    """Makes the change of one number, and counts all there are."""

    def __init__(self, wanted: int) -> None:
        self.count = 0
        self.line, self.what = 0, ""
        self._wanted = wanted

    def visit(self, node: ast.AST) -> ast.AST:
        changes = list(_changes(node))
        first = self.count
        self.count += len(changes)
        if first <= self._wanted < self.count:
            self.what, other = changes[self._wanted - first]
            self.line = getattr(node, "lineno", 0)
            return other
        return self.generic_visit(node)


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield each change of a node: what it is, and what stands in the node's place."""
    words = ast.unparse(node).splitlines()[0][:70] if isinstance(node, ast.expr | ast.stmt) else ""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        turned = [OPPOSITE[type(node.ops[0])]()]
        yield f"turned round: {words}", ast.Compare(node.left, turned, node.comparators)
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"and for or: {words}", ast.BoolOp(other, node.values)
    if isinstance(node, ast.If):
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
