"""Small policies for tests: what a test is about, the rest as plain as it can be."""

from tierlane.policy.compiling.compile import compile_policy

REST = {
    "fields": """
fields:
  contact.subject: [order, return, claim]
  contact.attributes.value: number
  contact.attributes.vip: flag
  contact.attributes.at: time
  contact.attributes.word: text
  profile.measures.spend: number
  profile.membership.level: [club, gold]
""",
    "lanes": """
desks: {shop: {managed: false}}
lanes:
  bot: {kind: selfservice, desk: shop, channels: [chat]}
  people: {kind: standard, desk: shop}
  keeper: {kind: dedicated, desk: shop}
""",
    "plans": "plans: [{plan: all, steps: [{lane: people}]}]\n",
    "end": "finally: {until: 24h, close: sorry}\nfallback: people\n",
}


def policy(text: str = "", **sections: str) -> str:
    """Return a policy with `text`, and with some of its plain sections replaced."""
    parts = {**REST, **sections}
    return "".join(("tierlane: 1\npolicy: small\n", *parts.values(), text))


def compiled(text: str = "", **sections: str):
    return compile_policy(policy(text, **sections), "small.yaml")


def asking(condition: str) -> str:
    """Return a policy whose fact `answer` is true where the condition holds."""
    row = f"{{rule: asked, when: {condition!r}, then: true}}"
    if "'" in condition:
        row = '{rule: asked, when: "' + condition.replace('"', '\\"') + '", then: true}'
    return policy(
        f"facts: [{{fact: answer, default: false, rules: [{row}]}}]\n"
        "scenarios: {default: no, rules: [{rule: seen, when: fact.answer, then: yes}]}\n"
    )


def answer(condition: str, contact=None, profile=None, memory=None, now: int = 1_772_800_000_000):
    """Return what a condition answers about a contact, and why not."""
    revision = compile_policy(asking(condition), "small.yaml")
    told = {"contact_id": "k1", "channel": "chat", **(contact or {})}
    decision = revision.decide(told, profile, memory, now)
    held = dict(decision.outcome.facts)["answer"]
    why = [one.why for one in decision.outcome.missed if one.row == "facts/answer/asked"]
    return held, why[0] if why else None, decision
