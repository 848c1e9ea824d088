"""How far a channel's try with a test car has come: each stage is read from what the machine knows.

Only where the machine cannot know does a person's word count, and it is shown as such.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from integrations.marketplaces.base import AdapterError
from integrations.marketplaces.post import compose
from integrations.marketplaces.text import units
from integrations.monitoring.vocabulary import PostState
from integrations.publications.models import Choice, Publication
from integrations.publications.texts import problem_of, state_label
from integrations.publications.vocabulary import TROUBLED, Desired, Operation, State
from integrations.reports.cars.refusals import why_absent
from integrations.reports.models import GoLiveRun, GoLiveStage
from integrations.reports.people import Names
from listings.admin.price_history import money

from .facts import Facts, Stage, Standing


def stages_of(run: GoLiveRun, reader: Any) -> list[Stage]:
    """A constant number of queries; no platform is asked. `channel__dealer` and `listing` must be loaded."""
    facts = Facts(run, Names(reader))
    return [facts.told(code) or look(facts) for code, look in STAGES.items()]


def stage_of(run: GoLiveRun, reader: Any, code: GoLiveStage) -> Stage:
    facts = Facts(run, Names(reader))
    return facts.told(code) or STAGES[code](facts)


def next_stage(stages: Sequence[Stage]) -> Stage | None:
    return next((stage for stage in stages if not stage.passed), None)


# --- Before anything is sent ----------------------------------------------------------------------
def _access(facts: Facts) -> Stage:
    return Stage(GoLiveStage.ACCESS, "open", "", _("Press “Check the connection”."))


def _car(facts: Facts) -> Stage:
    if facts.document is None:
        words = _("The test car is not public any more.")
        return Stage(GoLiveStage.CAR, "failed", words, _("Publish it again, or end this try and take another car."))
    if isinstance(facts.rendered, AdapterError):
        return Stage(GoLiveStage.CAR, "failed", str(facts.rendered), _("Correct the car or the channel."))
    choice = Choice(channel=facts.channel, listing=facts.run.listing, wanted=True)
    if not facts.channel.accepts(facts.document, choice):
        why = why_absent(facts.channel, facts.document, choice)
        return Stage(GoLiveStage.CAR, "failed", why, _("Take another car, or change the rules of the channel."))
    return Stage(GoLiveStage.CAR, "done", _("It has all that the platform wants."))


def _text(facts: Facts) -> Stage:
    limit = facts.capabilities.text_limit
    if limit is None:
        return Stage(GoLiveStage.TEXT, "skipped", _("The platform makes the text itself, from the car's data."))
    if facts.document is None:
        return Stage(GoLiveStage.TEXT, "open")
    detail = facts.document.detail_data
    try:
        text = compose(detail, facts.channel.template, limit=limit, site_url=settings.SITE_URL)
    except AdapterError as error:
        return Stage(GoLiveStage.TEXT, "failed", str(error), _("Shorten the text of posts in the channel."))
    words = _("%(length)d of %(limit)d characters.") % {"length": units(text.plain), "limit": limit}
    return Stage(GoLiveStage.TEXT, "done", words)


def _photos(facts: Facts) -> Stage:
    if facts.document is None or isinstance(facts.rendered, AdapterError):
        return Stage(GoLiveStage.PHOTOS, "open", "", _("First correct what is said above."))
    count = len(facts.document.detail_data["photos"])
    if not count:
        return Stage(GoLiveStage.PHOTOS, "done", _("The car has no photos: take one with photos to try them too."))
    going = getattr(facts.rendered, "photos", None)
    if going is None:
        words = _("The car has %(count)d photos; the platform takes them by their addresses.") % {"count": count}
    else:
        words = _("%(going)d of %(count)d photos go there.") % {"going": len(going), "count": count}
    return Stage(GoLiveStage.PHOTOS, "done", words)


# --- With the test car ----------------------------------------------------------------------------
def _sent(facts: Facts) -> Stage:
    row = facts.publication
    if facts.sent_at:
        address = row.address if row else ""
        return Stage(GoLiveStage.SENT, "done", _where(facts), at=facts.sent_at, address=address)
    if row is None or row.desired != Desired.PRESENT:
        return Stage(GoLiveStage.SENT, "open", "", _("Press “Send the test car”."))
    return _under_way(facts, GoLiveStage.SENT, row)


def _where(facts: Facts) -> str:
    if facts.publication is not None and facts.publication.has_post:
        return _("It is in the file.") if facts.is_feed else _("It stands there.")
    return _("It was in the file.") if facts.is_feed else _("It stood there.")


def _seen(facts: Facts) -> Stage:
    row = facts.publication
    if not facts.sent_at or row is None:
        return Stage(GoLiveStage.SEEN, "open")
    if row.has_post and row.confirmed_at:
        words = _("The platform has confirmed it.")
        return Stage(GoLiveStage.SEEN, "done", words, at=row.confirmed_at, address=row.address)
    if not row.has_post:
        words = _("It was withdrawn before anybody saw it.")
        return Stage(
            GoLiveStage.SEEN, "open", words, _("If you have seen it, say so below. Or send the test car again.")
        )
    if facts.is_feed:
        words = _("It is in the file. The platform fetches it when it likes.")
        advice = _("When you see the car on the platform, enter its address below.")
        return Stage(GoLiveStage.SEEN, "waiting", words, advice)
    return Stage(GoLiveStage.SEEN, "waiting", _("The platform has not confirmed it yet."))


def _changed(facts: Facts) -> Stage:
    code, row = GoLiveStage.CHANGED, facts.publication
    price = facts.price
    update = facts.done(Operation.UPDATE, since=price.at) if price else None
    if price is not None and update is not None:
        words = _("The price %(price)s is in the file.") if facts.is_feed else _("The price %(price)s has arrived.")
        return Stage(code, "done", words % {"price": money(price.price, price.currency)}, at=update.finished_at)
    if not facts.capabilities.can_update:
        return Stage(code, "skipped", _("This platform does not let a published post be changed."))
    return _not_changed(facts, row) if facts.sent_at and row is not None else Stage(code, "open")


def _not_changed(facts: Facts, row: Publication) -> Stage:
    code = GoLiveStage.CHANGED
    if not row.has_post:
        words = _("It was withdrawn before a new price could arrive.")
        return Stage(code, "open", words, _("Send the test car again, then change its price."))
    if facts.price is None:
        advice = _("Change the price of the test car a little: publish it, or send it for moderation. Then wait.")
        return Stage(code, "open", "", advice)
    if row.state == State.PUBLISHED and row.next_attempt_at is None:
        words = _("The price has changed, but the post looks the same. Does the text of posts name the price?")
        return Stage(code, "failed", words, _("Name the price in the channel's text, then change the price again."))
    return _under_way(facts, code, row)


def _withdrawn(facts: Facts) -> Stage:
    code, row = GoLiveStage.WITHDRAWN, facts.publication
    if not facts.sent_at or row is None:
        return Stage(code, "open")
    if not row.has_post and row.state == State.WITHDRAWN:
        at = facts.withdrawal.finished_at if facts.withdrawal else row.changed_at
        return Stage(code, "done", row.note or _("Nothing of ours stands there."), at=at)
    if row.desired == Desired.PRESENT:
        return Stage(code, "open", "", _("Press “Withdraw the test car”, when everything above is done."))
    return _under_way(facts, code, row)


def _gone(facts: Facts) -> Stage:
    code, proof = GoLiveStage.GONE, facts.proof
    if not _withdrawn(facts).passed:
        return Stage(code, "open")
    if proof is None:
        return Stage(code, "waiting", _("The proof is written down within a minute."))
    who = facts.names.as_told(proof.person)
    if proof.state == PostState.REMOVED:
        return Stage(code, "done", proof.how, at=proof.at, who=who, address=proof.address)
    advice = _("Look there yourself and say below what you see.")
    standing: Standing = "failed" if proof.state == PostState.LIVE else "waiting"
    return Stage(code, standing, f"{proof.get_state_display()}. {proof.how}", advice, proof.at, who, proof.address)


def _under_way(facts: Facts, code: GoLiveStage, row: Publication) -> Stage:
    words = " ".join(part for part in (f"{state_label(row)}.", problem_of(row)) if part)
    if row.state not in TROUBLED:
        return Stage(code, "waiting", words)
    if facts.names.reader.has_perm("publications.change_publication"):
        return Stage(code, "failed", words, _("Open the publication: it says what can be done."))
    return Stage(
        code, "failed", words, _("Correct it and send the car again, or ask the group's moderators to decide.")
    )


STAGES: dict[GoLiveStage, Callable[[Facts], Stage]] = {
    GoLiveStage.ACCESS: _access,
    GoLiveStage.CAR: _car,
    GoLiveStage.TEXT: _text,
    GoLiveStage.PHOTOS: _photos,
    GoLiveStage.SENT: _sent,
    GoLiveStage.SEEN: _seen,
    GoLiveStage.CHANGED: _changed,
    GoLiveStage.WITHDRAWN: _withdrawn,
    GoLiveStage.GONE: _gone,
}
