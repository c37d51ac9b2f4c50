"""WordPress' shortcodes, such as [gallery ids="1,2"] and [caption]…[/caption], as HTML.

Only those that WordPress itself knows are read, as it reads them; anything else in brackets is what somebody wrote.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape

from blog.transfer.wordpress.uploads import Attachment, Uploads

CODE = "code|sourcecode"
MEDIA = "caption|wp_caption|gallery|embed|audio|video|playlist|youtube|vimeo"
_ATTRIBUTE = re.compile(
    r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s'"\]]+))(?=\s|$)|"([^"]*)"|'([^']*)'|(\S+)""",
)
_PICTURE = re.compile(r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)(.*)", re.DOTALL | re.IGNORECASE)
_UNKNOWN = re.compile(r"""\[([a-z][a-z0-9_-]{1,40})(?:\s+[\w-]{1,40}=["'“”″&][^\[\]\n]{0,400})/?\]""")
_SOUND, _FILM = ("mp3", "m4a", "ogg", "wav", "wma", "flac"), ("mp4", "m4v", "webm", "ogv", "flv", "wmv")
LONGEST_TAG = 4000


@dataclass(frozen=True, slots=True)
class Shortcodes:
    """Turns the shortcodes of one post into HTML. `number` is that of the post."""

    uploads: Uploads
    number: str

    def code(self, text: str) -> str:
        """Turn samples of code into HTML, before anything else is made of the text."""
        return _replaced(text, CODE, _sample)

    def media(self, html: str) -> str:
        """Turn all others into HTML; one that is a paragraph by itself is none any longer."""
        html = re.sub(rf"<p>\s*(\[/?(?:{MEDIA})\b[^\[\]]{{0,{LONGEST_TAG}}}\])\s*</p>", r"\1", html)
        return _replaced(html, MEDIA, self._made)

    def _made(self, name: str, given: Mapping[str, str], inner: str) -> str | None:
        match name:
            case "caption" | "wp_caption":
                return _caption(given, self.media(inner) if "[" in inner else inner)
            case "gallery":
                return "".join(_figure(one, given.get("link", "")) for one in self._listed(given, "image"))
            case "playlist":
                kind = "video" if given.get("type") == "video" else "audio"
                return "".join(_player(kind, one.address, one.title) for one in self._listed(given, kind))
            case "audio" | "video":
                return self._recording(name, given, inner)
            case "embed":
                return _link(unescape(inner).strip() or given.get("src", ""))
            case _:
                return _link(_film_at(name, given))

    def _recording(self, kind: str, given: Mapping[str, str], inner: str) -> str:
        endings = _SOUND if kind == "audio" else _FILM
        address = next((given[name] for name in ("src", *endings) if given.get(name)), "") or given.get("0", "")
        if not address:
            theirs = [one for one in self.uploads.of_post(self.number) if _ending(one.address) in endings]
            address = theirs[0].address if theirs else ""
        if not address:
            return inner
        poster = f' poster="{escape(given["poster"])}"' if kind == "video" and given.get("poster") else ""
        return f'<{kind} controls src="{escape(address)}"{poster}></{kind}>'

    def _listed(self, given: Mapping[str, str], kind: str) -> list[Attachment]:
        """List the files that a gallery or a playlist shows: those it names, else those of its post."""
        chosen = given.get("ids") or given.get("include") or ""
        if chosen:
            named = [self.uploads.attachments.get(number.strip()) for number in chosen.split(",")]
            return [one for one in named if one is not None]
        without = {number.strip() for number in given.get("exclude", "").split(",")}
        endings = {"image": _PICTURES, "audio": _SOUND, "video": _FILM}[kind]
        theirs = self.uploads.of_post(given.get("id", self.number).strip())
        return [one for one in theirs if one.number not in without and _ending(one.address) in endings]


