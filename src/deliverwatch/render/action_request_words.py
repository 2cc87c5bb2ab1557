"""What customers are asked, in the four languages that they are written to. One question for each fact that a form may
want and only the customer knows (`facts.FROM_CUSTOMER`); none suggests its answer, since the answer is passed on."""

from collections.abc import Mapping
from dataclasses import dataclass

from deliverwatch.core.inventory import Language
from deliverwatch.core.remediation.draft import DraftKind


@dataclass(frozen=True, slots=True)
class Phrases:
    """In braces what is put in: {subjects}, {addressee}, {since}, {customer}, {tam}, {number}. `happened`, `subject`
    and `quotes` (above what was answered) by kind; `since` is put behind them where it is known."""

    subject: Mapping[DraftKind, str]
    greeting: str
    happened: Mapping[DraftKind, str]
    since: str
    quotes: Mapping[DraftKind, str]
    asked: str
    questions: Mapping[str, str]
    mend: str
    how_title: str
    how: str
    honest: str
    kept: str
    theirs: str
    dots: str
    conjunction: str


_EN = Phrases(
    subject={
        DraftKind.LISTING: "Please answer: {addressee} lists {subjects}",
        DraftKind.BLOCK: "Please answer: {addressee} refuses mail from {subjects}",
    },
    greeting="To the mail team of {customer}",
    happened={
        DraftKind.LISTING: "The blocklist {addressee} lists {subjects}.",
        DraftKind.BLOCK: "{addressee} refuses mail from {subjects}.",
    },
    since="First seen: {since}.",
    quotes={
        DraftKind.LISTING: "The reason that the list gives:",
        DraftKind.BLOCK: "A reply from there, as it came in (mailboxes masked):",
    },
    asked="We are preparing a request to {addressee}. It needs answers that only you can give:",
    questions={
        "cause": "What was the cause, as far as you know? If you do not know, please say so.",
        "what_changed": "What have you changed or cleaned up since?",
        "changed_on": "On which day was that done?",
        "changed_by": "Who did it? A role, such as the name of a team, is enough.",
        "consent": "How and when did the recipients agree to get this mail?",
    },
    mend="Please put this in order too",
    how_title="How to answer",
    how="Reply to this mail: your answer goes to {tam}.",
    honest="Please write only what is so: we pass your answers on to {addressee}.",
    kept="We keep them with your name and the time.",
    theirs="Whether and when anything changes is for {addressee} to decide; we can promise nothing.",
    dots="Names are written with [.] for a dot, so that mail filters let this message through.",
    conjunction="and",
)

_DE = Phrases(
    subject={
        DraftKind.LISTING: "Bitte antworten: {addressee} führt {subjects} auf",
        DraftKind.BLOCK: "Bitte antworten: {addressee} weist E-Mails von {subjects} ab",
    },
    greeting="An das E-Mail-Team von {customer}",
    happened={
        DraftKind.LISTING: "Die Blockliste {addressee} führt {subjects} auf.",
        DraftKind.BLOCK: "{addressee} weist E-Mails von {subjects} ab.",
    },
    since="Zuerst gesehen: {since}.",
    quotes={
        DraftKind.LISTING: "Der Grund, den die Liste nennt:",
        DraftKind.BLOCK: "Eine Antwort von dort, wie sie einging (Postfächer unkenntlich gemacht):",
    },
    asked="Wir bereiten eine Anfrage an {addressee} vor. Dafür brauchen wir Antworten, die nur Sie geben können:",
    questions={
        "cause": "Was war nach Ihrer Kenntnis die Ursache? Wenn Sie es nicht wissen, schreiben Sie uns bitte auch das.",
        "what_changed": "Was haben Sie seither geändert oder bereinigt?",
        "changed_on": "An welchem Tag ist das geschehen?",
        "changed_by": "Wer hat das getan? Eine Funktion, etwa der Name eines Teams, genügt.",
        "consent": "Wie und wann haben die Empfänger dem Erhalt dieser E-Mails zugestimmt?",
    },
    mend="Bitte bringen Sie auch dies in Ordnung",
    how_title="So antworten Sie",
    how="Antworten Sie einfach auf diese E-Mail: Ihre Antwort geht an {tam}.",
    honest="Bitte schreiben Sie nur, was zutrifft: Wir geben Ihre Antworten an {addressee} weiter.",
    kept="Wir bewahren sie mit Ihrem Namen und dem Zeitpunkt auf.",
    theirs="Ob und wann sich etwas ändert, entscheidet {addressee}; wir können nichts versprechen.",
    dots="Der Punkt in Namen ist als [.] geschrieben, damit E-Mail-Filter diese Nachricht durchlassen.",
    conjunction="und",
)

