"""Links written anew, once it is known what became of every address."""

from urllib.parse import quote, unquote, urlsplit

from blog.transfer.static import links
from blog.transfer.static.crawl import WITH_ADDRESSES, Arrived, Crawl, Found
from blog.transfer.static.places import HTML, NOT_FOUND, address_of, link_between, resolved
from blog.transfer.threads import Check


class Rewriting:
    """Rewrites what a crawl fetched. Links are relative, or with `is_rooted` begin at the base URL."""

    def __init__(self, crawl: Crawl, *, is_rooted: bool) -> None:
        self.crawl = crawl
        self.folder = crawl.folder
        self.bases = crawl.bases
        self.base_url = crawl.bases[0]
        self.is_rooted = is_rooted
        self.doubts: set[str] = set()
        self._ids: dict[str, set[str]] = {}

    def run(self, check: Check) -> None:
        """Rewrite every page, feed and list; `check` is called between them."""
        for key in self.crawl.named:
            page = self.crawl.found.get(key)
            if page and page.content_type == HTML:
                self._ids[key] = links.ids_of(self.folder.read(self.folder.staged(page.file)))
        for key, page in self.crawl.found.items():
            check()
            if page is None or not page.file:
                continue
            if page.content_type == HTML:
                self._rewrite(key, page)
            elif page.content_type in WITH_ADDRESSES:
                self.folder.write(page.file, self._with_addresses(self.folder.read(self.folder.staged(page.file)), key))

    def link(self, file: str, arrived: Arrived, place: str) -> str:
        """Write the link from a file to where it ends."""
        if arrived.is_elsewhere:
            return arrived.found.leads_to
        target, fragment = arrived.found.file, f"#{place}" if place else ""
        if target == file and place:
            return fragment
        if self.is_rooted:
            return urlsplit(self.base_url).path + address_of(target) + fragment
        if file == NOT_FOUND:
            return self.base_url + address_of(target) + fragment  # it is shown at addresses of any depth
        return link_between(file, target) + fragment

    def absolute(self, address: str, key: str) -> str:
        """Write a whole address of the site as the file's; of what is not there, as it was."""
        here = resolved(address, key, self.bases)
        arrived = self.crawl.followed(here[0]) if here else None
        if here is None or arrived is None:
            return address
        if arrived.is_elsewhere:
            return arrived.found.leads_to
        place = arrived.place or here[1]
        return self.base_url + address_of(arrived.found.file) + (f"#{place}" if place else "")

    def _rewrite(self, key: str, page: Found) -> None:
        def rewrite(tag: str, name: str, link: str) -> str | None:
            is_whole = link.startswith(self.bases)
            if name == "content" and not is_whole:
                return link
            here = resolved(link, key, self.bases)
            if here is None:
                return self._passed_on(link)
            if is_whole and tag in {"link", "meta"}:
                return self.absolute(link, key)  # search engines and other sites read these
            return self._within(key, page.file, tag, link, *here)

        html = self.folder.read(self.folder.staged(page.file))
        self.folder.write(page.file, links.with_links(html, rewrite, lambda data: self._with_addresses(data, key)))

    def _with_addresses(self, text: str, key: str) -> str:
        return links.with_addresses(text, self.bases, lambda address: self.absolute(address, key))

    def _within(self, key: str, file: str, tag: str, link: str, wanted: str, place: str) -> str | None:
        """Write a link within the site; None when it leads nowhere."""
        arrived = self.crawl.followed(wanted)
        if arrived is None:
            if tag != "link":
                self._doubt(key, link, "leads nowhere")
            return None
        place = arrived.place or place
        if place and arrived.found.content_type == HTML and not self._has_place(arrived.key, place):
            self._doubt(key, link, "names a place that the page does not have")
            place = ""
        return self.link(file, arrived, place)

    def _has_place(self, key: str, place: str) -> bool:
        ids = self._ids.get(key, set())
        name, _words, _of_browsers = place.partition(":~:")
        return not name or name in ids or unquote(name) in ids or name.lower() == "top"

    def _passed_on(self, link: str) -> str:
        """Write anew a link to another site to which an address of this one is passed on."""
        before, base, after = link.partition(quote(self.base_url, safe=""))
        if not base:
            return link
        end = min((after.find(mark) for mark in "&#" if mark in after), default=len(after))
        address = self.absolute(self.base_url + unquote(after[:end]), "/")
        return before + quote(address, safe="") + after[end:]

    def _doubt(self, key: str, link: str, words: str) -> None:
        self.doubts.add(f"{unquote(key)}: the link to {link} {words}.")
