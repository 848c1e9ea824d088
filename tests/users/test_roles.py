"""The table of roles, and the command that makes it true."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from cms.users import roles
from cms.users.models import User
from cms.users.roles import ROLES, Role

pytestmark = pytest.mark.django_db


def set_up(*arguments: str) -> str:
    out = StringIO()
    call_command("setup_roles", *arguments, stdout=out)
    return out.getvalue()


def rights() -> set[tuple[str, str, str]]:
    """Everything that groups may do, and where."""
    flat = Group.objects.exclude(permissions=None).values_list("name", "permissions__codename")
    pages = GroupPagePermission.objects.values_list("group__name", "permission__codename", "page__title")
    folders = GroupCollectionPermission.objects.values_list("group__name", "permission__codename", "collection__name")
    return {(name, codename, "") for name, codename in flat} | set(pages) | set(folders)


def test_every_role_is_a_group_and_wagtails_own_are_taken_over() -> None:
    set_up()

    assert set(Group.objects.values_list("name", flat=True)) == {role.group for role in ROLES.values()}


def test_a_second_run_changes_nothing() -> None:
    assert "Roles: set up" in set_up()
    before = rights()

    assert "nothing to change" in set_up()
    assert rights() == before


def test_missing_rights_come_back_and_rights_given_by_hand_stay() -> None:
    set_up()
    editors = Group.objects.get(name="Редакторы")
    lost, given = (Permission.objects.get(codename=name) for name in ("change_listing", "delete_listing"))
    editors.permissions.remove(lost)
    editors.permissions.add(given)

    said = set_up()

    assert "Редакторы: +change_listing" in said
    assert {lost, given} <= set(editors.permissions.all())


def test_reset_takes_away_what_was_given_by_hand() -> None:
    # Wagtail's own groups bring some rights along.
    set_up("--reset")
    before = rights()
    editors = Group.objects.get(name="Редакторы")
    editors.permissions.add(Permission.objects.get(codename="delete_listing"))
    folder = Collection.get_first_root_node().add_child(name="Тайное")
    right = Permission.objects.get(codename="change_image")
    GroupCollectionPermission.objects.create(group=editors, collection=folder, permission=right)

    said = set_up("--reset")

    assert "-delete_listing" in said
    assert "-change_image" in said
    assert rights() == before


def test_an_unknown_permission_is_named_and_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.ROLES, "sales_manager", Role("Менеджеры продаж", ("listings.fly_listing",)))
    before = rights()

    with pytest.raises(CommandError, match=r"listings\.fly_listing"):
        set_up()

    assert rights() == before
    assert not Group.objects.filter(name="Администраторы").exists()


def test_administrators_may_everything_and_nobody_else_manages_users() -> None:
    set_up()
    may = {role.group: User.objects.create_user(key, password="pass") for key, role in ROLES.items()}
    for name, user in may.items():
        user.groups.add(Group.objects.get(name=name))

    managers = {name for name, user in may.items() if user.has_perm("users.change_user")}

    assert managers == {"Администраторы"}
    assert may["Администраторы"].has_perm("publications.delete_channel")


@pytest.mark.parametrize(
    ("role", "all_dealers", "publishes", "enters"),
    [
        ("administrator", True, True, True),
        ("moderator", True, True, True),
        ("editor", True, False, True),
        ("marketer", True, False, True),
        ("sales_manager", True, False, True),
        ("dealer_manager", False, False, True),
        ("dealer_agent", False, False, True),
        ("integration", False, False, False),
    ],
)
def test_only_the_groups_staff_sees_all_dealers_and_only_moderators_publish(
    role: str, all_dealers: bool, publishes: bool, enters: bool
) -> None:
    user = User.objects.create_user("one", password="pass")
    user.groups.add(roles.role_group(role))

    assert user.has_perm("listings.access_all_dealers") is all_dealers
    assert user.has_perm("listings.publish_listing") is publishes
    assert user.has_perm("wagtailadmin.access_admin") is enters
