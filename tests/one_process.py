"""Which modules of tests stay together when pytest runs in several processes: what they set up costs a minute.

The mark of pytest-xdist for this, `xdist_group`, writes to a name of a test that pytest 9.2 no longer reads.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# The last of the modules of one system stops it.
KEPT_TOGETHER = {
    "tests/architecture/test_personal_data.py": "the canaries' journey",
    "tests/architecture/test_typescript.py": "the compilers",
    "tests/pages/test_application_pages.py": "the whole system",
    "tests/pages/test_every_page.py": "the whole system",
    "tests/pages/test_job_alert_pages.py": "the whole system",
    "tests/pages/test_recruiting_pages.py": "the whole system",
    "tests/pages/test_signing_in.py": "the whole system",
    "tests/shared/test_conformance.py": "the whole system",
    "tests/shared/test_whole_system.py": "the whole system",
}


class ModulesKeptTogether(LoadScopeScheduling):
    """Every test goes to whoever is free, but for those of modules that are kept together, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return KEPT_TOGETHER.get(nodeid.partition("::")[0], nodeid)
