"""In Spanish."""

from collections.abc import Mapping

from deliverwatch.core.practice import Check
from deliverwatch.core.practice_problems import Problem

CHECKS: Mapping[Check, str] = {
    Check.SPF: "SPF",
    Check.DKIM: "Clave DKIM",
    Check.DMARC: "DMARC",
    Check.ALIGNMENT: "Alineación",
    Check.PTR: "Nombre inverso",
    Check.HELO: "Nombre HELO",
    Check.MX: "Servidores para respuestas y rebotes",
    Check.TLS: "TLS",
    Check.ONE_CLICK: "Baja con un clic",
    Check.COMPLAINTS: "Tasa de quejas",
    Check.GMAIL_SPAM_RATE: "Tasa de spam en Gmail",
    Check.BOUNCES: "Rebotes",
    Check.WARMUP: "Calentamiento",
    Check.LISTINGS: "Listas de bloqueo",
}
REPAIRS: Mapping[Problem, str] = {
    Problem.SPF_MISSING: "Publique para {domain} un registro SPF que permita las direcciones desde las que envía.",
    Problem.SPF_FAIL: "Permita {addresses} en el registro SPF de {domain}; ahora las rechaza.",
    Problem.SPF_SOFTFAIL: "Permita {addresses} en el registro SPF de {domain}; ahora solo las tolera (~all).",
    Problem.SPF_NEUTRAL: "Permita {addresses} en el registro SPF de {domain}; ahora no dice nada de ellas.",
    Problem.SPF_TOO_MANY_LOOKUPS: "Acorte el registro SPF de {domain}: necesita más de diez consultas DNS y los "
    "receptores lo dan por inválido. Quite las referencias (include) a servicios que ya no usa.",
    Problem.SPF_SEVERAL: "Deje un solo registro SPF para {domain}: si hay varios, ninguno cuenta.",
    Problem.SPF_INVALID: "Corrija el registro SPF de {domain}; los receptores no pueden usarlo: {reason}.",
    Problem.DKIM_MISSING: "Publique la clave DKIM {name}, o díganos con qué selector firma ahora.",
    Problem.DKIM_REVOKED: "La clave DKIM {name} está revocada. Publique una nueva, o díganos con qué selector firma "
    "ahora.",
    Problem.DKIM_SEVERAL: "Deje una sola clave DKIM en {name}: si hay varias, cada receptor toma cualquiera.",
    Problem.DKIM_SHORT: "Sustituya la clave DKIM {name}, de {bits} bits, por una de 2048 bits.",
    Problem.DKIM_INVALID: "Vuelva a publicar la clave DKIM {name}: {reason}.",
    Problem.DMARC_MISSING: "Publique para {domain} un registro DMARC, al menos con p=none y una dirección para "
    "informes (rua).",
    Problem.DMARC_SEVERAL: "Deje un solo registro DMARC en {name}: si hay varios, ninguno cuenta.",
    Problem.DMARC_INVALID: "Corrija el registro DMARC {name}: necesita p=none, p=quarantine o p=reject.",
    Problem.NOT_ALIGNED: "Firme el correo de {domain} con una clave DKIM del mismo dominio (d=), o use un dominio de "
    "sobre dentro de él. En uso ahora: {others}.",
    Problem.PTR_MISSING: "Configure para {address} un nombre inverso (PTR) que conduzca de vuelta a ella.",
    Problem.PTR_ELSEWHERE: "Haga que el nombre inverso de {address} conduzca de vuelta a ella; {names} ahora no lo "
    "hace.",
    Problem.HELO_UNRESOLVED: "Dé al nombre HELO {domain} un registro de dirección que conduzca a la dirección de "
    "envío.",
    Problem.HELO_ELSEWHERE: "Haga que el nombre HELO {domain} conduzca a la dirección de envío; ahora conduce a "
    "{leads_to}.",
    Problem.MX_MISSING: "Dé a {domain} un registro MX, para que se puedan entregar respuestas y rebotes.",
    Problem.MX_NULL: "Sustituya el MX nulo de {domain} por un servidor que acepte correo; los receptores rechazan a "
    "remitentes cuyo dominio no lo acepta.",
    Problem.MX_DEAD: "Corrija el registro MX de {domain}: sus servidores no tienen dirección ({hosts}).",
    Problem.TLS_DEMANDED: "Envíe a Gmail solo por TLS: en los últimos siete días lo exigió en {replies} respuestas.",
    Problem.ONE_CLICK_MISSING: "Añada List-Unsubscribe y List-Unsubscribe-Post al correo por suscripción de {domain} "
    "(RFC 8058).",
    Problem.ONE_CLICK_NO_HTTPS: "Ponga un enlace https en List-Unsubscribe del correo de {domain}; mailto por sí solo "
    "no es una baja con un clic.",
    Problem.ONE_CLICK_NO_POST: "Añada al correo de {domain} el campo List-Unsubscribe-Post: "
    "List-Unsubscribe=One-Click.",
    Problem.ONE_CLICK_UNSIGNED: "Haga que DKIM firme también List-Unsubscribe y List-Unsubscribe-Post en el correo de "
    "{domain} (h=).",
    Problem.COMPLAINTS_HIGH: "Baje las quejas en {providers} de 0,30 %, mejor de 0,10 %: escriba solo a quienes lo "
    "pidieron y lo leen, y dé de baja en el acto a quienes se quejan.",
    Problem.GMAIL_SPAM_HIGH: "Mantenga la tasa de spam de {domain} en Gmail por debajo de 0,30 % siete días seguidos; "
    "no lo estuvo el {days}.",
    Problem.BOUNCES_HIGH: "Limpie la lista de direcciones: rebotó el {ratio} de los intentos. Quite en el acto las "
    "que rebotan y haga confirmar las nuevas.",
    Problem.WARMUP_OVER_PLAN: "Mantenga {address} dentro del volumen que permite su plan de calentamiento.",
    Problem.WARMUP_HELD: "El calentamiento de {address} está detenido: mantenga el volumen hasta que se corrija la "
    "causa.",
    Problem.LISTED: "En {lists} figura: {subject}. Busque y detenga la causa, y díganos qué se cambió.",
}
