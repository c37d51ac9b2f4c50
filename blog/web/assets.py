"""The theme's files: bundled, named after their content, and served from memory."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from blog.content.colours import accents
from blog.settings import ROOT

STATIC = ROOT / "static"

PUBLIC_CSS = ("tokens.css", "base.css", "layout.css", "prose.css", "parts.css", "print.css")
DESK_CSS = (
    *PUBLIC_CSS,
    "desk.css",
    "bulk.css",
    "media.css",
    "saving.css",
    "publishing.css",
    "review.css",
    "mail.css",
    "factor.css",
    "editor.css",
    "shortcuts.css",
    "library.css",
    "palette.css",
    "admin.css",
    "record.css",
    "transfers.css",
)
BUNDLES: dict[str, tuple[str, ...]] = {"site.css": PUBLIC_CSS, "studio.css": DESK_CSS}
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}


MOST_DRESSED = 20
_SERVED = re.compile(r"(.+)\.[0-9a-f]{12}(\.css|\.js)")
_IMPORT = re.compile(rb"""((?:from|import)\s*["'])\./([\w-]+\.js)(["'])""")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served; its address changes with its bytes, so it may be kept for ever."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True, eq=False)  # known by identity, so that what was made of it can be kept
class Assets:
    """All static files by their served names, and the served name of each."""

    contents: Mapping[str, bytes]
    by_served_name: Mapping[str, Asset]
    served_names: Mapping[str, str]

    def url(self, name: str) -> str:
        return f"/static/{self.served_names[name]}"

    def dressed(self, accent: str) -> "Assets":
        """Give the files with the site's accent colour in the styles; the theme's own when it is no colour."""
        pair = accents(accent)
        return _dressed(self, *pair) if pair else self

    def current(self, served_name: str) -> Asset | None:
        """Give today's styles or script for a name that it had before, or will have: pages of other moments ask."""
        match = _SERVED.fullmatch(served_name)
        name = self.served_names.get(match[1] + match[2]) if match else None
        return self.by_served_name[name] if name else None


def load_assets() -> Assets:
    """Read and bundle every static file; only what is found here can be asked for."""
    contents = {name: _bundle(parts) for name, parts in BUNDLES.items()}
    for path in sorted((STATIC / "icons").glob("*")):
        contents[f"icons/{path.name}"] = path.read_bytes()
    return _named(contents | _modules({path.name: path.read_bytes() for path in sorted((STATIC / "js").glob("*.js"))}))


@lru_cache(MOST_DRESSED)
def _dressed(assets: Assets, light: str, dark: str) -> Assets:
    # In the layer of the tokens: later layers, such as that for print, set the accent for themselves.
    rule = f"\n@layer tokens{{:root{{--accent:light-dark({light},{dark})}}}}\n".encode()
    return _named({name: text + rule * (name in BUNDLES) for name, text in assets.contents.items()})


def _modules(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Let scripts import one another by their served names, so that each may be kept for ever as styles are.

    A change in one changes the names of all that import it. Modules that import each other cannot be named so.
    """
    done: dict[str, bytes] = {}

    def linked(name: str, path: tuple[str, ...]) -> bytes:
        if name in path:
            raise ValueError(f"scripts import each other in a circle: {' -> '.join((*path, name))}")
        if name not in done:

            def served(found: re.Match[bytes]) -> bytes:
                other = found[2].decode()
                return found[1] + b"./" + _served_name(other, linked(other, (*path, name))).encode() + found[3]

            done[name] = _IMPORT.sub(served, sources[name])
        return done[name]

    return {f"js/{name}": linked(name, ()) for name in sources}


def _named(contents: Mapping[str, bytes]) -> Assets:
    by_served_name, served_names = {}, {}
    for name, content in contents.items():
        served = _served_name(name, content)
        by_served_name[served] = Asset(name, content, CONTENT_TYPES[Path(name).suffix])
        served_names[name] = served
    return Assets(contents, by_served_name, served_names)


def _served_name(name: str, content: bytes) -> str:
    path = Path(name)
    return f"{path.with_suffix('')}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"


def _bundle(parts: tuple[str, ...]) -> bytes:
    return b"\n".join((STATIC / "css" / part).read_bytes() for part in parts)
