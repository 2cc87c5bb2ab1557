"""Whole families of providers' codes, each number of them, by class; written from the providers' tables of codes."""

import pytest

from deliverwatch.core.reply import Action, ReplyClass
from deliverwatch.in_use import load_classifier
from deliverwatch.settings import load_settings

FAMILIES = {
    "ip_block": [
        "550 5.7.1 192.0.2.1 refused, part of its network is on our block list (S3140)",
        "550 5.7.1 192.0.2.1 refused, part of its network is on our block list (AS3150)",
        "550 SC-001 refused 192.0.2.1",
        "550 OU-002 refused 192.0.2.1",
        "550 DY-002 refused 192.0.2.1",
        "550 5.7.606 Access denied, banned sending IP [192.0.2.1] (AS16012609)",
        "550 5.7.649 Access denied, banned sending IP [192.0.2.1]",
        "550 5.7.511 Access denied, banned sender[192.0.2.1]",
        "550 5.7.708 Access denied, traffic not accepted from this IP",
        "451 4.7.850 Access denied, please try again later",
        "451 4.7.501 Access denied, please try again later",
        "553 5.7.2 [TSS06] 192.0.2.1 refused",
        "553 5.7.2 [TSS11] 192.0.2.1 refused",
        "421 4.7.1 [TS03] 192.0.2.1 refused",
        "554 mx.example comcast 192.0.2.1 #BL000000",
        "554 mx.example 192.0.2.1 AUP#CXBL",
        "554 mx.example 192.0.2.1 AUP#In-1000",
        "554 IP=192.0.2.1 - refused, ask for a reset. (NOWL)",
        "421 mwinf0000 ME refused OFR_103 [103]",
        "421 mwinf0000 ME refused OFR004_999 [999]",
        "554 192.0.2.1 blocked IB110",
        "554 192.0.2.1 blocked IB113",
        "554 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1",
    ],
    "rate_limit": [
        "421 RP-001 192.0.2.1",
        "421 RP-003 192.0.2.1",
        "451 4.7.652 192.0.2.1 connections (S3115)",
        "421 4.7.0 [TSS04] 192.0.2.1 deferred",
        "421 4.7.0 (TSS05) 192.0.2.1 deferred",
        "421 4.7.0 [IPTS04] 192.0.2.1 deferred",
        "421 4.7.0 [HCM1] 192.0.2.1",
        "421 mx.example comcast 192.0.2.1 #RL000010",
        "421 mx.example 192.0.2.1 AUP#CXCNCT",
        "421 mx.example 192.0.2.1 AUP#I-1490",
        "421 4.7.0 192.0.2.1 LPN105_104",
        "550 Sender frequency limited [0a1b IP: 192.0.2.1]",
        "421 HL:IFC mx0,AAAA",
        "450 RP:CEL mx0,AAAA",
        "451 4.7.1 192.0.2.1 (G28)",
        "421 192.0.2.1 IB007",
        "421 4.7.0 Delayed - see https://ipcheck.proofpoint.com/?ip=192.0.2.1",
    ],
    "dnsbl_cited": [
        "553 5.7.1 [BL21] 192.0.2.1 is on a list of Spamhaus",
        "554 mx.example comcast 192.0.2.1 #BL000001",
        "554 mx.example comcast 192.0.2.1 #BL000110",
        "554 mx.example 192.0.2.1 AUP#IPBL0001",
        "554 mx.example 192.0.2.1 AUP#IPBL1111",
        "554 mx.example 192.0.2.1 AUP#I-1210",
        "554 mx.example 192.0.2.1 AUP#In-1250",
        "550 5.7.1 192.0.2.1 OFR_101 [101]",
        "550 5.7.1 192.0.2.1 LPN007_102",
        "554 192.0.2.1 IB104",
        "554 5.7.1 192.0.2.1 ETP208",
        "550 5.7.1 192.0.2.1 ERS-DUL",
    ],
    "auth_failure": [
        "550 5.7.509 Access denied, example.com does not pass DMARC verification",
        "550 5.7.515 Access denied, example.com",
        "554 5.7.1 [HME1] refused",
        "550 5.2.0 refused #DM000001",
        "554 mx.example 192.0.2.1 AUP#CXDNS",
        "554 mx.example 192.0.2.1 AUP#In-1140",
        "550 5.7.20 LPN007_402",
        "550 MI:SPF mx0",
        "421 192.0.2.1 IB108",
        "550 refused (G15)",
        "554 Nemesis ESMTP Service not available. Bad DNS PTR resource record",
    ],
    "content_block": [
        "552 refused AUP#URLBL101",
        "550 5.2.0 refused OFR_513 [513]",
        "550 refused SFR_IN_X02",
        "554 DT:SPM mx0,AAAA",
        "552 refused IB212",
        "554 5.7.1 refused MCSpamSignature.x",
    ],
    "policy": [
        "550 5.7.513 192.0.2.1 blocked using Customer Block list (AS16012607)",
        "550 5.7.705 Access denied",
        "554 5.7.9 [PH01] refused",
        "554 5.7.1 [CS02] refused",
        "554 HL:IHU mx0",
        "550 5.7.1 BLOCK-SEND-ER",
    ],
}

