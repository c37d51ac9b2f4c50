"""Template language in Markdown (Liquid of Jekyll and 11ty, Hugo, Zola), turned into Markdown where that is possible.

What is not understood stays in the text as it is and is told to the caller.
"""

import html
import re
from collections.abc import Callable, Mapping

from blog.transfer.edits import Text
from blog.transfer.prose import parts_of

Doubtful = Callable[[int, str], None]
Edit = tuple[int, int, str]

_OPENING = re.compile(r"\{\{|\{%")
_CLASS = re.compile(r"[\"'][\w-]+[\"'],?\s+(?=[\"'“])")
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'|“([^”]*)”")
_ARGUMENT = re.compile(r"([\w-]+)\s*[:=]\s*(?:\"([^\"]*)\"|'([^']*)')")
_FILTERED = re.compile(r"(?:\"([^\"]+)\"|'([^']+)')\s*\|\s*(\w+)[^|]*")
_REFERENCE = re.compile(r"(?:rel)?ref\s+[\"']([^\"']+)[\"']\s*")
_URL_FILTERS = re.compile(r"^(?:\s*\|\s*(?:url|relative_url|absolute_url|prepend\s*:\s*site\.\w+)\s*)+$")
_BASE = re.compile(r"(?:site\.)?(?:baseurl|url|base_url)|config\.base_url|get_url\(path=\"\"\)")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)$", re.IGNORECASE)
LONGEST_TAG = 4000


def without_shortcodes(text: Text, kind: str, variables: Mapping[str, str], doubtful: Doubtful) -> Text:
    """Turn the shortcodes of a text into Markdown; `kind` is that of its front matter, without any there are none."""
    if not kind or not _OPENING.search(text.text):
        return text
    return text.changed(_Reader(text, kind, variables, doubtful).edits())


def picture(address: str, alt: str, caption: str = "") -> str:
    """Write a picture as Markdown; the lines of the alternative text stay lines."""
    plain = re.sub(r"\n\s*\n", "\n", html.unescape(alt).strip())
    plain = re.sub(r"([\\\[\]])", r"\\\1", plain)
    title = html.unescape(" ".join(caption.split())).replace("\\", "\\\\").replace('"', '\\"')
    return f"![{plain}]({_destination(address)}" + (f' "{title}")' if title else ")")


