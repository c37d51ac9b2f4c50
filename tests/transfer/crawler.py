"""A crawler of a folder of files: it opens every page as a browser would, and tells of every link that leads nowhere."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import html5lib

LINKS = ("href", "src", "poster", "data", "action", "cite", "formaction")
HERE = "http://folder.test/"
ABSOLUTE = {"canonical", "og:url", "og:image"}


class Folder:
    """A folder of files that is shown at a base URL, and perhaps below a path there."""

    def __init__(self, root: Path, base_url: str) -> None:
        self.root = root
        self.base_url = base_url
        self.ids: dict[Path, set[str]] = {}
        self.links = 0

    def broken(self) -> list[str]:
        """Give every link of every page that leads to no file, or to no place on a page."""
        return sorted({words for page in self.pages() for words in self._broken_on(page)})

    def pages(self) -> list[Path]:
        return sorted(path for path in self.root.rglob("*") if path.suffix in {".html", ".htm"})

    def file_at(self, link: str, page: Path) -> tuple[Path, str] | None:
        """Find the file that a link on a page means, and the place on it; None when it leads elsewhere."""
        at = HERE + page.relative_to(self.root).as_posix()
        base = self.base_url.rstrip("/")
        if link == base or link.startswith((f"{base}/", f"{base}#")):
            link = HERE + link[len(base) :].lstrip("/")
        elif (folder := urlsplit(base).path) and link.startswith(f"{folder}/"):
            link = link[len(folder) :]
        parts = urlsplit(urljoin(at, link))
        if f"{parts.scheme}://{parts.netloc}/" != HERE:
            return None
        path = self.root / unquote(parts.path).lstrip("/")
        assert path.resolve().is_relative_to(self.root.resolve()), link
        name, _words, _of_browsers = parts.fragment.partition(":~:")
        return (path / "index.html" if path.is_dir() else path), unquote(name)

    def _broken_on(self, page: Path) -> list[str]:
        found = []
        tree = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
        for element in tree.iter():
            for link in self._links_of(element):
                self.links += 1
                where = self.file_at(link, page)
                if where is None:
                    continue
                path, place = where
                if not path.is_file():
                    found.append(f"{page.relative_to(self.root)}: {link}")
                elif place not in {"", "top"} and path.suffix == ".html" and place not in self._ids_of(path):
                    found.append(f"{page.relative_to(self.root)}: {link} (no such place)")
        return found

    def _links_of(self, element: Any) -> list[str]:
        links = [element.get(name) for name in LINKS if element.get(name) is not None]
        links += [part.split()[0] for part in (element.get("srcset") or "").split(", ") if part]
        if element.tag == "meta" and element.get("property") in ABSOLUTE:
            links.append(element.get("content"))
        if element.tag == "meta" and element.get("http-equiv") == "refresh":
            links.append(element.get("content").partition("url=")[2])
        return links

    def _ids_of(self, path: Path) -> set[str]:
        if path not in self.ids:
            tree = html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)
            self.ids[path] = {element.get("id") for element in tree.iter() if element.get("id")}
        return self.ids[path]
