"""The row-level security policies that migrations put on tables, in one wording.

Three readers: an employer of the row, the person the row is about, and the region (WME's roles and workers).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

REGION = "(SELECT current_setting('app.scope', true)) = 'region'"
# The outer cast makes an array of it: ANY ((SELECT …)) alone would be read as a set of rows.
EMPLOYERS = "(SELECT string_to_array(nullif(current_setting('app.employer_ids', true), ''), ',')::uuid[])::uuid[]"
SUBJECT = "(SELECT nullif(current_setting('app.subject_id', true), '')::uuid)"


def protect(
    table: str,
    *,
    employers: Sequence[str] = ("employer_id",),
    subjects: Sequence[str] = (),
    readable: str | None = None,
) -> Iterator[str]:
    """The statements that close `table` (schema-qualified) to everyone but its employers, its person and the region.

    `employers` and `subjects` name uuid columns; any of them opens the row for reading and writing. `readable` is one
    more SQL condition under which a row may be read but not changed. FORCE makes the owner obey as well.
    """
    clauses = [REGION]
    clauses += [f"{column} = ANY ({EMPLOYERS})" for column in employers]
    clauses += [f"{column} = {SUBJECT}" for column in subjects]
    who = " OR ".join(clauses)
    read = f"{who} OR ({readable})" if readable else who
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY may_read ON {table} FOR SELECT USING ({read})"
    yield f"CREATE POLICY may_insert ON {table} FOR INSERT WITH CHECK ({who})"
    yield f"CREATE POLICY may_update ON {table} FOR UPDATE USING ({who}) WITH CHECK ({who})"
    yield f"CREATE POLICY may_delete ON {table} FOR DELETE USING ({who})"
