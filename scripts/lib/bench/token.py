"""Run as a module: writes an API token for Wagtail's own API into the file that is named."""

import sys
from pathlib import Path

import django


def main(path: Path) -> None:
    django.setup()
    # Django must be set up before its models are imported.
    from wagtail.models import APIToken

    from cms.users.models import User

    user, _created = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})
    _row, token = APIToken.create_token(user=user, name="bench")
    path.write_text(token)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
