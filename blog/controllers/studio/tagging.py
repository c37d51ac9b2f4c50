"""What a form's tags mean now: one that was renamed or merged since the form began must not come back by a save."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from blog.content.slugs import tag_key
from blog.forms.posts import PostForm
from blog.queries import aliases


async def with_present_tags(db: AsyncSession, form: PostForm) -> PostForm:
    """Call the tags by their present names that were renamed or merged since the form was opened.

    A name that somebody wrote after that is a new tag, and stays.
    """
    if form.knows is None:
        return form
    became = await aliases.meant(db, form.tag_names)
    later = {name: now.name for name, now in became.items() if now.number > form.knows}
    if not later:
        return form
    names = {tag_key(name): name for name in (later.get(name, name) for name in form.tag_names)}
    return replace(form, tags=", ".join(names.values()))
