"""Who may log in to the demo, and as what."""

from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Workflow, WorkflowContentType, WorkflowTask

from cms.users.models import User
from cms.users.roles import role_group, set_up_roles
from listings.models import Dealer, DealerMember, Listing
from listings.vocabulary import MemberRole

PASSWORD = "avtofamily-demo"  # noqa: S105  printed by scripts/demo; these users exist in demos only
WORKFLOW = "Проверка модератором"
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


def agents() -> dict[int, User]:
    """The demo's agents by the id of their dealer."""
    members = DealerMember.objects.filter(
        role=MemberRole.AGENT, user__username__in=[login.username for login in LOGINS]
    )
    return {member.dealer_id: member.user for member in members.select_related("user")}


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
    """Cars go to the moderators as pages do; Wagtail's own workflow gets a name people understand."""
    kind = ContentType.objects.get_for_model(Listing)
    task = WorkflowTask.objects.select_related("workflow", "task").order_by("pk").first()
    if task is None or WorkflowContentType.objects.filter(content_type=kind).exists():
        return
    Workflow.objects.filter(pk=task.workflow_id).update(name=WORKFLOW)
    task.task.name = WORKFLOW
    task.task.save(update_fields=["name"])
    WorkflowContentType.objects.create(content_type=kind, workflow=task.workflow)
