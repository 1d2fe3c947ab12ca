"""Reports that fill one form, in several languages, each with names and numbers of its own."""

from __future__ import annotations

import random
from collections.abc import Callable

_NAMES = {
    "en": (
        "Ada Bruno Cora Dennis Edith Frank Grace Harold Irene Jack Lillian Martin Nora Oscar",
        "Abbott Barlow Crane Dalton Emery Foster Garrity Holloway Ingram Jessup Kendrick Lomax",
        "Ashford Brindle Calloway Dunmore Eastvale Farrow Greyford Hollis Inverloch Jarrow",
    ),
    "de": (
        "Anna Bernd Clara Dieter Erna Franz Gerda Hans Ilse Jürgen Käthe Ludwig Martha Norbert",
        "Ackermann Baumgart Clausen Dietrich Ebert Fiedler Grabow Hentschel Immler Jansen",
        "Altdorf Buchholz Crivitz Dassel Eutin Forst Gnoien Husum Ilmenau Jever",
    ),
    "es": (
        "Ana Benito Carmen Diego Elena Felipe Gloria Hugo Inés Javier Lucía Manuel Nuria Óscar",
        "Aguirre Bravo Castaño Durán Escobar Fuentes Gallardo Herrera Ibáñez Jurado Lozano",
        "Alcoy Béjar Cuenca Daroca Écija Fraga Guadix Huesca Ibi Jaca",
    ),
    "fr": (
        "",
        "",
        "Arles Blaye Cahors Dinan Étampes Foix Gap Honfleur Issoire Joigny",
    ),
    "it": (
        "Aldo Bianca Carlo Dina Enzo Flora Gino Ida Luca Mara Nino Olga",
        "Amato Bassi Corti Donati Esposito Ferri Galli Iacono Longo Marini Negri Orsi Parisi",
        "Asti Biella Cuneo Domodossola Empoli Fano Gubbio Imola Jesi Lecco",
    ),
    "nl": (
        "Aafke Bram Cor Dirk Els Femke Gijs Hanna Ineke Joost Klaas Lotte Maaike Niek Oda Piet",
        "Aalders Bakker Cremer Dekker Elzinga Feenstra Groen Hoekstra Jansma Kuiper Lammers",
        "",
    ),
}
"""First names, surnames and towns by language."""


class Filler(random.Random):
    """What goes into a form's blanks."""

    language = "en"

    def _of(self, index: int) -> str:
        return self.choice(_NAMES[self.language][index].split())

    def first(self) -> str:
        return self._of(0)

    def last(self) -> str:
        return self._of(1)

    def town(self) -> str:
        return self._of(2)

    def name(self) -> str:
        return f"{self.first()} {self.last()}"


def death_notice_en(r: Filler) -> str:
    n = r.name()
    f = n.split()[0]
    y = r.randint(1928, 1960)
    return (
        f"{n}, {2026 - y}, of {r.town()}, passed away peacefully on March {r.randint(1, 28)}, "
        "2026, at Lakeside Memorial Hospital, surrounded by family and friends.\n\n"
        f"{f} was born on March {r.randint(1, 28)}, {y}, in {r.town()}, the child of the late "
        f"{r.name()} and {r.name()}. A graduate of {r.town()} High School, {f} worked for "
        f"{r.randint(12, 40)} years at {r.last()} and Sons before retiring in "
        f"{r.randint(1985, 2015)}.\n\n"
        f"Survivors include a spouse, {r.name()}; children {r.name()} and {r.name()}; and "
        f"{r.randint(2, 12)} grandchildren. {f} was preceded in death by a sibling, {r.name()}.\n\n"
        f"A funeral service will be held at {r.randint(9, 12)} a.m. on "
        f"{r.choice(['Monday', 'Tuesday', 'Friday', 'Saturday'])}, March {r.randint(1, 28)}, at "
        f"Porter Brothers Funeral Home, 214 West Main Street, with the Rev. {r.name()} "
        "officiating. Burial will follow at Cedar Hill Cemetery. Visitation will be held two "
        "hours before the service at the funeral home.\n\n"
        "In lieu of flowers, memorial contributions may be made to the Harbor County "
        "Hospice, 18 Quarry Road. Online condolences may be left at the website of the "
        "Porter Brothers Funeral Home, which is in charge of the arrangements."
    )


