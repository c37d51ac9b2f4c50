"""The people of an export: those whom it lists, and those whom only their posts name."""

import re

from blog.content.slugs import numbered, slugify
from blog.content.text import plain_excerpt
from blog.models.user import LONGEST_NAME
from blog.transfer.source import Person
from blog.transfer.wordpress.plain import plain


class People:
    """Everybody by login. The key of a person is the username that they wish for."""

    def __init__(self) -> None:
        self.by_login: dict[str, Person] = {}
        self.by_key: dict[str, Person] = {}
        self.listed_keys: set[str] = set()

    def listed(self, parts: dict[str, str]) -> None:
        """Take in an author whom the export lists."""
        login = parts.get("author_login", "").strip()
        if not login or login in self.by_login:
            return
        full = f"{parts.get('author_first_name', '')} {parts.get('author_last_name', '')}"
        name = plain(parts.get("author_display_name", "")) or plain(full)
        bio = plain(parts.get("author_description", ""))
        self.listed_keys.add(self._add(login, name, parts.get("author_email", "").strip(), bio).key)

    def named(self, login: str) -> Person:
        """Give the person with a login, listed or not; one that differs from a listed one in signs only is that one."""
        login = login.strip()
        if login not in self.by_login and (same := self.by_key.get(slugify(login))) and same.key in self.listed_keys:
            self.by_login[login] = same
        return self.by_login.get(login) or self._add(login, "", "", "")

    def _add(self, login: str, name: str, email: str, bio: str) -> Person:
        # Some sites let people sign in with their address, which is nobody's business.
        short = re.sub(r"@.*", "", login)
        name = plain_excerpt(name if name and "@" not in name else plain(short), LONGEST_NAME) or "Author"
        username = numbered(slugify(short) or slugify(name) or "author", self.by_key)
        person = Person(username, name, username, email, bio)
        self.by_login[login] = self.by_key[username] = person
        return person
