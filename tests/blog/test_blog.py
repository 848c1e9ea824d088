"""The blog: posts, their lists, what a change of a post affects."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from blog.resolvers import PER_PAGE
from cms.pages.paths import affected_paths, all_page_paths
from cms.pages.schemas import Page
from tests.factories_pages import AuthorFactory, CategoryFactory, PostFactory, blog, document_of, site_home

pytestmark = pytest.mark.django_db


def test_a_post_has_exactly_the_documented_shape(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    post = PostFactory(
        slug="winter", title="Зимние шины", category=CategoryFactory(), author=AuthorFactory(), tags=["шины", "зима"],
        body=[("rich_text", "<p>Текст</p>")], published=True,
    )  # fmt: skip
    with django_assert_num_queries(2):
        answer = client.get("/api/v1/pages?path=/blog/winter").json()
    published = post.first_published_at.isoformat(timespec="seconds")
    assert answer | {"body": [], "updated_at": ""} == {
        "type": "blog_post",
        "path": "/blog/winter",
        "title": "Зимние шины",
        "body": [],
        "intro": "Коротко о главном",
        "published_at": published,
        "updated_at": "",
        "author": {"name": "Анна Ковалёва", "role": "Редактор"},
        "category": {"slug": "advice", "name": "Советы"},
        "tags": ["зима", "шины"],
        "image": None,
        "seo": {"title": "Зимние шины", "description": "", "image": None},
        "more": [],
    }
    assert answer["body"][0]["value"] == {"html": "<p>Текст</p>"}
    Page.model_validate(answer)


def test_lists_have_twelve_posts_a_page(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(PER_PAGE + 1):
        PostFactory(slug=f"post-{number}", published=True)
    PostFactory(slug="draft")
    with django_assert_num_queries(3):
        first = client.get("/api/v1/pages?path=/blog").json()
    second = client.get("/api/v1/pages?path=/blog/page/2").json()
    assert (first["path"], first["page"], first["pages"], len(first["posts"])) == ("/blog", 1, 2, 12)
    assert (second["path"], second["page"], second["pages"]) == ("/blog/page/2", 2, 2)
    assert [post["path"] for post in second["posts"]] == ["/blog/post-0"]
    Page.model_validate(second)


@pytest.mark.parametrize("number", ["1", "3", "0", "-1", "02", "9999999"])
def test_there_is_no_other_page_of_a_list(client: Client, number: str) -> None:
    for _ in range(PER_PAGE + 1):
        PostFactory(published=True)
    assert client.get(f"/api/v1/pages?path=/blog/page/{number}").status_code == 404


def test_an_empty_blog_has_one_page(client: Client) -> None:
    blog()
    answer = client.get("/api/v1/pages?path=/blog").json()
    assert (answer["posts"], answer["page"], answer["pages"]) == ([], 1, 1)


def test_an_unpublished_post_leaves_every_list(client: Client) -> None:
    other = PostFactory(slug="other", published=True)
    post = PostFactory(slug="post", related=[other], published=True)
    other.unpublish()
    assert client.get("/api/v1/pages?path=/blog/other").status_code == 410
    assert [card["path"] for card in client.get("/api/v1/pages?path=/blog").json()["posts"]] == ["/blog/post"]
    assert client.get(f"/api/v1/pages?path={document_of(post).path}").json()["more"] == []


def test_read_next_shows_chosen_posts_then_older_ones_of_the_category(client: Client) -> None:
    advice = CategoryFactory()
    PostFactory(slug="older", published=True)
    PostFactory(slug="same", category=advice, published=True)
    chosen = PostFactory(slug="chosen", published=True)
    PostFactory(slug="post", category=advice, related=[chosen], published=True)
    PostFactory(slug="newer", category=advice, published=True)
    more = client.get("/api/v1/pages?path=/blog/post").json()["more"]
    assert [card["path"] for card in more] == ["/blog/chosen", "/blog/same", "/blog/older"]


def test_a_renamed_category_reaches_its_posts(client: Client) -> None:
    category = CategoryFactory()
    PostFactory(slug="post", category=category, published=True)
    category.name = "Полезное"
    category.save()
    answer = client.get("/api/v1/pages?path=/blog").json()
    assert answer["posts"][0]["category"] == {"slug": "advice", "name": "Полезное"}
    assert client.get("/api/v1/pages?path=/blog/post").json()["category"]["name"] == "Полезное"


@pytest.mark.django_db(transaction=True)
def test_a_deleted_author_leaves_the_posts(client: Client) -> None:
    author = AuthorFactory()
    PostFactory(slug="post", author=author, published=True)
    author.delete()
    assert client.get("/api/v1/pages?path=/blog/post").json()["author"] is None


def test_a_post_affects_its_lists_and_the_pages_that_show_posts() -> None:
    home = site_home()
    home.body = [("posts", {"title": "Блог", "category": "", "limit": 3})]
    home.save_revision().publish()
    posts = [PostFactory(slug=f"post-{number}", published=True) for number in range(PER_PAGE + 1)]
    assert affected_paths(document_of(posts[-1])) == ["/blog/post-12", "/blog", "/blog/page/2", "/"]
    # The oldest one stands on the second page, and as "read next" under the three after it.
    assert affected_paths(document_of(posts[0])) == [
        "/blog/post-0", "/blog/page/2", "/blog", "/", "/blog/post-1", "/blog/post-2", "/blog/post-3",
    ]  # fmt: skip


def test_the_last_page_of_a_list_is_affected_when_it_goes() -> None:
    posts = [PostFactory(slug=f"post-{number}", published=True) for number in range(PER_PAGE + 1)]
    posts[0].unpublish()
    assert "/blog/page/2" in affected_paths(document_of(posts[0]))
    assert "/blog/page/2" not in all_page_paths()


def test_all_addresses_include_the_pages_of_lists() -> None:
    for number in range(PER_PAGE + 1):
        PostFactory(slug=f"post-{number:02}", published=True)
    PostFactory(slug="draft")
    expected = ["/", "/blog", *(f"/blog/post-{number:02}" for number in range(PER_PAGE + 1)), "/blog/page/2"]
    assert all_page_paths() == expected
