"""Which program a folder of Markdown was written with, and what files mean there that mean nothing by themselves."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HUGO = ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "config.yaml", "archetypes")


@dataclass(frozen=True, slots=True)
class Habits:
    """What a folder tells of its program; nothing, when somebody gave only the folder of posts within.

    In a vault of Obsidian a note is called as its file is, and `[[Note]]` is a link.
    """

    is_vault: bool = False
    is_jekyll: bool = False
    is_hugo: bool = False

    @classmethod
    def of(cls, root: Path) -> "Habits":
        """Look at the root of a folder."""
        is_hugo = (root / "content").is_dir() and any((root / name).exists() for name in HUGO)
        return cls((root / ".obsidian").is_dir(), (root / "_posts").is_dir(), is_hugo)

    def is_front(self, path: PurePosixPath) -> bool:
        """Tell whether a file is Jekyll's first page or its page for what is missing."""
        return self.is_jekyll and len(path.parts) == 1 and path.stem in {"index", "404"}

    def is_page_at(self, path: PurePosixPath, has_date: bool) -> bool:
        """Tell whether a file is a page by where it lies: Jekyll's beside its folders, Hugo's beside its sections."""
        if self.is_jekyll:
            return not any(part.startswith("_") for part in path.parts)
        if self.is_hugo:
            inside = path.parts[1:] if path.parts[0] == "content" else ()
            is_single = len(inside) == 1 or (len(inside) == 2 and path.stem == "index")
            return is_single and not has_date
        return False
