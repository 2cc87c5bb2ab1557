"""The identity provider: where it sends people to sign in, and whom it vouches for when they come back.

OpenID Connect's code flow with PKCE. It says itself where what is (OpenID Connect Discovery 1.0); that and its keys are
fetched when they are first needed, and the keys again when a token names one that is not among them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from deliverwatch.access import Identity
from deliverwatch.core.access import is_name, name_of
from deliverwatch.settings.model import OidcSettings
from deliverwatch.web.signin.asking import Asking, ProviderDown, ProviderRefuses
from deliverwatch.web.signin.groups import groups_of, role_of, sees_all
from deliverwatch.web.signin.id_token import NotVouched, UnknownKey, check_id_token
from deliverwatch.web.signin.journey import Journey, Seal

_WELL_KNOWN = "/.well-known/openid-configuration"
_SCOPE = "openid profile email"
_LONGEST = 254


class Provider:
    def __init__(self, oidc: OidcSettings, back_to: str) -> None:
        """`back_to`: where it sends people, as it is registered there."""
        self._oidc, self._back_to = oidc, back_to
        self._secret = oidc.client_secret.get_secret_value()
        self.seal = Seal(self._secret)
        self._asking = Asking()
        self._places: Mapping[str, str] | None = None
        self._keys: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        return self._oidc.name

    async def way_in(self, journey: Journey) -> str:
        """The page there on which to sign in. Raises ProviderDown."""
        places = await self._known_places()
        address: str = prepare_grant_uri(
            places["authorization_endpoint"],
            self._oidc.client_id,
            "code",
            redirect_uri=self._back_to,
            scope=_SCOPE,
            state=journey.state,
            nonce=journey.nonce,
            code_challenge=create_s256_code_challenge(journey.verifier),
            code_challenge_method="S256",
        )
        return address

    async def vouched(self, code: str, journey: Journey, now: datetime) -> Identity:
        """Whom the code stands for. Raises ProviderDown, NotVouched."""
        answer = await self._redeem(code, journey)
        text, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(text, str):
            raise NotVouched("there is no ID token")
        try:
            claims = self._claims(text, access_token, journey, now, await self._known_keys())
        except UnknownKey:
            claims = self._claims(text, access_token, journey, now, await self._known_keys(again=True))
        return self._identity(claims)

    async def _redeem(self, code: str, journey: Journey) -> Mapping[str, Any]:
        places = await self._known_places()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back_to,
            "code_verifier": journey.verifier,
        }
        # RFC 6749 §2.3.1: both are encoded as forms are, before they become a login
        login = (quote(self._oidc.client_id, safe=""), quote(self._secret, safe=""))
        try:
            return await self._asking.post(places["token_endpoint"], form, login)
        except ProviderRefuses as refusal:
            raise NotVouched(f"the code is refused: {refusal}") from None

    def _claims(
        self, text: str, access_token: Any, journey: Journey, now: datetime, keys: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        token = access_token if isinstance(access_token, str) else None
        return check_id_token(text, keys, self._oidc.issuer, self._oidc.client_id, journey.nonce, token, now)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        groups = groups_of(claims, self._oidc.groups_claim)
        email = _word(claims, "email") if claims.get("email_verified") is not False else ""
        named = (_word(claims, "preferred_username"), email, _word(claims, "sub"))
        name = next((each for each in named if is_name(name_of(each))), "")
        role = role_of(groups, self._oidc)
        return Identity(self._oidc.issuer, claims["sub"], name, email, role, sees_all(groups, self._oidc))

    async def _known_places(self) -> Mapping[str, str]:
        if self._places is None:
            found = await self._asking.get(self._oidc.issuer.rstrip("/") + _WELL_KNOWN)
            if found.get("issuer") != self._oidc.issuer:
                raise ProviderDown("it names itself otherwise than web.oidc.issuer does")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if not all(isinstance(found.get(each), str) for each in wanted):
                raise ProviderDown("its discovery document is not complete")
            self._places = {each: found[each] for each in wanted}
        return self._places

    async def _known_keys(self, *, again: bool = False) -> Mapping[str, Any]:
        if self._keys is None or again:
            self._keys = await self._asking.get((await self._known_places())["jwks_uri"])
        return self._keys


def _word(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value[:_LONGEST] if isinstance(value, str) and value.isprintable() else ""
