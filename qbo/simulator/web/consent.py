"""The page on which a person picks a company and connects it, or does not."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import urlsplit

from qbo.simulator.gateway.oauth import ACCOUNTING, PAYMENT

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2733; --soft: #5a6b7b; --paper: #f3f6f4;
  --card: #fff; --line: #d5ddd8; --go: #1d6b43; --go-ink: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ece8; --soft: #9fb0a7;
  --paper: #121816; --card: #1b2320; --line: #33403a; --go: #58c48b;
  --go-ink: #0c1a13; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { width: 100%; max-width: 30rem; background: var(--card); padding: 1.5rem;
  border: 1px solid var(--line); border-radius: 14px; }
h1 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .25rem; }
p, ul { color: var(--soft); margin: .25rem 0 1rem; }
ul { padding-left: 1.2rem; }
fieldset { border: 0; padding: 0; margin: 0 0 1.25rem; }
legend { font-weight: 600; padding: 0; margin-bottom: .5rem; }
fieldset label { display: flex; gap: .75rem; align-items: center; padding: .75rem;
  border: 1px solid var(--line); border-radius: 10px; margin-bottom: .5rem;
  cursor: pointer; }
fieldset small { display: block; color: var(--soft); }
fieldset label:has(input:checked) { border-color: var(--go); }
input { width: 1.1rem; height: 1.1rem; accent-color: var(--go); flex: none; }
.who { margin: 0 0 1.25rem; }
.who label { display: block; font-weight: 600; margin-bottom: .5rem; }
select { width: 100%; min-height: 44px; padding: 0 2rem 0 .75rem; font: inherit;
  text-overflow: ellipsis;
  color: var(--ink); background: var(--card); border: 1px solid var(--line);
  border-radius: 10px; }
strong { color: var(--ink); overflow-wrap: anywhere; }
.buttons { display: flex; gap: .75rem; flex-wrap: wrap; }
button { flex: 1 1 9rem; min-height: 44px; font: inherit; font-weight: 600;
  border-radius: 10px; border: 1px solid var(--line); background: transparent;
  color: var(--ink); cursor: pointer; }
button.go { background: var(--go); color: var(--go-ink); border-color: var(--go); }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px; }
.note { font-size: .85rem; margin: 1rem 0 0; }
"""
_MEANING: Final[Mapping[str, str]] = {
    ACCOUNTING: "Read and change the company's books (accounting)",
    PAYMENT: "Take card and bank payments (payments)",
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your e-mail address",
    "phone": "See your phone number",
    "address": "See your address",
    "intuit_name": "See the name of your Intuit account",
    "payroll.compensation.read": "See what employees are paid",
    "qb.employee.read": "See the employees",
    "time-tracking.time-entry": "Read and change time entries",
    "project-management.project": "Read and change projects",
    "indirect-tax.tax-calculation.quickbooks": "Have sales tax worked out",
    "app-foundations.custom-field-definitions": "Read and change custom fields",
    "app-foundations.custom-field-definitions.read": "Read custom fields",
    "app-foundations.custom-dimensions.read": "Read dimensions",
}
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none';"
        " base-uri 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(
    app: str,
    scopes: Sequence[str],
    companies: Sequence[tuple[str, str]],
    people: Sequence[tuple[str, str]],
    hidden: Mapping[str, str],
) -> str:
    """The consent page.

    `companies` are (realm, name) and none where only a login is asked for; `people`
    are (id, name) of who could be signed in; the first of each is chosen. `hidden`
    goes back unchanged.
    """
    wishes = "".join(f"<li>{escape(_MEANING.get(one, one))}</li>" for one in scopes)
    rows = "".join(
        f'<label><input type="radio" name="realm" value="{escape(realm)}" required'
        f"{' checked' if place == 0 else ''}>"
        f"<span>{escape(name)}<small>Company {escape(realm)}</small></span></label>"
        for place, (realm, name) in enumerate(companies)
    )
    choice = f"<fieldset><legend>Which company?</legend>{rows}</fieldset>"
    logins = "".join(
        f'<option value="{escape(number)}">{escape(name)}</option>'
        for number, name in people
    )
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden.items()
        if value
    )
    return _document(
        "Connect to QuickBooks (simulated)",
        "<h1>Connect an app to QuickBooks</h1>"
        f"<p>The app <strong>{escape(app)}</strong> would like to:</p>"
        f"<ul>{wishes}</ul>"
        f'<form method="post" action="/connect/oauth2">{kept}'
        f'<div class="who"><label for="person">Signed in as</label>'
        f'<select id="person" name="person">{logins}</select></div>'
        f"{choice if companies else ''}"
        '<div class="buttons">'
        '<button class="go" name="decision" value="allow">Connect</button>'
        '<button name="decision" value="cancel" formnovalidate>Cancel</button>'
        "</div></form>"
        f"{_way_back(hidden.get('redirect_uri', ''))}"
        '<p class="note">This QuickBooks is simulated; no real books are touched.</p>',
    )


def _way_back(address: str) -> str:
    """Where either button leads, so that nobody is sent somewhere unawares."""
    parts = urlsplit(address)
    if not parts.netloc:
        return ""
    host = escape(f"{parts.scheme}://{parts.netloc}")
    return f'<p class="note">You go back to <strong>{host}</strong>.</p>'


def problem(sentence: str) -> str:
    """The page that says why there is nothing to consent to."""
    return _document(
        "QuickBooks (simulated)",
        "<h1>This app cannot be connected</h1>"
        f"<p>{escape(sentence)}</p>"
        '<p class="note">This is a simulated QuickBooks.</p>',
    )


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
