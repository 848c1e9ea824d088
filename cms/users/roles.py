"""Who may do what: the one table of roles, and how groups get their rights from it.

A role is a group with Django permissions, and with rights on all pages and photos if it has any. Whose rows somebody
sees is another question (`listings.permissions`): a dealer's people get rights on their photos by the dealer's own
groups (`listings.dealers`). See docs/roles.md.
"""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from .signals import roles_set_up


class UnknownPermissionError(LookupError):
    """The table names a permission that the database does not have."""


@dataclass(frozen=True)
class Role:
    """`permissions`, `pages` and `collections` are "app.codename" texts; the last two hold for all pages and photos."""

    group: str
    permissions: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    everything: bool = False
    taken_over: str = ""
    """Name of the group that Wagtail ships for the same job."""


def _rights(*lines: str) -> tuple[str, ...]:
    """ "listings.view_listing change_listing" names two permissions of listings."""
    found = []
    for line in lines:
        app, names = line.split(".", 1)
        found += [f"{app}.{name}" for name in names.split()]
    return tuple(found)


def _each(app: str, verbs: str, models: str) -> tuple[str, ...]:
    return tuple(f"{app}.{verb}_{model}" for model in models.split() for verb in verbs.split())


ADMIN = _rights("wagtailadmin.access_admin")
ALL_DEALERS = _rights("listings.access_all_dealers")
ENQUIRIES = _rights("leads.view_lead change_lead")
REFERENCE = "make carmodel generation trim city equipment equipmentgroup paymenttype exchangerate"
WRITING = _each("blog", "add change", "category author")
TEXTS = WRITING + _each("blog", "delete", "category author")
REDIRECTS = _each("wagtailredirects", "add change delete", "redirect")
EDIT_PAGES = _rights("wagtailcore.add_page change_page")
PUBLISH_PAGES = _rights("wagtailcore.publish_page lock_page unlock_page bulk_delete_page")
PHOTOS = _rights("wagtailimages.add_image change_image choose_image")
FILES = _rights("wagtaildocs.add_document change_document choose_document")
FOLDERS = _rights("wagtailcore.add_collection change_collection delete_collection")

ROLES: dict[str, Role] = {
    "administrator": Role(
        "Администраторы", everything=True, pages=EDIT_PAGES + PUBLISH_PAGES, collections=PHOTOS + FILES + FOLDERS
    ),
    "moderator": Role(
        "Модераторы",
        ADMIN + ALL_DEALERS + ENQUIRIES + TEXTS + REDIRECTS
        + _rights(
            "listings.view_listing add_listing change_listing delete_listing publish_listing lock_listing "
            "unlock_listing archive_listing import_listing sell_listing view_dealer change_dealer",
            "publications.view_channel view_publication change_publication",
            "reports.run_golive",
            "pages.change_sitesettings",
        )
        + _each("listings", "view add change delete", REFERENCE + " returnreason"),
        pages=EDIT_PAGES + PUBLISH_PAGES,
        collections=PHOTOS + FILES,
        taken_over="Moderators",
    ),
    "editor": Role(
        "Редакторы",
        ADMIN + ALL_DEALERS + WRITING + _rights("listings.view_listing add_listing change_listing"),
        pages=EDIT_PAGES,
        collections=PHOTOS + FILES,
        taken_over="Editors",
    ),
    "marketer": Role(
        "Маркетологи",
        ADMIN + ALL_DEALERS + TEXTS + REDIRECTS
        + _rights("listings.view_listing", "publications.view_publication", "pages.change_sitesettings"),
        pages=EDIT_PAGES + PUBLISH_PAGES,
        collections=PHOTOS + FILES,
    ),
    "dealer_manager": Role(
        "Руководители дилеров",
        ADMIN + ENQUIRIES
        + _rights(
            "listings.view_listing add_listing change_listing archive_listing import_listing sell_listing "
            "view_dealer change_dealer view_apitoken add_apitoken change_apitoken",
            "publications.view_publication plan_publication",
            "reports.run_golive",
        ),
    ),
    "dealer_agent": Role(
        "Агенты дилеров",
        ADMIN + ENQUIRIES
        + _rights("listings.view_listing add_listing change_listing sell_listing", "publications.view_publication"),
    ),
    "sales_manager": Role(
        "Менеджеры продаж",
        ADMIN + ALL_DEALERS + ENQUIRIES
        + _rights("listings.view_listing sell_listing view_dealer", "publications.view_publication"),
    ),
    # Works through the API only: no access to the admin.
    "integration": Role(
        "Интеграции",
        _rights(
            "listings.view_listing add_listing change_listing archive_listing import_listing sell_listing",
            "leads.view_lead",
        ),
    ),
}  # fmt: skip


