"""Who may log in to the demo, and as what."""

from dataclasses import dataclass

from wagtail.models import Task, Workflow, WorkflowTask

from cms.users.models import User
from cms.users.roles import role_group, set_up_roles
from listings.models import Dealer, DealerMember
from listings.vocabulary import MemberRole

PASSWORD = "avtofamily-demo"  # noqa: S105  printed by scripts/demo; these users exist in demos only
WORKFLOW = "Проверка страниц"
DEALER = "avtofamily-minsk"
"""Where the demo's dealer people work."""


@dataclass(frozen=True)
class Login:
    """One who may log in: a superuser, one of the group's staff (`role`), or one of a dealer's people (`member`)."""

    username: str
    first_name: str
    last_name: str
    may: str
    role: str = ""
    member: str = ""


LOGINS = (
    Login("admin", "Анна", "Ковалевич", "may do everything"),
    Login("editor", "Егор", "Лапицкий", "writes, asks a moderator to publish", "editor"),
    Login("moderator", "Марина", "Савчук", "publishes, looks after channels", "moderator"),
    Login("marketer", "Мария", "Жданович", "pages, blog and redirects", "marketer"),
    Login("sales", "Сергей", "Климович", "enquiries of all dealers", "sales_manager"),
    Login("dealer", "Денис", "Гончар", "runs the dealer in Minsk", member=MemberRole.MANAGER),
    Login("agent", "Алексей", "Юркевич", "sells his own cars there", member=MemberRole.AGENT),
    Login("agent2", "Ольга", "Синкевич", "sells her own cars there", member=MemberRole.AGENT),
)


def logins() -> str:
    """As scripts/demo prints them."""
    lines = [f"  {login.username:<10} {PASSWORD}   {login.may}" for login in LOGINS]
    return "\n".join(["  Log in (all with one password):", *lines])


def load_people() -> None:
    """Roles with their rights, and users in them. Who is there stays as he is."""
    set_up_roles()
    _load_workflow()
    for login in LOGINS:
        if not login.member and not User.objects.filter(username=login.username).exists():
            _add_user(login)


def load_dealer_people(dealers: dict[str, Dealer]) -> None:
    """The people of one dealer, once it is there."""
    for login in LOGINS:
        if login.member and not User.objects.filter(username=login.username).exists():
            user = _add_user(login)
            DealerMember.objects.create(dealer=dealers[DEALER], user=user, role=login.member)


def agents() -> dict[int, list[User]]:
    """The demo's agents by the id of their dealer."""
    members = DealerMember.objects.filter(
        role=MemberRole.AGENT, user__username__in=[login.username for login in LOGINS]
    )
    found: dict[int, list[User]] = {}
    for member in members.select_related("user").order_by("user__username"):
        found.setdefault(member.dealer_id, []).append(member.user)
    return found


def _add_user(login: Login) -> User:
    superuser = not (login.role or login.member)
    user: User = User.objects.create_user(
        login.username,
        f"{login.username}@avtofamily.example",
        PASSWORD,
        first_name=login.first_name,
        last_name=login.last_name,
        is_staff=superuser,
        is_superuser=superuser,
    )
    if login.role:
        user.groups.add(role_group(login.role))
    return user


def _load_workflow() -> None:
    """Wagtail's own workflow, by which pages go to the moderators, gets a name that people understand."""
    task = (
        WorkflowTask.objects.select_related("task").exclude(task__moderationtask__isnull=False).order_by("pk").first()
    )
    if task is not None:
        Workflow.objects.filter(pk=task.workflow_id).update(name=WORKFLOW)
        Task.objects.filter(pk=task.task_id).update(name=WORKFLOW)
