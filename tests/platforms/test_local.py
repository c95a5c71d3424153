"""What is taken for a request of this machine, and what is not."""

import pytest

from bot.local import is_local

HOST = ("Host", "127.0.0.1:8790")
# What a browser and a program on this machine send by themselves.
PLAIN = (
    HOST,
    ("User-Agent", "Mozilla/5.0"),
    ("Accept", "text/html"),
    ("Accept-Encoding", "gzip"),
    ("Accept-Language", "en"),
    ("Authorization", "Bearer "),
    ("Cache-Control", "no-cache"),
    ("Connection", "keep-alive"),
    ("Content-Length", "12"),
    ("Content-Type", "application/json"),
    ("Cookie", "countersign_door=1"),
    ("Last-Event-ID", "3"),
    ("Origin", "http://127.0.0.1:8790"),
    ("Referer", "http://127.0.0.1:8790/console/"),
    ("Sec-CH-UA-Platform", "Linux"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Upgrade-Insecure-Requests", "1"),
    ("X-Console", "script"),
    ("X-Ms-Conversation-Id", "7"),
    ("X-Request-Id", "7"),
)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8790", "[::1]:80"])
def test_what_this_machine_asks_of_itself_is_local(peer: str, host: str) -> None:
    assert is_local(peer, [("Host", host), *PLAIN[1:]])


@pytest.mark.parametrize("peer", [None, "", "10.0.0.7", "8.8.8.8", "::2", "unix"])
def test_another_machine_is_not_local(peer: str | None) -> None:
    assert not is_local(peer, PLAIN)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (HOST, HOST),
        (("Host", ""),),
        (("Host", "books.example.com"),),
        (("Host", "127.0.0.1.nip.io"),),
        (("Host", "localhost@books.example.com"),),
        (("Host", "books.example.com@localhost"),),
        (("Host", "[::1"),),
        (("Host", "10.0.0.7"),),
    ],
)
def test_only_one_loopback_name_is_local(headers: tuple[tuple[str, str], ...]) -> None:
    assert not is_local("127.0.0.1", headers)


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X_Forwarded_For",
        "X-Original-Forwarded-For",
        "X-Original-Host",
        "X-Original-URL",
        "X-Scheme",
        "X-Real-Ip",
        "X-Client-Ip",
        "Client-Ip",
        "True-Client-Ip",
        "WL-Proxy-Client-IP",
        "X-Proxy-User-Ip",
        "X-Appengine-User-Ip",
        "X-Cluster-Client-Ip",
        "X-Envoy-External-Address",
        "X-Amzn-Trace-Id",
        "X-Amz-Cf-Id",
        "X-Arr-Ssl",
        "X-Azure-ClientIP",
        "X-Cloud-Trace-Context",
        "X-Vercel-Id",
        "X-Rewrite-Url",
        "Cf-Connecting-Ip",
        "Cf-Ray",
        "Cdn-Loop",
        "CloudFront-Viewer-Address",
        "Fly-Client-Ip",
        "Fastly-Client-Ip",
        "ngrok-trace-id",
        "Tailscale-User-Login",
        "Proxy-Connection",
        "Front-End-Https",
    ],
)
def test_a_trace_of_something_between_is_not_local(name: str) -> None:
    assert not is_local("127.0.0.1", [*PLAIN, (name, "127.0.0.1")])
