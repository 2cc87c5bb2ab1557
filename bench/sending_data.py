"""Made-up sending data in the formats whose reading is measured: a day of a sender of newsletters.

Nine in ten are accepted. Replies repeat as they do in life: a few dozen wordings, each with addresses, queue ids and
times of its own.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_BEGIN = datetime(2026, 11, 25, tzinfo=UTC)
END = _BEGIN + timedelta(days=1)
_DAY_S = 86_400
_IPS = [f"192.0.2.{number}" for number in range(10, 42)]
_CUSTOMERS = ["acme", "bravo", "carmen", "delta"]
_RECEIVERS = [
    ("gmail.com", "gmail-smtp-in.l.google.com", "198.51.100.26", "Gmail"),
    ("outlook.com", "outlook-com.olc.protection.outlook.com", "198.51.100.33", "Hotmail / Outlook"),
    ("yahoo.com", "mta7.am0.yahoodns.net", "198.51.100.44", "Verizon Media Group"),
    ("gmx.net", "mx00.emig.gmx.net", "198.51.100.55", "GMX"),
    *((f"company{number}.example", f"mx.company{number}.example", "203.0.113.9", "Other") for number in range(60)),
]
_WEIGHTS = [40, 20, 12, 6, *[0.35] * 60]
_DEFERRALS = [
    "421 4.7.0 [TSS04] Messages from {ip} temporarily deferred due to unexpected volume or user complaints - {id}",
    "451 4.7.650 The mail server [{ip}] has been temporarily rate limited due to IP reputation. [{id}]",
    "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP {ip}. {id} - gsmtp",
    "452 4.2.2 The email account that you tried to reach is over quota {id} - gsmtp",
    "450 4.2.0 <someone{n}@{domain}>: Recipient address rejected: Greylisted, try again in 300 seconds",
    "421 4.3.2 service not available, try again later ({id})",
]
_BOUNCES = [
    "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider since "
    "part of their network is on our block list (S3140). [{id}]",
    "550-5.1.1 The email account that you tried to reach does not exist. {id} - gsmtp",
    "550 5.1.1 <someone{n}@{domain}>: Recipient address rejected: User unknown in virtual mailbox table",
    "554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org",
    "550 5.2.1 The email account that you tried to reach is disabled. {id} - gsmtp",
    "550 5.7.26 Unauthenticated email from news.acme.example is not accepted due to domain's DMARC policy. {id}",
    "554 5.7.1 Message rejected as spam by content scanner ({id})",
]
PMTA_HEADER = (
    "type,timeLogged,timeQueued,orig,rcpt,orcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,srcType,srcMta,dlvType,"
    "dlvSourceIp,dlvDestinationIp,dlvEsmtpAvailable,dlvSize,vmta,jobId,envId,queue,vmtaPool"
)


class _Sent:
    """One attempt."""

    def __init__(self, number: int, count: int, dice: random.Random) -> None:
        self.number = number
        self.at = _BEGIN + timedelta(seconds=number * _DAY_S // count)
        self.ip = dice.choice(_IPS)
        self.customer = _CUSTOMERS[int(self.ip.rpartition(".")[2]) % len(_CUSTOMERS)]
        self.domain, self.host, self.address, self.provider = dice.choices(_RECEIVERS, _WEIGHTS)[0]
        self.recipient = f"someone{number}@{self.domain}"
        fate = dice.random()
        self.kind = "d" if fate < 0.9 else "t" if fate < 0.96 else "b"
        self.reply = self._reply(dice)

    def _reply(self, dice: random.Random) -> str:
        mark = f"{dice.getrandbits(64):016x}"
        if self.kind == "d":
            return f"250 2.0.0 OK {mark} - gsmtp"
        wording = dice.choice(_DEFERRALS if self.kind == "t" else _BOUNCES)
        return wording.format(ip=self.ip, id=mark, n=self.number, domain=self.domain)


def attempts(count: int) -> Iterator[_Sent]:
    dice = random.Random(7)  # the same data in each run
    return (_Sent(number, count, dice) for number in range(count))


def powermta(count: int) -> Iterator[str]:
    yield PMTA_HEADER + "\n"
    for sent in attempts(count):
        at = f"{sent.at:%Y-%m-%d %H:%M:%S+0000}"
        action = {"d": "relayed", "t": "delayed", "b": "failed"}[sent.kind]
        diagnosis = f'"smtp;{sent.reply}"'
        yield (
            f"{sent.kind},{at},{at},bounce@{sent.customer}.example,{sent.recipient},,{action},2.0.0,{diagnosis},"
            f"{sent.host} ({sent.address}),,smtp,app ({_IPS[0]}),smtp,{sent.ip},{sent.address},"
            f'"STARTTLS,8BITMIME",20480,{sent.customer}-1,winter-{sent.customer},env{sent.number},'
            f"{sent.domain}/{sent.customer},{sent.customer}-news\n"
        )


def kumomta(count: int) -> Iterator[str]:
    for sent in attempts(count):
        code, _, text = sent.reply.partition(" ")
        seconds = int(sent.at.timestamp())
        record = {
            "type": {"d": "Delivery", "t": "TransientFailure", "b": "Bounce"}[sent.kind],
            "id": f"{sent.number:032x}",
            "sender": f"bounce@{sent.customer}.example",
            "recipient": sent.recipient,
            "queue": f"winter:{sent.customer}@{sent.domain}",
            "site": f"{sent.customer}->{sent.host}@smtp_client",
            "size": 20480,
            "response": {
                "code": int(code[:3]),
                "enhanced_code": {"class": 2, "subject": 0, "detail": 0},
                "content": text,
                "command": "." if sent.kind == "d" else "RCPT TO",
            },
            "peer_address": {"name": f"{sent.host}.", "addr": sent.address},
            "timestamp": seconds,
            "created": seconds - 1,
            "num_attempts": 0,
            "bounce_classification": "Uncategorized",
            "egress_pool": f"{sent.customer}-news",
            "egress_source": f"{sent.customer}-1",
            "source_address": {"address": f"{sent.ip}:43210", "protocol": None, "server": None},
            "feedback_report": None,
            "meta": {},
            "headers": {},
            "delivery_protocol": "ESMTP",
            "nodeid": "a0b1c2d3-0000-4000-8000-000000000001",
        }
        yield json.dumps(record) + "\n"


def sparkpost(count: int, batch: int) -> Iterator[str]:
    """Bodies of calls."""
    events: list[dict[str, object]] = []
    for sent in attempts(count):
        event = {
            "type": {"d": "delivery", "t": "delay", "b": "bounce"}[sent.kind],
            "event_id": f"{sent.number:019d}",
            "timestamp": str(int(sent.at.timestamp())),
            "message_id": f"{sent.number:020x}",
            "customer_id": "1",
            "subaccount_id": "101",
            "sending_ip": sent.ip,
            "ip_pool": f"{sent.customer}-news",
            "ip_address": sent.address,
            "mailbox_provider": sent.provider,
            "mailbox_provider_region": "Global",
            "rcpt_to": sent.recipient,
            "raw_rcpt_to": sent.recipient,
            "recipient_domain": sent.domain,
            "routing_domain": sent.domain,
            "msg_from": f"bounce@{sent.customer}.example",
            "friendly_from": f"news@{sent.customer}.example",
            "subject": "Winter is coming",
            "campaign_id": f"winter-{sent.customer}",
            "template_id": "winter",
            "num_retries": "0",
            "queue_time": "812",
            "delv_method": "esmtp",
            "recv_method": "rest",
        }
        if sent.kind != "d":
            event |= {"raw_reason": sent.reply, "reason": sent.reply, "error_code": sent.reply[:3], "bounce_class": "1"}
        events.append({"msys": {"message_event": event}})
        if len(events) == batch:
            yield json.dumps(events)
            events = []
    if events:
        yield json.dumps(events)
