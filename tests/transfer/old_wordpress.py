"""An old WordPress site, which tests write item by item, export and bring in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from cast import TODAY

from blog.database import Sessions
from blog.settings import Settings
from blog.storage import open_storage
from blog.transfer.report import Report
from blog.transfer.wordpress import import_wordpress

SITE = "https://old.example"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/{v}/excerpt/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:wp="http://wordpress.org/export/{v}/">\n<channel>\n'
)


@dataclass
class OldWordPress:
    """The items of an export, and the folders in which uploads are there and files are kept here."""

    folder: Path
    version: str = "1.2"
    facts: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"

    @property
    def media(self) -> Path:
        return self.folder / "media"

    def author(self, login: str, name: str = "", email: str = "") -> None:
        self.facts.append(
            f"<wp:author><wp:author_login>{_text(login)}</wp:author_login><wp:author_email>{_text(email)}"
            f"</wp:author_email><wp:author_display_name>{_text(name)}</wp:author_display_name></wp:author>"
        )

    def category(self, slug: str, name: str, parent: str = "", number: int = 0) -> None:
        self.facts.append(
            f"<wp:category><wp:term_id>{number}</wp:term_id><wp:category_nicename>{slug}</wp:category_nicename>"
            f"<wp:category_parent>{parent}</wp:category_parent><wp:cat_name>{_text(name)}</wp:cat_name></wp:category>"
        )

    def item(
        self,
        number: int,
        title: str = "",
        body: str = "",
        *,
        kind: str = "post",
        status: str = "publish",
        link: str = "",
        date: str = "2019-05-04 10:00:00",
        gmt: str | None = None,
        by: str = "ana",
        terms: Sequence[tuple[str, str, str]] = (),
        meta: Sequence[tuple[str, str]] = (),
        comments: str = "",
        **facts: Any,
    ) -> None:
        """Write an item; `facts` are others of its elements, by name without their prefix."""
        slug = facts.pop("name", title.lower().replace(" ", "-"))
        link = f"{SITE}/2019/05/{slug}/" if not link and status == "publish" else link or f"{SITE}/?p={number}"
        parts = [f"<title>{_text(title)}</title><link>{escape(link)}</link><dc:creator>{_text(by)}</dc:creator>"]
        parts.append(f"<content:encoded>{_text(body)}</content:encoded>")
        parts.append(f"<excerpt:encoded>{_text(facts.pop('excerpt', ''))}</excerpt:encoded>")
        said = {"post_id": number, "post_date": date, "post_date_gmt": date if gmt is None else gmt, "post_name": slug}
        said |= {"status": status, "post_type": kind, "is_sticky": 0, "post_parent": 0, "menu_order": 0, **facts}
        parts += [f"<wp:{name}>{_text(str(value))}</wp:{name}>" for name, value in said.items()]
        for domain, nicename, name in terms:
            parts.append(
                f"<category domain={quoteattr(domain)} nicename={quoteattr(nicename)}>{_text(name)}</category>"
            )
        for key, value in meta:
            pair = f"<wp:meta_key>{_text(key)}</wp:meta_key><wp:meta_value>{_text(value)}</wp:meta_value>"
            parts.append(f"<wp:postmeta>{pair}</wp:postmeta>")
        self.items.append(f"<item>{''.join(parts)}{comments}</item>")

    def file(self, number: int, path: str, content: bytes | None = None, alt: str = "", **facts: Any) -> str:
        """Write an attachment, and its file among the uploads if there is content; give its address."""
        address = f"{SITE}/wp-content/uploads/{path}"
        self.item(
            number,
            facts.pop("title", Path(path).stem),
            kind="attachment",
            status="inherit",
            attachment_url=address,
            meta=[("_wp_attachment_image_alt", alt)],
            **facts,
        )
        if content is not None:
            (self.uploads / path).parent.mkdir(parents=True, exist_ok=True)
            (self.uploads / path).write_bytes(content)
        return address

    def comment(self, number: int, text: str, parent: int = 0, kind: str = "comment") -> str:
        return (
            f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>Reader</wp:comment_author>"
            f"<wp:comment_content>{_text(text)}</wp:comment_content><wp:comment_parent>{parent}</wp:comment_parent>"
            f"<wp:comment_type>{kind}</wp:comment_type></wp:comment>"
        )

    def export(self) -> Path:
        file = self.folder / "export.xml"
        head = HEAD.format(v=self.version) + f"<link>{SITE}</link><wp:wxr_version>{self.version}</wp:wxr_version>"
        head += f"<wp:base_site_url>{SITE}</wp:base_site_url><wp:base_blog_url>{SITE}</wp:base_blog_url>\n"
        file.write_text("\n".join([head, *self.facts, *self.items, "</channel></rss>\n"]), encoding="utf-8")
        return file

    async def bring_in(
        self,
        sessions: Sessions,
        *,
        file: Path | None = None,
        fetch_media: bool = False,
        dry_run: bool = False,
        now: datetime = TODAY,
    ) -> Report:
        """Export the site and import that; see that the progress told is a progress."""
        steps: list[tuple[int, int]] = []
        report = await import_wordpress(
            sessions,
            open_storage(Settings(media_url=str(self.media))),
            file or self.export(),
            media=self.uploads if self.uploads.is_dir() else None,
            fetch_media=fetch_media,
            dry_run=dry_run,
            now=now,
            progress=lambda done, total: steps.append((done, total)),
        )
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]
        return report


def _text(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
