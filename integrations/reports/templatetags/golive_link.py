"""`{% golive_link channel %}` on a channel's page: the way to its try with a test car, and when it last passed."""

from typing import Any

from django import template

from integrations.publications.models import Channel
from integrations.reports.golive.views import may_try
from integrations.reports.models import GoLiveRun

register = template.Library()


@register.inclusion_tag("reports/golive_link.html", takes_context=True)
def golive_link(context: Any, channel: Channel) -> dict[str, Any]:
    passed = GoLiveRun.objects.filter(channel=channel, passed=True).order_by("-ended_at").first()
    return {"channel": channel, "may_try": may_try(context["request"].user), "passed": passed}
