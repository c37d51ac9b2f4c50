"""Readers' pages are read by the indexes made for them. SQLite chooses without knowing what a table holds, so these
choices are the same for ten posts and for a million.
"""

import re
from typing import Any

import pytest
from browser import Browser
from sqlalchemy import event

PUBLIC = ["/", "/?page=1", "/posts/hello", "/tags", "/tags/python", "/tags/python/feed.xml", "/authors/anna",
          "/authors/anna/feed.xml", "/archive", "/archive/2026/10", "/feed.xml", "/sitemap.xml", "/search?q=hello",
          "/about", "/posts/nothing"]  # fmt: skip
MADE_FOR_READERS = re.compile(
    r"INTEGER PRIMARY KEY|sqlite_autoindex_posts_\d \(slug=\?\)|ix_posts_(feed|pages|owner_feed|owner_ends|ends|featured|trashed_at) "
)
POSTS = re.compile(r"(SEARCH|SCAN) posts(_\d+)?\b.*")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_no_page_for_readers_is_read_by_an_index_of_the_desk(fresh_app: Any) -> None:
    async with fresh_app(kept_bytes=0) as app:
        sent: list[tuple[str, Any]] = []
        engine = app.house.readers.kw["bind"]

        def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            sent.append((statement, parameters))

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        for path in PUBLIC:
            assert (await Browser(app).get(path)).status_code in {200, 404}
        event.remove(engine.sync_engine, "before_cursor_execute", note)
        steps, all_steps = [], set()
        async with engine.connect() as connection:
            for statement, parameters in sent:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                told = [step[3] for step in plan]
                steps += [(step, statement) for step in told if POSTS.fullmatch(step)]
                all_steps.update(told)
        assert len(steps) > 40
        assert [step for step in steps if not MADE_FOR_READERS.search(step[0])] == []
        assert "MERGE (UNION ALL)" in all_steps, "an author's own posts and those with others, not put in order anew"
        used = {name for step, _ in steps for name in re.findall(r"ix_posts_\w+", step)}
        assert {
            "ix_posts_feed",
            "ix_posts_featured",
            "ix_posts_ends",
            "ix_posts_owner_feed",
            "ix_posts_owner_ends",
        } <= used
