"""Whose names somebody reads: the group's staff all of them, a dealer's people those of their own dealers."""

from typing import Any

from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from cms.users.models import User
from listings.permissions import own_dealers, sees_all_dealers


class Names:
    """For one reader. One query, and none for who reads all."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader
        self.reads_all = sees_all_dealers(reader)

    def of(self, person: User | None) -> str:
        if person is None:
            return ""
        return self.as_told(person.get_full_name() or person.get_username())

    def as_told(self, name: str) -> str:
        """Of a name that was written down."""
        return name if not name or self.reads_all or name in self._colleagues else _("a colleague")

    @cached_property
    def _colleagues(self) -> set[str]:
        mine = own_dealers(self.reader).values("pk")
        people = User.objects.filter(Q(dealer_members__dealer__in=mine) | Q(pk=self.reader.pk)).distinct()
        return {person.get_full_name() or person.get_username() for person in people}