def set_up_roles(*, reset: bool = False) -> dict[str, list[str]]:
    """Makes the table true: every group exists and has its rights. Answers what was changed, by group name.

    Rights that somebody gave a group by hand stay, unless `reset`. Raises UnknownPermissionError.
    """
    changed: dict[str, list[str]] = {}
    with transaction.atomic():
        groups = {}
        for key, role in ROLES.items():
            groups[key], changes = _set_up(role, reset)
            if changes:
                changed[role.group] = changes
        roles_set_up.send(sender=Role, groups=groups)
    return changed


def role_group(key: str) -> Group:
    """The group of a role, set up if nobody has done that yet."""
    role = ROLES[key]
    return Group.objects.filter(name=role.group).first() or _set_up(role, reset=False)[0]


@transaction.atomic
def _set_up(role: Role, reset: bool) -> tuple[Group, list[str]]:
    group, changes = _group(role)
    wanted = set(Permission.objects.all()) if role.everything else _permissions(role.permissions)
    has = set(group.permissions.all())
    group.permissions.add(*(wanted - has))
    changes += _signed("+", wanted - has)
    if reset:
        group.permissions.remove(*(has - wanted))
        changes += _signed("-", has - wanted)
    changes += _set_up_tree(GroupPagePermission, "page", Page.get_first_root_node(), group, role.pages, reset)
    root = Collection.get_first_root_node()
    changes += _set_up_tree(GroupCollectionPermission, "collection", root, group, role.collections, reset)
    return group, changes


def _group(role: Role) -> tuple[Group, list[str]]:
    group = Group.objects.filter(name=role.group).first()
    if group is not None:
        return group, []
    group = Group.objects.filter(name=role.taken_over).first() or Group()
    group.name = role.group
    group.save()
    return group, ["+"]


def _set_up_tree(
    model: type[GroupPagePermission] | type[GroupCollectionPermission],
    field: str,
    root: Page | Collection,
    group: Group,
    names: tuple[str, ...],
    reset: bool,
) -> list[str]:
    """Rights on the root of pages or collections hold for everything below."""
    rows = model.objects.filter(group=group).select_related("permission__content_type")
    wanted = _permissions(names)
    has = {row.permission for row in rows if getattr(row, f"{field}_id") == root.pk}
    model.objects.bulk_create(
        [model(group=group, permission=permission, **{field: root}) for permission in wanted - has]
    )
    if not reset:
        return _signed("+", wanted - has)
    surplus = [row for row in rows if getattr(row, f"{field}_id") != root.pk or row.permission not in wanted]
    model.objects.filter(pk__in=[row.pk for row in surplus]).delete()
    return _signed("+", wanted - has) + _signed("-", {row.permission for row in surplus})


def _permissions(names: tuple[str, ...]) -> set[Permission]:
    if not names:
        return set()
    codenames = {name.split(".")[1] for name in names}
    rows = Permission.objects.filter(codename__in=codenames).select_related("content_type")
    found = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    missing = sorted(set(names) - set(found))
    if missing:
        raise UnknownPermissionError(f"There is no permission {', '.join(missing)}: run migrate first.")
    return {found[name] for name in names}


def _signed(sign: str, permissions: set[Permission]) -> list[str]:
    return sorted(f"{sign}{permission.codename}" for permission in permissions)
