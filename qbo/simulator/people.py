"""The people who sign in here, and what each may do in which company."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from qbo.simulator.exact import Json

ADMINISTRATOR: Final = "administrator"
USER: Final = "user"
NONE: Final = "none"
ROLES: Final = (ADMINISTRATOR, USER, NONE)


@dataclass(frozen=True)
class Person:
    """Somebody with a login; `usual` is their role where nothing else was said."""

    id: str
    sub: str
    email: str
    given_name: str
    family_name: str
    phone: str
    street: str
    usual: str

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given_name} {self.family_name}"

    def shown(self, scopes: tuple[str, ...]) -> Json:
        """What userinfo tells, which is what the scopes allow; camelCase, as Intuit."""
        parts: Mapping[str, Json] = {
            "email": {"email": self.email, "emailVerified": True},
            "profile": {"givenName": self.given_name, "familyName": self.family_name},
            "phone": {"phoneNumber": self.phone, "phoneNumberVerified": False},
            "address": {
                "address": {
                    "streetAddress": self.street,
                    "locality": "Mountain View",
                    "region": "CA",
                    "postalCode": "94043",
                    "country": "US",
                }
            },
        }
        told: Json = {"sub": self.sub}
        for scope, part in parts.items():
            if scope in scopes:
                told.update(part)
        return told


PEOPLE: Final[Mapping[str, Person]] = {
    one.id: one
    for one in (
        Person(
            "alex",
            "1182d6ec-60a1-4aa3-a7d5-000000000001",
            "alex@harbourpine.example",
            "Alex",
            "Morgan",
            "+1 6505550101",
            "1 Harbour Road",
            ADMINISTRATOR,
        ),
        Person(
            "robin",
            "1182d6ec-60a1-4aa3-a7d5-000000000002",
            "robin@harbourpine.example",
            "Robin",
            "Vale",
            "+1 6505550102",
            "2 Harbour Road",
            USER,
        ),
    )
}


class Rights:
    """Who may do what where; `keep` is called with all of it when it changes."""

    def __init__(self, keep: Callable[[Json], None], kept: Json | None) -> None:
        self._keep = keep
        self._roles: Json = kept or {}

    def role(self, person: str, realm: str) -> str:
        """A person's role in a company."""
        usual = PEOPLE[person].usual if person in PEOPLE else NONE
        return str(self._roles.get(realm, {}).get(person, usual))

    def give(self, person: str, realm: str, role: str) -> None:
        """Change a person's role in a company.

        Raises:
            ValueError: there is no such person or role.
        """
        if person not in PEOPLE:
            raise ValueError(f"no person {person!r}; there are: {', '.join(PEOPLE)}")
        if role not in ROLES:
            raise ValueError(f"a role is one of: {', '.join(ROLES)}")
        self._roles.setdefault(realm, {})[person] = role
        self._keep(self._roles)
