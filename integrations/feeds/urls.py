from django.urls import path

from . import views

urlpatterns = [path("feeds/<str:token>/<str:name>", views.feed_file, name="feed_file")]
