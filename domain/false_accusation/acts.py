"""What may be asked about a suspicion of false accusation, in procedural order."""

from typing import Annotated

from pydantic import Field, StringConstraints

from domain.aggregate import Act, Explained
from domain.papers import Digest, Document
from domain.people import Members, Organ
from domain.staged import OpenMatter
from domain.values import Text

Pseudonym = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]  # no name fits in


class OpenSuspicion(OpenMatter, name="open_suspicion", label="登记诬告陷害嫌疑"):
    """`subjects`: those falsely accused; `accusation`: the number of the accusation itself."""

    accusation: Text
    grounds: Text


class OfAccuser(Act):
    """An act about one accuser, by the pseudonym that whoever keeps the identities gave out."""

    accuser: Pseudonym


class IdentifyAccuser(OfAccuser, name="identify_accuser", label="登记查明的检举控告人"):
    """The identity itself is not told: only the SHA-256 of identity and salt, made outside."""

    identity_digest: Digest


class VerifySuspicion(OfAccuser, name="verify_suspicion", label="登记核实情况"):
    """`elements`: every element of the definition, answered true, false or null (not known)."""

    elements: dict[str, bool | None]
    findings: Text
    verified_by: Members


class FindUnfounded(Explained, name="find_unfounded", label="认定诬告嫌疑不成立"):
    """Of one accuser; of the whole suspicion when none was identified."""

    accuser: Pseudonym | None = None


class ClassifyMistaken(OfAccuser, Explained, name="classify_mistaken", label="认定为错告"):
    pass


class EducateAccuser(OfAccuser, Explained, name="educate_accuser", label="登记对错告人的教育"):
    pass


class RequestDeterminationApproval(
    OfAccuser, name="request_determination_approval", label="将诬告陷害的认定报批"
):
    to: Organ


class GrantDeterminationApproval(
    OfAccuser, name="grant_determination_approval", label="批准认定诬告陷害"
):
    organ: Organ


class RefuseDeterminationApproval(
    OfAccuser, Explained, name="refuse_determination_approval", label="不批准认定诬告陷害"
):
    organ: Organ


class DetermineFalseAccusation(
    OfAccuser, Explained, name="determine_false_accusation", label="认定诬告陷害"
):
    aggravating: tuple[str, ...] = ()


class DisposeAccuser(OfAccuser, Explained, name="dispose_accuser", label="处置诬告陷害人"):
    """`disposal`: the id of one of the instrument's; where it names none, any word."""

    disposal: Text


class HandOver(OfAccuser, name="hand_over", label="移送诬告陷害人"):
    to: Organ
    materials: Annotated[tuple[Document, ...], Field(min_length=1)]


class CloseFalseAccusation(Act, name="close_false_accusation", label="了结诬告陷害事项"):
    pass
