"""Front ends are written in TypeScript: the manual of each service becomes types that compile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from shared.vocabulary import Service
from tests.conftest import BUILDERS

COMPILERS = ("openapi-typescript@7.13.0", "typescript@5.9.3")
SECONDS = 180


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.environ.get("CI") != "true":
        pytest.skip("the types are compiled in CI, with compilers from the npm registry (CI=true does it here)")
    if shutil.which("npm") is None:
        pytest.fail("the types were not compiled: no npm here (apt-get install npm)")
    folder = tmp_path_factory.mktemp("typescript")
    install = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    done = subprocess.run([*install, *COMPILERS], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "node_modules" / ".bin"


@pytest.mark.parametrize("service", list(Service), ids=str)
def test_the_manual_compiles_as_typescript(parts: Any, programs: Path, tmp_path: Path, service: Service) -> None:
    manual, types = tmp_path / "manual.json", tmp_path / "types.ts"
    manual.write_text(json.dumps(BUILDERS[service](parts.settings(service)).openapi()))
    _run(programs / "openapi-typescript", str(manual), "--output", str(types))
    (tmp_path / "use.ts").write_text(
        'import type { paths } from "./types";\nexport type Health = paths["/healthz"]["get"]["responses"][200];\n'
    )
    _run(programs / "tsc", "--noEmit", "--strict", "--skipLibCheck", "false", str(types), str(tmp_path / "use.ts"))


def _run(program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
