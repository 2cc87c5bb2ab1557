"""In English; the other languages say the same."""

from collections.abc import Mapping

from deliverwatch.core.practice import Check
from deliverwatch.core.practice_problems import Problem

CHECKS: Mapping[Check, str] = {
    Check.SPF: "SPF",
    Check.DKIM: "DKIM key",
    Check.DMARC: "DMARC",
    Check.ALIGNMENT: "Alignment",
    Check.PTR: "Reverse name",
    Check.HELO: "HELO name",
    Check.MX: "Hosts for replies and bounces",
    Check.TLS: "TLS",
    Check.ONE_CLICK: "One-click unsubscribe",
    Check.COMPLAINTS: "Complaint ratio",
    Check.GMAIL_SPAM_RATE: "Spam rate at Gmail",
    Check.BOUNCES: "Bounces",
    Check.WARMUP: "Warm-up",
    Check.LISTINGS: "Blocklists",
}
REPAIRS: Mapping[Problem, str] = {
    Problem.SPF_MISSING: "Publish an SPF record for {domain} that allows the addresses you send from.",
    Problem.SPF_FAIL: "Allow {addresses} in the SPF record of {domain}; at present it refuses them.",
    Problem.SPF_SOFTFAIL: "Allow {addresses} in the SPF record of {domain}; at present it only tolerates them (~all).",
    Problem.SPF_NEUTRAL: "Allow {addresses} in the SPF record of {domain}; at present it says nothing of them.",
    Problem.SPF_TOO_MANY_LOOKUPS: "Shorten the SPF record of {domain}: it needs more than ten DNS look-ups, and "
    "receivers then treat it as broken. Remove includes of services you no longer use.",
    Problem.SPF_SEVERAL: "Keep a single SPF record for {domain}: with more than one, none counts.",
    Problem.SPF_INVALID: "Correct the SPF record of {domain}; receivers cannot use it: {reason}.",
    Problem.DKIM_MISSING: "Publish the DKIM key {name}, or tell us which selector you sign with now.",
    Problem.DKIM_REVOKED: "The DKIM key {name} is revoked. Publish a new one, or tell us which selector you sign with "
    "now.",
    Problem.DKIM_SEVERAL: "Keep a single DKIM key under {name}: with more than one, receivers may take any.",
    Problem.DKIM_SHORT: "Replace the DKIM key {name} of {bits} bits by one of 2048 bits.",
    Problem.DKIM_INVALID: "Publish the DKIM key {name} anew: {reason}.",
    Problem.DMARC_MISSING: "Publish a DMARC record for {domain}, with p=none at least and an address for reports "
    "(rua).",
    Problem.DMARC_SEVERAL: "Keep a single DMARC record under {name}: with more than one, none counts.",
    Problem.DMARC_INVALID: "Correct the DMARC record {name}: it needs p=none, p=quarantine or p=reject.",
    Problem.NOT_ALIGNED: "Sign mail from {domain} with a DKIM key of the same domain (d=), or use an envelope domain "
    "below it. Now in use: {others}.",
    Problem.PTR_MISSING: "Set a reverse name (PTR) for {address}, and let that name lead back to it.",
    Problem.PTR_ELSEWHERE: "Let the reverse name of {address} lead back to it; at present {names} does not.",
    Problem.HELO_UNRESOLVED: "Give the HELO name {domain} an address record that leads to the sending address.",
    Problem.HELO_ELSEWHERE: "Let the HELO name {domain} lead to the sending address; at present it leads to "
    "{leads_to}.",
    Problem.MX_MISSING: "Give {domain} an MX record, so that replies and bounces can be delivered.",
    Problem.MX_NULL: "Replace the null MX of {domain} by a host that takes mail; receivers refuse senders whose "
    "domain takes none.",
    Problem.MX_DEAD: "Mend the MX record of {domain}: its hosts have no address ({hosts}).",
    Problem.TLS_DEMANDED: "Send to Gmail over TLS only: in the last seven days it demanded that in {replies} replies.",
    Problem.ONE_CLICK_MISSING: "Add List-Unsubscribe and List-Unsubscribe-Post to subscribed mail from {domain} (RFC "
    "8058).",
    Problem.ONE_CLICK_NO_HTTPS: "Put an https link into List-Unsubscribe of mail from {domain}; a mailto link alone "
    "is not one-click.",
    Problem.ONE_CLICK_NO_POST: "Add the field List-Unsubscribe-Post: List-Unsubscribe=One-Click to mail from {domain}.",
    Problem.ONE_CLICK_UNSIGNED: "Let DKIM sign List-Unsubscribe and List-Unsubscribe-Post of mail from {domain} (h=).",
    Problem.COMPLAINTS_HIGH: "Bring complaints at {providers} below 0.30 %, better below 0.10 %: mail only those who "
    "asked for it and read it, and take complainants off at once.",
    Problem.GMAIL_SPAM_HIGH: "Bring the spam rate of {domain} at Gmail below 0.30 % for seven days in a row; it was "
    "not on {days}.",
    Problem.BOUNCES_HIGH: "Clean the address list: {ratio} of the attempts bounced. Take addresses that bounce off at "
    "once, and confirm new ones.",
    Problem.WARMUP_OVER_PLAN: "Keep {address} within the allowance of its warm-up plan.",
    Problem.WARMUP_HELD: "The warm-up of {address} is held: keep its volume where it is until the cause is mended.",
    Problem.LISTED: "Listed on {lists}: {subject}. Find and stop what caused it, and tell us what was changed.",
}
