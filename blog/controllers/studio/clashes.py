"""What two people changed at once and no rule can decide: shown part by part, and settled by a choice."""

from dataclasses import dataclass
from typing import Any, cast

from litestar import Controller, Response, get, post
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from blog import policy
from blog.content.diff import Piece, compare_words
from blog.content.merge import FIELDS, PROSE
from blog.content.worker import off_loop
from blog.controllers.studio import keeping
from blog.controllers.studio.editor import editor
from blog.controllers.studio.labels import label_of
from blog.controllers.studio.loading import post_if
from blog.forms.merging import Choice, Merged, Place
from blog.forms.posts import PostForm
from blog.models import Event, Post
from blog.queries import revisions
from blog.web import routes
from blog.web.arguments import Db, LoadedPost, Now, Viewer
from blog.web.guards import SLOW, begin_writing, serves
from blog.web.input import read_form, text_of
from blog.web.rendering import Asked, page, see
from blog.web.state import house


@dataclass(frozen=True, slots=True)
class Question:
    """A part that both changed: the field's name for the form, and both versions word by word."""

    name: str
    field: str
    mine: list[Piece]
    theirs: list[Piece]
    may_be_both: bool
    chosen: str


class Clashes(Controller):
    path = "/studio/posts/{post_id:int}/conflict"
    opt = serves(policy.Action.WRITE)
    dependencies = {"post": Provide(post_if(policy.may_edit))}  # noqa: RUF012 - Litestar reads this from the class

    @get("/", name="clashes.show")
    async def show(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost) -> Response[Any]:
        """Show what was typed here and could not be saved; without such go to the editor."""
        clash = await revisions.clash_of(db, post, viewer)
        newest = await revisions.newest(db, post)
        if clash is None or newest is None:
            return see(routes.url("studio.posts.edit", post_id=post.id))
        if not await revisions.is_kept(db, post, newest.number):
            await begin_writing(request)
            await revisions.keep(db, post, newest.number)
            await db.commit()
        merged = await keeping.merge_from(db, post, keeping.typed_form(clash.form), newest)
        return await clash_page(request, db, post, merged, 200)

    @post("/", name="clashes.update", status_code=200, opt=SLOW)
    async def settle(self, request: Asked, db: Db, viewer: Viewer, post: LoadedPost, now: Now) -> Response[Any]:
        """Save what was chosen; it is merged in turn if somebody saved since."""
        typed = await read_form(request)
        asked, _errors = PostForm.parse(typed)
        clash = await revisions.clash_of(db, post, viewer)
        theirs = await revisions.by_number(db, post, asked.version)
        if clash is None:
            return see(routes.url("studio.posts.edit", post_id=post.id))
        is_same = text_of(typed, "clash") == str(clash.id) and theirs is not None
        theirs = theirs if is_same else await revisions.newest(db, post)
        assert theirs is not None  # noqa: S101 - a post has a newest revision
        merged = await keeping.merge_from(db, post, keeping.typed_form(clash.form), theirs)
        choices = _choices(merged, typed)
        if choices is None or not is_same:
            return await clash_page(request, db, post, merged, 422, typed)
        form, errors = PostForm.parse(_as_typed(merged.form(choices)))

        async def saved(post: Post) -> str:
            await revisions.forget_clash(db, post, viewer)
            db.add(Event.about("post.saved", post, now, viewer, revision=post.revision_number))
            return "kept" if post.has_working_copy else "saved"

        way = keeping.BY_HAND if text_of(typed, "then") == "update" else keeping.ASIDE
        outcome = await keeping.save(request, db, post, form, errors, way, saved)
        if isinstance(outcome, keeping.Refused):
            return await editor(request, db, viewer, outcome.post, outcome.form, outcome.errors)
        if isinstance(outcome, keeping.Clashed):
            return await clash_page(request, db, outcome.post, outcome.merged, 409)
        return see(routes.url("studio.posts.edit", post_id=post.id), message=outcome.message)


async def clash_page(
    request: Asked, db: AsyncSession, post: Post, merged: Merged, status: int, typed: dict[str, Any] | None = None
) -> Response[Any]:
    """Show both versions of what clashed and all that was merged; the choice begins from their version."""
    assert request.user is not None  # noqa: S101 - the guard let in only who is signed in
    clash = await revisions.clash_of(db, post, request.user)
    theirs = await revisions.by_number(db, post, merged.theirs.version)
    savers = await revisions.savers_since(db, post, merged.mine.version)
    # Two windows of one person may clash too.
    savers = [saver for saver in savers if saver != request.user.id] or savers
    names = await revisions.names_of(db, savers)
    await db.commit()
    return page(
        request,
        "studio/posts/conflict.html",
        status=status,
        post=post,
        clash=clash,
        version=merged.theirs.version,
        saved_at=theirs.saved_at if theirs else post.saved_at,
        names=[names[saver] for saver in savers if saver in names],
        questions=await off_loop(_questions, merged, typed or {}),
        agreed=_agreed(merged),
        label_of=label_of,
        is_missing=typed is not None,
        is_live=post.is_live(house(request).clock()),
    )


def _name(place: Place) -> str:
    field, number = place
    return f"choice-{field}-{number}"


def _choices(merged: Merged, typed: dict[str, Any]) -> dict[Place, Choice] | None:
    """Read what was chosen; None while a part has no choice."""
    choices: dict[Place, Choice] = {}
    for place in merged.conflicts:
        choice = text_of(typed, _name(place))
        if choice not in {"mine", "theirs"} and not (choice == "both" and place[0] in PROSE):
            return None
        choices[place] = cast("Choice", choice)
    return choices


def _questions(merged: Merged, typed: dict[str, Any]) -> list[Question]:
    questions = []
    for place, conflict in merged.conflicts.items():
        pieces = compare_words(conflict.theirs, conflict.mine)
        mine = [piece for piece in pieces if piece.kind != "removed"]
        theirs = [piece for piece in pieces if piece.kind != "added"]
        may_be_both = place[0] in PROSE and bool(conflict.mine) and bool(conflict.theirs)
        chosen = text_of(typed, _name(place))
        questions.append(Question(_name(place), place[0], mine, theirs, may_be_both, chosen))
    return questions


def _agreed(merged: Merged) -> list[tuple[str, str]]:
    """List the fields that merged and are not the same in both forms, with what they hold; the text in parts."""
    told = []
    for field in FIELDS:
        settled = [part for part in merged.parts[field] if isinstance(part, str)]
        is_whole = len(settled) == len(merged.parts[field])
        if field == "body" or (field in merged.differing and is_whole):
            told += [(field, part) for part in settled if part.strip()]
    return told


def _as_typed(form: PostForm) -> dict[str, object]:
    names = (name for name in PostForm.__dataclass_fields__ if getattr(form, name) is not None)
    return {name: str(getattr(form, name)) for name in names}