def death_notice_de(r: Filler) -> str:
    n = r.name()
    return (
        f"Im Alter von {r.randint(60, 99)} Jahren ist am {r.randint(1, 28)}. März {n} aus "
        f"{r.town()} nach langer, mit großer Geduld ertragener Krankheit für immer von uns "
        "gegangen.\n\n"
        f"In Liebe und Dankbarkeit nehmen Abschied: {r.name()}, {r.name()} mit {r.first()} "
        f"und {r.first()} sowie alle Angehörigen. Traueranschrift: Familie {r.last()}, "
        f"Lindenweg {r.randint(1, 99)}, {r.town()}.\n\n"
        f"Der Trauergottesdienst findet am {r.randint(1, 28)}. März um {r.randint(10, 15)} Uhr "
        "in der Friedhofskapelle Sankt Georgen statt, anschließend ist die Beisetzung auf "
        "dem Waldfriedhof. Von Beileidsbezeugungen am Grab bitten wir Abstand zu nehmen.\n\n"
        "Anstelle freundlich zugedachter Kränze und Blumen bitten wir im Sinne der "
        f"Verstorbenen um eine Spende an das Hospiz Sankt Georgen, Kennwort: {n}. Das "
        "Bestattungshaus Wendland, Marktstraße 4, hat die Betreuung der Familie übernommen. "
        "Kondolenzlisten liegen in der Kapelle aus, dort können sich alle eintragen, die der "
        "Familie ihre Anteilnahme zeigen möchten."
    )


def death_notice_es(r: Filler) -> str:
    n = r.name() + " " + r.last()
    return (
        f"Falleció en {r.town()}, el día {r.randint(1, 28)} de marzo de 2026, a los "
        f"{r.randint(60, 99)} años de edad, {n}, habiendo recibido los Santos Sacramentos y la "
        "bendición de Su Santidad.\n\n"
        f"Su esposo, {r.name()}; hijos, {r.first()}, {r.first()} y {r.first()}; hijos "
        f"políticos, {r.name()} y {r.name()}; nietos, hermanos, sobrinos y demás familia "
        "ruegan a sus amistades una oración por su alma y les agradecen su asistencia a la "
        "misa funeral.\n\n"
        f"La ceremonia tendrá lugar mañana, día {r.randint(1, 28)}, a las {r.randint(10, 18)} "
        "horas, en la iglesia parroquial de Santa Eulalia, y acto seguido se procederá a la "
        f"conducción del cadáver al cementerio municipal de {r.town()}. La familia recibe en "
        f"la sala número {r.randint(1, 12)} del Tanatorio La Vega, carretera de la Estación, "
        "sin número. El duelo se despide en el cementerio. Funeraria La Vega, servicio "
        "permanente las veinticuatro horas del día, todos los días del año."
    )


def match_report_it(r: Filler) -> str:
    a, b = r.sample(_NAMES["it"][2].split(), 2)
    return (
        f"Finisce {r.randint(0, 4)}-{r.randint(0, 4)} la sfida tra {a} e {b}, valida per la "
        f"{r.randint(2, 30)}ª giornata del campionato di Promozione, girone B. Padroni di casa "
        f"in vantaggio al {r.randint(2, 40)}' con {r.last()}, bravo a sfruttare l'assist di "
        f"{r.last()}; il pareggio degli ospiti arriva al {r.randint(46, 80)}' su calcio di "
        f"rigore trasformato da {r.last()}.\n\n"
        f"Nella ripresa la partita si accende: al {r.randint(50, 70)}' {r.last()} colpisce la "
        f"traversa, poi il portiere {r.last()} si supera sul colpo di testa di {r.last()}. "
        f"Nel finale espulso {r.last()} per doppia ammonizione, ma il risultato non cambia "
        "più fino al triplice fischio dell'arbitro.\n\n"
        '"Abbiamo dato tutto quello che avevamo, i ragazzi meritano un applauso", ha detto a '
        f'fine gara il tecnico {r.name()}. Sulla sponda opposta parla {r.name()}: "Torniamo a '
        'casa con la consapevolezza di potercela giocare con tutti".\n\n'
        f"Il {a} sale così a {r.randint(10, 50)} punti in classifica, mentre il {b} resta a "
        f"quota {r.randint(5, 40)}. Nel prossimo turno il {a} farà visita al {r.town()}, il "
        f"{b} ospiterà invece il {r.town()} tra le mura amiche dello stadio comunale. "
        f"Arbitro: {r.last()} di {r.town()}. Spettatori {r.randint(100, 900)} circa."
    )