_ES = Phrases(
    subject={
        DraftKind.LISTING: "Necesitamos su respuesta: {addressee} incluye {subjects}",
        DraftKind.BLOCK: "Necesitamos su respuesta: {addressee} rechaza el correo de {subjects}",
    },
    greeting="Al equipo de correo de {customer}",
    happened={
        DraftKind.LISTING: "La lista de bloqueo {addressee} incluye {subjects}.",
        DraftKind.BLOCK: "{addressee} rechaza el correo de {subjects}.",
    },
    since="Visto por primera vez: {since}.",
    quotes={
        DraftKind.LISTING: "El motivo que indica la lista:",
        DraftKind.BLOCK: "Una respuesta de allí, tal como llegó (con los buzones ocultos):",
    },
    asked="Estamos preparando una solicitud a {addressee}. Necesitamos respuestas que solo ustedes pueden dar:",
    questions={
        "cause": "¿Cuál fue la causa, hasta donde saben? Si no la conocen, indíquenlo, por favor.",
        "what_changed": "¿Qué han cambiado o depurado desde entonces?",
        "changed_on": "¿Qué día se hizo?",
        "changed_by": "¿Quién lo hizo? Basta una función, por ejemplo el nombre de un equipo.",
        "consent": "¿Cómo y cuándo aceptaron los destinatarios recibir este correo?",
    },
    mend="Corrijan también lo siguiente, por favor",
    how_title="Cómo responder",
    how="Respondan a este mensaje: su respuesta llegará a {tam}.",
    honest="Por favor, escriban solo lo que sea cierto: transmitimos sus respuestas a {addressee}.",
    kept="Las guardamos con su nombre y la hora.",
    theirs="Si algo cambia, y cuándo, lo decide {addressee}; no podemos prometer nada.",
    dots="El punto de los nombres se escribe [.] para que los filtros de correo dejen pasar este mensaje.",
    conjunction="y",
)

_ID = Phrases(
    subject={
        DraftKind.LISTING: "Mohon dijawab: {addressee} mencantumkan {subjects}",
        DraftKind.BLOCK: "Mohon dijawab: {addressee} menolak email dari {subjects}",
    },
    greeting="Kepada tim email {customer}",
    happened={
        DraftKind.LISTING: "Daftar blokir {addressee} mencantumkan {subjects}.",
        DraftKind.BLOCK: "{addressee} menolak email dari {subjects}.",
    },
    since="Pertama kali terlihat: {since}.",
    quotes={
        DraftKind.LISTING: "Alasan yang diberikan daftar itu:",
        DraftKind.BLOCK: "Salah satu balasan dari sana, sebagaimana diterima (alamat penerima disamarkan):",
    },
    asked="Kami sedang menyiapkan permohonan kepada {addressee}. Kami perlu jawaban yang hanya dapat Anda berikan:",
    questions={
        "cause": "Apa penyebabnya, sejauh yang Anda ketahui? Jika tidak tahu, mohon sampaikan juga.",
        "what_changed": "Apa yang sudah Anda ubah atau bersihkan sejak itu?",
        "changed_on": "Pada tanggal berapa hal itu dilakukan?",
        "changed_by": "Siapa yang melakukannya? Cukup sebutkan peran, misalnya nama tim.",
        "consent": "Bagaimana dan kapan para penerima menyetujui untuk menerima email ini?",
    },
    mend="Mohon bereskan juga hal berikut",
    how_title="Cara menjawab",
    how="Balas email ini: jawaban Anda akan sampai kepada {tam}.",
    honest="Mohon tuliskan hanya yang sebenarnya: kami meneruskan jawaban Anda kepada {addressee}.",
    kept="Kami menyimpannya beserta nama Anda dan waktunya.",
    theirs="Apakah dan kapan ada perubahan, {addressee} yang memutuskan; kami tidak dapat menjanjikan apa pun.",
    dots="Titik dalam nama ditulis [.] agar pesan ini lolos dari penyaring email.",
    conjunction="dan",
)

PHRASES: Mapping[Language, Phrases] = {
    Language.EN: _EN,
    Language.DE: _DE,
    Language.ES: _ES,
    Language.ID: _ID,
}
