"""The signed ID token of OpenID Connect, and the key to check it with."""

import json
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from qbo.simulator.exact import Json
from qbo.simulator.oauth import ISSUER, USER

_KEY_ID = "simulator"


class Signer:
    """Signs ID tokens with a key made when it is first needed."""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)

    def keys(self) -> Json:
        """The public key as a key set."""
        text = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key())
        public: dict[str, Any] = json.loads(text)
        return {"keys": [{**public, "kid": _KEY_ID, "use": "sig", "alg": "RS256"}]}

    def id_token(self, app: str, realm: str, issued: int) -> str:
        """An ID token for the one person this server knows.

        A number is counted up until header and claims have neither '-' nor '_': some
        clients decode them as plain base64.
        """
        claims: dict[str, Any] = {
            "sub": USER["sub"],
            "aud": [app],
            "realmid": realm,
            "auth_time": issued,
            "iss": ISSUER,
            "exp": issued + 3_600,
            "iat": issued,
        }
        count = 0
        while True:
            headers = {"kid": _KEY_ID, "n": count}
            token = jwt.encode(claims, self._key, "RS256", headers)
            if not set("-_") & set(token.rpartition(".")[0]):
                return token
            count += 1
            claims["jti"] = str(count)
