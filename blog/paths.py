"""Which addresses a changed post affects beside its own."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from cms.pages.models import PageType, PublishedPage
from cms.pages.paths import paths_showing_posts

from .models import BlogPostPage
from .resolvers import MORE, PER_PAGE, pages_of, posts_below


def list_paths(blog: str, posts: int) -> list[str]:
    """/blog, /blog/page/2, … for so many posts."""
    return [blog, *(f"{blog}/page/{number}" for number in range(2, pages_of(posts) + 1))]


def affected_by_post(document: PublishedPage) -> Iterator[str]:
    """Lists that show the post, from its page on: what comes after it has moved by one."""
    if document.type == PageType.BLOG_INDEX:
        yield from list_paths(document.path, posts_below(document.path).count())
    if document.type != PageType.BLOG_POST:
        return
    blog = document.path.rsplit("/", 1)[0]
    posts = posts_below(blog)
    newer = Q(published_at__gt=document.published_at) | Q(published_at=document.published_at, pk__gt=document.pk)
    first = posts.filter(newer).count() // PER_PAGE
    # One more than there are posts: the last page of the list is gone when its only post is.
    yield from list_paths(blog, posts.count() + (0 if document.is_public else 1))[first:]
    yield blog
    yield from paths_showing_posts()
    yield from _shown_under(document, posts.filter(newer).order_by("published_at", "pk"))


def all_list_paths() -> Iterator[str]:
    """The further pages of every blog; the first one is a page of its own."""
    blogs = PublishedPage.objects.public().on_default_site().filter(type=PageType.BLOG_INDEX)
    for blog in blogs.values_list("path", flat=True):
        yield from list_paths(blog, posts_below(blog).count())[1:]


def _shown_under(document: PublishedPage, newer: QuerySet[PublishedPage]) -> list[str]:
    """Posts under which this one stands as "read next"."""
    # Without a page (deleted), nothing points to it: the number -1 is nobody's.
    chosen_by = BlogPostPage.objects.filter(related=document.page_id or -1).values_list("pk", flat=True)
    chosen = PublishedPage.objects.public().filter(page__in=chosen_by).values_list("path", flat=True)
    same = newer.filter(category=document.category)
    near = [*same.values_list("path", flat=True)[:MORE], *newer.values_list("path", flat=True)[:MORE]]
    return [*chosen, *near]
