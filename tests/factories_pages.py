"""Factories of pages, posts and enquiries. `published=True` publishes the normal way, through a revision."""

from typing import Any

import factory
from factory.django import DjangoModelFactory
from wagtail.models import Locale, Page, Site

from blog.models import Author, BlogIndexPage, BlogPostPage, Category
from cms.pages.models import ContentPage, HomePage, PublishedPage


def site_home() -> HomePage:
    """The front page of the default site; made, and published, when it is first asked for."""
    home = HomePage.objects.first()
    if home is None:
        home = _tree_root().add_child(instance=HomePage(title="Главная", slug="site", live=False))
        Site.objects.update_or_create(
            is_default_site=True, defaults={"hostname": "site.example", "port": 80, "root_page": home}
        )
        home.save_revision().publish()
    return home


def _tree_root() -> Page:
    """Made by a migration; a test with real transactions has emptied the tables."""
    Locale.objects.get_or_create(language_code="ru")
    return Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))


def blog() -> BlogIndexPage:
    index = BlogIndexPage.objects.first()
    if index is None:
        index = site_home().add_child(instance=BlogIndexPage(title="Блог", slug="blog", live=False))
        index.save_revision().publish()
    return index


def document_of(page: Page) -> PublishedPage:
    return PublishedPage.objects.get(page=page.pk)


class PageFactory(DjangoModelFactory):
    """A draft below `parent`."""

    class Meta:
        abstract = True

    title = "Страница"
    slug = factory.Sequence("page-{}".format)

    @classmethod
    def default_parent(cls) -> Page:
        return site_home()

    @classmethod
    def _create(cls, model_class: type[Page], *args: Any, **kwargs: Any) -> Page:
        published, parent = kwargs.pop("published", False), kwargs.pop("parent", None) or cls.default_parent()
        tags = kwargs.pop("tags", ())
        page = Page.objects.get(pk=parent.pk).add_child(instance=model_class(live=False, **kwargs))
        if tags:
            page.tags.add(*tags)
        revision = page.save_revision()
        if published:
            revision.publish()
            page.refresh_from_db()
        return page


class ContentPageFactory(PageFactory):
    class Meta:
        model = ContentPage


class PostFactory(PageFactory):
    class Meta:
        model = BlogPostPage

    title = "Запись"
    intro = "Коротко о главном"

    @classmethod
    def default_parent(cls) -> Page:
        return blog()


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    slug = "advice"
    name = "Советы"


class AuthorFactory(DjangoModelFactory):
    class Meta:
        model = Author

    name = "Анна Ковалёва"
    role = "Редактор"
