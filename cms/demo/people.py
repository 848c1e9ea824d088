"""Who may log in to the demo, and what their groups may do."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import CommandError
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowContentType,
    WorkflowTask,
)

from cms.users.models import User
from listings.models import Listing

PASSWORD = "avtofamily-demo"  # noqa: S105  printed by scripts/demo; these users exist in demos only
EDITORS, MODERATORS = "Редакторы", "Модераторы"
WORKFLOW = "Проверка модератором"


@dataclass(frozen=True)
class Login:
    username: str
    first_name: str
    last_name: str
    may: str
    group: str | None = None


LOGINS = (
    Login("admin", "Анна", "Ковалевич", "may do everything"),
    Login("editor", "Егор", "Лапицкий", "writes, asks a moderator to publish", EDITORS),
    Login("moderator", "Марина", "Савчук", "publishes, looks after channels", MODERATORS),
)

COMMON = [
    "wagtailadmin.access_admin",
    "listings.view_listing listings.add_listing listings.change_listing",
    "blog.add_category blog.change_category blog.add_author blog.change_author",
    "leads.view_lead leads.change_lead",
]
MODERATORS_TOO = [
    "listings.delete_listing listings.publish_listing listings.lock_listing listings.unlock_listing",
    "listings.change_dealer",
    *(
        f"listings.view_{name} listings.add_{name} listings.change_{name}"
        for name in ("make", "carmodel", "generation", "trim", "equipment", "exchangerate")
    ),
    "blog.delete_category blog.delete_author",
    "publications.view_channel publications.view_publication publications.change_publication",
    "pages.change_sitesettings",
    "wagtailredirects.add_redirect wagtailredirects.change_redirect wagtailredirects.delete_redirect",
]
PAGES = ["add_page", "change_page"]
PUBLISHING = ["publish_page", "lock_page", "unlock_page", "bulk_delete_page"]
IMAGES = ["add_image", "change_image", "choose_image"]


def logins() -> str:
    """As scripts/demo prints them."""
    lines = [f"  {login.username:<10} {PASSWORD}   {login.may}" for login in LOGINS]
    return "\n".join(["  Log in (all with one password):", *lines])


def load_people() -> None:
    """Groups with their rights, users in them. What is there stays as it is."""
    _load_group(EDITORS, "Editors", COMMON, PAGES)
    _load_group(MODERATORS, "Moderators", COMMON + MODERATORS_TOO, PAGES + PUBLISHING)
    _load_workflow()
    for login in LOGINS:
        if not User.objects.filter(username=login.username).exists():
            _add_user(login)


def _add_user(login: Login) -> None:
    user = User.objects.create_user(
        login.username,
        f"{login.username}@avtofamily.example",
        PASSWORD,
        first_name=login.first_name,
        last_name=login.last_name,
        is_staff=login.group is None,
        is_superuser=login.group is None,
    )
    if login.group:
        user.groups.add(Group.objects.get(name=login.group))


def _load_group(name: str, shipped_name: str, permissions: list[str], pages: list[str]) -> None:
    """Takes over the group that Wagtail ships, so that there are not two for one job."""
    if Group.objects.filter(name=name).exists():
        return
    group = Group.objects.filter(name=shipped_name).first() or Group()
    group.name = name
    group.save()
    group.permissions.add(*(_permission(full_name) for line in permissions for full_name in line.split()))
    root_page, root_collection = Page.get_first_root_node(), Collection.get_first_root_node()
    for codename in pages:
        permission = _permission(f"wagtailcore.{codename}")
        GroupPagePermission.objects.get_or_create(group=group, page=root_page, permission=permission)
    for codename in IMAGES:
        permission = _permission(f"wagtailimages.{codename}")
        GroupCollectionPermission.objects.get_or_create(group=group, collection=root_collection, permission=permission)


def _load_workflow() -> None:
    """Cars go to the moderators as pages do; Wagtail's own workflow gets a name people understand."""
    kind = ContentType.objects.get_for_model(Listing)
    task = WorkflowTask.objects.select_related("workflow", "task").order_by("pk").first()
    if task is None or WorkflowContentType.objects.filter(content_type=kind).exists():
        return
    Workflow.objects.filter(pk=task.workflow_id).update(name=WORKFLOW)
    task.task.name = WORKFLOW
    task.task.save(update_fields=["name"])
    WorkflowContentType.objects.create(content_type=kind, workflow=task.workflow)


def _permission(full_name: str) -> Permission:
    app, codename = full_name.split(".")
    try:
        return Permission.objects.get(content_type__app_label=app, codename=codename)
    except Permission.DoesNotExist as error:
        raise CommandError(f"There is no permission {full_name}: run migrate first.") from error
