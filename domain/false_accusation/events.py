"""What can happen to a suspicion of false accusation, in procedural order.

The accuser is never named here: events carry a pseudonym and a salted digest of the identity,
which is kept elsewhere and readable by one role.
"""

from domain.aggregate import Event
from domain.papers import Digest, Document
from domain.people import Members, Organ
from domain.staged import MatterOpened


class SuspicionOpened(
    MatterOpened, topic="false_accusation.suspicion-opened.v1", term="诬告陷害嫌疑"
):
    """`subjects` are those falsely accused, as far as known; `accusation` names what accused them.

    `accusation` is what 起 are counted by.
    """

    accusation: str
    grounds: str


class OfAccuser(Event):
    """Common to all that happens to one accuser; `item` numbers them within the matter."""

    accuser: str
    item: int


class AccuserIdentified(
    OfAccuser, topic="false_accusation.accuser-identified.v1", term="查明检举控告人"
):
    """`identity_digest`: SHA-256 of identity and salt; `readable_by`: who may read the identity."""

    identity_digest: Digest
    readable_by: str


class SuspicionVerified(
    OfAccuser, topic="false_accusation.suspicion-verified.v1", term="核实诬告嫌疑"
):
    """`elements`: element of the definition → holds, does not hold, or not known (null)."""

    elements: dict[str, bool | None]
    findings: str
    verified_by: Members


class SuspicionUnfounded(
    Event, topic="false_accusation.suspicion-unfounded.v1", term="诬告嫌疑不成立"
):
    """`accuser` and `item` are null when no accuser was identified."""

    accuser: str | None = None
    item: int | None = None
    explanation: str


class MistakenAccusationClassified(
    OfAccuser, topic="false_accusation.mistaken-classified.v1", term="属于错告"
):
    explanation: str


class AccuserEducated(OfAccuser, topic="false_accusation.accuser-educated.v1", term="教育错告人"):
    explanation: str


class DeterminationApprovalRequested(
    OfAccuser, topic="false_accusation.approval-requested.v1", term="诬告认定报批"
):
    to: Organ


class DeterminationApprovalGranted(
    OfAccuser, topic="false_accusation.approval-granted.v1", term="批准认定诬告"
):
    organ: Organ


class DeterminationApprovalRefused(
    OfAccuser, topic="false_accusation.approval-refused.v1", term="不批准认定诬告"
):
    organ: Organ
    explanation: str


class FalseAccusationDetermined(
    OfAccuser, topic="false_accusation.determined.v1", term="认定诬告陷害"
):
    """`aggravating`: ids of the instrument's aggravating circumstances."""

    approved_by: Organ
    aggravating: tuple[str, ...] = ()
    explanation: str


class AccuserDisposed(OfAccuser, topic="false_accusation.accuser-disposed.v1", term="处置诬告人"):
    disposal: str
    explanation: str


class AccuserHandedOver(OfAccuser, topic="false_accusation.handed-over.v1", term="移送诬告人"):
    to: Organ
    materials: tuple[Document, ...]


class FalseAccusationClosed(Event, topic="false_accusation.closed.v1", term="诬告事项了结"):
    pass
