"""Copied pages of many makes: the title and the body come out, what surrounds them is cut."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from copydesk.schemas.article import Article, CutKind, Reject, RejectReason
from copydesk.tasks.cleaning import clean
from copydesk.tasks.cleaning.text import clean_text

TITLES = {
    "en": "Ferry returns to the north quay after eleven years",
    "de": "Fähre kehrt nach elf Jahren an den Nordkai zurück",
    "ru": "Паром вернулся к северной набережной через одиннадцать лет",
    "zh": "渡轮时隔十一年重返北码头 居民夹道欢迎",
    "el": "Το φέρι επιστρέφει στη βόρεια προβλήτα έπειτα από έντεκα χρόνια",
    "pl": "Prom wraca na nabrzeże północne po jedenastu latach przerwy",
}
BODIES = {
    "en": [
        "The ferry that linked the old town with the islands sailed again on Monday morning, "
        "eleven years after the company had sold its last boat and closed the ticket hall.",
        "About two hundred people stood on the quay when the captain sounded the horn; some of "
        "them, she said, had travelled from the far end of the valley to be there.",
        "The crossing takes forty minutes and costs four coins, half of what the council had "
        "asked for in its first plan, and children under twelve go without a ticket.",
        "Whether the line will run in winter has not been decided. The harbour master wants to "
        "see the numbers of the first three months before he orders a second crew.",
    ],
    "de": [
        "Die Fähre, die einst die Altstadt mit den Inseln verband, ist am Montagmorgen wieder "
        "ausgelaufen, elf Jahre nachdem die Reederei ihr letztes Schiff verkauft hatte.",
        "Rund zweihundert Menschen standen am Kai, als die Kapitänin das Horn ertönen ließ; "
        "einige von ihnen waren vom anderen Ende des Tals angereist, wie sie sagte.",
        "Die Überfahrt dauert vierzig Minuten und kostet vier Münzen, halb so viel, wie der Rat "
        "in seinem ersten Plan verlangt hatte, und Kinder unter zwölf Jahren fahren frei.",
        "Ob die Linie im Winter fährt, ist noch nicht entschieden. Der Hafenmeister will zuerst "
        "die Zahlen der ersten drei Monate sehen, bevor er eine zweite Mannschaft anheuert.",
    ],
    "ru": [
        "Паром, который когда-то связывал старый город с островами, снова вышел в море утром в "
        "понедельник, через одиннадцать лет после того, как компания продала последнее судно.",
        "Около двухсот человек стояли на набережной, когда капитан дала гудок; некоторые из них "
        "приехали с другого конца долины, рассказала она журналистам.",
        "Переправа занимает сорок минут и стоит четыре монеты, вдвое меньше, чем совет просил в "
        "первом плане, а дети до двенадцати лет ездят без билета.",
        "Будет ли линия работать зимой, пока не решено. Начальник порта хочет увидеть данные за "
        "первые три месяца, прежде чем нанимать вторую команду.",
    ],
    "zh": [
        "曾经连接老城与群岛的渡轮周一早晨再次启航，距离公司卖掉最后一艘船、关闭售票厅已经过去了十一年。",
        "船长拉响汽笛时，大约有两百人站在码头上。她说，其中一些人是从山谷的另一端专程赶来的。",
        "航程四十分钟，票价四枚硬币，只有市政府最初方案的一半，十二岁以下的儿童免票乘船。",
        "冬季是否开航尚未决定。港务主任希望先看到头三个月的客流数据，然后再考虑招聘第二批船员。",
    ],
    "el": [
        "Το φέρι που κάποτε ένωνε την παλιά πόλη με τα νησιά απέπλευσε ξανά το πρωί της Δευτέρας, "
        "έντεκα χρόνια αφότου η εταιρεία πούλησε το τελευταίο της πλοίο.",
        "Περίπου διακόσιοι άνθρωποι στέκονταν στην προβλήτα όταν η καπετάνισσα σφύριξε· μερικοί "
        "από αυτούς, είπε, είχαν ταξιδέψει από την άλλη άκρη της κοιλάδας.",
        "Το πέρασμα διαρκεί σαράντα λεπτά και κοστίζει τέσσερα νομίσματα, τα μισά από όσα ζητούσε "
        "το συμβούλιο στο πρώτο του σχέδιο, και τα παιδιά ταξιδεύουν χωρίς εισιτήριο.",
        "Το αν η γραμμή θα λειτουργεί τον χειμώνα δεν έχει αποφασιστεί. Ο λιμενάρχης θέλει να δει "
        "πρώτα τους αριθμούς των τριών πρώτων μηνών προτού προσλάβει δεύτερο πλήρωμα.",
    ],
    "pl": [
        "Prom, który niegdyś łączył stare miasto z wyspami, wypłynął ponownie w poniedziałek "
        "rano, jedenaście lat po tym, jak firma sprzedała ostatnią łódź i zamknęła kasę.",
        "Około dwustu osób stało na nabrzeżu, gdy kapitan zatrąbiła; niektórzy z nich, jak "
        "powiedziała, przyjechali z drugiego końca doliny, żeby to zobaczyć.",
        "Przeprawa trwa czterdzieści minut i kosztuje cztery monety, połowę tego, czego rada "
        "chciała w pierwszym planie, a dzieci do lat dwunastu płyną bez biletu.",
        "Czy linia będzie działać zimą, jeszcze nie postanowiono. Kapitan portu chce najpierw "
        "zobaczyć liczby z pierwszych trzech miesięcy, zanim zatrudni drugą załogę.",
    ],
}
MENUS = {
    "en": ["Home", "News", "Sport", "Business", "Culture", "Opinion", "Weather", "Log in"],
    "de": ["Startseite", "Nachrichten", "Sport", "Wirtschaft", "Kultur", "Meinung", "Wetter"],
    "ru": ["Главная", "Новости", "Спорт", "Экономика", "Культура", "Мнения", "Погода", "Войти"],
    "zh": ["首页", "新闻", "体育", "财经", "文化", "评论", "天气", "登录"],
    "el": ["Αρχική", "Ειδήσεις", "Αθλητικά", "Οικονομία", "Πολιτισμός", "Απόψεις", "Καιρός"],
    "pl": ["Strona główna", "Wiadomości", "Sport", "Gospodarka", "Kultura", "Opinie", "Pogoda"],
}
DATES = {
    "en": "Published 4 March 2026, 10:15",
    "de": "4. März 2026, 10:15 Uhr",
    "ru": "4 марта 2026, 10:15",
    "zh": "2026-03-04 10:15",
    "el": "4 Μαρτίου 2026, 10:15",
    "pl": "4 marca 2026, 10:15",
}
OTHERS = {
    "en": ["Lamp stolen from the breakwater", "Who pays for the ferry stairs?", "Ten wet walks"],
    "de": ["Lampe von der Mole gestohlen", "Wer zahlt die Treppe?", "Zehn Wege im Regen"],
    "ru": ["С мола украден фонарь", "Кто заплатит за лестницу?", "Десять прогулок под дождём"],
    "zh": ["防波堤路灯被盗", "谁来支付台阶维修费？", "雨天散步十条路线"],
    "el": ["Έκλεψαν φανάρι από τον μόλο", "Ποιος πληρώνει τα σκαλιά;", "Δέκα βόλτες στη βροχή"],
    "pl": ["Skradziono lampę z falochronu", "Kto zapłaci za schody?", "Dziesięć spacerów"],
}


def page(language: str, *, above: list[str] | None = None) -> list[str]:
    """Write a news page as a browser copies it."""
    return [
        *(above or []),
        "Quay Gazette",
        *MENUS[language],
        TITLES[language],
        DATES[language],
        *BODIES[language],
        *OTHERS[language],
        *MENUS[language],
        "© 2026 Quay Gazette",
    ]


def article(text: str, **known: str) -> Article:
    """Clean what must be an article."""
    result = clean_text(text, **known)  # type: ignore[arg-type]
    assert isinstance(result, Article), result
    return result


@pytest.mark.parametrize("language", sorted(TITLES))
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_title_and_body_of_a_news_page(language: str, gap: str) -> None:
    result = article(gap.join(page(language)))
    assert result.title == TITLES[language]
    assert result.text.split("\n\n") == BODIES[language]
    assert result.evidence["text"] == "lines: model"
    cut = "\n".join(cut.text for cut in result.cuts)
    assert all(line in cut for line in (*MENUS[language], *OTHERS[language]))


@pytest.mark.parametrize(
    "banner",
    [
        ["We value your privacy", "Accept all", "Manage settings"],
        ["Wir benötigen Ihre Zustimmung", "Alle akzeptieren", "Einstellungen"],
        ["View this email in your browser"],
    ],
)
def test_a_banner_first_is_not_the_title(banner: list[str]) -> None:
    result = article("\n".join(page("de", above=banner)))
    assert result.title == TITLES["de"]
    assert not any(line in result.text for line in banner)


def test_what_is_cut_shows_its_chance() -> None:
    result = article("\n".join(page("en")))
    scores = [cut.score for cut in result.cuts if cut.score is not None]
    assert scores
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_a_title_in_capitals_is_written_as_its_repetition() -> None:
    lines = page("en")
    at = lines.index(TITLES["en"])
    result = article("\n".join([*lines[:at], TITLES["en"].upper(), *lines[at:]]))
    assert result.title == TITLES["en"]
    assert TITLES["en"].upper() not in result.text


def test_a_title_with_its_sites_name_above_the_page() -> None:
    result = article("\n".join([f"{TITLES['en']} | Quay Gazette", *page("en")]))
    assert result.title == TITLES["en"]
    assert TITLES["en"] not in result.text


def test_a_list_of_products_is_refused() -> None:
    names = ["Lamp", "Stool", "Rope", "Kettle", "Anchor", "Buoy", "Lantern", "Crate", "Oar", "Mug"]
    products = [
        line
        for number in range(60)
        for line in (f"{names[number % 10]} No. {number}", f"€{number}.90", "Add to cart")
    ]
    above = ["Quay Shop", "Home", "Cart", "Showing 1-60 of 240 products", "Sort by price"]
    result = clean_text("\n".join([*above, *products, "Next page", "© 2026 Quay Shop"]))
    assert isinstance(result, Reject)
    assert result.reason is RejectReason.NOT_AN_ARTICLE
    assert "chance" in result.detail


@pytest.mark.parametrize(
    "document", [r"{\rtf1\ansi Hello \b there\b0.}", "%!PS-Adobe-3.0\n/x 3 def"]
)
@pytest.mark.parametrize("encoded", [True, False])
def test_code_for_a_printer_is_no_text(document: str, encoded: bool) -> None:
    result = clean(document.encode() if encoded else document, media_type="text/plain")
    assert isinstance(result, Reject)
    assert result.reason is RejectReason.BINARY


def test_an_article_alone_is_read_by_the_rules() -> None:
    result = article("\n\n".join([TITLES["en"], *BODIES["en"]]))
    assert (result.title, result.text) == (TITLES["en"], "\n\n".join(BODIES["en"]))
    assert result.cuts == ()
    assert result.evidence["text"] == "lines"


def test_spaces_of_all_kinds_become_plain() -> None:
    result = article("A\u00a0title\n\nThe harbour\u202fcouncil\u00a0met on Mon\u00adday evening.")
    assert (result.title, result.text) == ("A title", "The harbour council met on Monday evening.")


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("5. März 2024", "2024-03-05"),
        ("6月 5, 2024", "2024-06-05"),
        ("2월 21, 2025", "2025-02-21"),
        ("• 5 March 2024", "2024-03-05"),
    ],
)
def test_days_as_pages_print_them(line: str, day: str) -> None:
    result = article("\n\n".join([TITLES["en"], line, *BODIES["en"]]))
    assert result.published_at is not None
    assert result.published_at.date().isoformat() == day
    assert line not in result.text


def test_a_name_below_the_word_for_by() -> None:
    below = ["Posted", "March 4, 2025", "in", "Local", "by", "Rosa Marsh", "Tags:", "ferry"]
    form = ["Leave a Reply", "Your email address will not be published."]
    result = article("\n\n".join([TITLES["en"], *BODIES["en"], *below, *form]))
    assert result.authors == ("Rosa Marsh",)
    assert result.text.split("\n\n") == BODIES["en"]


def test_a_words_parts_at_a_wrapped_lines_end_are_joined() -> None:
    text = (
        "A walk\n\nThe harbour board met on Tuesday evening and, after four hours of de-\n"
        "bate, agreed to keep the old crane at the north-west quay for another ten\n"
        "years. Nobody had expected the vote to be so close; the mayor of the north-\n"
        "west ward herself abstained, and the repairs will cost more than a million,\n"
        "of which the county has promised a third and the port another third, while\n"
        "the rest is to come from the debate fund.\n"
    )
    result = article(text)
    assert "hours of debate, agreed" in result.text
    assert "the north-west ward" in result.text


def test_cut_kinds_are_those_of_html() -> None:
    result = article("\n".join(page("en")))
    assert {cut.kind for cut in result.cuts} <= set(CutKind)


@pytest.mark.parametrize(
    "written",
    [
        lambda count: "\n".join(f"Item {number} | shop | a - b" for number in range(count)),
        lambda count: "The board met on Tuesday and agreed to keep the old crane-\n" * count,
    ],
)
def test_twice_the_lines_take_twice_the_time(written: Callable[[int], str]) -> None:
    def seconds(count: int) -> float:
        text = written(count)
        durations = []
        for _ in range(2):
            started = process_time()
            clean_text(text)
            durations.append(process_time() - started)
        return min(durations)

    assert seconds(8000) < 3.2 * seconds(4000) + 0.05  # four times as long would be quadratic


def test_a_book_that_was_pasted_whole_stays_whole():
    pages = [
        f"Page {number} tells of the harbour, the ferries and the winter."
        for number in range(4_200)
    ]
    book = clean_text("\n\n".join(["A long history of the harbour", *pages]))
    assert isinstance(book, Article)
    assert book.text.split("\n\n") == pages


def test_a_long_text_alone_stays_whole_though_its_short_lines_look_like_a_list() -> None:
    harbours = ["Skagen", "Lerwick", "Gdynia", "Kavala", "Peniche"]
    countries = ["Denmark", "Scotland", "Poland", "Greece", "Portugal"]
    body = ["A harbour is where a coast is at home. We went to as many as a year allows."]
    for number in range(20):
        name = harbours[number % 5]
        body += [f"{name}, pier {number}", countries[number % 5]]
        body.append(f"Boats leave at six, and pier {number} of {name} has a lamp older than it.")
    title = "Two hundred harbours and what to see there"
    guide = clean_text("\n\n".join([title, *body]))
    assert isinstance(guide, Article)
    assert guide.title == title
    assert guide.text.split("\n\n") == body