def earnings_en(r: Filler) -> str:
    c = r.last() + " " + r.choice(["Corp", "Holdings", "Inc", "Group"])
    k = c.split()[0]
    return (
        f"Shares of {c} ({k[:3].upper()}) {r.choice(['rose', 'fell', 'gained', 'slipped'])} "
        f"{r.randint(1, 9)}.{r.randint(0, 9)} percent on "
        f"{r.choice(['Monday', 'Tuesday', 'Wednesday', 'Thursday'])} after the company reported "
        f"quarterly results. The {r.town()}-based company said it had net income of "
        f"${r.randint(2, 90)}.{r.randint(0, 9)} million, or {r.randint(10, 99)} cents per share, "
        f"compared with ${r.randint(2, 90)}.{r.randint(0, 9)} million a year earlier.\n\n"
        f"Earnings, adjusted for one-time gains and costs, came to {r.randint(10, 99)} cents "
        f"per share. The results {r.choice(['topped', 'missed', 'met'])} Wall Street "
        f"expectations. The average estimate of {r.randint(3, 12)} analysts surveyed by Harbor "
        f"Investment Research was for earnings of {r.randint(10, 99)} cents per share.\n\n"
        f"The company posted revenue of ${r.randint(100, 900)}.{r.randint(0, 9)} million in the "
        f"period, while analysts had expected ${r.randint(100, 900)}.{r.randint(0, 9)} million. "
        f"For the current quarter, {k} expects revenue in the range of ${r.randint(100, 400)} "
        f"million to ${r.randint(401, 900)} million. Company shares have "
        f"{r.choice(['climbed', 'dropped'])} {r.randint(2, 40)} percent since the beginning of "
        "the year. In the final minutes of trading, shares hit "
        f"${r.randint(5, 200)}.{r.randint(10, 99)}, a change of {r.randint(2, 40)} percent in "
        "the last twelve months.\n\n"
        "This story was generated by automation using data from Harbor Investment Research. "
        "Access a Harbor stock report on the company at the website of Harbor Investment "
        "Research."
    )


def weather_fr(r: Filler) -> str:
    return (
        f"Météo à {r.town()} : le temps sera {r.choice(['ensoleillé', 'nuageux', 'pluvieux'])} "
        f"ce {r.choice(['lundi', 'mardi', 'jeudi', 'samedi'])} {r.randint(1, 28)} mars. Le "
        f"mercure affichera {r.randint(-3, 14)} degrés au lever du jour et grimpera jusqu'à "
        f"{r.randint(10, 34)} degrés dans l'après-midi, avec une température ressentie de "
        f"{r.randint(8, 30)} degrés. Le vent soufflera du secteur "
        f"{r.choice(['nord', 'sud-ouest', 'est'])} à {r.randint(5, 60)} kilomètres par heure, "
        f"avec des rafales à {r.randint(30, 90)} kilomètres par heure.\n\n"
        f"Le soleil se lèvera à {r.randint(5, 8)} h {r.randint(10, 59)} et se couchera à "
        f"{r.randint(17, 21)} h {r.randint(10, 59)}. Le risque de précipitations est estimé à "
        f"{r.randint(5, 95)} % et l'indice ultraviolet à {r.randint(1, 9)}. Pour la journée de "
        "demain, les prévisionnistes de Météo-France annoncent un temps "
        f"{r.choice(['sec', 'instable', 'brumeux'])} avec des températures comprises entre "
        f"{r.randint(-3, 12)} et {r.randint(13, 34)} degrés.\n\n"
        f"Dans les communes voisines, il fera {r.randint(5, 34)} degrés à {r.town()} et "
        f"{r.randint(5, 34)} degrés à {r.town()}. Retrouvez toutes les prévisions, commune par "
        "commune, sur la page météo de notre site, mise à jour toutes les heures par nos "
        "partenaires de Météo-France."
    )


