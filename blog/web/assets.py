"""The theme's files: bundled, named after their content, and served from memory."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from blog.settings import ROOT

STATIC = ROOT / "static"

PUBLIC_CSS = ("tokens.css", "base.css", "layout.css", "prose.css", "parts.css", "print.css")
DESK_CSS = (*PUBLIC_CSS, "desk.css")
BUNDLES: dict[str, tuple[str, ...]] = {"site.css": PUBLIC_CSS, "studio.css": DESK_CSS}
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served; its address changes with its bytes, so it may be kept for ever."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All static files by their served names, and the served name of each."""

    by_served_name: dict[str, Asset]
    served_names: dict[str, str]

    def url(self, name: str) -> str:
        return f"/static/{self.served_names[name]}"


def load_assets() -> Assets:
    """Read and bundle every static file; only what is found here can be asked for."""
    contents = {name: _bundle(parts) for name, parts in BUNDLES.items()}
    for folder in ("icons", "js"):
        for path in sorted((STATIC / folder).glob("*")):
            contents[f"{folder}/{path.name}"] = path.read_bytes()
    by_served_name, served_names = {}, {}
    for name, content in contents.items():
        path = Path(name)
        digest = hashlib.sha256(content).hexdigest()[:12]
        served = f"{path.with_suffix('')}.{digest}{path.suffix}"
        by_served_name[served] = Asset(name, content, CONTENT_TYPES[path.suffix])
        served_names[name] = served
    return Assets(by_served_name, served_names)


def _bundle(parts: tuple[str, ...]) -> bytes:
    return b"\n".join((STATIC / "css" / part).read_bytes() for part in parts)
