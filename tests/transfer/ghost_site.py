"""An old Ghost site, which tests fill row by row and bring in."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cast import TODAY

from blog.database import Sessions
from blog.settings import Settings
from blog.storage import open_storage
from blog.transfer.ghost import import_ghost
from blog.transfer.report import Report

Row = dict[str, Any]


@dataclass
class GhostSite:
    """The tables of an export, the content folder beside it, and the folder in which pictures are kept here."""

    root: Path
    kept: Path
    tables: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.root / "site.ghost.json"

    @property
    def content(self) -> Path:
        return self.root / "content"

    def add(self, table: str, **row: Any) -> Row:
        self.tables.setdefault(table, []).append(row)
        return row

    def post(self, slug: str, **row: Any) -> Row:
        """Write a post, published yesterday unless told otherwise."""
        number = len(self.tables.get("posts", [])) + 1
        known = {
            "id": f"{number:024x}",
            "uuid": f"00000000-0000-4000-8000-{number:012d}",
            "title": slug.replace("-", " ").capitalize(),
            "slug": slug,
            "type": "post",
            "status": "published",
            "visibility": "public",
            "featured": 0,
            "created_at": "2026-01-02 03:04:05",
            "updated_at": "2026-01-02 03:04:05",
            "published_at": "2026-01-02 03:04:05",
        }
        return self.add("posts", **(known | row))

    def put(self, path: str, content: bytes) -> None:
        file = self.content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def write(self) -> None:
        """Write the export as Ghost 4 to 6 do."""
        whole = {"db": [{"meta": {"exported_on": 1, "version": "5.130.6"}, "data": self.tables}]}
        self.file.write_text(json.dumps(whole))

    async def bring_in(
        self,
        sessions: Sessions,
        *,
        file: Path | None = None,
        redirects: Path | None = None,
        now: datetime = TODAY,
        dry_run: bool = False,
        progress: Any = None,
    ) -> Report:
        if file is None:
            self.write()
        return await import_ghost(
            sessions,
            open_storage(Settings(media_url=str(self.kept))),
            file or self.file,
            media=self.content if self.content.exists() else None,
            old_redirects=redirects,
            dry_run=dry_run,
            now=now,
            progress=progress or (lambda done, total: None),
        )


def lexical(*nodes: Row | str) -> str:
    """Write nodes as the editor of Ghost 5 and 6 keeps them; words alone are a paragraph."""
    children = [paragraph(text(node)) if isinstance(node, str) else node for node in nodes]
    return json.dumps({"root": {"type": "root", "children": children}})


def paragraph(*children: Row, kind: str = "paragraph", **more: Any) -> Row:
    return {"type": kind, "children": list(children), **more}


def text(words: str, bits: int = 0) -> Row:
    return {"type": "extended-text", "text": words, "format": bits}


def mobiledoc(*sections: Any, cards: Any = (), markups: Any = (), atoms: Any = ()) -> str:
    """Write sections as the editor of Ghost 1 to 4 keeps them."""
    whole = {"version": "0.3.1", "cards": cards, "markups": markups, "atoms": atoms, "sections": sections}
    return json.dumps(whole)
