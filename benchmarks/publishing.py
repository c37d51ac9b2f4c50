"""How fast the blog takes posts in, and how soon a published one is seen by everybody."""

import subprocess
import time
from pathlib import Path

import httpx
from data import WORDS
from live import BLOG
from processes import fetch, serving

IMPORTED = 500
PUBLISHED = 5
WATCHED = 2.0
"""Seconds for which readers look whether some worker still shows the feed of before."""
EMAIL, PASSWORD = "ann@example.org", "correct horse battery"  # of a blog that lives for some minutes
PATIENCE = 60.0


def add_writer(environment: dict[str, str]) -> None:
    """Add the person who publishes, unless that was done with fewer posts."""
    if (
        EMAIL.encode()
        not in subprocess.run([BLOG, "user", "list"], env=environment, check=True, capture_output=True).stdout
    ):
        subprocess.run(
            [BLOG, "user", "add", EMAIL, "--name", "Ann", "--role", "admin", "--password-stdin"],
            input=PASSWORD.encode(), env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def import_speed(environment: dict[str, str], folder: Path) -> float:
    """Import posts without pictures; give how many a second, the start of the command included."""
    folder.mkdir()
    for number in range(IMPORTED):
        words = "\n\n".join(" ".join(WORDS[(number + n) % 30] for n in range(80)) for _ in range(6))
        (folder / f"{folder.name}-{number}.md").write_text(
            f"---\ntitle: {folder.name} {number}\ndate: 2016-01-02\n---\n{words}\n"
        )
    begun = time.perf_counter()
    subprocess.run([BLOG, "import", "markdown", folder], env=environment, check=True, stdout=subprocess.DEVNULL)
    return IMPORTED / (time.perf_counter() - begun)


def publish_to_visible(environment: dict[str, str], port: int, name: str) -> float:
    """Publish posts and give the most seconds until no worker showed the feed without them."""
    base = environment["BASE_URL"]
    with (
        serving([str(BLOG), "serve"], environment, port),
        httpx.Client(base_url=base, headers={"origin": base}, timeout=PATIENCE) as writer,
    ):
        writer.post("/login", data={"email": EMAIL, "password": PASSWORD})
        return max(_publish(writer, port, f"Just published {number}, {name}") for number in range(PUBLISHED))


def _publish(writer: httpx.Client, port: int, title: str) -> float:
    form = writer.get("/studio/posts/new").text
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    answer = writer.post(
        "/studio/posts", data={"csrf_token": token, "title": title, "body": "Words.", "then": "publish"}
    )
    published, last_old = time.perf_counter(), 0.0
    if answer.status_code != 303:
        raise SystemExit(f"The post was not published: {answer.status_code}")
    while time.perf_counter() - published < WATCHED:
        asked = time.perf_counter()
        # A new connection may go to any worker.
        if title.encode() not in fetch(port, "/", encoding="identity")[1]:
            last_old = asked - published
    return last_old
