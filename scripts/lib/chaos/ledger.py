"""Run as a module: the product's side of chaos. Each step writes its answer as JSON into the file named first."""

import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

BATCH = 250
TICK = 0.3
CHANNELS = ("telegram", "facebook")
PER_MINUTE = 3000
"""What is to be tried are deaths, not limits."""


def fill(cars: str) -> dict[str, Any]:
    """Schema, channels, and public cars that no worker knows of yet."""
    from django.core.management import call_command

    from integrations.demo.channels import ensure_demo_channel
    from integrations.publications.models import Publication
    from listings.bulk import create_listings
    from listings.management.commands.fill_catalogue import GeneratedStock, dealer

    call_command("migrate", verbosity=0)
    call_command("load_reference_data", verbosity=0, stdout=io.StringIO())
    for adapter in CHANNELS:
        channel = ensure_demo_channel(adapter)
        channel.settings |= {"per_minute": PER_MINUTE}
        channel.save(update_fields=["settings"])
    stock, left = GeneratedStock(dealer(), seed=3), int(cars)
    while left > 0:
        create_listings([stock.listing() for _ in range(min(BATCH, left))], user=None, publish=True)
        left -= BATCH
    return {"desired": Publication.objects.filter(desired="present").count()}


def watch(answer: Path) -> None:
    """How far it is, again and again, until killed."""
    while True:
        written = answer.with_suffix(".new")
        written.write_text(json.dumps(_progress()))
        written.replace(answer)
        time.sleep(TICK)


def _progress() -> dict[str, Any]:
    from django.db.models import Count, Q

    from integrations.publications.models import Channel, Publication

    states = dict(Publication.objects.order_by().values_list("state").annotate(Count("pk")))
    moving = Publication.objects.filter(Q(lease_until__isnull=False) | Q(next_attempt_at__isnull=False))
    # What is held by a person's question has a lease or a due time no more.
    paused = list(Channel.objects.exclude(paused_at=None).values_list("name", "paused_reason"))
    return {"states": states, "moving": moving.count(), "total": sum(states.values()), "paused": paused}


def account() -> dict[str, Any]:
    """What the sandbox shows, against what was wished for."""
    from django.db.models import F, Q

    from integrations.publications.models import Publication, PublicationAttempt
    from integrations.publications.vocabulary import Desired, Operation, Result, State

    from .plan import PUBLISHING_SECONDS, REQUEST_SECONDS

    posts, found = _posts_by_publication(), Counter[str]()
    for row in Publication.objects.select_related("document"):
        seen, wanted = len(posts[row.pk]), row.desired == Desired.PRESENT
        asked = row.state == State.UNCERTAIN and row.attempts.filter(result=Result.UNCERTAIN).exists()
        found["desired"] += wanted
        found["doubled"] += seen > 1
        found["wrong"] += seen > 0 and not wanted
        found["uncertain"] += asked
        found["failed"] += wanted and row.state in {State.FAILED, State.MANUAL}
        found["reached"] += wanted and seen == 1 and not asked
        found["lost"] += wanted and seen == 0 and row.state not in {State.UNCERTAIN, State.FAILED, State.MANUAL}
    # A living worker's call ends sooner: nothing may begin after the one time, and nothing lasts longer than the other.
    longest = timedelta(seconds=PUBLISHING_SECONDS + REQUEST_SECONDS)
    cut_off = Q(finished_at=None) | Q(finished_at__gt=F("started_at") + longest)
    in_flight = PublicationAttempt.objects.filter(cut_off, operation=Operation.CREATE).count()
    names = ("desired", "reached", "lost", "doubled", "uncertain", "wrong", "failed")
    return {name: found[name] for name in names} | {"in_flight": in_flight}


def resolve() -> dict[str, Any]:
    """Looks into the channels as a person would, and says what is there through the same buttons."""
    from cms.users.models import User
    from integrations.publications.actions import confirm_missing, confirm_published
    from integrations.publications.models import Publication
    from integrations.publications.vocabulary import State

    user, _created = User.objects.get_or_create(username="chaos", defaults={"is_superuser": True})
    posts, answers = _posts_by_publication(), Counter[str]()
    for row in Publication.objects.filter(state=State.UNCERTAIN).select_related("document__listing", "channel"):
        seen = posts[row.pk]
        if seen:
            confirm_published(row, user, address=seen[0].address)
        else:
            confirm_missing(row, user)
        answers["there" if seen else "missing"] += 1
    return dict(answers)


def _posts_by_publication() -> dict[int, list[Any]]:
    from django.conf import settings

    from cms import outgoing as http
    from integrations.demo.posts import posts_in
    from integrations.publications.models import Channel, Publication

    into = io.BytesIO()
    http.download(f"{settings.SANDBOX_URL}/__state", into, max_bytes=500 * 1024 * 1024)
    state, found = json.loads(into.getvalue()), {}
    for channel in Channel.objects.all():
        posts = posts_in(channel.adapter, state, sandbox=settings.SANDBOX_URL)
        for row in Publication.objects.filter(channel=channel).select_related("document__listing"):
            car = row.document
            found[row.pk] = [post for post in posts if post.is_about(car.slug, str(car.listing.uuid))]
    return found


STEPS: dict[str, Callable[..., dict[str, Any]]] = {step.__name__: step for step in (fill, account, resolve)}


def main(answer: str, step: str, *words: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.dev")
    django.setup()
    if step == "watch":
        watch(Path(answer))
    Path(answer).write_text(json.dumps(STEPS[step](*words)))


if __name__ == "__main__":
    main(*sys.argv[1:])
