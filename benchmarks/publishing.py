"""How fast the blog takes posts in, and how soon a published one is seen by everybody."""

import subprocess
import time
from pathlib import Path

import httpx
from data import WORDS
from live import BLOG
from processes import serving

IMPORTED = 500
PUBLISHED = 5
WATCHED = 2.0
"""Seconds for which readers look whether some worker still shows the feed of before."""
PASSWORD = "correct horse battery"  # noqa: S105 - of a blog that lives for a minute


def import_speed(environment: dict[str, str], scratch: Path) -> float:
    """Import posts without pictures; give how many a second, the start of the command included."""
    folder = scratch / "imported"
    folder.mkdir()
    for number in range(IMPORTED):
        words = "\n\n".join(" ".join(WORDS[(number + n) % 30] for n in range(80)) for _ in range(6))
        (folder / f"imported-{number}.md").write_text(
            f"---\ntitle: Imported {number}\ndate: 2020-01-02\n---\n{words}\n"
        )
    begun = time.perf_counter()
    subprocess.run([BLOG, "import", "markdown", folder], env=environment, check=True, stdout=subprocess.DEVNULL)
    return IMPORTED / (time.perf_counter() - begun)


async def publish_to_visible(environment: dict[str, str], port: int) -> float:
    """Publish posts and give the most seconds until no worker showed the feed without them."""
    subprocess.run(
        [BLOG, "user", "add", "ann@example.org", "--name", "Ann", "--role", "admin", "--password-stdin"],
        input=PASSWORD.encode(), env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    base = environment["BASE_URL"]
    origin = {"origin": base}
    async with (
        serving([str(BLOG), "serve"], environment, port),
        httpx.AsyncClient(base_url=base, headers=origin) as writer,
    ):
        await writer.post("/login", data={"email": "ann@example.org", "password": PASSWORD})
        seconds = []
        for number in range(PUBLISHED):
            title = f"Just published {number}"
            form = (await writer.get("/studio/posts/new")).text
            token = form.split('name="csrf_token" value="')[1].split('"')[0]
            data = {"csrf_token": token, "title": title, "body": "Words.", "then": "publish"}
            answer = await writer.post("/studio/posts", data=data)
            published, last_old = time.perf_counter(), 0.0
            if answer.status_code != 303:
                raise SystemExit(f"The post was not published: {answer.status_code}")
            while time.perf_counter() - published < WATCHED:
                asked = time.perf_counter()
                # A new connection may go to any worker.
                async with httpx.AsyncClient(base_url=base) as reader:
                    if title not in (await reader.get("/")).text:
                        last_old = asked - published
            seconds.append(last_old)
    return max(seconds)
