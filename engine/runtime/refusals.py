"""Refusals: a command that cannot be carried out, as a value with a stable code. A person can mend it or must know why.

Sentences in people's languages are made of `code` and `params` by `web.errors`; the text here serves logs and the CLI.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """A command was refused; nothing changed."""

    code: ClassVar[str] = "refused"
    #: Python format over `params`, in English.
    sentence: ClassVar[str] = "This is not possible."
    #: Whether only something in a form is to be mended: no attempt at what was not to be done.
    of_form: ClassVar[bool] = False

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.sentence.format_map(_Missing(params)))


class _Missing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


class NotFound(Refusal):
    """There is no such thing, or it is not for this person."""

    code = "not_found"
    sentence = "There is no {what} {id}."


class NotAllowed(Refusal):
    """The person's roles do not include this action."""

    code = "not_allowed"
    sentence = "{actor} may not do this; it is for {roles}."


class NotACandidate(Refusal):
    """The user task belongs to other roles or people."""

    code = "not_a_candidate"
    sentence = "This step is for {groups}; {actor} is not one of them."


class FourEyesViolation(Refusal):
    """Nobody approves what they requested or reviewed themselves."""

    code = "four_eyes_violation"
    sentence = "{actor} did “{element}” in this case and so may not do this step. Somebody else has to."


class InvolvedInCase(Refusal):
    """A step that must be independent of a case, tried by somebody who worked on it."""

    code = "involved_in_case"
    sentence = "{actor} worked on case {case} and so may not do this step. Somebody else has to."


class UserTaskAlreadyCompleted(Refusal):
    """Somebody completed this user task a moment ago."""

    code = "user_task_already_completed"
    sentence = "This step was already completed by {by} at {at}."


class UserTaskCancelled(Refusal):
    """The case went on another way and no longer needs this user task."""

    code = "user_task_cancelled"
    sentence = "This step is no longer needed: the case went on at {at}."


class ClaimedBySomebodyElse(Refusal):
    """Another person has claimed the user task."""

    code = "claimed_by_somebody_else"
    sentence = "{by} is working on this step."


class InstanceNotActive(Refusal):
    """The process instance has ended or is suspended."""

    code = "instance_not_active"
    sentence = "This case is {state}; it cannot go on."


class CaseSuspended(InstanceNotActive):
    """An administrator holds the case; it goes on where it stands once it is resumed."""

    code = "case_suspended"
    sentence = "This case is suspended. Its steps wait until an administrator resumes it."


class NotSuspended(Refusal):
    """There is nothing to resume."""

    code = "not_suspended"
    sentence = "This is not suspended."


class ReasonMissing(Refusal):
    """What an administrator does to running work says why."""

    code = "reason_missing"
    of_form = True
    sentence = "Say why; it goes into the history."


class CannotBeRerouted(Refusal):
    """Skipping a step or starting another one would not be right here; `why` says what is in the way."""

    code = "cannot_be_rerouted"
    sentence = "This would not be right here. {why}"


class OnlyTheirs(Refusal):
    """The diagram gives the step to one person by name: no role could take it back."""

    code = "only_theirs"
    sentence = "This step is for {by} by name and belongs to no role. Choose a person to give it to."


class NothingChosen(Refusal):
    """Nothing of what was chosen can be done."""

    code = "nothing_chosen"
    sentence = "There is nothing to do: none is left, or none can be done."


class WrittenByNewerRelease(Refusal):
    """The state of a case is in a format that this release does not know: part of the installation was not updated."""

    code = "written_by_newer_release"
    sentence = (
        "A newer release of Aftercare worked on case {case} (state format {found}; this one reads up to {known}). "
        "An administrator has to update this installation."
    )


class ValueNotKept(Refusal):
    """What was entered is larger or deeper than a case can keep."""

    code = "value_not_kept"
    of_form = True
    sentence = "This cannot be kept in the case: {why}. Attach it as a file instead."


class Stale(Refusal):
    """What the person saw has changed meanwhile."""

    code = "stale"
    sentence = "This changed meanwhile. Look at it again before you go on."


class DraftSavedMeanwhile(Stale):
    """Somebody else saved the draft after this person opened it."""

    code = "draft_saved_meanwhile"
    sentence = (
        "{by} saved this draft at {at}, after you opened it. Keep your work as a file, open the draft again and "
        "repeat your change there."
    )


class ProcedureExists(Refusal):
    """A new procedure is given the key of one that there is, or that somebody is drafting."""

    code = "procedure_exists"
    sentence = "There is a procedure “{key}” already. Choose another name for the new one."


class DraftSubmitted(Refusal):
    """A draft that waits for approval stays as the administrators see it."""

    code = "draft_submitted"
    sentence = "{by} submitted this draft at {at}; it waits for approval. Withdraw it to go on editing."


class UnreadableFile(Refusal):
    """A file of a draft that is not what its kind says."""

    code = "unreadable_file"
    sentence = "{name} cannot be read: {why}"


class NothingCurrent(Refusal):
    """No version of the procedure is current."""

    code = "nothing_current"
    sentence = "The procedure {process} has no current version. An administrator has to deploy one."


class ProcedureRetired(NothingCurrent):
    """No new case starts on the procedure; running ones go on."""

    code = "procedure_retired"
    sentence = "This procedure is retired since {at}: no new case starts on it. {reason}"


class VersionSuspended(NothingCurrent):
    """An administrator holds this version: no case starts on it until it is resumed."""

    code = "version_suspended"
    sentence = "Version {version} of this procedure is suspended since {at}: no case starts on it. {reason}"


class StartsByEvent(Refusal):
    """Nobody can start the procedure by hand or call it: only an event begins it."""

    code = "starts_by_event"
    sentence = (
        "The procedure {process} begins only by a message, a signal or a timer. It needs a plain start event."
    )


class InvalidDeployment(Refusal):
    """A deployment with errors; `problems` lists them with element and remedy."""

    code = "invalid_deployment"
    sentence = "{process} cannot be deployed: {first}"


class CannotBeMoved(Refusal):
    """An instance stays on its version; `reasons` (of `engine.runtime.moving.reasons`) say why."""

    code = "cannot_be_moved"
    sentence = "Case {case} cannot be moved: {first}"


class UnknownElement(Refusal):
    """A step that is to be replaced, or is to replace one, is in neither version."""

    code = "unknown_element"
    sentence = "Version {version} of {process} has no element {id}."


class SameVersion(Refusal):
    """Cases are to be moved to the version they are on."""

    code = "same_version"
    sentence = "Choose two different versions of one procedure."


class NothingToMove(Refusal):
    """None of the cases that were chosen can be moved."""

    code = "nothing_to_move"
    sentence = "There is no case to move."
