"""Every address, and the view that answers it."""

from . import accounts, making, money, people, pictures, programs, sharing

handler400 = "omixa_studio.views.errors.bad_request"
handler500 = "omixa_studio.views.errors.broken"

urlpatterns = [
    *making.PATHS,
    *pictures.PATHS,
    *sharing.PATHS,
    *money.PATHS,
    *people.PATHS,
    *programs.PATHS,
    *accounts.PATHS,
]
