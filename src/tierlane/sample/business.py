"""The eight businesses of the sample: who contacts them, how, about what and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Subject:
    """What a contact is about; `{n}` in a text becomes a number of six digits."""

    weight: float
    english: tuple[str, ...]
    chinese: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Business:
    """One business: shares of contacts, channels, languages and subjects; weights of any sum."""

    name: str
    weight: float
    channels: Mapping[str, float]
    subjects: Mapping[str, Subject]
    languages: Mapping[str, float]
    measure: str
    """The measure of value it keeps of a customer."""
    scale: float
    """What a customer at the lower end is worth in that measure."""
    advisors: int
    dedicated: float
    """The share of customers worth at least `dedicated_from` who have an advisor of their own."""
    dedicated_from: float = 0.0
    products: tuple[str, ...] = ()


HOME: Final = {"zh": 92.0, "en": 8.0}
ABROAD: Final = {"zh": 58.0, "en": 28.0, "ja": 9.0, "ru": 5.0}

RETAIL: Final = Business(
    name="retail",
    weight=28,
    channels={"chat": 40, "app": 25, "voice": 18, "social": 9, "mail": 5, "kiosk": 3},
    subjects={
        "order": Subject(24, ("change the address of order {n}",), ("订单{n}要改地址",)),
        "delivery": Subject(
            30,
            ("my parcel still has not arrived", "when does order {n} arrive"),
            ("包裹还没有到", "订单{n}什么时候到"),
        ),
        "return": Subject(22, ("I want to send order {n} back",), ("我要退订单{n}",)),
        "quality": Subject(8, ("the seam has come apart", "it smells odd"), ("缝线开了", "有异味")),
        "advice": Subject(16, ("which one for a child of two",), ("两岁的孩子用哪一种",)),
    },
    languages=HOME,
    measure="spend_12m",
    scale=1500,
    advisors=12,
    dedicated=0.8,
    dedicated_from=40_000,
    products=("formula", "shirt", "shoes", "underwear", "appliance"),
)

AIRLINE: Final = Business(
    name="airline",
    weight=14,
    channels={"voice": 38, "app": 32, "chat": 16, "counter": 9, "mail": 5},
    subjects={
        "booking": Subject(45, ("move my seat on flight {n}",), ("航班{n}换座位",)),
        "check-in": Subject(20, ("I cannot check in",), ("无法办理值机",)),
        "baggage": Subject(20, ("my suitcase is missing",), ("行李没有到",)),
        "disruption": Subject(15, ("flight {n} is cancelled, what now",), ("航班{n}取消了怎么办",)),
    },
    languages=ABROAD,
    measure="miles_12m",
    scale=9000,
    advisors=8,
    dedicated=0.0,
)

BANK: Final = Business(
    name="bank",
    weight=18,
    channels={"voice": 45, "app": 30, "chat": 18, "counter": 4, "video": 3},
    subjects={
        "balance": Subject(42, ("what is my balance",), ("查询余额",)),
        "transfer": Subject(30, ("I want to transfer money",), ("我要转账",)),
        "loan": Subject(22, ("what does a loan cost",), ("贷款利率是多少",)),
        "card-lost": Subject(6, ("my card is gone",), ("卡丢了",)),
    },
    languages=ABROAD,
    measure="assets",
    scale=60000,
    advisors=12,
    dedicated=0.85,
    dedicated_from=1_500_000,
)

HOSPITAL: Final = Business(
    name="hospital",
    weight=10,
    channels={"voice": 34, "app": 36, "chat": 22, "counter": 8},
    subjects={
        "appointment": Subject(46, ("a date for an examination",), ("预约检查",)),
        "symptoms": Subject(24, ("I have had a fever since {n}",), ("发烧好几天了",)),
        "medicine": Subject(16, ("may I take both medicines",), ("两种药能一起吃吗",)),
        "follow-up": Subject(14, ("a question after my operation",), ("手术后有个问题",)),
    },
    languages=HOME,
    measure="visits_12m",
    scale=1,
    advisors=10,
    dedicated=0.12,
)

TELECOM: Final = Business(
    name="telecom",
    weight=12,
    channels={"voice": 42, "app": 24, "chat": 22, "sms": 8, "social": 4},
    subjects={
        "package": Subject(35, ("which package is cheaper",), ("哪个套餐便宜",)),
        "bill": Subject(40, ("why is bill {n} so high",), ("账单{n}为什么这么高",)),
        "network": Subject(25, ("no signal at home",), ("家里没有信号",)),
    },
    languages=HOME,
    measure="spend_12m",
    scale=400,
    advisors=6,
    dedicated=0.0,
)

LOGISTICS: Final = Business(
    name="logistics",
    weight=9,
    channels={"app": 40, "sms": 18, "voice": 24, "social": 8, "chat": 10},
    subjects={
        "tracking": Subject(76, ("where is parcel {n}",), ("快递{n}到哪里了",)),
        "damage": Subject(15, ("parcel {n} arrived broken",), ("快递{n}破损了",)),
        "cold-chain": Subject(9, ("the box is warm",), ("冷链箱不冷了",)),
    },
    languages=HOME,
    measure="spend_12m",
    scale=700,
    advisors=6,
    dedicated=0.0,
)

LUXURY: Final = Business(
    name="luxury",
    weight=3,
    channels={"voice": 34, "video": 22, "chat": 24, "mail": 12, "counter": 8},
    subjects={
        "styling": Subject(50, ("something for a gala in May",), ("五月晚宴穿什么",)),
        "fitting": Subject(30, ("a fitting at home",), ("预约上门试衣",)),
        "alteration": Subject(20, ("the sleeve is too long",), ("袖子太长",)),
    },
    languages=ABROAD,
    measure="spend_12m",
    scale=24000,
    advisors=10,
    dedicated=0.6,
)

UTILITY: Final = Business(
    name="utility",
    weight=6,
    channels={"voice": 48, "app": 26, "sms": 14, "chat": 12},
    subjects={
        "meter": Subject(38, ("the reading is {n}",), ("电表读数{n}",)),
        "bill": Subject(40, ("I paid bill {n} twice",), ("账单{n}付了两次",)),
        "outage": Subject(22, ("the whole street is dark",), ("整条街停电了",)),
    },
    languages=HOME,
    measure="spend_12m",
    scale=500,
    advisors=6,
    dedicated=0.0,
)

BUSINESSES: Final = (RETAIL, AIRLINE, BANK, HOSPITAL, TELECOM, LOGISTICS, LUXURY, UTILITY)

NIGHT: Final = {
    "airline": 22,
    "bank": 20,
    "hospital": 26,
    "telecom": 12,
    "logistics": 8,
    "utility": 12,
}
"""Shares of the businesses that answer at night, from 23:00 to 06:00."""

HOURS: Final = (
    14,
    9,
    6,
    5,
    6,
    11,
    24,
    44,
    72,
    96,
    100,
    92,
    70,
    74,
    88,
    90,
    86,
    82,
    80,
    86,
    84,
    66,
    42,
    24,
)
"""How busy each hour of a day is: a peak before noon and another in the evening."""

ANGER: Final = {"en": "this is the third time I ask: ", "zh": "第三次问了, ", "ja": "", "ru": ""}
"""What somebody upset says first."""
