"""Trying a channel with one test car before it is let loose: what people do in a run.

The channel is switched on, but publishes nothing by itself: its engine carries out one wish, that of the test car.
Afterwards the car follows the channel's rules again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.users.models import User
from integrations.publications.actions import ask_platform, require_channel
from integrations.publications.models import Channel, Choice, Publication
from integrations.publications.vocabulary import Desired
from integrations.publications.wishes import catch_up, look_again
from integrations.reports.models import GoLiveNote, GoLiveRun, GoLiveStage
from listings.admin.filters import search_listings
from listings.models import Listing, PublishedListing
from listings.permissions import own_rows

from .facts import BY_HAND, Stage
from .stages import stage_of, stages_of

LOOKED_THROUGH = 300
"""Cars that are tried against the channel's rules to offer some."""
OFFERED = 20
LONGEST_WORDS = 500
ENDED = _("This try has ended meanwhile. Look again.")


def channels_to_try(user: Any) -> QuerySet[Channel]:
    """A dealer's people those of their dealer; the group's staff all of them."""
    if not any(user.has_perm(right) for right in ("reports.run_golive", "publications.change_channel")):
        return Channel.objects.none()
    return Channel.objects.filter(own_rows(user, "dealer", None)).select_related("dealer").distinct()


def cars_to_try(channel: Channel, user: Any, query: str = "") -> list[PublishedListing]:
    """Public cars of the user that the channel takes and of which nobody has decided anything there."""
    mine = search_listings(Listing.objects.filter(own_rows(user)), query).order_by()
    decided = Choice.objects.filter(channel=channel, listing=OuterRef("listing"))
    cars = PublishedListing.objects.public().filter(~Exists(decided), listing__in=mine.values("pk"))
    if channel.dealer is not None:
        cars = cars.filter(dealer=channel.dealer.slug)
    newest = cars.defer("card", "detail", "search_words").order_by("-published_at", "-pk")[:LOOKED_THROUGH]
    fitting = (car for car in newest if channel.accepts(car, Choice(wanted=True)))
    return [car for car, _number in zip(fitting, range(OFFERED), strict=False)]


def stands_empty(channel: Channel) -> bool:
    """Nothing of ours is there: then the channel can be made to publish nothing by itself without harm."""
    return not channel.publications.filter(published_at__isnull=False).exists()


# --- The channel ----------------------------------------------------------------------------------
def switch_on_for_test(channel: Channel, user: User) -> None:
    """On, but only for the cars that somebody has put in. Raises ValidationError."""
    _require(channel, user)
    with transaction.atomic():
        row = Channel.objects.select_for_update(of=("self",)).select_related("dealer").get(pk=channel.pk)
        if row.is_active:
            raise ValidationError(_("The channel is switched on already."))
        if not stands_empty(row):
            raise ValidationError(_("Cars of yours stand in this channel: switch it on in its settings."))
        Channel.objects.filter(pk=row.pk).update(is_active=True, automatic=False)
        row.is_active, row.automatic = True, False
        catch_up(row)
        log(instance=row, action="golive.switch_on_for_test", user=user)


def let_loose(channel: Channel, user: User) -> None:
    """From now on every new and changed car that fits goes there by itself. Raises ValidationError."""
    require_channel(user)
    _require(channel, user)
    with transaction.atomic():
        row = Channel.objects.select_for_update(of=("self",)).select_related("dealer").get(pk=channel.pk)
        if not GoLiveRun.objects.filter(channel=row, passed=True).exists():
            raise ValidationError(_("First try the channel with a test car."))
        if not row.is_active or row.automatic:
            raise ValidationError(ENDED)
        Channel.objects.filter(pk=row.pk).update(automatic=True)
        log(instance=row, action="golive.let_loose", user=user)


# --- A run ----------------------------------------------------------------------------------------
def start(channel: Channel, user: User, listing_id: int) -> GoLiveRun:
    """Raises ValidationError."""
    _require(channel, user)
    car = PublishedListing.objects.filter(listing_id=listing_id, listing__in=Listing.objects.filter(own_rows(user)))
    document = car.public().first()
    if document is None or Choice.objects.filter(channel=channel, listing_id=listing_id).exists():
        raise ValidationError(_("Choose a car from the list."))
    if not channel.accepts(document, Choice(wanted=True)):
        raise ValidationError(_("The channel does not take this car. Choose another one."))
    try:
        with transaction.atomic():
            run = GoLiveRun.objects.create(
                channel=channel,
                listing_id=listing_id,
                title=f"{document.title}, {document.year}"[:140],
                started_at=timezone.now(),
                started_by=user,
            )
            log(instance=channel, action="golive.start", user=user, data={"car": run.title})
    except IntegrityError:
        raise ValidationError(_("Somebody is trying this channel already.")) from None
    return run


def check_access(run: GoLiveRun, user: User) -> GoLiveNote:
    """Asks the platform, outside of any transaction, and notes down the answer."""
    _require(run.channel, user)
    answer = ask_platform(run.channel)
    with _open(run, user):
        return _note(run, GoLiveStage.ACCESS, user, passed=answer.ok, words=str(answer.words))


