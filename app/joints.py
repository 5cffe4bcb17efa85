"""What one session is joined to, as one value that its parts hand on; who answers is told beside it."""

from dataclasses import dataclass

from app.deeds import Deeds
from app.ends import Screen, Stage, Surroundings, Voice
from app.keeping import Keeping
from app.own_manner import OwnManner


@dataclass(frozen=True, slots=True, kw_only=True)
class Joints:
    voice: Voice
    screen: Screen
    loudspeaker: Stage
    keeping: Keeping
    around: Surroundings
    manner: OwnManner
    """Of the person who talks."""
    deeds: Deeds | None = None
    """What is done at the user's word; None: nothing is."""
