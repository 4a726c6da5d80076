#!/usr/bin/env bash
# Package: sentencex 1.0.32 (PyPI). Seen: 2026-11-29.
#
# Behaviour: a code that names no language, such as the country codes cz (for cs) and ge (for de), or
# any other text, is accepted, and the text is split by the rules for English.
# One would have guessed: an error, or a message, since other abbreviations are then ends of sentences
# and a corpus has more and shorter sentences.
#
# Output seen:
#   cs: 3 sentences
#   cz: 7 sentences
#   zz-nonsense: 7 sentences
#   en: 7 sentences
#
# What to do: check the code against a list of languages before any text is split.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sentencex==1.0.32 2> pip.log || { cat pip.log; exit 2; }

cat > split.py <<'END'
import sentencex

text = "Dorazil např. ve 3. kole. Viz str. 5 a obr. 2. Pak přišel Ing. Novák."
counts = {}
for code in ("cs", "cz", "zz-nonsense", "en"):
    counts[code] = len(list(sentencex.segment(code, text)))
    print(f"{code}: {counts[code]} sentences")
same = counts["cz"] == counts["zz-nonsense"] == counts["en"]
raise SystemExit(0 if same and counts["cs"] < counts["en"] else 1)
END
venv/bin/python split.py || { echo "changed: unknown languages are not split as English"; exit 1; }