_PICTURES = ("jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "bmp", "tif", "tiff", "ico", "heic")


def unknown_shortcodes(html: str) -> list[str]:
    """List what looks like the shortcode of an extension and stays as text."""
    return list(dict.fromkeys(match[0][:100] for match in _UNKNOWN.finditer(html)))


def _replaced(text: str, names: str, make: Callable[[str, Mapping[str, str], str], str | None]) -> str:
    """Replace the shortcodes of these names; [[twice in brackets]] they are meant to be read."""
    parts: list[str] = []
    at = 0
    for start, end, name, given, inner in _found(text, names):
        if text[start - 1 : start] == "[" and text[end : end + 1] == "]":
            parts += [text[at : start - 1], text[start:end]]
            at = end + 1
            continue
        made = make(name, given, inner)
        parts += [text[at:start], text[start:end] if made is None else made]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


def _found(text: str, names: str) -> Iterator[tuple[int, int, str, dict[str, str], str]]:
    opening = re.compile(rf"\[({names})(?![\w-])([^\[\]]{{0,{LONGEST_TAG}}})\]")
    closings: dict[str, int] = {}
    at = 0
    while match := opening.search(text, at):
        name, written = match[1], match[2]
        at = match.end()
        inner, end = "", match.end()
        if written.endswith("/"):
            written = written[:-1]
        else:
            closing = closings.get(name, 0)
            if 0 <= closing < at:  # looked for once for all that share it
                closing = closings[name] = text.find(f"[/{name}]", at)
            following = opening.search(text, at, closing) if closing >= 0 else None
            if closing >= 0 and (following is None or following[1] != name):
                inner, end = text[at:closing], closing + len(name) + 3
                at = end
        yield match.start(), end, name, _attributes(written), inner


def _attributes(written: str) -> dict[str, str]:
    """Read what a shortcode is told, by name; what has no name goes by its number."""
    # The visual editor of long ago put other quotes there, and spaces that do not break.
    plain = re.sub("[“”″„]|&#82(?:20|21|43);|&quot;", '"', written.replace("\xa0", " ").replace("\u200b", " "))
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(plain):
        if match[1]:
            found.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
        else:
            number = sum(name.isdigit() for name in found)
            found[str(number)] = unescape(match[5] or match[6] or match[7] or "")
    return found


def _sample(name: str, given: Mapping[str, str], inner: str) -> str | None:
    if not inner:
        return None
    language = re.sub(r"[^\w+#.-]", "", given.get("language") or given.get("lang") or "")
    kind = f' class="language-{language}"' if language else ""
    # What stands in brackets within the sample is not read as shortcodes later.
    code = escape(unescape(inner).strip("\n"), quote=False).replace("[", "&#91;")
    return f"<pre><code{kind}>{code}</code></pre>"


def _caption(given: Mapping[str, str], inner: str) -> str:
    picture = _PICTURE.match(inner)
    shown, words = (picture[1], picture[2]) if picture else (inner, "")
    words = given.get("caption") or words.strip()
    return f"<figure>{shown}<figcaption>{words}</figcaption></figure>" if words else f"<figure>{shown}</figure>"


def _figure(one: Attachment, link: str) -> str:
    picture = f'<img src="{escape(one.address)}" alt="{escape(one.alt)}">'
    if link != "none":
        picture = f'<a href="{escape(one.address)}">{picture}</a>'
    caption = f"<figcaption>{one.caption}</figcaption>" if one.caption else ""
    return f"<figure>{picture}{caption}</figure>\n"


def _player(kind: str, address: str, title: str) -> str:
    return (
        f'<figure><{kind} controls src="{escape(address)}"></{kind}><figcaption>{escape(title)}</figcaption></figure>\n'
    )


def _link(address: str) -> str | None:
    if not address.startswith(("http://", "https://")):
        return None
    return f'<p><a href="{escape(address)}">{escape(address)}</a></p>'


def _film_at(name: str, given: Mapping[str, str]) -> str:
    written = (given.get("id") or given.get("0") or given.get("url") or "").lstrip("=")
    if written.startswith(("http://", "https://")):
        return written
    if not re.fullmatch(r"[\w-]{1,40}", written):
        return ""
    return f"https://www.youtube.com/watch?v={written}" if name == "youtube" else f"https://vimeo.com/{written}"


def _ending(address: str) -> str:
    return address.partition("?")[0].rpartition(".")[2].lower()
