"""What this machine and its settings are like."""

import platform
import shutil
from importlib import metadata
from pathlib import Path

from sqlalchemy.engine import make_url

from blog.checks.finding import Finding
from blog.languages import mark
from blog.languages import size as words_of_size
from blog.settings import LOOPBACK_NAMES, Settings

KEY_FILE = Path("var/secret_key")
FEWEST_SYMBOLS = 10
"""Fewer different characters than this in a key were typed by hand, and can be guessed."""
LEAST_FREE = 500 * 1000 * 1000
LEAST_PART = 0.05
ENOUGH_FREE = 20 * 1000 * 1000 * 1000
SECRET_KEY, BASE_URL, DISK, VERSION = mark("Secret key"), mark("Base address"), mark("Disk space"), mark("Version")


def version() -> Finding:
    values = {"version": metadata.version("blog"), "python": platform.python_version()}
    return Finding(VERSION, mark("This is blog %(version)s on Python %(python)s."), values=values)


def secret_key(settings: Settings) -> Finding:
    if len(set(settings.secret_key)) < FEWEST_SYMBOLS:
        words = mark("SECRET_KEY is easy to guess: it repeats a few characters.")
        mend = mark("Leave it unset, and one is made and kept in var/. Everybody signs in anew then.")
        return Finding(SECRET_KEY, words, mend)
    try:
        is_from_file = KEY_FILE.read_text(encoding="ascii", errors="ignore").strip() == settings.secret_key
        if is_from_file and KEY_FILE.stat().st_mode & 0o077:
            words = mark("The key in %(file)s can be read by others on this machine.")
            return Finding(SECRET_KEY, words, mark("Run: chmod 600 %(file)s"), {"file": KEY_FILE.absolute()})
    except OSError:
        pass  # then it came from the environment
    return Finding(SECRET_KEY, mark("It is long and varied enough."))


def base_url(settings: Settings) -> Finding:
    values = {"url": settings.base_url, "host": settings.host}
    if settings.is_loopback and settings.host not in LOOPBACK_NAMES:
        words = mark("BASE_URL is %(url)s, but the blog also listens on %(host)s, where that address leads nowhere.")
        mend = mark("Set BASE_URL to the address that readers type, such as https://blog.example.org.")
        return Finding(BASE_URL, words, mend, values)
    if not settings.is_loopback and not settings.is_https:
        words = mark("%(url)s is not https: passwords and cookies travel in the clear.")
        mend = mark("Put a server with a certificate before the blog, and set BASE_URL to the https:// address.")
        return Finding(BASE_URL, words, mend, values)
    if settings.is_loopback:
        return Finding(BASE_URL, mark("%(url)s is for this machine only."), values=values)
    return Finding(BASE_URL, mark("Readers find the blog at %(url)s."), values=values)


def disks(settings: Settings) -> list[Finding]:
    """Tell how much room there is for the database's file and for uploads, each disk once."""
    folders = []
    if settings.is_sqlite:
        folders.append(Path(make_url(settings.database_url).database or ".").parent)
    if not settings.media_url.startswith("s3://"):
        folders.append(Path(settings.media_url))
    by_disk = {_existing(folder).stat().st_dev: folder for folder in reversed(folders)}
    return [_disk(folder) for folder in reversed(by_disk.values())]


def _disk(folder: Path) -> Finding:
    used = shutil.disk_usage(_existing(folder))
    is_enough = used.free >= LEAST_FREE and (used.free >= ENOUGH_FREE or used.free >= LEAST_PART * used.total)
    values = {"free": words_of_size(used.free), "folder": folder.absolute()}
    words = mark("%(free)s are free where %(folder)s is.")
    mend = "" if is_enough else mark("Delete what is not needed there, or move to a larger disk, before writing fails.")
    return Finding(DISK, words, mend, values)


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())
