"""Settings: complete, or refused with everything that is missing."""

import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.settings import CALLBACK_PATH, Settings, Unfit

KEY = Fernet.generate_key().decode()
BASE = {"COUNTERSIGN_SECRET_KEYS": KEY}


def _problems(**environ: str) -> str:
    with pytest.raises(Unfit) as refused:
        Settings.read({**BASE, **environ})
    return "\n".join(refused.value.problems)


def test_nothing_but_a_key_is_enough_and_everything_else_is_off() -> None:
    settings = Settings.read(BASE)

    assert not settings.slack_is_on
    assert not settings.teams_is_on
    assert not settings.quickbooks_is_on
    assert settings.database_url == "sqlite:///var/countersign.db"
    assert settings.base_url == "http://127.0.0.1:8790"


def test_half_of_each_platform_is_refused_and_all_missing_names_are_said() -> None:
    said = _problems(
        SLACK_SIGNING_SECRET="s",
        MicrosoftAppId="a",
        QUICKBOOKS_CLIENT_ID="q",
        QUICKBOOKS_SANDBOX_CLIENT_SECRET="x",
    )

    for name in (
        "SLACK_BOT_TOKEN",
        "MicrosoftAppType",
        "MicrosoftAppTenantId",
        "MicrosoftAppPassword",
        "QUICKBOOKS_CLIENT_SECRET",
        "QUICKBOOKS_SANDBOX_CLIENT_ID",
    ):
        assert f"{name} is missing" in said


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"COUNTERSIGN_SECRET_KEYS": ""}, "COUNTERSIGN_SECRET_KEYS is missing"),
        ({"COUNTERSIGN_SECRET_KEYS": "short"}, "no Fernet key"),
        ({"COUNTERSIGN_PUBLIC_URL": "http://books.example"}, "https"),
        ({"COUNTERSIGN_PUBLIC_URL": "books.example"}, "https"),
        ({"COUNTERSIGN_PUBLIC_URL": "https://u:p@books.example"}, "plain address"),
        ({"COUNTERSIGN_PUBLIC_URL": "https://books.example/a?x=1"}, "plain address"),
        ({"COUNTERSIGN_DATABASE_URL": "nonsense"}, "COUNTERSIGN_DATABASE_URL"),
        ({"COUNTERSIGN_DATABASE_URL": "mysql://u:p@h/x"}, "COUNTERSIGN_DATABASE_URL"),
        ({"COUNTERSIGN_PORT": "eighty"}, "COUNTERSIGN_PORT"),
        ({"COUNTERSIGN_TIME_ZONE": "Mars/Olympus"}, "no time zone"),
        ({"QUICKBOOKS_ENVIRONMENT": "test"}, "QUICKBOOKS_ENVIRONMENT"),
        ({"MicrosoftAppType": "Robot"}, "MicrosoftAppType"),
        (
            {"SLACK_BOT_TOKEN": "xoxp-1", "SLACK_SIGNING_SECRET": "s"},
            "SLACK_BOT_TOKEN must be a bot token",
        ),
    ],
)
def test_a_malformed_setting_is_named(environ: dict[str, str], said: str) -> None:
    assert said in _problems(**environ)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"QUICKBOOKS_REDIRECT_URI": f"http://books.example{CALLBACK_PATH}"},
        {"QUICKBOOKS_REDIRECT_URI": f"https://books.example{CALLBACK_PATH}"},
        *(
            {
                "COUNTERSIGN_PUBLIC_URL": "https://books.example",
                "QUICKBOOKS_REDIRECT_URI": f"https://{host}{CALLBACK_PATH}",
            }
            for host in ("localhost.", "127.0.0.2", "10.0.0.5", "foo.local")
        ),
        {"COUNTERSIGN_PUBLIC_URL": "http://127.0.0.1:8790"},
    ],
)
def test_production_refuses_an_address_that_intuit_would_refuse(
    environ: dict[str, str],
) -> None:
    said = _problems(
        QUICKBOOKS_ENVIRONMENT="production",
        QUICKBOOKS_CLIENT_ID="id",
        QUICKBOOKS_CLIENT_SECRET="secret",
        **environ,
    )

    assert "public" in said


