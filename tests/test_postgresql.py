"""What only a database server can do to us: go away, and come back."""

import signal
from pathlib import Path

from browser import Browser
from conftest import migrate, postgresql_server, postgresql_url, running, settings_for

from blog.app import create_app
from blog.database import make_engine


async def test_while_postgresql_is_away_pages_say_so_and_afterwards_all_is_well(scratch: Path, tmp_path: Path) -> None:
    with postgresql_server(scratch) as server:
        url = postgresql_url(server.get_uri().split("host=")[1], "postgres")
        migrate(url)
        settings = settings_for(url, tmp_path / "media")
        engine = make_engine(settings)
        async with running(create_app(settings, engine=engine)) as app:
            browser = Browser(app)
            assert (await browser.get("/")).status_code == 200
            process = server.get_postmaster_info().process
            process.send_signal(signal.SIGINT)  # its fast shutdown: connections are cut
            process.wait(20)
            assert (await browser.get("/")).status_code == 200, "what is kept is still shown"
            for path in ("/tags", "/feed.xml", "/health/ready"):
                answer = await browser.get(path)
                assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            assert (await browser.get("/health/live")).status_code == 200
            refused = await browser.post("/login", {"email": "a@example.org", "password": "words"})
            assert refused.status_code == 503
            server.start()
            for path in ("/", "/feed.xml", "/health/ready"):
                assert (await browser.get(path)).status_code == 200
        await engine.dispose()
