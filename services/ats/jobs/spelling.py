"""A slip of the pen is forgiven: a word that stands in no live advert is read as the one most like it that does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, and_, func, literal, select, union, union_all
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.models import PublishedJob

LEAST_LETTERS = 4
MOST_WORDS = 8
ALIKE = 0.35
"""Share of three-letter groups in common, as pg_trgm counts them: `accountent` and `accountant` share 0.57."""
# A quoted phrase and what is left out with a minus stay as they were typed.
PLAIN_WORD = re.compile(r'"[^"]*"?|-\S+|(?P<word>[^\W\d_]+)')


async def corrected(session: AsyncSession, words: str, *, now: datetime) -> str:
    """The words, each that no live advert has replaced by the one in live adverts that is most like it, if any is."""
    typed = [each["word"] for each in PLAIN_WORD.finditer(words) if each["word"]]
    doubtful = sorted({each.lower() for each in typed if len(each) >= LEAST_LETTERS})[:MOST_WORDS]
    unknown = await _unknown(session, doubtful, now) if doubtful else []
    if not unknown:
        return words
    meant = await _most_alike(session, unknown, now)
    return PLAIN_WORD.sub(lambda each: meant.get((each["word"] or "").lower(), each[0]), words)


async def _unknown(session: AsyncSession, words: list[str], now: datetime) -> list[str]:
    """Those that a search would find nothing for. A word that means nothing to a search, such as `with`, is known."""
    return list(await session.scalars(union_all(*(_if_unknown(word, now) for word in words))))


def _if_unknown(word: str, now: datetime) -> Select[Any]:
    """A row of the word, where it is unknown. It is counted: to find just one, PostgreSQL would read all texts."""
    query = select(func.plainto_tsquery("english", word)).scalar_subquery()
    adverts = select(func.count()).where(PublishedJob.search.op("@@")(query), PublishedJob.closes_at > now)
    return select(literal(word, Text)).where(func.numnode(query) > 0, adverts.scalar_subquery() == 0)


async def _most_alike(session: AsyncSession, words: list[str], now: datetime) -> Mapping[str, str]:
    texts = union(
        *(
            select(column).where(PublishedJob.closes_at > now)
            for column in (PublishedJob.title, PublishedJob.employer_name)
        )
    ).subquery("texts")
    known = (
        select(func.unnest(func.tsvector_to_array(func.to_tsvector("simple", texts.c.title))).label("known"))
        .distinct()
        .cte("known")
        .prefix_with("MATERIALIZED")
    )
    typed = func.unnest(literal(words, ARRAY(Text))).table_valued("word").render_derived("typed")
    word = typed.c.word
    likeness = func.similarity(word, known.c.known)
    rows = await session.execute(
        select(word, known.c.known)
        .join_from(typed, known, and_(likeness >= ALIKE, func.length(known.c.known) >= LEAST_LETTERS))
        .ext(distinct_on(word))
        .order_by(word, likeness.desc(), known.c.known)
    )
    return {row[0]: row[1] for row in rows}