def send(run: GoLiveRun, user: User) -> None:
    """The test car goes into the channel, and nothing else. Pressed again, it is tried again."""
    with _open(run, user):
        channel, listing_id = run.channel, _car_of(run, user)
        if not channel.is_active:
            raise ValidationError(_("Switch the channel on first."))
        Choice.objects.update_or_create(
            channel=channel,
            listing_id=listing_id,
            defaults={"wanted": True, "not_before": None, "campaign": None},
        )
        look_again([listing_id], channel)
        row = Publication.objects.filter(channel=channel, document__listing_id=listing_id).first()
        if row is None or row.desired != Desired.PRESENT:
            raise ValidationError(_("The channel does not take this car. Choose another one."))
        log(instance=channel, action="golive.send", user=user, data={"car": run.title})


def withdraw(run: GoLiveRun, user: User) -> None:
    """The test car leaves the channel. That it was seen there is noted down, for the publication forgets it."""
    with _open(run, user):
        channel, listing_id = run.channel, _car_of(run, user)
        row = Publication.objects.filter(channel=channel, document__listing_id=listing_id).first()
        if row is None or not row.has_post:
            raise ValidationError(_("Nothing stands in the channel."))
        seen = stage_of(run, user, GoLiveStage.SEEN)
        if seen.passed and not run.notes.filter(stage=GoLiveStage.SEEN).exists():
            _keep(run, seen)
        Choice.objects.update_or_create(
            channel=channel,
            listing_id=listing_id,
            defaults={"wanted": False, "not_before": None, "campaign": None},
        )
        look_again([listing_id], channel)
        log(instance=channel, action="golive.withdraw", user=user, data={"car": run.title})


def vouch(run: GoLiveRun, user: User, stage: str, *, words: str = "", address: str = "") -> None:
    """A person has looked, where the machine cannot. Raises ValidationError."""
    if stage not in BY_HAND:
        raise ValidationError(_("The system finds this out by itself."))
    if stage == GoLiveStage.SEEN and not address.startswith(("https://", "http://")):
        raise ValidationError(_("Enter the address of the post."))
    if stage != GoLiveStage.SEEN and not words.strip():
        raise ValidationError(_("Say what you have seen, and where."))
    with _open(run, user):
        needed = GoLiveStage.WITHDRAWN if stage == GoLiveStage.GONE else GoLiveStage.SENT
        if not stage_of(run, user, needed).passed:
            raise ValidationError(_("It is too early for that: first comes what stands above."))
        told = {"words": words.strip()[:LONGEST_WORDS], "address": address[:LONGEST_WORDS]}
        _note(run, GoLiveStage(stage), user, passed=True, by_hand=True, **told)
        log(instance=run.channel, action="golive.vouch", user=user, data={"stage": stage, **told})


def finish(run: GoLiveRun, user: User) -> None:
    """Everything is passed: what is known of each stage is kept as it stands. Raises ValidationError."""
    with _open(run, user):
        stages = stages_of(run, user)
        if not all(stage.passed for stage in stages):
            raise ValidationError(_("Something is still missing. Look at the list."))
        _end(run, user, stages, passed=True)


def stop(run: GoLiveRun, user: User) -> None:
    """The try ends without a result; a test car that is still there leaves the channel, unless its rules want it."""
    with _open(run, user):
        _end(run, user, stages_of(run, user), passed=False)


def _end(run: GoLiveRun, user: User, stages: Sequence[Stage], *, passed: bool) -> None:
    for stage in stages:
        if not run.notes.filter(stage=stage.code).exists():
            _keep(run, stage)
    run.passed, run.ended_at, run.ended_by = passed, timezone.now(), user
    run.save(update_fields=["passed", "ended_at", "ended_by"])
    if run.listing_id is not None:
        # Only the choice of this run: a plan that somebody has made meanwhile stays.
        own = Choice.objects.filter(channel=run.channel, listing_id=run.listing_id, not_before=None, campaign=None)
        if own.delete()[0] and run.channel.is_active:
            look_again([run.listing_id], run.channel)
    log(instance=run.channel, action=f"golive.{'pass' if passed else 'stop'}", user=user, data={"car": run.title})


# --- Common ---------------------------------------------------------------------------------------
@contextmanager
def _open(run: GoLiveRun, user: User) -> Iterator[None]:
    """Locks the run, with its channel as it is now."""
    _require(run.channel, user)
    with transaction.atomic():
        if not GoLiveRun.objects.select_for_update().filter(pk=run.pk, ended_at=None).exists():
            raise ValidationError(ENDED)
        run.channel = Channel.objects.select_related("dealer").get(pk=run.channel_id)
        yield


def _require(channel: Channel, user: User) -> None:
    if not channels_to_try(user).filter(pk=channel.pk).exists():
        raise PermissionDenied


def _car_of(run: GoLiveRun, user: User) -> int:
    found = Listing.objects.filter(own_rows(user), pk=run.listing_id).values_list("pk", flat=True).first()
    if found is None:
        raise ValidationError(_("The test car has been deleted. End this try and begin another one."))
    return int(found)


def _keep(run: GoLiveRun, stage: Stage) -> None:
    """As the machine knows it now."""
    GoLiveNote.objects.create(
        run=run,
        stage=stage.code,
        at=stage.at or timezone.now(),
        passed=stage.passed,
        words=stage.words,
        address=stage.address,
    )


def _note(run: GoLiveRun, stage: GoLiveStage, user: User, **values: Any) -> GoLiveNote:
    note, _created = GoLiveNote.objects.update_or_create(
        run=run, stage=stage, defaults={"at": timezone.now(), "by": user, **values}
    )
    return note
