"""OpenID Connect: the discovery document, the signed ID token, the key to check it."""

import base64
import json
import time
from collections.abc import Callable
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from qbo.simulator.exact import Json
from qbo.simulator.gateway.oauth import Chain
from qbo.simulator.people import PEOPLE

ISSUER: Final = "https://oauth.platform.intuit.com/op/v1"
ID_TOKEN_SECONDS: Final = 3_600
USERINFO: Final = "/v1/openid_connect/userinfo"
SANDBOX_USERINFO: Final = "/sandbox-accounts/v1/openid_connect/userinfo"
_KEY_ID: Final = "simulator"
_EXPONENT: Final = 65_537


def discovery(base: str, userinfo: str) -> Json:
    """A discovery document, with endpoints below `base`.

    The issuer is Intuit's own text, which clients compare with. The two environments
    differ in the address of userinfo alone.
    """
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{base}/connect/oauth2",
        "token_endpoint": f"{base}/oauth2/v1/tokens/bearer",
        "userinfo_endpoint": f"{base}{userinfo}",
        "revocation_endpoint": f"{base}/v2/oauth2/tokens/revoke",
        "jwks_uri": f"{base}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "client_secret_basic",
        ],
        "claims_supported": [
            "aud",
            "auth_time",
            "exp",
            "iat",
            "iss",
            "nonce",
            "realmid",
            "sub",
        ],
    }


class Signer:
    """Signs ID tokens with a key made when it is first needed.

    `kept` is the key from last time as text, or nothing; `keep` is called with a new
    one, so that tokens can be checked after a restart too.
    """

    def __init__(self, kept: str | None, keep: Callable[[str], None]) -> None:
        self._kept, self._keep = kept, keep

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        if self._kept:
            loaded = serialization.load_pem_private_key(self._kept.encode(), None)
            assert isinstance(loaded, rsa.RSAPrivateKey), "we wrote it ourselves"
            return loaded
        made = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=2_048)
        text = made.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self._keep(text.decode())
        return made

    def keys(self) -> Json:
        """The public key as a key set."""
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": _KEY_ID,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
        }
        return {"keys": [key]}

    def id_token(self, chain: Chain) -> str:
        """An ID token for the person who consented.

        Its times are real ones, whatever day the simulator pretends: the client
        checks them with its own clock.
        """
        issued = int(time.time())
        consent = chain.consent
        claims: Json = {
            "sub": PEOPLE[consent.person].sub,
            "aud": [consent.app],
            "realmid": consent.realm,
            "nonce": consent.nonce,
            "auth_time": issued,
            "iss": ISSUER,
            "exp": issued + ID_TOKEN_SECONDS,
            "iat": issued,
        }
        claims = {name: value for name, value in claims.items() if value}
        text = f"{_part({'kid': _KEY_ID, 'alg': 'RS256'})}.{_part(claims)}"
        signature = self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{_encoded(signature)}"


def _part(content: Json) -> str:
    """JSON in base64 that has neither '-' nor '_'.

    Some clients decode it as plain base64. In ASCII only these four characters lead
    to one, and all can be written as escapes.
    """
    text = json.dumps(content, separators=(",", ":"))
    for mark in "~>?\x7f":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return _encoded(text.encode())


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
