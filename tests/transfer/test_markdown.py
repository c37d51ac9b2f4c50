"""Whole folders of Markdown, as each generator leaves them, brought in on both databases."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from browser import Browser
from cast import DAY, TODAY
from sqlalchemy import select
from sqlalchemy.orm import undefer
from transfer.old_site import OldSite, all_posts, count, old_paths, png, post_at, told

from blog.database import Sessions
from blog.models import Media, Post, Redirect, Revision, Role, Status, Tag, User
from blog.transfer import keeping


async def test_a_jekyll_site_moves_in_and_its_addresses_go_on(old_site: OldSite, fresh_app: Any) -> None:
    old_site.write("assets/img/tea pot.png", png())
    old_site.write(
        "_posts/2019-05-04-making-tea.md",
        "---\ntitle: 'Making tea: a start'\nauthor: Ana Ruiz\ntags: tea, water\nexcerpt: How to begin.\n"
        "redirect_from:\n  - /tea.html\n  - /drinks/tea/\n---\n"
        "{% raw %}{{ steam }}{% endraw %} rises.\n{: .lead}\n\n"
        "![A pot]({{ '/assets/img/tea pot.png' | relative_url }}){: .wide}\n\n## Leaves {#leaf}\n\nSee [leaves](#leaf).\n",
    )
    old_site.write(
        "_posts/2019-06-01-more-tea.md",
        "---\ntitle: More tea\nauthor: Ana Ruiz\n---\n"
        "After [the first]({% post_url 2019-05-04-making-tea %}), and [once more]({{ site.baseurl }}/2019/05/04/making-tea.html)"
        " and [all on tea](/tags/tea/) by [her](/author/ana-ruiz/).\n",
    )
    old_site.write("_drafts/coffee.md", "---\ntitle: Coffee\nauthor: Ana Ruiz\n---\nNot yet.\n")
    async with fresh_app(with_cast=False) as app:
        report = await old_site.bring_in(app.house.sessions)
        assert (report.imported, report.skipped, told(report)) == (3, 0, [])
        browser = Browser(app)
        for old in ("/tea.html", "/drinks/tea", "/drinks/tea/", "/2019/05/04/making-tea/"):
            assert await _follow(browser, old) == "/posts/making-tea"
        page = (await browser.get("/posts/making-tea")).text
        assert "{{ steam }} rises." in page
        assert "{:" not in page
        assert 'href="#user-leaf"' in page
        assert (await browser.get("/posts/coffee")).status_code == 404
        post = await post_at(app.house.sessions, "making-tea")
        second = await post_at(app.house.sessions, "more-tea")
    assert (post.title, post.excerpt, post.owner.name) == ("Making tea: a start", "How to begin.", "Ana Ruiz")
    assert [tag.name for tag in post.tags] == ["tea", "water"]
    assert post.published_at == datetime(2019, 5, 4, tzinfo=UTC)
    assert second.body == (
        "After [the first](/posts/making-tea), and [once more](/posts/making-tea)"
        " and [all on tea](/tags/tea) by [her](/authors/ana-ruiz).\n"
    )


async def test_an_eleventy_site_brings_the_pictures_of_its_assets(old_site: OldSite, fresh_app: Any) -> None:
    old_site.write("assets/blog/team.png", png("navy"))
    old_site.write("data/not-a-post.md", "---\ntitle: Elsewhere\n---\n")
    old_site.write(
        "content/posts/2020-01-02-who-we-are.md",
        "---\ntitle: Who we are\nauthors:\n- leah\n- Ana Ruiz\n- leah\ntags:\n- People\n- people\nimage: /assets/blog/team.png\n---\n"
        '{% image "assets/blog/team.png" "The team" %}\n\n<figure>\n{% image "assets/blog/team.png", "Us & ours" %}\n'
        '</figure>\n\n![Again]({{ image | url }})\n\n{% image "assets/blog/gone.png" "Lost" %}\n\nBy {{ "leah" | team_link }}\n',
    )
    async with fresh_app(with_cast=False) as app:
        sessions = app.house.sessions
        report = await import_posts(old_site, sessions)
        assert (report.imported, report.pictures_kept, report.tags_made, report.authors_made) == (1, 1, 1, 2)
        assert told(report) == [
            "2020-01-02-who-we-are.md:20: The picture assets/blog/gone.png is missing: It is not in the folder.",
            "2020-01-02-who-we-are.md:22: The filter team_link is not understood; only “leah” stands there.",
        ]
        browser = Browser(app)
        page = (await browser.get("/posts/who-we-are")).text
        async with sessions() as db:
            kept = (await db.scalars(select(Media))).one()
        assert page.count(f'src="{kept.url}"') == 4, "the cover and three in the text"
        assert 'alt="Us &amp; ours"' in page
        assert "<em>Picture: Lost</em>" in page
        assert (old_site.media / kept.name).read_bytes() == png("navy")
        post = await post_at(sessions, "who-we-are")
    assert [author.username for author in post.authors] == ["leah", "ana-ruiz"]
    assert post.published_at == datetime(2020, 1, 2, tzinfo=UTC)


async def test_a_hugo_site_in_bundles_moves_in(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write("content/blog/_index.md", "---\ntitle: The blog\n---\n")
    old_site.write("content/blog/sea/wave.png", png())
    old_site.write(
        "content/blog/sea/index.md",
        "---\ntitle: The sea\ndate: 2021-03-04T23:30:00-05:00\nlastmod: 2021-03-10\nslug: the-sea\nauthor: Mei\n"
        "description: Salt and light.\ncategories: [Water]\naliases: [/old/sea/]\n---\n"
        '{{< figure src="wave.png" alt="A wave" caption="At noon" >}}\n\n[Next]({{< ref "wind.md" >}}) [and](../wind.md)\n',
    )
    old_site.write(
        "content/blog/wind.md",
        "+++\ntitle = 'The wind'\ndate = 2021-03-05\nauthors = ['Mei', 'Jo']\ndraft = true\ntags = ['Air']\n+++\nIt blows.\n",
    )
    report = await old_site.bring_in(sessions, folder=old_site.root / "content")
    assert (report.imported, report.skipped, report.redirects_made) == (2, 1, 1)
    sea, wind = await post_at(sessions, "the-sea"), await post_at(sessions, "wind")
    assert sea.published_at == datetime(2021, 3, 5, 4, 30, tzinfo=UTC)
    assert sea.updated_at == datetime(2021, 3, 10, tzinfo=UTC)
    assert (sea.excerpt, [tag.name for tag in sea.tags], sea.status) == ("Salt and light.", ["Water"], Status.PUBLISHED)
    assert 'alt="A wave"' in sea.html
    assert "<figcaption>At noon</figcaption>" in sea.html
    assert sea.body.endswith("[Next](/posts/wind) [and](/posts/wind)\n")
    assert (wind.status, wind.published_at, [one.name for one in wind.authors]) == (Status.DRAFT, None, ["Mei", "Jo"])
    assert told(report) == [
        "blog/_index.md: This describes a section, not a post.",
        "blog/sea/index.md:13: The link to ../wind.md leads to what readers cannot see yet.",
        "blog/sea/index.md:13: The link to @/wind.md leads to what readers cannot see yet.",
    ]


async def test_a_zola_site_takes_dates_and_addresses_from_its_paths(old_site: OldSite, fresh_app: Any) -> None:
    old_site.write(
        "one.md",
        '+++\npath = "2014/12/12/One-1.0"\ntitle = "One"\nauthors = ["Ana", "Mei"]\naliases = ["2014/12/12/One-1.0.html", "releases/1.0"]\n'
        "[taxonomies]\ntags = ['rust']\n+++\nA `{{brace}}` and {curly}.\n",
    )
    old_site.write(
        "two/index.md",
        '+++\npath = "2015/01/09/two"\ntitle = "Two"\nauthors = ["Ana"]\n+++\n'
        "[one](@/one.md) [one](../../../../2014/12/12/One-1.0.html#A_part:~:text=word) ![x](a.png)\n",
    )
    old_site.write("two/a.png", png())
    async with fresh_app(with_cast=False) as app:
        report = await old_site.bring_in(app.house.sessions)
        assert (report.imported, report.redirects_made, report.permalinks_made, told(report)) == (2, 2, 2, [])
        for old in ("/2014/12/12/One-1.0.html", "/2014/12/12/One-1.0", "/2014/12/12/One-1.0/", "/releases/1.0/"):
            assert await _follow(Browser(app), old) == "/posts/One-1.0"
        one, two = await post_at(app.house.sessions, "One-1.0"), await post_at(app.house.sessions, "two")
    assert one.published_at == datetime(2014, 12, 12, tzinfo=UTC)
    assert one.body == "A `{{brace}}` and {curly}.\n"
    assert two.body.startswith("[one](/posts/One-1.0) [one](/posts/One-1.0#h-a-part:~:text=word) ![x](/media/")


async def test_bringing_it_in_again_changes_nothing(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write("a.png", png())
    for number in range(40):
        old_site.write(
            f"2020-01-{number % 9 + 1:02}-post-{number}.md",
            f"---\ntitle: Post {number}\nauthor: [ana, 'Mei {number % 3}']\ntags: [t{number % 5}]\naliases: /old/{number}\n---\n![a](a.png)\n",
        )
    first = await old_site.bring_in(sessions)
    assert (first.imported, first.unchanged, first.pictures_kept) == (40, 0, 1)
    everything = (Post, Revision, Redirect, Tag, User, Media)
    before = await count(sessions, *everything), await _states(sessions)
    again = await old_site.bring_in(sessions, now=TODAY + DAY)
    assert (again.imported, again.updated, again.unchanged) == (0, 0, 40)
    assert (again.authors_made, again.tags_made, again.redirects_made, again.pictures_kept) == (0, 0, 0, 0)
    assert (await count(sessions, *everything), await _states(sessions)) == before
    (old_site.root.parent / "elsewhere").mkdir()
    copy = old_site.root.rename(old_site.root.parent / "elsewhere" / old_site.root.name)
    assert (await old_site.bring_in(sessions, folder=copy)).unchanged == 40


async def test_a_changed_file_changes_its_post_and_keeps_what_it_was(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write("tea.md", "---\ntitle: Tea\nauthor: ana\ndate: 2020-01-01\ntags: [a]\n---\nOne spoon.\n")
    old_site.write("salt.md", "---\ntitle: Salt\nauthor: ana\ndate: 2020-01-01\n---\nA pinch.\n")
    await old_site.bring_in(sessions)
    old_site.write("tea.md", "---\ntitle: Tea!\nauthor: [mei, ana]\ndate: 2020-01-01\ntags: [b]\n---\nTwo spoons.\n")
    report = await old_site.bring_in(sessions, now=TODAY + DAY)
    assert (report.imported, report.updated, report.unchanged) == (0, 1, 1)
    post = await post_at(sessions, "tea")
    assert (post.title, post.body, [tag.name for tag in post.tags]) == ("Tea!", "Two spoons.\n", ["b"])
    assert [author.name for author in post.authors] == ["mei", "ana"]
    assert (post.published_at, post.updated_at) == (datetime(2020, 1, 1, tzinfo=UTC), TODAY + DAY)
    async with sessions() as db:
        revisions = (
            await db.scalars(select(Revision).where(Revision.post_id == post.id).order_by(Revision.number))
        ).all()
    assert [(one.number, one.title, one.body) for one in revisions] == [
        (1, "Tea", "One spoon.\n"),
        (2, "Tea!", "Two spoons.\n"),
    ]


async def test_a_picture_that_came_later_takes_the_place_of_its_words(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write("tea.md", "---\ntitle: Tea\nauthor: ana\n---\n![A pot](pot.png)\n")
    assert "is missing" in told(await old_site.bring_in(sessions))[0]
    assert (await post_at(sessions, "tea")).body == "*Picture: A pot*\n"
    old_site.write("pot.png", png())
    report = await old_site.bring_in(sessions)
    assert (report.updated, report.pictures_kept, told(report)) == (1, 1, [])
    assert (await post_at(sessions, "tea")).body.startswith("![A pot](/media/")


async def test_authors_are_found_or_made_and_those_made_cannot_sign_in(old_site: OldSite, fresh_app: Any) -> None:
    old_site.write("a.md", "---\ntitle: A\nauthors: [Nobody Known, ben, Anna Author, Nobody Known]\n---\nText.\n")
    old_site.write("b.md", "---\ntitle: B\n---\nText.\n")
    async with fresh_app() as app:
        report = await old_site.bring_in(app.house.sessions)
        assert report.authors_made == 2
        assert told(report) == ["b.md: The file names no author; the post belongs to “Anonymous”."]
        post = await post_at(app.house.sessions, "a")
        async with app.house.sessions() as db:
            query = select(User).where(User.username.in_(["nobody-known", "anonymous"]))
            made = (await db.scalars(query.options(undefer(User.password_hash)))).all()
    assert [author.username for author in post.authors] == ["nobody-known", "ben", "anna"]
    assert [(one.can_sign_in, one.email, one.password_hash, one.role) for one in made] == [
        (False, None, None, Role.AUTHOR)
    ] * 2


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("2016-04-01 09:00:00 -0400", datetime(2016, 4, 1, 13, tzinfo=UTC)),
        ("2016-04-01T09:00:00+05:30", datetime(2016, 4, 1, 3, 30, tzinfo=UTC)),
        ("2016-07-01 09:00 Europe/Paris", datetime(2016, 7, 1, 7, tzinfo=UTC)),
        ("2016-04-01", datetime(2016, 4, 1, tzinfo=UTC)),
    ],
)
async def test_posts_stand_at_the_moment_that_their_date_means(
    old_site: OldSite, sessions: Sessions, date: str, moment: datetime
) -> None:
    old_site.write("a.md", f"---\ntitle: A\nauthor: ana\ndate: {date}\n---\nText.\n")
    await old_site.bring_in(sessions)
    assert (await post_at(sessions, "a")).published_at == moment


async def test_a_post_of_next_week_waits_for_it(old_site: OldSite, fresh_app: Any) -> None:
    old_site.write(
        "a.md", f"---\ntitle: A\nauthor: ana\ndate: {TODAY + 7 * DAY:%Y-%m-%d}\naliases: /old-a\n---\nText.\n"
    )
    async with fresh_app(with_cast=False) as app:
        await old_site.bring_in(app.house.sessions)
        assert (await post_at(app.house.sessions, "a")).is_scheduled(TODAY)
        browser = Browser(app)
        assert (await browser.get("/posts/a")).status_code == 404
        assert (await browser.get("/old-a")).status_code == 404


async def test_a_draft_is_published_once_its_file_says_so(old_site: OldSite, sessions: Sessions) -> None:
    draft = old_site.write("a.md", "---\ntitle: A\nauthor: ana\ndate: 2020-01-01\ndraft: true\n---\nText.\n")
    await old_site.bring_in(sessions)
    assert (await post_at(sessions, "a")).status == Status.DRAFT
    draft.write_text(draft.read_text().replace("true", "false"))
    await old_site.bring_in(sessions)
    post = await post_at(sessions, "a")
    assert (post.status, post.published_at) == (Status.PUBLISHED, datetime(2020, 1, 1, tzinfo=UTC))


async def test_of_two_posts_with_one_address_the_older_has_it(old_site: OldSite, sessions: Sessions) -> None:
    old_site.write(
        "a/news.md", "---\ntitle: Newer\nauthor: ana\ndate: 2021-01-01\npermalink: /2021/news/\n---\nText.\n"
    )
    old_site.write(
        "b/news.md", "---\ntitle: Older\nauthor: ana\ndate: 2020-01-01\npermalink: /2020/news/\n---\nText.\n"
    )
    old_site.write(
        "c/later.md", "---\ntitle: Later\nauthor: ana\ndate: 2022-01-01\naliases: /2020/news/\n---\n[x](/2021/news/)\n"
    )
    report = await old_site.bring_in(sessions)
    assert [(post.slug, post.title) for post in await all_posts(sessions)] == [
        ("later", "Later"),
        ("news", "Older"),
        ("news-2", "Newer"),
    ]
    assert told(report) == [
        "a/news.md: The address “news” is taken; the post is at “news-2”.",
        "c/later.md: The old address /2020/news leads to another post already.",
    ]
    assert (await post_at(sessions, "later")).body == "[x](/posts/news-2)\n"
    assert await old_paths(sessions) == {"/2020/news", "/2021/news"}
    assert (await old_site.bring_in(sessions)).unchanged == 3


async def import_posts(old_site: OldSite, sessions: Sessions) -> Any:
    return await old_site.bring_in(sessions, folder=old_site.root / "content/posts", assets=old_site.root)


async def _follow(browser: Browser, path: str) -> str:
    answer = await browser.get(path, follow_redirects=True)
    assert answer.status_code == 200
    return answer.url.path


async def _states(sessions: Sessions) -> list[tuple[str, int, datetime]]:
    return [(post.slug, post.version, post.updated_at) for post in await all_posts(sessions)]


async def test_only_a_few_pictures_are_in_memory_at_once(
    old_site: OldSite, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hand, full = [0], asyncio.Event()
    examine = keeping.examine

    async def counted(content: bytes, *, trusted: bool) -> Any:
        in_hand.append(in_hand[-1] + 1)
        if in_hand[-1] == keeping.IN_HAND:
            full.set()
        await full.wait()
        try:
            return await examine(content, trusted=trusted)
        finally:
            in_hand.append(in_hand[-1] - 1)

    monkeypatch.setattr(keeping, "examine", counted)
    for number in range(12):
        old_site.write(f"{number}.png", png(f"#0000{number:02}"))
    for post in range(3):
        shown = " ".join(f"![x]({number}.png)" for number in range(post * 3, post * 3 + 6))
        old_site.write(f"{post}.md", f"---\ntitle: {post}\nauthor: ana\n---\n{shown} ![gone](no.png)\n")
    report = await old_site.bring_in(sessions)
    assert (report.imported, report.pictures_kept) == (3, 12)
    assert max(in_hand) == keeping.IN_HAND
