"""The database tables."""

from .acts import Act, ActKind
from .api_orders import ApiOrder
from .aspects import aspect_of, ratio_of
from .background import OPEN_JOBS, BackgroundJob, JobChange, JobState
from .bills import (
    DIFFERENCES,
    BillAnswer,
    BillCover,
    BillDay,
    BillEntry,
    BillFile,
    BillMatch,
    BillNote,
    BillSource,
    MatchKind,
    Proof,
    TopUp,
    WalletWarning,
)
from .blind_tests import Ballot, BlindTest, Contestant, Pair, Sample, Verdict, Vote
from .budget_requests import BudgetRequest, RequestState
from .collections import Access, Collection, CollectionItem, CollectionOrder
from .comments import Approval, Comment, Notice
from .cost_totals import CostMark, CostTotal
from .exports import Export, Pack
from .gateway_keys import ENVIRONMENT, GatewayKey, GatewaySecret
from .generations import (
    LEGAL_STEPS,
    OPEN_STATES,
    Generation,
    GenerationInput,
    InputImage,
    State,
)
from .guests import GuestLink, LinkPicture, LinkVisits
from .indexed_prompts import IndexedPrompt
from .invitations import Invitation
from .kept import ALL_IDS, ALL_MODELS, Grain, KeptChange, KeptTotal, Level
from .leavings import Leaving
from .ledger import Charge, Kind
from .limits import Balance, BalanceKey, Limit, LimitRaise, Scope
from .locks import Lock
from .lost import LostCall
from .models_file import ModelsFile
from .money import MICRO, dollars, micros
from .months import CalendarMonth, GalleryKind, MonthCount
from .password_resets import PasswordReset
from .pauses import Brake, Pause
from .people import Person, Role
from .periods import Period
from .person_sessions import PersonSession
from .pictures import (
    IS_KEPT,
    IS_REJECTED,
    KEPT_FATE,
    REJECTED_FATE,
    AnswerFile,
    Picture,
    PictureFate,
    PictureVerdict,
)
from .presets import Preset
from .prices import BilledPrice, PriceDay, PriceMark
from .projects import Project, ProjectMember
from .prompts import UsedPrompt
from .reports import Every, MailState, Report, ReportMail
from .request_rules import RequestRule
from .runs import Run, RunKind
from .storage_rules import RetentionRule, StorageQuota
from .studio_settings import StudioSettings
from .tags import PictureTag, Tag
from .tokens import Token, TokenScope
from .webhooks import (
    EVENTS_OF_PERSON,
    EVENTS_OF_STUDIO,
    DeliveryState,
    OffReason,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookTry,
)
from .workers import WorkerSeen

__all__ = [
    "ALL_IDS",
    "ALL_MODELS",
    "DIFFERENCES",
    "ENVIRONMENT",
    "EVENTS_OF_PERSON",
    "EVENTS_OF_STUDIO",
    "IS_KEPT",
    "IS_REJECTED",
    "KEPT_FATE",
    "LEGAL_STEPS",
    "MICRO",
    "OPEN_JOBS",
    "OPEN_STATES",
    "REJECTED_FATE",
    "Access",
    "Act",
    "ActKind",
    "AnswerFile",
    "ApiOrder",
    "Approval",
    "BackgroundJob",
    "Balance",
    "BalanceKey",
    "Ballot",
    "BillAnswer",
    "BillCover",
    "BillDay",
    "BillEntry",
    "BillFile",
    "BillMatch",
    "BillNote",
    "BillSource",
    "BilledPrice",
    "BlindTest",
    "Brake",
    "BudgetRequest",
    "CalendarMonth",
    "Charge",
    "Collection",
    "CollectionItem",
    "CollectionOrder",
    "Comment",
    "Contestant",
    "CostMark",
    "CostTotal",
    "DeliveryState",
    "Every",
    "Export",
    "GalleryKind",
    "GatewayKey",
    "GatewaySecret",
    "Generation",
    "GenerationInput",
    "Grain",
    "GuestLink",
    "IndexedPrompt",
    "InputImage",
    "Invitation",
    "JobChange",
    "JobState",
    "KeptChange",
    "KeptTotal",
    "Kind",
    "Leaving",
    "Level",
    "Limit",
    "LimitRaise",
    "LinkPicture",
    "LinkVisits",
    "Lock",
    "LostCall",
    "MailState",
    "MatchKind",
    "ModelsFile",
    "MonthCount",
    "Notice",
    "OffReason",
    "Pack",
    "Pair",
    "PasswordReset",
    "Pause",
    "Period",
    "Person",
    "PersonSession",
    "Picture",
    "PictureFate",
    "PictureTag",
    "PictureVerdict",
    "Preset",
    "PriceDay",
    "PriceMark",
    "Project",
    "ProjectMember",
    "Proof",
    "Report",
    "ReportMail",
    "RequestRule",
    "RequestState",
    "RetentionRule",
    "Role",
    "Run",
    "RunKind",
    "Sample",
    "Scope",
    "State",
    "StorageQuota",
    "StudioSettings",
    "Tag",
    "Token",
    "TokenScope",
    "TopUp",
    "UsedPrompt",
    "Verdict",
    "Vote",
    "WalletWarning",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
    "WebhookTry",
    "WorkerSeen",
    "aspect_of",
    "dollars",
    "micros",
    "ratio_of",
]
