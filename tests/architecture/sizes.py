"""Fails when a module or function has grown past what one person reads in one go (`make check`)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE_LINES = 300
FUNCTION_LINES = 40


def too_long(path: Path) -> Iterator[str]:
    text = path.read_text()
    lines = text.count("\n")
    if lines > MODULE_LINES:
        yield f"{path.relative_to(ROOT)}: {lines} lines (at most {MODULE_LINES})"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length} lines (at most {FUNCTION_LINES})"


def main() -> int:
    paths = sorted(path for top in ("services", "shared") for path in (ROOT / top).rglob("*.py"))
    found = [line for path in paths for line in too_long(path)]
    print("\n".join(found) or f"{len(paths)} modules, none too long")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
