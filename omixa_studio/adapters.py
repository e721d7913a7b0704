"""How django-allauth behaves here: sign-up is closed, failed logins are throttled, logins are
written to the log of acts, and the secrets of second steps are kept encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.urls import reverse

from omixa_studio import devices
from omixa_studio.hosts import host_of, neighbourhood
from omixa_studio.identity_provider import no_entry
from omixa_studio.models import ActKind, Person
from omixa_studio.queries.people import known_as
from omixa_studio.sentences import say
from omixa_studio.services import audit
from omixa_studio.services.audit import Actor
from omixa_studio.services.factors import refresh_duty
from omixa_studio.services.sealing import seal, unseal
from omixa_studio.services.single_sign_on import SignOnRefused, note_refusal
from omixa_studio.visitors import BY_PROVIDER, address_of, is_path_here, prove

# All sessions of an account share one count: the device's cookie is sent to the login alone.
LOGGED_IN = "logged in"
SECOND_STEPS = "second steps"
STEP_OF_ALLAUTH = "allauth.mfa.stages.AuthenticateStage"


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Close sign-up: accounts are made by admins."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return for whom limits count: of IPv6 a whole network, which one visitor has."""
        return neighbourhood(address_of(request))

    def is_safe_url(self, url: str) -> bool:
        return is_path_here(url or "")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        """Compare the password with that of the account for which guesses are counted."""
        person = known_as(_tried(credentials))
        if person:
            credentials = {"username": person.username, "password": credentials.get("password")}
        found: Person | None = super().authenticate(request, **credentials)
        return found

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a guess before the password is compared.

        A device on which this account has logged in counts for itself, so that nobody locks
        the owner out by guessing elsewhere, be it from the same address. So do those who are
        logged in and are asked again.
        """
        account = _account(credentials)
        device = _device(request, account) if account else ""
        if not device:
            super().pre_authenticate(request, **credentials)
            return
        # By this name allauth finds what to take back after the right password.
        self._login_failed_rl_usage = ratelimit.consume(
            request,
            app="allauth.account",
            action="login_failed_on_known_device",
            key=f"{account}:{device}",
        )
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def pre_login(self, request: HttpRequest, user: Person, **more: Any) -> HttpResponse | None:
        """Refuse who is deactivated, and who has to come by single sign-on and did not."""
        answer: HttpResponse | None = super().pre_login(request, user, **more)
        must = settings.SSO.only and not user.is_admin
        if answer or not must or _came_by_provider(more):
            return answer
        refusal = SignOnRefused("required")
        note_refusal(refusal.why, by=Actor(address=address_of(request)), whom=user)
        return no_entry(request, say(refusal.faults[0]))

    def get_login_stages(self) -> list[str]:
        ours = "omixa_studio.identity_provider.StepUnlessTrusted"
        stages: list[str] = super().get_login_stages()
        return [ours if stage == STEP_OF_ALLAUTH else stage for stage in stages]

    def post_login(self, request: HttpRequest, user: Person, **more: Any) -> HttpResponse:
        request.session[BY_PROVIDER] = _came_by_provider(more)
        response: HttpResponse = super().post_login(request, user, **more)
        devices.remember_device(request, response, user.pk)
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Name what guesses are counted for: the account, however it is spelled or reached."""
        account = _account(credentials)
        return f"account:{account}" if account else f"nobody:{_tried(credentials).casefold()}"

    def login(self, request: HttpRequest, user: Person) -> None:
        with transaction.atomic():
            super().login(request, user)
            # Whichever way the account was made.
            refresh_duty(Person.objects.filter(pk=user.pk))
            audit.write(ActKind.LOGIN, by=_actor(request, user))

    def logout(self, request: HttpRequest) -> None:
        with transaction.atomic():
            if isinstance(request.user, Person):
                audit.write(ActKind.LOGOUT, by=_actor(request, request.user))
            super().logout(request)

    def reauthenticate(self, user: Person, password: str) -> bool:
        right: bool = super().reauthenticate(user, password)
        if right:
            prove(context.request)
            audit.write(ActKind.PROVED, by=_actor(context.request, user))
        return right

    def get_reauthentication_methods(self, user: Person) -> list[dict[str, Any]]:
        """Ask for the password alone: a code or a passkey is no proof that it is known."""
        if not user.is_authenticated or not user.has_usable_password():
            return []
        return [{"id": "reauthenticate", "url": reverse("account_reauthenticate")}]

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down whose account was tried; a name that nobody has may be a password."""
        if isinstance(request.user, Person):
            audit.write(ActKind.PROOF_FAILED, by=_actor(request, request.user))
            return
        tried = known_as(_tried(credentials))
        audit.write(ActKind.LOGIN_FAILED, by=Actor(address=address_of(request)), whom=tried)

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        stranger = Actor(address=address_of(request))
        audit.write(ActKind.LOGIN_FAILED, by=stranger, whom=user, after="inactive")
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer


class TwoSteps(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """Encrypt the secrets of second steps, and say in apps and browsers whose they are."""

    def encrypt(self, text: str) -> str:
        return seal(text, purpose=SECOND_STEPS)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a secret. Raises NotReadable."""
        return unseal(encrypted_text, purpose=SECOND_STEPS)

    def get_totp_label(self, user: Person) -> str:
        return user.username

    def get_totp_issuer(self) -> str:
        return f"Omixa Studio {host_of(settings.STUDIO_URL)}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the host that passkeys belong to: that of the page, without its port."""
        host, _port = split_domain_port(context.request.get_host())
        return {"id": host, "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user: Person) -> dict[str, Any]:
        own = {"display_name": user.name, "name": user.username}
        return {**super().get_public_key_credential_user_entity(user), **own}


def _came_by_provider(login: dict[str, Any]) -> bool:
    return bool((login["signal_kwargs"] or {}).get("sociallogin"))


def _actor(request: HttpRequest, person: Person) -> Actor:
    return Actor(person.pk, person.username, address_of(request))


def _device(request: HttpRequest, account: int) -> str:
    """Name the device on which an account is, or was, logged in; "" where it is not known."""
    return LOGGED_IN if request.user.pk == account else devices.known_device(request, account)


def _tried(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "")


def _account(credentials: dict[str, Any]) -> int:
    """Return the account that a login means, 0 where there is none."""
    person = known_as(_tried(credentials))
    return person.pk if person else 0
