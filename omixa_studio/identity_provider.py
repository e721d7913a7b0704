"""How allauth talks to the identity provider here: every token checked, every call bounded.

allauth skips the signature of a token that came straight from the provider, and knows no nonce;
here both are checked always, whatever stands between.
"""

import hashlib
import logging
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.gateway.asking import BriefSession
from omixa_studio.gateway.redaction import clean
from omixa_studio.hosts import may_be_asked
from omixa_studio.models import Person
from omixa_studio.sentences import say
from omixa_studio.services import single_sign_on
from omixa_studio.services.audit import Actor
from omixa_studio.services.single_sign_on import Identity, SignOnRefused, identity_of
from omixa_studio.visitors import address_of

log = logging.getLogger(__name__)

# Signatures by a key pair alone: a shared secret, or none, is no proof of who signed.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# Seconds by which the provider's clock may differ.
LEEWAY = 30
LONGEST_SUBJECT = 191
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
CANCELLED = "access_denied"


class ProviderAtHand(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth is not typed
    """One conversation with the provider: discovery, code for token, token for identity."""

    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return what the provider says of itself. Raises OAuth2Error and NoAnswer."""
        if not hasattr(self, "_openid_config"):
            with BriefSession() as session:
                config = session.get(self.get_provider().server_url).json()
            _check_discovery(config)
            self._openid_config = config
        found: dict[str, Any] = self._openid_config
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Name our address as it is registered there, not as a request spells it."""
        return f"{settings.STUDIO_URL}{reverse('sso_callback')}"

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str = ""
    ) -> dict[str, Any]:
        self.nonce = nonce_of(pkce_code_verifier)
        data: dict[str, Any] = super().get_access_token_data(
            request, app, client, pkce_code_verifier=pkce_code_verifier
        )
        if not isinstance(data.get("id_token"), str):
            raise OAuth2Error("no id_token came")
        return data

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Check the token, add what the provider tells besides, and keep no more than whose it is.

        Raises OAuth2Error.
        """
        try:
            claims = self._decode_id_token(app, kwargs["response"]["id_token"])
            if "userinfo_endpoint" in self.openid_config:
                more = self._fetch_user_info(token.token)
                if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
                    raise OAuth2Error("the userinfo is somebody else's")
                claims |= more
            identity = identity_of(claims)
            if not 0 < len(identity.subject) <= LONGEST_SUBJECT:
                raise OAuth2Error("the subject is empty or too long")
            login = self.get_provider().sociallogin_from_response(
                request, {"sub": identity.subject}
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise OAuth2Error(f"an answer makes no sense: {type(error).__name__}") from error
        login.account.extra_data = {}
        login.identity = identity
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        with BriefSession() as session:
            answer = session.get(self.openid_config["jwks_uri"])
        try:
            kid = jwt.get_unverified_header(id_token).get("kid")
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
            fitting = [key for key in keys if kid in (None, key.key_id)]
            if not fitting:
                raise OAuth2Error("the token is signed by an unknown key")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                fitting[0],
                algorithms=list(ALGORITHMS),
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"the token is not valid: {error}") from error
        if claims["nonce"] != self.nonce:
            raise OAuth2Error("the nonce is that of another login")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the token was made for another client")
        return claims


class IdentityProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth is not typed
    """The provider of the settings; a request changes neither scope nor parameters."""

    oauth2_adapter_class = ProviderAtHand

    def get_pkce_params(self) -> dict[str, str]:
        """Send a nonce along that is bound to the one-time state, like the verifier it is from."""
        params: dict[str, str] = super().get_pkce_params()
        return {**params, "nonce": nonce_of(params["code_verifier"])}


class SignOn(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Decide whose account it is by our rules; sign-up forms of allauth stay closed."""

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> IdentityProvider:
        return IdentityProvider(request, app=_app())

    def get_requests_session(self) -> BriefSession:
        return BriefSession()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the account, or connect it to who is logged in; answer who may not come."""
        identity: Identity = sociallogin.identity
        # Our sessions hold nothing that opens doors elsewhere.
        sociallogin.token = None
        by = Actor(address=address_of(request))
        try:
            if sociallogin.state.get("process") == AuthProcess.CONNECT:
                _connect(request, identity)
                raise ImmediateHttpResponse(redirect("account"))
            person, account = single_sign_on.admit(identity, by=by)
        except SignOnRefused as refusal:
            single_sign_on.note_refusal(refusal.why, by=by, email=identity.email)
            asks = refusal.why in ("no_account", "unverified")
            answer = no_entry(request, say(refusal.faults[0]), asks=asks)
            raise ImmediateHttpResponse(answer) from None
        sociallogin.user = person
        if account:
            sociallogin.account = account

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: IdentityProvider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Answer with a sentence; what exactly was wrong stands in the log."""
        raise ImmediateHttpResponse(failed(request, exception))


