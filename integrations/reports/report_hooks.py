"""What reports of publications add to the Wagtail admin; registered in `wagtail_hooks`."""

from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from .car_hooks import ForViewers
from .report_views import PublicationReportPage
from .subscription_views import StopPage, SubscriptionPage, SubscriptionsPage, act


def urls() -> list[URLPattern]:
    mail = "reports/publications/e-mail/"
    return [
        path("reports/publications/", PublicationReportPage.as_view(), name="reports_publications"),
        path(mail, SubscriptionsPage.as_view(), name="reports_subscriptions"),
        path(f"{mail}new/", SubscriptionPage.as_view(), name="reports_subscribe"),
        path(f"{mail}<int:pk>/", SubscriptionPage.as_view(), name="reports_subscription"),
        path(f"{mail}<int:pk>/stop/", StopPage.as_view(), name="reports_subscription_stop"),
        path(f"{mail}<int:pk>/do/<slug:verb>/", act, name="reports_subscription_act"),
    ]


def report_item() -> MenuItem:
    url = reverse_lazy("reports_publications")
    return ForViewers(_("Reports of publications"), url, name="publication-reports", icon_name="table", order=150)


def mail_item() -> MenuItem:
    url = reverse_lazy("reports_subscriptions")
    return ForViewers(_("Reports by e-mail"), url, name="reports-by-mail", icon_name="mail", order=155)
