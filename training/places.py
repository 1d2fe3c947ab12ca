"""Make ``tasks/cleaning/data/places.txt``: cities and countries, as bylines name them.

From the Unicode CLDR as the PyPI package ``babel`` has it (the cities of its time zones, its
territories; Unicode License v3); ``python training/places.py``. Case-folded, one a line.
"""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

from babel import Locale
from babel.core import get_global

OUTPUT = Path(__file__).parent.parent / "tasks/cleaning/data/places.txt"

# Languages with capitals, which bylines with a place behind the name are written in.
_CODES = "bg ca cs da de el en es et fi fr hr hu id it lt lv nb nl pl pt ro ru sk sl sr sv tr uk vi"
LANGUAGES = _CODES.split()
# Seats of governments, courts, newspapers and exchanges that name no time zone.
OTHERS = """
Washington; Washington DC; San Francisco; Boston; Houston; Seattle; Miami; Atlanta;
Philadelphia; Dallas; San Diego; Las Vegas; Ottawa; Montreal; Montréal; Cape Town; Durban;
Pretoria; Abuja; New Delhi; Neu-Delhi; Mumbai; Chennai; Bengaluru; Hyderabad; Islamabad;
Lahore; Rawalpindi; Peking; Beijing; Canberra; Wellington; Rio de Janeiro; Brasília;
Barcelona; Valencia; Sevilla; Bilbao; Milano; Mailand; Napoli; Torino; Firenze; Venezia;
Genova; Bologna; Palermo; Lyon; Marseille; Toulouse; Bordeaux; Strasbourg; Straßburg; Lille;
Nantes; Genève; Genf; Bern; Basel; Lausanne; München; Hamburg; Köln; Bonn; Leipzig; Dresden;
Hannover; Stuttgart; Düsseldorf; Nürnberg; Frankfurt; Frankfurt am Main; Frankfurt/Main;
Bremen; Karlsruhe; Mainz; Wiesbaden; Kiel; Den Haag; The Hague; Rotterdam; Utrecht;
Antwerpen; Gent; Göteborg; Malmö; Uppsala; Aarhus; Odense; Bergen; Trondheim; Tampere;
Turku; Kraków; Krakau; Gdańsk; Wrocław; Poznań; Łódź; Brno; Ostrava; Košice; Manchester;
Birmingham; Liverpool; Glasgow; Edinburgh; Cardiff; Leeds; Bristol; Cork; Tel Aviv; Ankara;
İzmir; St. Petersburg; Санкт-Петербург; Новосибирск; Казань; Одесса; Одеса; Харків; Харьков;
Львів; Львов; Θεσσαλονίκη; Πάτρα; Porto; Coimbra; San Sebastián; Santa Fe; Rosario;
Guadalajara; Monterrey; Medellín; Cali; Salvador; Belo Horizonte; Porto Alegre; Surabaya;
Bandung; Bruxelles; Brüssel; Brussels; Hà Nội; Đà Nẵng
"""


def main() -> None:
    """Write the file."""
    names = {normalize("NFC", name.casefold()) for name in " ".join(OTHERS.split()).split("; ")}
    for code in LANGUAGES:
        locale = Locale.parse(code)
        zones = locale.time_zones
        cities = [zone.get("city") for zone in zones.values()]
        cities += [
            zone.rpartition("/")[2].replace("_", " ") for zone in get_global("zone_territories")
        ]
        countries = [name for key, name in locale.territories.items() if key.isalpha()]
        for name in (*cities, *countries):
            if name and len(name) <= 40 and "(" not in name:
                names.add(normalize("NFC", str(name).casefold()))
    head = "# Unicode CLDR by way of babel, Unicode License v3; made by training/places.py\n"
    OUTPUT.write_text(head + "\n".join(sorted(names)) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
