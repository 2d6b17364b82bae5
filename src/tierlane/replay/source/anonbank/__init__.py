"""The "Anonymous Bank" log of Technion SEELab (Mandelbaum, Sakov, Zeltyn), free for use.

One row is one contact by telephone: it arrives, and then an agent answers it and it ends, or its
caller hangs up. What becomes of each column:

| column | event |
|---|---|
| `vru_line`, `call_id` | `contact_id` `LINE-ID`, unique over the months; `source` `anonbank/LINE` |
| `date`, `vru_entry` | `time` of the arrival, in Israel's local time with its offset |
| `type` | `subject` as written: PS, NW, NE, IN, TT, PE; `language` is `en` for PE, else not told |
| `priority` | `attributes.priority` as written; 0 also stands where none was recorded |
| `customer_id` | `customer_id`; `0` means unknown |
| `outcome` | AGENT: answered and ended; HANG: abandoned; PHANTOM: ended |
| `server`, `ser_start`, `ser_exit` | `advisor_id`, and when it was answered and ended |
| `q_start`, `q_exit`, `vru_exit` | when the caller left, who was not served |
| `vru_time`, `q_time`, `ser_time` | not read: the times themselves tell them |

A customer's profile has his last recorded priority as `membership.level`, 2 being `high`. Nothing
of waiting and service is in an arrival or a profile, so no decision knows what came after it.
"""

from typing import Final

from tierlane.replay.source.anonbank.event import contact_lines, in_time, profile_lines
from tierlane.replay.source.anonbank.row import Refusal, Row, read

PACK: Final = "bank"
"""The policy that belongs to this log."""

__all__ = ["PACK", "Refusal", "Row", "contact_lines", "in_time", "profile_lines", "read"]
