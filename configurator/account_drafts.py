"""What clients send about accounts and sessions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from service_kit.secrets import Secret
from wire.ids import Segment
from wire.refusal import Refusal

Role = Literal["viewer", "operator", "admin"]
#: How people name themselves at the door: a short name or a mail address; capitals make no difference.
Login = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$"
    ),
]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
#: Long enough that guessing is hopeless; no rules about signs, which only make people write it down.
NewPassword = Annotated[Secret, Field(min_length=10, max_length=256)]
GivenPassword = Annotated[Secret, Field(min_length=1, max_length=1_000)]
LinkText = Annotated[Secret, Field(min_length=1, max_length=200)]


class AccountRequest(BaseModel):
    """An account to be made. Without `recipient` its inbox is that of the recipient with the same id as `login`,
    who is created if there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: Login
    name: PersonName | None = None
    role: Role = "viewer"
    recipient: Segment | None = None


class AccountPatch(BaseModel):
    """What is to change; the rest stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: PersonName = ""
    role: Role = "viewer"
    disabled: StrictBool = False


class SignIn(BaseModel):
    """`login` and `password`, or a one-time `link`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=200)] | None = None
    password: GivenPassword | None = None
    link: LinkText | None = None

    @model_validator(mode="after")
    def _one_way(self) -> SignIn:
        if (self.link is None) == (self.login is None or self.password is None):
            raise Refusal("expected login and password, or link", code="one-way-to-sign-in")
        return self


class Acceptance(BaseModel):
    """An invite, and the password that its account will have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    invite: LinkText
    password: NewPassword


class PasswordChange(BaseModel):
    """`old` may be left out by those who have none yet: they came by a link."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    old: GivenPassword | None = None
    new: NewPassword


class LinkRequest(BaseModel):
    """Whom the link signs in; without `login` the first admin, who is made if there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: Login | None = None
