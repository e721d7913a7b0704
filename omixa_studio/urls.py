"""The map."""

from django.urls import include, path

from omixa_studio.views import health, studio

urlpatterns = [
    # The studio
    path("", studio.page, name="studio"),
    path("generations/", studio.submit, name="submit"),
    path("generations/cards/", studio.cards, name="cards"),
    path("generations/composer/", studio.composer, name="composer"),
    path("generations/estimate/", studio.estimate, name="estimate"),
    path("generations/<int:pk>/cancel/", studio.cancel, name="cancel"),
    path("generations/<int:pk>/retry/", studio.retry, name="retry"),
    path("health", health.ready, name="health"),
    # Accounts: the login, the password; sign-up is closed by our adapter
    path("", include("allauth.urls")),
]