class StepUnlessTrusted(AuthenticateStage):  # type: ignore[misc]  # allauth is not typed
    """Ask for a second step of ours, unless the provider is trusted to have asked for one."""

    def _should_handle(self, request: HttpRequest) -> bool:
        came_by_it = bool((self.login.signal_kwargs or {}).get("sociallogin"))
        if came_by_it and settings.SSO.trusts_second_step:
            return False
        return bool(super()._should_handle(request))


def nonce_of(verifier: str | None) -> str:
    """Return the nonce that belongs to the one-time verifier of a login."""
    return hashlib.sha256(f"nonce of {verifier}".encode()).hexdigest()


def failed(request: HttpRequest, error: Exception | None) -> HttpResponse:
    """Answer a login by the provider that did not succeed, and log why."""
    if request.GET.get("error") == CANCELLED:
        return no_entry(request, _("You cancelled it at your identity provider."))
    if error is None:
        detail = "the state is unknown or used up, or the provider answered with an error"
        sentence = _("This login has ended, or was begun in another browser. Begin again.")
    else:
        detail = clean(str(error))[:300]
        sentence = _("Your identity provider cannot be reached, or its answer cannot be used.")
    log.warning("A login by single sign-on failed: %s", detail)
    single_sign_on.note_refusal("failed", by=Actor(address=address_of(request)))
    return no_entry(request, sentence)


def no_entry(request: HttpRequest, sentence: str, *, asks: bool = False) -> HttpResponse:
    """Show why somebody does not come in, and if wanted whom to ask."""
    shown = {"sentence": sentence, "asks": asks, "contact": settings.SSO.contact}
    return render(request, "account/sso_refused.html", shown, status=403)


def _connect(request: HttpRequest, identity: Identity) -> None:
    person = request.user
    if not isinstance(person, Person):
        raise ImmediateHttpResponse(redirect("account_login"))
    by = Actor(person.pk, person.username, address_of(request), person.name)
    single_sign_on.connect(person, identity, by=by)
    messages.success(request, _("Connected: from now on you can log in by single sign-on."))


def _check_discovery(config: object) -> None:
    if not isinstance(config, dict) or not isinstance(config.get("issuer"), str):
        raise OAuth2Error("the discovery document names no issuer")
    if config["issuer"].rstrip("/") != settings.SSO.url:
        raise OAuth2Error(f"the issuer calls itself {config['issuer']!r}, not {settings.SSO.url!r}")
    for name in ENDPOINTS:
        if not may_be_asked(str(config.get(name, ""))):
            raise OAuth2Error(f"the discovery document has no usable {name}")


def _app() -> SocialApp:
    sso = settings.SSO
    return SocialApp(
        provider=IdentityProvider.id,
        provider_id=sso.key,
        name=sso.name,
        client_id=sso.client_id,
        secret=sso.client_secret,
        settings={
            "server_url": sso.url,
            "scope": list(sso.scopes),
            "oauth_pkce_enabled": True,
            "auth_params": {},
        },
    )