def test_a_redirect_to_where_nobody_waits_is_refused() -> None:
    said = _problems(
        QUICKBOOKS_CLIENT_ID="id",
        QUICKBOOKS_CLIENT_SECRET="secret",
        QUICKBOOKS_REDIRECT_URI="https://books.example/elsewhere",
    )

    assert CALLBACK_PATH in said


def test_the_addresses_to_register_follow_from_the_public_one() -> None:
    settings = Settings.read(
        {**BASE, "COUNTERSIGN_PUBLIC_URL": "https://books.example/"}
    )

    assert settings.redirect_uri == "https://books.example/oauth/quickbooks/callback"
    assert settings.webhook_url == "https://books.example/api/webhooks/quickbooks"


def test_a_secret_may_be_given_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("xoxb-1\n")

    settings = Settings.read(
        {**BASE, "SLACK_BOT_TOKEN_FILE": str(file), "SLACK_SIGNING_SECRET": "s"}
    )

    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    said = _problems(SLACK_BOT_TOKEN_FILE=str(tmp_path / "none"))

    assert "SLACK_BOT_TOKEN_FILE" in said


def test_no_secret_stands_in_the_repr() -> None:
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-secret",
        "SLACK_SIGNING_SECRET": "signing-secret",
        "QUICKBOOKS_CLIENT_ID": "public",
        "QUICKBOOKS_CLIENT_SECRET": "client-secret",
    }

    said = repr(Settings.read({**BASE, **secrets}))

    assert "secret" not in said.replace("_secret", "").replace("secret_keys", "")
    assert KEY not in said


def test_the_demo_runs_beside_no_public_address() -> None:
    with pytest.raises(Unfit, match="COUNTERSIGN_PUBLIC_URL"):
        Settings.read(
            {
                **BASE,
                "COUNTERSIGN_PUBLIC_URL": "https://books.example",
                "QUICKBOOKS_ENVIRONMENT": "simulator",
            },
            demo=True,
        )


def test_models_are_off_unless_named_whatever_keys_there_are() -> None:
    settings = Settings.read({**BASE, "ANTHROPIC_API_KEY": "k", "OPENAI_API_KEY": "k"})

    assert settings.models == ()


def test_each_model_that_is_named_has_its_key_and_address() -> None:
    settings = Settings.read(
        {
            **BASE,
            "COUNTERSIGN_MODEL": "anthropic:small-1, google:small-2",
            "ANTHROPIC_API_KEY": "sk-first",
            "GEMINI_API_KEY": "sk-second",
        }
    )
    own = Settings.read(
        {
            **BASE,
            "COUNTERSIGN_MODEL": "openai:llama",
            "COUNTERSIGN_MODEL_URL": "http://127.0.0.1:11434/v1/",
        }
    )

    assert [(each.provider, each.title) for each in settings.models] == [
        ("anthropic", "Anthropic (small-1)"),
        ("gemini", "Google (small-2)"),
    ]
    assert [each.is_own for each in settings.models] == [False, False]
    assert own.models[0].url == "http://127.0.0.1:11434/v1"
    assert own.models[0].title == "127.0.0.1 (llama)"
    assert "sk-" not in repr(settings)


def test_a_model_without_its_key_or_name_or_a_safe_address_is_refused() -> None:
    said = _problems(COUNTERSIGN_MODEL="anthropic:a, openai, parrot:b")
    unsafe = _problems(
        COUNTERSIGN_MODEL="openai:a", COUNTERSIGN_MODEL_URL="http://models.example/v1"
    )
    alone = _problems(COUNTERSIGN_MODEL_URL="https://models.example/v1")

    assert "ANTHROPIC_API_KEY is missing" in said
    assert "'openai' is no model" in said
    assert "'parrot:b' is no model" in said
    assert "COUNTERSIGN_MODEL_URL must be an https address" in unsafe
    assert "COUNTERSIGN_MODEL is missing" in alone


def test_a_model_without_the_extra_is_refused_by_the_extras_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)

    said = _problems(COUNTERSIGN_MODEL="openai:a", OPENAI_API_KEY="k")

    assert "needs the extra countersign[model], which is not installed" in said
    assert "pydantic_ai is missing" in said
