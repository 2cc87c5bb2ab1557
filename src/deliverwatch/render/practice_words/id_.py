"""In Indonesian."""

from collections.abc import Mapping

from deliverwatch.core.practice import Check
from deliverwatch.core.practice_problems import Problem

CHECKS: Mapping[Check, str] = {
    Check.SPF: "SPF",
    Check.DKIM: "Kunci DKIM",
    Check.DMARC: "DMARC",
    Check.ALIGNMENT: "Keselarasan (alignment)",
    Check.PTR: "Nama balik (PTR)",
    Check.HELO: "Nama HELO",
    Check.MX: "Host untuk balasan dan bounce",
    Check.TLS: "TLS",
    Check.ONE_CLICK: "Berhenti berlangganan satu klik",
    Check.COMPLAINTS: "Rasio keluhan",
    Check.GMAIL_SPAM_RATE: "Tingkat spam di Gmail",
    Check.BOUNCES: "Bounce",
    Check.WARMUP: "Warm-up",
    Check.LISTINGS: "Daftar blokir",
}
REPAIRS: Mapping[Problem, str] = {
    Problem.SPF_MISSING: "Terbitkan catatan SPF untuk {domain} yang mengizinkan alamat pengirim Anda.",
    Problem.SPF_FAIL: "Izinkan {addresses} dalam catatan SPF {domain}; saat ini catatan itu menolaknya.",
    Problem.SPF_SOFTFAIL: "Izinkan {addresses} dalam catatan SPF {domain}; saat ini hanya ditoleransi (~all).",
    Problem.SPF_NEUTRAL: "Izinkan {addresses} dalam catatan SPF {domain}; saat ini catatan itu tidak menyatakan "
    "apa-apa tentangnya.",
    Problem.SPF_TOO_MANY_LOOKUPS: "Persingkat catatan SPF {domain}: catatan itu memerlukan lebih dari sepuluh "
    "pencarian DNS sehingga dianggap rusak oleh penerima. Hapus include layanan yang tidak lagi dipakai.",
    Problem.SPF_SEVERAL: "Sisakan satu catatan SPF untuk {domain}: jika lebih dari satu, tidak ada yang berlaku.",
    Problem.SPF_INVALID: "Perbaiki catatan SPF {domain}; penerima tidak dapat memakainya: {reason}.",
    Problem.DKIM_MISSING: "Terbitkan kunci DKIM {name}, atau beri tahu kami selector yang sekarang dipakai.",
    Problem.DKIM_REVOKED: "Kunci DKIM {name} sudah dicabut. Terbitkan yang baru, atau beri tahu kami selector yang "
    "sekarang dipakai.",
    Problem.DKIM_SEVERAL: "Sisakan satu kunci DKIM pada {name}: jika lebih dari satu, penerima dapat memakai yang "
    "mana saja.",
    Problem.DKIM_SHORT: "Ganti kunci DKIM {name} sepanjang {bits} bit dengan kunci 2048 bit.",
    Problem.DKIM_INVALID: "Terbitkan ulang kunci DKIM {name}: {reason}.",
    Problem.DMARC_MISSING: "Terbitkan catatan DMARC untuk {domain}, sedikitnya p=none dengan alamat laporan (rua).",
    Problem.DMARC_SEVERAL: "Sisakan satu catatan DMARC pada {name}: jika lebih dari satu, tidak ada yang berlaku.",
    Problem.DMARC_INVALID: "Perbaiki catatan DMARC {name}: diperlukan p=none, p=quarantine atau p=reject.",
    Problem.NOT_ALIGNED: "Tandatangani email dari {domain} dengan kunci DKIM domain yang sama (d=), atau pakai domain "
    "envelope di bawahnya. Yang dipakai sekarang: {others}.",
    Problem.PTR_MISSING: "Pasang nama balik (PTR) untuk {address}, dan arahkan nama itu kembali ke alamat tersebut.",
    Problem.PTR_ELSEWHERE: "Arahkan nama balik {address} kembali ke alamat itu; saat ini {names} tidak mengarah ke "
    "sana.",
    Problem.HELO_UNRESOLVED: "Beri nama HELO {domain} catatan alamat yang mengarah ke alamat pengirim.",
    Problem.HELO_ELSEWHERE: "Arahkan nama HELO {domain} ke alamat pengirim; saat ini mengarah ke {leads_to}.",
    Problem.MX_MISSING: "Beri {domain} catatan MX agar balasan dan bounce dapat diterima.",
    Problem.MX_NULL: "Ganti null MX {domain} dengan host yang menerima email; penerima menolak pengirim yang "
    "domainnya tidak menerima email.",
    Problem.MX_DEAD: "Perbaiki catatan MX {domain}: host-nya tidak memiliki alamat ({hosts}).",
    Problem.TLS_DEMANDED: "Kirim ke Gmail hanya melalui TLS: dalam tujuh hari terakhir hal itu diminta dalam "
    "{replies} balasan.",
    Problem.ONE_CLICK_MISSING: "Tambahkan List-Unsubscribe dan List-Unsubscribe-Post pada email langganan dari "
    "{domain} (RFC 8058).",
    Problem.ONE_CLICK_NO_HTTPS: "Cantumkan tautan https dalam List-Unsubscribe pada email dari {domain}; mailto saja "
    "bukan berhenti berlangganan satu klik.",
    Problem.ONE_CLICK_NO_POST: "Tambahkan kolom List-Unsubscribe-Post: List-Unsubscribe=One-Click pada email dari "
    "{domain}.",
    Problem.ONE_CLICK_UNSIGNED: "Sertakan List-Unsubscribe dan List-Unsubscribe-Post dalam tanda tangan DKIM (h=) "
    "email dari {domain}.",
    Problem.COMPLAINTS_HIGH: "Turunkan keluhan di {providers} sampai di bawah 0,30 %, lebih baik di bawah 0,10 %: "
    "kirim hanya kepada yang meminta dan membacanya, dan segera hapus yang mengeluh.",
    Problem.GMAIL_SPAM_HIGH: "Jaga tingkat spam {domain} di Gmail di bawah 0,30 % selama tujuh hari berturut-turut; "
    "batas itu tidak terpenuhi pada {days}.",
    Problem.BOUNCES_HIGH: "Bersihkan daftar alamat: {ratio} dari percobaan mengalami bounce. Segera hapus alamat "
    "seperti itu, dan minta konfirmasi untuk alamat baru.",
    Problem.WARMUP_OVER_PLAN: "Jaga {address} dalam jumlah yang diizinkan rencana warm-up-nya.",
    Problem.WARMUP_HELD: "Warm-up {address} ditahan: pertahankan volumenya sampai penyebabnya diatasi.",
    Problem.LISTED: "Tercantum di {lists}: {subject}. Temukan dan hentikan penyebabnya, lalu beri tahu kami apa yang "
    "diubah.",
}
