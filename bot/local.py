"""Whether a request comes from this machine itself, and through nothing else.

The demo and the emulator need no proof of who one is, so all that stands at
their doors is this: a peer on the loopback, asking for the loopback by name,
without a trace of a proxy, tunnel or balancer between. Every vendor names those
traces differently, so they are known by their beginnings and by words in them;
a header too many costs a refusal, one too few an open door.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_TRACES = frozenset(
    {
        "via",
        "x-via",
        "x-host",
        "x-scheme",
        "x-url-scheme",
        "x-port",
        "x-ip",
        "x-remote-user",
        "x-request-via",
        "x-iisnode-https",
        "front-end-https",
        "remote-user",
        "max-forwards",
        "cdn-loop",
        "surrogate-capability",
        "x-cdn",
        "x-varnish",
        "x-tunnel-authorization",
        "x-github-token",
    }
)
_BEGINNINGS = (
    "akamai-",
    "cf-",
    "cloudfront-",
    "fastly-",
    "fly-",
    "incap-",
    "ngrok-",
    "proxy-",
    "tailscale-",
    "wl-proxy-",
    "x-akamai-",
    "x-amz-",
    "x-amzn-",
    "x-appengine-",
    "x-appservice-",
    "x-arr-",
    "x-azure-",
    "x-client-cert",
    "x-cloud-trace",
    "x-cluster-",
    "x-envoy-",
    "x-fd-",
    "x-forward",
    "x-goog-iap-",
    "x-haproxy-",
    "x-middleware-",
    "x-ms-client-principal",
    "x-ms-proxy",
    "x-nf-",
    "x-ngrok-",
    "x-original",
    "x-proxy",
    "x-rewrite-",
    "x-serveo-",
    "x-sucuri-",
    "x-traefik-",
    "x-vercel-",
    "x-waws-",
    "x-zrok-",
)
_WORDS = (
    "client-address",
    "client-ip",
    "clientip",
    "connecting-ip",
    "forwarded",
    "original-",
    "peer-ip",
    "real-ip",
    "realip",
    "remote-addr",
    "remote-ip",
    "remoteip",
    "source-ip",
    "true-client",
    "user-ip",
)


def is_local(peer: str | None, headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a request from the address `peer` began on this machine.

    `headers` are all of them, repeated ones repeated.
    """
    given = [(name.lower().replace("_", "-"), value) for name, value in headers]
    hosts = [value for name, value in given if name == "host"]
    return (
        _is_loopback(peer)
        and len(hosts) == 1
        and _name(hosts[0]) in NAMES
        and not any(_is_trace(name) for name, _ in given)
    )


def _is_loopback(peer: str | None) -> bool:
    try:
        return ipaddress.ip_address(peer or "").is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    try:
        parts = urlsplit(f"//{host}")
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.username is None else ""


def _is_trace(name: str) -> bool:
    return (
        name in _TRACES
        or name.startswith(_BEGINNINGS)
        or any(word in name for word in _WORDS)
    )
