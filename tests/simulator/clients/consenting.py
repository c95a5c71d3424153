"""What a person does in the browser: read the page, press a button, be led back."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import httpx
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes

SCOPES = (Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL, Scopes.PROFILE)


def consented(app: AuthClient, press: str = "allow") -> dict[str, str]:
    """What the app's redirect address is given after the person has decided."""
    address = app.get_authorization_url(list(SCOPES), state_token="kept+as/it=is")
    with httpx.Client() as browser:
        page = browser.get(address).text
        hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
        form = {name: unescape(value) for name, value in hidden}
        companies = re.findall(r'name="realm" value="(\d+)"', page)
        form |= {"realm": companies[0], "decision": press}
        answer = browser.post(address.partition("?")[0], data=form)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
