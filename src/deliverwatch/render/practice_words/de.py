"""In German."""

from collections.abc import Mapping

from deliverwatch.core.practice import Check
from deliverwatch.core.practice_problems import Problem

CHECKS: Mapping[Check, str] = {
    Check.SPF: "SPF",
    Check.DKIM: "DKIM-Schlüssel",
    Check.DMARC: "DMARC",
    Check.ALIGNMENT: "Alignment",
    Check.PTR: "Reverse-DNS-Name",
    Check.HELO: "HELO-Name",
    Check.MX: "Hosts für Antworten und Bounces",
    Check.TLS: "TLS",
    Check.ONE_CLICK: "Abmeldung mit einem Klick",
    Check.COMPLAINTS: "Beschwerdequote",
    Check.GMAIL_SPAM_RATE: "Spamrate bei Gmail",
    Check.BOUNCES: "Bounces",
    Check.WARMUP: "Warm-up",
    Check.LISTINGS: "Blocklisten",
}
REPAIRS: Mapping[Problem, str] = {
    Problem.SPF_MISSING: "Veröffentlichen Sie für {domain} einen SPF-Eintrag, der Ihre Versandadressen erlaubt.",
    Problem.SPF_FAIL: "Erlauben Sie {addresses} im SPF-Eintrag von {domain}; derzeit weist er sie ab.",
    Problem.SPF_SOFTFAIL: "Erlauben Sie {addresses} im SPF-Eintrag von {domain}; derzeit duldet er sie nur (~all).",
    Problem.SPF_NEUTRAL: "Erlauben Sie {addresses} im SPF-Eintrag von {domain}; derzeit sagt er nichts über sie.",
    Problem.SPF_TOO_MANY_LOOKUPS: "Kürzen Sie den SPF-Eintrag von {domain}: Er braucht mehr als zehn DNS-Abfragen und "
    "gilt bei Empfängern damit als fehlerhaft. Entfernen Sie Verweise (include) auf Dienste, die Sie nicht mehr "
    "nutzen.",
    Problem.SPF_SEVERAL: "Behalten Sie für {domain} nur einen SPF-Eintrag: Bei mehreren zählt keiner.",
    Problem.SPF_INVALID: "Berichtigen Sie den SPF-Eintrag von {domain}; Empfänger können ihn nicht auswerten: "
    "{reason}.",
    Problem.DKIM_MISSING: "Veröffentlichen Sie den DKIM-Schlüssel {name}, oder nennen Sie uns den Selektor, mit dem "
    "Sie jetzt signieren.",
    Problem.DKIM_REVOKED: "Der DKIM-Schlüssel {name} ist widerrufen. Veröffentlichen Sie einen neuen, oder nennen Sie "
    "uns den Selektor, mit dem Sie jetzt signieren.",
    Problem.DKIM_SEVERAL: "Behalten Sie unter {name} nur einen DKIM-Schlüssel: Bei mehreren nehmen Empfänger "
    "irgendeinen.",
    Problem.DKIM_SHORT: "Ersetzen Sie den DKIM-Schlüssel {name} mit {bits} Bit durch einen mit 2048 Bit.",
    Problem.DKIM_INVALID: "Veröffentlichen Sie den DKIM-Schlüssel {name} neu: {reason}.",
    Problem.DMARC_MISSING: "Veröffentlichen Sie für {domain} einen DMARC-Eintrag, mindestens mit p=none und einer "
    "Adresse für Berichte (rua).",
    Problem.DMARC_SEVERAL: "Behalten Sie unter {name} nur einen DMARC-Eintrag: Bei mehreren zählt keiner.",
    Problem.DMARC_INVALID: "Berichtigen Sie den DMARC-Eintrag {name}: Er braucht p=none, p=quarantine oder p=reject.",
    Problem.NOT_ALIGNED: "Signieren Sie Mails von {domain} mit einem DKIM-Schlüssel derselben Domain (d=), oder "
    "nutzen Sie eine Envelope-Domain darunter. Derzeit im Einsatz: {others}.",
    Problem.PTR_MISSING: "Richten Sie für {address} einen Reverse-DNS-Namen (PTR) ein, der wieder auf die Adresse "
    "führt.",
    Problem.PTR_ELSEWHERE: "Lassen Sie den Reverse-DNS-Namen von {address} auf die Adresse zurückführen; {names} tut "
    "das derzeit nicht.",
    Problem.HELO_UNRESOLVED: "Geben Sie dem HELO-Namen {domain} einen Adresseintrag, der auf die Versandadresse führt.",
    Problem.HELO_ELSEWHERE: "Lassen Sie den HELO-Namen {domain} auf die Versandadresse führen; derzeit führt er auf "
    "{leads_to}.",
    Problem.MX_MISSING: "Geben Sie {domain} einen MX-Eintrag, damit Antworten und Bounces zugestellt werden können.",
    Problem.MX_NULL: "Ersetzen Sie den Null-MX von {domain} durch einen Host, der Mails annimmt; Empfänger weisen "
    "Absender ab, deren Domain keine annimmt.",
    Problem.MX_DEAD: "Berichtigen Sie den MX-Eintrag von {domain}: Seine Hosts haben keine Adresse ({hosts}).",
    Problem.TLS_DEMANDED: "Senden Sie an Gmail nur über TLS: In den letzten sieben Tagen wurde es dort in {replies} "
    "Antworten verlangt.",
    Problem.ONE_CLICK_MISSING: "Setzen Sie in abonnierten Mails von {domain} List-Unsubscribe und "
    "List-Unsubscribe-Post (RFC 8058).",
    Problem.ONE_CLICK_NO_HTTPS: "Setzen Sie in List-Unsubscribe der Mails von {domain} einen https-Link; mailto "
    "allein ist keine Abmeldung mit einem Klick.",
    Problem.ONE_CLICK_NO_POST: "Ergänzen Sie in Mails von {domain} das Feld List-Unsubscribe-Post: "
    "List-Unsubscribe=One-Click.",
    Problem.ONE_CLICK_UNSIGNED: "Lassen Sie DKIM in Mails von {domain} auch List-Unsubscribe und "
    "List-Unsubscribe-Post signieren (h=).",
    Problem.COMPLAINTS_HIGH: "Senken Sie die Beschwerden bei {providers} unter 0,30 %, besser unter 0,10 %: Schreiben "
    "Sie nur an Menschen, die es wollen und lesen, und tragen Sie Beschwerdeführer sofort aus.",
    Problem.GMAIL_SPAM_HIGH: "Senken Sie die Spamrate von {domain} bei Gmail an sieben Tagen in Folge unter 0,30 %; "
    "nicht darunter lag sie am {days}.",
    Problem.BOUNCES_HIGH: "Bereinigen Sie die Adressliste: {ratio} der Zustellversuche kamen als Bounce zurück. "
    "Tragen Sie solche Adressen sofort aus, und lassen Sie neue bestätigen.",
    Problem.WARMUP_OVER_PLAN: "Halten Sie {address} innerhalb der Menge, die der Warm-up-Plan erlaubt.",
    Problem.WARMUP_HELD: "Das Warm-up von {address} ist angehalten: Lassen Sie die Menge gleich, bis die Ursache "
    "behoben ist.",
    Problem.LISTED: "Auf {lists} gelistet: {subject}. Finden und beenden Sie die Ursache, und nennen Sie uns, was "
    "geändert wurde.",
}
