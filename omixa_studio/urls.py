"""The map."""

from django.urls import include, path

from omixa_studio.views import health

urlpatterns = [
    path("health", health.ready, name="health"),
    # Accounts: the login, the password; sign-up is closed by our adapter
    path("", include("allauth.urls")),
]
