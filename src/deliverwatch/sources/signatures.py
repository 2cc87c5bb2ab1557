"""Whether a webhook call is genuine, by each vendor's scheme. All comparisons take the same time for any wrong value.

A signature that covers its time is believed for a while only; calls that are repeated within it are found by their
identity. How long depends on whether a vendor signs anew when it tries again: where that is not known, the window is as
long as it keeps trying.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_pem_x509_certificate

from deliverwatch.sources import values

CLOCKS_DIFFER_FOR = timedelta(minutes=5)


def same(found: str | None, expected: str) -> bool:
    return hmac.compare_digest((found or "").encode(errors="replace"), expected.encode(errors="replace"))


def basic(headers: Mapping[str, str], user: str, password: str) -> bool:
    """HTTP Basic authentication (RFC 7617)."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    given = decoded(encoded.strip()) if scheme.lower() == "basic" else None
    return hmac.compare_digest(given or b"", f"{user}:{password}".encode())


def untimely(seconds: str | None, now: datetime, believed_for: timedelta) -> str | None:
    """Why a signed time (seconds since 1970) is not believed."""
    try:
        at = values.at_seconds((seconds or "")[:40])
    except ValueError:
        return "the signature's time is missing or no time"
    if not now - believed_for <= at <= now + CLOCKS_DIFFER_FOR:
        return "the signature's time is too far from ours: is the call repeated, or a clock wrong?"
    return None


def decoded(base64_text: str) -> bytes | None:
    try:
        return base64.b64decode(base64_text, validate=True)
    except (binascii.Error, ValueError):
        return None


def hmac_base64(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def hmac_hex(key: str, message: bytes) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def ecdsa_verified(public_key: str, signature: str, message: bytes) -> bool | None:
    """ECDSA over SHA-256, key and signature in base64 of DER, the key perhaps as PEM. None: the key cannot be used."""
    try:
        if "BEGIN" in public_key:
            key = serialization.load_pem_public_key(public_key.encode())
        else:
            key = serialization.load_der_public_key(decoded(public_key.strip()) or b"")
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return None
    try:
        key.verify(decoded(signature) or b"", message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def rsa_verified(certificate: str, signature: str, message: bytes) -> bool | None:
    """RSA with PKCS #1 v1.5 over SHA-256, by a PEM certificate. None: the certificate cannot be used."""
    try:
        key = load_pem_x509_certificate(certificate.encode()).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, rsa.RSAPublicKey):
        return None
    try:
        key.verify(decoded(signature) or b"", message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