class _Reader:
    def __init__(self, text: Text, kind: str, variables: Mapping[str, str], doubtful: Doubtful) -> None:
        self.source = text
        self.text = text.text
        self.kind = kind
        self.variables = variables
        self.doubtful = doubtful
        self.parts = parts_of(self.text)
        self.endless: set[str] = set()
        self.in_html = False

    def edits(self) -> list[Edit]:
        edits: list[Edit] = []
        at = 0
        while opening := _OPENING.search(self.text, at):
            start = opening.start()
            closing = "}}" if opening[0] == "{{" else "%}"
            end = self.text.find(closing, opening.end(), start + LONGEST_TAG)
            if end < 0:
                at = opening.end()
                continue
            inner = self.text[opening.end() : end].strip("-~ \t\r\n")
            end += len(closing)
            if inner in {"raw", "verbatim", "comment"} and self.kind == "yaml":
                at = self._block(inner, start, end, edits)
            elif self.parts.code_at(start):
                at = end
            else:
                self.in_html = self.parts.html_at(start) is not None
                new = self._statement(inner) if closing == "%}" else self._value(inner)
                if new is not None:
                    edits.append((start, end, new))
                elif self.kind == "yaml" and closing == "}}" and (filtered := _FILTERED.fullmatch(inner)):
                    words = filtered[1] or filtered[2]
                    edits.append((start, end, words))
                    self.doubtful(
                        start, f"The filter {filtered[3]} is not understood; only “{words[:100]}” stands there."
                    )
                elif self._is_template(inner, closing):
                    shown = " ".join(self.text[start:end].split())
                    self.doubtful(start, f"The shortcode {shown[:100]} is not understood and stands as text.")
                at = end
        return edits

    def _block(self, name: str, start: int, end: int, edits: list[Edit]) -> int:
        """Handle what is not to be read as template: raw text loses its marks, a comment goes whole."""
        finish = None if name in self.endless else _end_of(name).search(self.text, end)
        if finish is None:
            self.endless.add(name)  # there is none further on either
            return end
        if name == "comment":
            edits.append((start, finish.end(), ""))
        else:
            edits += [(start, end, ""), (finish.start(), finish.end(), "")]
        return finish.end()

    def _is_template(self, inner: str, closing: str) -> bool:
        """Tell a shortcode from braces that a text merely has; Zola's are calls, Hugo's begin with < or %."""
        if self.kind == "toml":
            return inner.startswith(("<", "%")) or re.match(r"[\w:]+\s*\(|end$", inner) is not None
        return closing == "%}" or bool(re.match(r"[\"'<%\w]", inner))

    def _value(self, inner: str) -> str | None:
        """Read {{ … }}: an address, a variable of the page, a video, a figure of Hugo."""
        if inner.startswith(("<", "%")):
            call = inner.strip("<>%/ ")
            reference = _REFERENCE.fullmatch(call)
            return _file_link(reference[1]) if reference else self._figure(call)
        if _BASE.fullmatch(inner):
            return ""
        if quoted := _QUOTED.match(inner):
            value, rest = quoted[1] or quoted[2] or quoted[3] or "", inner[quoted.end() :]
            if _URL_FILTERS.match(rest) or not rest.strip():
                return re.sub(r"^//+(?=\d{4}/|assets/)", "/", value.strip())
            if embed := re.fullmatch(r"\s*\|\s*embed\s*:\s*[\"'](.*)[\"']", rest, re.DOTALL):
                return self._linked(" ".join(embed[1].split()), value)
            return None
        name, _, rest = inner.partition("|")
        value = self.variables.get(name.strip().removeprefix("page."), "")
        return value if value and (not rest or _URL_FILTERS.match("|" + rest)) else None

    def _statement(self, inner: str) -> str | None:
        """Read {% … %}: pictures, included figures, links to posts and highlighted code."""
        name, _, rest = inner.partition(" ")
        rest = rest.strip()
        if name in {"image", "image_with_class"} and (source := _QUOTED.match(rest)):
            tail = rest[source.end() :].strip(", \t\n")
            style = _QUOTED.match(tail) if name == "image_with_class" else _CLASS.match(tail)
            alt = tail[style.end() :].strip(", \t\n") if style else tail
            return self._pictured(source[1] or source[2] or source[3] or "", _unquoted(alt))
        if name in {"include", "figure", "img"}:
            return self._figure(inner)
        if name in {"post_url", "link"} and rest:
            return _file_link(rest.split()[0])
        if name == "highlight":
            return f"```{rest.split()[0] if rest else ''}"
        return "```" if name == "endhighlight" else None

    def _figure(self, inner: str) -> str | None:
        """Read the named arguments of an included figure."""
        named = {match[1].lower(): match[2] or match[3] or "" for match in _ARGUMENT.finditer(inner)}
        source = next((named[name] for name in ("src", "image", "image_path", "file", "url") if named.get(name)), "")
        if not _PICTURE.search(re.split(r"[?#]", source)[0]):
            return None
        shown = self._pictured(source, named.get("alt", ""), named.get("caption", "") or named.get("title", ""))
        link = named.get("link") or (named.get("url", "") if named.get("url") != source else "")
        return self._linked(shown, link) if link else shown

    def _pictured(self, address: str, alt: str, caption: str = "") -> str:
        """Write a picture so that it shows where the shortcode stands: in a block of HTML, Markdown is not read."""
        if not self.in_html:
            return picture(address, alt, caption)
        title = f' title="{_attribute(caption)}"' if caption else ""
        return f'<img src="{_attribute(address)}" alt="{_attribute(alt)}"{title}>'

    def _linked(self, inner: str, address: str) -> str:
        if not self.in_html:
            return f"[{inner}]({_destination(address)})"
        return f'<a href="{_attribute(address)}">{inner}</a>'


def _attribute(text: str) -> str:
    """Write the value of an HTML attribute; what is escaped already stays so."""
    return html.escape(html.unescape(" ".join(text.split())))


def _file_link(name: str) -> str:
    """Write the link to a post by its file as Zola does, which is how it is understood later."""
    file, mark, fragment = name.strip("/").partition("#")
    return "@/" + (file if file.endswith(".md") else f"{file}.md") + mark + fragment


def _end_of(name: str) -> re.Pattern[str]:
    return re.compile(r"\{%-?\s*end" + name + r"\s*-?%\}")


def _unquoted(text: str) -> str:
    """Take the outer quotes off a text that may hold others."""
    text = text.strip()
    while len(text) > 1 and text[0] in "\"'“" and text[-1] in "\"'”":
        text = text[1:-1].strip()
    return text


def _destination(address: str) -> str:
    address = address.strip()
    return f"<{address}>" if re.search(r"[\s()]", address) else address
