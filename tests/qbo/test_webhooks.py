"""Intuit's events."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbo import webhooks


def _signature(body: bytes, token: str) -> str:
    return base64.b64encode(
        hmac.new(token.encode(), body, hashlib.sha256).digest()
    ).decode()


def test_a_body_signed_with_either_token_is_intuits() -> None:
    body = b'[{"intuitaccountid": "1"}]'

    signed = [_signature(body, token) for token in ("production", "sandbox")]

    assert all(
        webhooks.is_signed(body, each, ["production", "sandbox"]) for each in signed
    )


@pytest.mark.parametrize(
    "signature",
    [None, "", "x", "é", _signature(b"another body", "token")],
)
def test_a_body_without_its_signature_is_not_intuits(signature: str | None) -> None:
    assert not webhooks.is_signed(b"body", signature, ["token"])


def test_without_a_token_nothing_is_intuits() -> None:
    assert not webhooks.is_signed(b"body", _signature(b"body", ""), [])


def test_cloud_events_may_mix_realms() -> None:
    body = b"""[
      {"type": "qbo.customer.created.v1", "intuitaccountid": "1"},
      {"type": "qbo.invoice.voided.v1", "intuitaccountid": "2"},
      {"type": "qbo.invoice.updated.v1", "intuitaccountid": "1"}]"""

    assert webhooks.realms(body) == {"1", "2"}


def test_legacy_events_are_read_too() -> None:
    body = b'{"eventNotifications": [{"realmId": "7", "dataChangeEvent": {}}]}'

    assert webhooks.realms(body) == {"7"}


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused_in_one_way(body: bytes) -> None:
    try:
        found = webhooks.realms(body)
    except ValueError:
        return
    assert all(isinstance(realm, str) for realm in found)
