"""Whether an ID token vouches for somebody, to us, now, in answer to our question (OpenID Connect Core 1.0 §3.1.3.7).

Which algorithms are good is said here and nowhere in the token: "none" and those with a shared secret never are
(RFC 8725 §3.1).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

ALGORITHMS = ("RS256", "ES256")
_CLOCKS_DIFFER_BY = 60
_LONGEST_SUBJECT = 255


class NotVouched(Exception):
    """It vouches for nobody; why, for the log."""


class UnknownKey(NotVouched):
    """It is signed by a key that was not there when the keys were fetched."""


def check_id_token(
    text: str, keys: Mapping[str, Any], issuer: str, client_id: str, nonce: str, access_token: str | None, now: datetime
) -> Mapping[str, Any]:
    """Its claims. Raises NotVouched."""
    try:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        token = jwt.decode(text, KeySet.import_key_set(keys), registry=registry)  # type: ignore[arg-type]
        claims = CodeIDToken(
            token.claims,
            token.header,
            {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}},
            {"nonce": nonce, "client_id": client_id, "access_token": access_token},
        )
        claims.validate(int(now.timestamp()), _CLOCKS_DIFFER_BY)
    except InvalidKeyIdError as error:
        raise UnknownKey(str(error)) from None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:  # it can be anything at all
        raise NotVouched(f"{type(error).__name__}: {error}") from None
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise NotVouched("its subject is no name")
    return dict(claims)
