"""Which modules of tests stay together when pytest runs in several processes: what they set up costs a minute.

The mark of pytest-xdist for this, `xdist_group`, writes to a name of a test that pytest 9.2 no longer reads.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

KEPT_TOGETHER = ("tests/architecture/test_personal_data.py", "tests/architecture/test_typescript.py")


class ModulesKeptTogether(LoadScopeScheduling):
    """Every test goes to whoever is free, but for those of a module that is kept together."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in KEPT_TOGETHER else nodeid