def death_notice_nl(r: Filler) -> str:
    p = r.name()
    return (
        f"Na een leven vol zorg en liefde is op {r.randint(1, 28)} november van ons heengegaan "
        f"onze moeder en oma {p}, weduwe van {r.name()}, op de leeftijd van "
        f"{r.randint(70, 99)} jaar.\n\n"
        f"{r.first()} en {r.first()}, {r.first()} en {r.first()}, kleinkinderen en "
        f"achterkleinkinderen. Correspondentieadres: Kerkstraat {r.randint(1, 200)}, "
        f"{r.last()}dorp.\n\n"
        "Er is gelegenheid tot condoleren in Uitvaartcentrum De Linde, Stationsweg 12 te "
        f"Veenhuizen, op {r.choice(['maandag', 'dinsdag'])} van {r.randint(17, 19)} tot "
        f"{r.randint(20, 21)} uur. De afscheidsdienst wordt gehouden in de Sint Jozefkerk, "
        "waarna de begrafenis plaatsvindt op de Algemene Begraafplaats aan de Oude Dijk. Na "
        "afloop is er gelegenheid om de familie te ontmoeten in Hotel De Gouden Leeuw. Geen "
        "bloemen, maar een gift voor de Hartstichting wordt op prijs gesteld."
    )


def election_result_de(r: Filler) -> str:
    n = r.name()
    return (
        f"Bei der Landtagswahl hat im Wahlkreis {r.town()} {n} mit "
        f"{r.randint(25, 49)},{r.randint(0, 9)} Prozent der Erststimmen das Direktmandat "
        f"gewonnen. Auf den Plätzen folgen {r.name()} mit {r.randint(15, 24)},{r.randint(0, 9)} "
        f"Prozent und {r.name()} mit {r.randint(5, 14)},{r.randint(0, 9)} Prozent, wie die "
        "Landeswahlleitung nach Auszählung aller Stimmen mitteilte.\n\n"
        f"Bei den Zweitstimmen kommt die Bürgerliste auf {r.randint(15, 40)},{r.randint(0, 9)} "
        f"Prozent, die Union auf {r.randint(15, 40)},{r.randint(0, 9)} Prozent und das Linke "
        f"Forum auf {r.randint(5, 14)},{r.randint(0, 9)} Prozent. Die Wahlbeteiligung lag im "
        f"Wahlkreis {r.town()} bei {r.randint(50, 79)},{r.randint(0, 9)} Prozent nach "
        f"{r.randint(50, 79)},{r.randint(0, 9)} Prozent bei der Wahl vor fünf Jahren. "
        f"Wahlberechtigt waren {r.randint(20000, 90000)} Menschen.\n\n"
        "Dieser Text wurde auf Grundlage der Daten der Landeswahlleitung automatisch "
        "erstellt und wird laufend aktualisiert. Alle Ergebnisse aus den Wahlkreisen, "
        "Gemeinden und Städten des Landes finden Sie in unserer interaktiven Karte. Dort "
        "können Sie auch nachsehen, wie sich das Ergebnis seit der letzten Wahl verändert "
        "hat."
    )


FORMS: dict[Callable[[Filler], str], str] = {
    death_notice_en: "en",
    death_notice_de: "de",
    death_notice_es: "es",
    match_report_it: "it",
    earnings_en: "en",
    weather_fr: "fr",
    death_notice_nl: "nl",
    election_result_de: "de",
}
"""Forms with their languages."""


def filled(form: Callable[[Filler], str], count: int, seed: int = 0) -> list[str]:
    """Fill a form several times."""
    filler = Filler(f"{form.__name__} {seed}")
    filler.language = FORMS[form]
    return [form(filler) for _ in range(count)]
