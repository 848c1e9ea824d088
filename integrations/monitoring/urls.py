from django.urls import path

from . import views

urlpatterns = [path("webhooks/<slug:token>/", views.receive, name="incoming_webhook")]
