"""Keys to sign with, made once, and records of any size."""

import base64
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def private_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


@cache
def pem():
    traditional = serialization.PrivateFormat.TraditionalOpenSSL
    return private_key().private_bytes(serialization.Encoding.PEM, traditional, serialization.NoEncryption())


def record(key=None):
    public = (key or private_key()).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def record_of(bits):
    """Of a number of that size, whoever has its factors (RFC 3447 A.1.1, RFC 5280 §4.1)."""
    modulus = ((1 << bits) - 1).to_bytes(bits // 8, "big")
    numbers = _der(0x30, _der(2, b"\0" + modulus) + _der(2, b"\1\0\1"))
    rsa_encryption = bytes.fromhex("300d06092a864886f70d0101010500")
    der = _der(0x30, rsa_encryption + _der(3, b"\0" + numbers))
    return f"p={base64.b64encode(der).decode()}"


def _der(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + content
