"""The tables of the runtime: what every business that runs on the engine shares. Importing this registers them all."""

from engine.store.tables.back_tests import BackTest, BackTestCase
from engine.store.tables.definitions import (
    DefinitionResource,
    Draft,
    DraftResource,
    DraftVisit,
    ProcessDefinition,
    Resource,
)
from engine.store.tables.history import HistoryEvent, OrganisationStream
from engine.store.tables.identity import Absence, OrganisationVersion, Person, WebSession
from engine.store.tables.incidents import Incident
from engine.store.tables.instances import ProcessInstance
from engine.store.tables.jobs import Job
from engine.store.tables.messages import Message, MessageSubscription, PendingSignal, SignalSubscription
from engine.store.tables.moving import Move, MovedInstance, MoveItem
from engine.store.tables.operating import BulkItem, BulkRun, PausedService, SuspendedVersion
from engine.store.tables.receipts import Receipt
from engine.store.tables.releases import PlannedStart, RetiredProcedure
from engine.store.tables.scenarios import Play, ScenarioRun
from engine.store.tables.seals import Seal, Verification
from engine.store.tables.sign_ins import ApiToken, KnownBrowser, PasswordLink, SecondFactor, SignInFailures
from engine.store.tables.starts import PendingStart, StartSubscription
from engine.store.tables.submissions import Submission
from engine.store.tables.timers import Timer
from engine.store.tables.user_tasks import UserTask

__all__ = [
    "Absence",
    "ApiToken",
    "BackTest",
    "BackTestCase",
    "BulkItem",
    "BulkRun",
    "DefinitionResource",
    "Draft",
    "DraftResource",
    "DraftVisit",
    "HistoryEvent",
    "Incident",
    "Job",
    "KnownBrowser",
    "Message",
    "MessageSubscription",
    "Move",
    "MoveItem",
    "MovedInstance",
    "OrganisationStream",
    "OrganisationVersion",
    "PasswordLink",
    "PausedService",
    "PendingSignal",
    "PendingStart",
    "Person",
    "PlannedStart",
    "Play",
    "ProcessDefinition",
    "ProcessInstance",
    "Receipt",
    "Resource",
    "RetiredProcedure",
    "ScenarioRun",
    "Seal",
    "SecondFactor",
    "SignInFailures",
    "SignalSubscription",
    "StartSubscription",
    "Submission",
    "SuspendedVersion",
    "Timer",
    "UserTask",
    "Verification",
    "WebSession",
]