CASES = [(reply, class_) for class_, replies in FAMILIES.items() for reply in replies]

LISTS = {
    "554 mx.example comcast 192.0.2.1 #BL000001": "spamhaus-zen",
    "554 mx.example comcast 192.0.2.1 #BL000100": "validity-rpbl",
    "554 mx.example 192.0.2.1 AUP#IPBL0100": "invaluement-sip",
    "554 mx.example 192.0.2.1 AUP#I-1230": "spamhaus-zen",
    "554 192.0.2.1 IB106": "spamhaus-pbl",
    "554 5.7.1 192.0.2.1 ETP208": "invaluement-sip",
}


@pytest.fixture(scope="module")
def classifier():
    return load_classifier(load_settings(None, {}))


@pytest.mark.parametrize(("reply", "class_"), CASES)
def test_a_code_tells_the_class(classifier, reply, class_):
    assert classifier.classify(reply).class_ == class_


@pytest.mark.parametrize(("reply", "class_"), CASES)
def test_the_code_alone_is_enough_in_any_case_and_on_several_lines(classifier, reply, class_):
    code, _, rest = reply.partition(" ")
    for variant in (
        reply.lower(),
        reply.upper(),
        f"{code}-{rest}\n{code} see our help",
        f"host mx.example.net[192.0.2.9] said: {reply}",
    ):
        assert classifier.classify(variant).class_ == class_


@pytest.mark.parametrize(("reply", "list_id"), LISTS.items())
def test_a_code_stands_for_a_list(classifier, reply, list_id):
    assert classifier.classify(reply).blocklist == list_id


@pytest.mark.parametrize("reply", [*FAMILIES["policy"], *FAMILIES["auth_failure"], *FAMILIES["content_block"]])
def test_nobody_is_asked_for_what_is_no_block_of_the_sender(classifier, reply):
    assert classifier.classify(reply).action is not Action.DRAFT


@pytest.mark.parametrize(
    ("reply", "provider"),
    [
        ("421 4.7.0 [TSS04] 192.0.2.1 deferred", "yahoo"),
        ("554 mx.example comcast 192.0.2.1 #BL000000", "comcast"),
        ("554 IP=192.0.2.1 - refused, ask for a reset. (BL)", "t_online"),
        ("550 Ip frequency limited [0a1b IP: 192.0.2.1]", "qq"),
        ("550 5.7.1 192.0.2.1 blocked using Trend Micro RBL+", None),
        ("550 5.7.515 Access denied, example.com", None),
    ],
)
def test_only_a_code_of_ones_own_names_the_provider(classifier, reply, provider):
    assert classifier.classify(reply).provider == provider


def test_a_wording_that_others_share_holds_only_for_its_provider(classifier):
    reply = "421 Access denied"
    assert classifier.classify(reply, host="alt1.gmail-smtp-in.l.google.com").rule == "google-access-denied"
    assert classifier.classify(reply, host="mx.example.com").rule != "google-access-denied"


@pytest.mark.parametrize(
    "reply",
    [
        "550 5.1.1 <s3140@example.com> no such user here",
        "550 5.1.1 <rp-001@example.com> no such user here",
        "552 5.2.2 <ib104@example.com> mailbox is full",
        "250 2.0.0 queued as TSS04",
        "550 5.1.1 user in room (G2) is unknown",
    ],
)
def test_an_address_with_a_code_in_it_is_no_block(classifier, reply):
    found = classifier.classify(reply)
    assert found.action is not Action.DRAFT
    assert found.class_ not in (ReplyClass.IP_BLOCK, ReplyClass.DOMAIN_BLOCK, ReplyClass.DNSBL_CITED)
