"""The company's own provider of sign-ins, as OpenID Connect has it: where it is, what is asked of it, what it answers.

Discovery, the code flow with PKCE (RFC 7636), state and nonce; the ID token is verified with the provider's keys. Nothing
waits in the database meanwhile: a cookie of the browser holds one random token, and what is sent is derived from it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import orjson
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from config import sign_in
from config.settings import Settings
from engine.runtime.provider_accounts import ProviderAccount
from engine.runtime.refusals import Refusal

TIMEOUT_SECONDS = 10
#: Whatever a provider answers is smaller.
LARGEST_ANSWER = 1 << 20
#: What it says of itself is asked for again after so long.
KEPT_SECONDS = 3600
#: Clocks of two machines differ by so much.
LEEWAY_SECONDS = 60
#: Signatures that need the provider's private key; never "none", nor one made with our own secret.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})


class ProviderAway(Refusal):
    """It does not answer, or nothing that can be used."""

    code = "provider_away"
    sentence = "The company's sign-in does not answer at the moment. Try again in a few minutes."


class ProviderRefused(Refusal):
    """It answered, and did not let them in: they called it off, say."""

    code = "provider_refused"
    sentence = "The company's sign-in did not let you in. Try again, or ask an administrator."


class SignInOutdated(Refusal):
    """What came back does not belong to what this browser asked, or comes too late."""

    code = "sign_in_outdated"
    sentence = "This sign-in is not the one that was begun here, or took too long. Begin again."


@dataclass(frozen=True)
class Asking:
    """One sign-in on its way: the random token in the browser's cookie, and what follows from it."""

    token: str

    @classmethod
    def begin(cls) -> Asking:
        """A new one."""
        return cls(secrets.token_urlsafe(32))

    @property
    def state(self) -> str:
        """Ties the answer to this browser."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """Ties the ID token to this asking."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """Ties the code to us (PKCE)."""
        return self._derived("verifier")

    def _derived(self, use: str) -> str:
        return hmac.new(self.token.encode(), f"aftercare {use}".encode(), hashlib.sha256).hexdigest()


#: Address -> when it was asked for (monotonic seconds), and what it answered.
_kept: dict[str, tuple[float, dict[str, Any]]] = {}


def is_offered(settings: Settings) -> bool:
    """Whether people sign in by a provider here."""
    return bool(settings.oidc_issuer)


def address(settings: Settings, asking: Asking, back: str) -> str:
    """Where the browser goes to sign in; it comes back to `back`. Raises `ProviderAway`."""
    return prepare_grant_uri(
        _metadata(settings)["authorization_endpoint"],
        settings.oidc_client_id,
        "code",
        redirect_uri=back,
        scope=" ".join(sign_in.read(settings.sign_in_file).scopes),
        state=asking.state,
        nonce=asking.nonce,
        code_challenge=create_s256_code_challenge(asking.verifier),
        code_challenge_method="S256",
    )


def leaving(settings: Settings, back: str) -> str | None:
    """Where the browser goes to sign out there too; None where the provider offers none. Raises `ProviderAway`."""
    endpoint = _metadata(settings).get("end_session_endpoint")
    if not endpoint:
        return None
    asked = {"client_id": settings.oidc_client_id, "post_logout_redirect_uri": back}
    return add_params_to_uri(_trusted(endpoint), asked)


def account(
    settings: Settings, asking: Asking, answer: Mapping[str, str], *, back: str, now: float
) -> ProviderAccount:
    """Whom the provider vouches for in the answer that the browser brings. `now` is in seconds since 1970.

    Raises `SignInOutdated`, `ProviderRefused`, `ProviderAway`.
    """
    if not hmac.compare_digest(answer.get("state", "").encode(), asking.state.encode()):
        raise SignInOutdated()
    metadata = _metadata(settings)
    # RFC 9207: whoever runs two providers does not get the code of one sent to the other.
    if answer.get("iss", metadata["issuer"]) != metadata["issuer"]:
        raise SignInOutdated()
    if "error" in answer or not answer.get("code"):
        raise ProviderRefused()
    tokens = _tokens(settings, metadata, asking, answer["code"], back)
    claims = _verified(settings, metadata, tokens, asking, now)
    rules = sign_in.read(settings.sign_in_file)
    if (rules.groups_claim not in claims or rules.name_claim not in claims) and tokens.get("access_token"):
        claims = {**_more(metadata, tokens["access_token"], claims["sub"]), **claims}
    groups = claims.get(rules.groups_claim) or ()
    return ProviderAccount(
        issuer=metadata["issuer"],
        subject=str(claims["sub"]),
        key=str(claims.get(rules.name_claim) or ""),
        name=str(claims.get("name") or claims.get(rules.name_claim) or claims["sub"])[:200],
        email=str(claims["email"])[:200] if claims.get("email") else None,
        groups=frozenset([groups] if isinstance(groups, str) else map(str, groups)),
    )


def _tokens(
    settings: Settings, metadata: Mapping[str, Any], asking: Asking, code: str, back: str
) -> dict[str, Any]:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": asking.verifier,
    }
    client, secret = settings.oidc_client_id, settings.oidc_client_secret.get_secret_value()
    # OpenID Connect Discovery 3: what is not said is client_secret_basic.
    ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    auth = None
    if secret and "client_secret_basic" in ways:
        # RFC 6749, 2.3.1: both are form-encoded first.
        auth = httpx.BasicAuth(quote(client, safe=""), quote(secret, safe=""))
    else:
        fields |= {"client_id": client} | ({"client_secret": secret} if secret else {})
    status, answered = _ask("POST", metadata["token_endpoint"], data=fields, auth=auth)
    if status != 200 or "id_token" not in answered:
        # A code that was used before, or that belongs to another asking.
        raise SignInOutdated() if answered.get("error") == "invalid_grant" else ProviderRefused()
    return answered


def _verified(
    settings: Settings, metadata: Mapping[str, Any], tokens: Mapping[str, Any], asking: Asking, now: float
) -> dict[str, Any]:
    said = set(metadata.get("id_token_signing_alg_values_supported") or ["RS256"])
    registry = JWSRegistry(algorithms=sorted(said & ALGORITHMS), strict_check_header=False)
    try:
        try:
            token = jwt.decode(tokens["id_token"], _keys(metadata), registry=registry)
        except InvalidKeyIdError:
            # The provider changed its keys since it was asked.
            token = jwt.decode(tokens["id_token"], _keys(metadata, anew=True), registry=registry)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": settings.oidc_client_id},
            },
            {
                "nonce": asking.nonce,
                "client_id": settings.oidc_client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        claims.validate(now=now, leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError) as error:
        raise SignInOutdated() from error
    return dict(claims)


def _more(metadata: Mapping[str, Any], access_token: str, subject: str) -> dict[str, Any]:
    """What the provider says beyond the ID token: many keep groups there only."""
    if not metadata.get("userinfo_endpoint"):
        return {}
    status, said = _ask(
        "GET", metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"}
    )
    # OpenID Connect Core 5.3.2: it has to be about the same person.
    return said if status == 200 and said.get("sub") == subject else {}


def _metadata(settings: Settings) -> dict[str, Any]:
    metadata = _kept_or_asked(get_well_known_url(settings.oidc_issuer, external=True))
    try:
        # OpenID Connect Discovery 4.3: else another provider speaks for it.
        usable = metadata["issuer"] == settings.oidc_issuer
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _trusted(metadata[name])
    except KeyError as error:
        raise ProviderAway() from error
    if not usable:
        raise ProviderAway()
    return metadata


def _keys(metadata: Mapping[str, Any], *, anew: bool = False) -> KeySet:
    return KeySet.import_key_set(_kept_or_asked(metadata["jwks_uri"], anew=anew))


def _kept_or_asked(url: str, *, anew: bool = False) -> dict[str, Any]:
    at, kept = _kept.get(url, (0.0, {}))
    if kept and not anew and time.monotonic() - at < KEPT_SECONDS:
        return kept
    status, answered = _ask("GET", url)
    if status != 200:
        raise ProviderAway()
    _kept[url] = (time.monotonic(), answered)
    return answered


def _trusted(url: str) -> str:
    """The address, where it is encrypted or on this machine. Raises `ProviderAway`."""
    parts = urlsplit(str(url))
    if parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1"):
        return str(url)
    raise ProviderAway()


def _ask(method: str, url: str, **sent: Any) -> tuple[int, dict[str, Any]]:
    """Status and JSON object; a redirect is not followed, since it would carry our secret on."""
    content = b""
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client,
            client.stream(method, _trusted(url), **sent) as response,
        ):
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise ProviderAway()
        answered = orjson.loads(content or b"{}")
    except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError) as error:
        raise ProviderAway() from error
    if response.status_code >= 500 or not isinstance(answered, dict):
        raise ProviderAway()
    return response.status_code, answered
