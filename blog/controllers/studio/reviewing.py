"""Reading a text together: its paragraphs with what was said of each, and the panels that the editor shows of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Response
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content import paragraphs
from blog.content.paragraphs import Paragraph
from blog.content.text import text_hash
from blog.controllers.studio import keeping, saving
from blog.forms.fields import Errors
from blog.forms.posts import PostForm
from blog.forms.reviews import CommentForm
from blog.models import Post, Status, Step, User
from blog.models.share import LIFETIMES
from blog.queries import comments, reviews, shares
from blog.queries.comments import Thread
from blog.web.errors import Refusal
from blog.web.input import number_of
from blog.web.rendering import Asked, page


@dataclass(frozen=True, slots=True)
class Text:
    """A post's newest text: what its writers saved last, whether or not readers see it already."""

    form: PostForm
    html: Markup

    @property
    def hash(self) -> str:
        return text_hash(self.form.title, self.form.body)


@dataclass(slots=True)
class Part:
    """A paragraph of the text with the comments on it, and with those on what it said before."""

    paragraph: Paragraph
    threads: list[Thread] = field(default_factory=list)
    older: list[Thread] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """A text in parts, what was said of it as a whole, and what was said of parts that are gone."""

    parts: list[Part]
    whole: list[Thread] = field(default_factory=list)
    lost: list[Thread] = field(default_factory=list)


async def newest_text(db: AsyncSession, post: Post) -> Text:
    """Give the newest text of a post; only a working copy must be rendered for it."""
    form = await keeping.form_of(db, post)
    if not post.has_working_copy:
        return Text(form, post.markup)
    errors: Errors = {}
    await db.commit()  # nothing is held while the text is rendered
    rendered = await saving.render(db, form, errors)
    if rendered is None:
        raise Refusal(409, errors["body"])
    return Text(form, rendered.html)


async def read_through(
    request: Asked,
    db: AsyncSession,
    viewer: User,
    post: Post,
    form: CommentForm,
    errors: Errors,
    note: str = "",
) -> Response[Any]:
    """Show the text with what was said of it; 422 when a comment or a note was refused."""
    text = await newest_text(db, post)
    reading = in_place(paragraphs.split(text.html), await comments.threads(db, post))
    step = await reviews.newest_step(db, post) if post.status == Status.PENDING else None
    return page(
        request,
        "studio/reviews/show.html",
        status=422 if errors else 200,
        post=post,
        text=text.form,
        reading=reading,
        form=form,
        note=note,
        errors=errors,
        submitted=step if step is not None and step.step == Step.SUBMITTED else None,
        chosen=chosen(request, form.paragraph, [part.paragraph for part in reading.parts]),
        returned=await reviews.note_for(db, post),
        may_review=policy.may_review(viewer, post),
        may_publish=policy.may_publish(viewer, post) and post.status == Status.PENDING,
        may_comment=policy.may_comment(viewer, post),
    )


def chosen(request: Asked, number: int, text: Sequence[Paragraph]) -> int:
    """Say at which paragraph somebody wants to comment; 0 is at none, so on the whole."""
    number = number or number_of(request.query_params.get("paragraph", ""))
    return number if any(one.number == number and one.text for one in text) else 0


def in_place(text: list[Paragraph], threads: list[Thread]) -> Reading:
    """Put every comment to the paragraph that it is about."""
    reading = Reading([Part(paragraph) for paragraph in text])
    for thread in threads:
        comment = thread.comment
        if not comment.quote:
            reading.whole.append(thread)
            continue
        found = paragraphs.find(text, comment.quote, comment.place)
        if found is None:
            reading.lost.append(thread)
        else:
            part = reading.parts[found.number - 1]
            (part.threads if found.is_same else part.older).append(thread)
    return reading


async def panels(db: AsyncSession, viewer: User, post: Post | None, now: datetime) -> dict[str, Any]:
    """Give what the editor's page shows of reviews and links beside a post."""
    if post is None:
        return {"returned": None}
    form = await keeping.form_of(db, post)
    newest = text_hash(form.title, form.body)
    return {
        "returned": await reviews.note_for(db, post),
        "open_comments": await comments.count_open(db, post),
        "shares": await shares.listed(db, post, now),
        "approvals": [(one, one.text_hash == newest) for one in await shares.approvals(db, post)],
        "may_share": policy.may_share(viewer, post),
        "lifetimes": LIFETIMES,
    }
