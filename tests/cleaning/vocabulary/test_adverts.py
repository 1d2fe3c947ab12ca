import pytest

from copydesk import clean
from copydesk.tasks.cleaning.vocabulary.adverts import is_advert_label


@pytest.mark.parametrize(
    "label",
    [
        *("Advertisement", "- ANZEIGE -", "Story continues below advertisement", "Sponsored"),
        *("Article continues after ad", "ADVERTISEMENT - CONTINUE READING BELOW"),
        *("Der Artikel geht nach der Werbung weiter", "Artikel wird nach der Anzeige fortgesetzt"),
        *("La suite après la publicité", "L’article continue après la publicité"),
        *("Sigue leyendo después de la publicidad", "Continua após a publicidade"),
        *("L'articolo continua dopo la pubblicità", "Tekst gaat verder onder de advertentie"),
        *("Artikkelen fortsetter under annonsen", "Juttu jatkuu mainoksen jälkeen"),
        *("CIĄG DALSZY ARTYKUŁU POD REKLAMĄ", "Článek pokračuje pod reklamou"),
        *("A cikk a hirdetés után folytatódik", "Articolul continuă după publicitate"),
        *("Продолжение после рекламы", "Η συνέχεια μετά τη διαφήμιση"),
        *(
            "Haberin devamı reklamdan sonra",
            "يستمر المقال بعد الإعلان",
            "ادامه مطلب بعد از تبلیغات",
        ),
        *("המשך הכתבה אחרי הפרסומת", "लेख विज्ञापन के बाद जारी है", "Lanjutkan membaca setelah iklan"),
        *("Bài viết tiếp tục sau quảng cáo", "โฆษณา", "기사는 광고 뒤에 계속됩니다"),
        *(
            "広告の下に記事が続きます",
            "スポンサーリンク",
            "請繼續往下閱讀...",
            "文章继续于广告之后",
        ),
    ],
)
def test_labels_above_advertisements(label):
    assert is_advert_label(label)


@pytest.mark.parametrize(
    "line",
    [
        *("The ad was pulled after a day.", "The story continues", "Below", "Read more", "—", "12"),
        *(
            "Under the bridge",
            "Sponsored walk raises money",
            "Advertising standards",
            "The next page",
        ),
        *("Weiterlesen", "La suite", "El artículo", "Na de les", "Продолжение", "المقال"),
        *("この記事", "続き", "広告の歴史", "文章", "广告法", "기사", "ต่อ"),
    ],
)
def test_text_about_them_and_single_words_are_none(line):
    assert not is_advert_label(line)


@pytest.mark.parametrize("markup", ["<p>{}</p>", "{}\n\n"])
def test_a_label_within_an_article_is_cut(markup):
    paragraphs = [
        "The ferry ran only three times a week this spring, because the river was so low.",
        "People from the village walked as far as the bridge, and the baker drove the long way.",
        "The council has decided to lengthen the jetty; nobody knows whether it will be needed.",
    ]
    lines = [*paragraphs[:2], "Story continues below advertisement", paragraphs[2]]
    title = "<h1>Low water</h1>" if markup[0] == "<" else "Low water\n\n"
    article = clean(title + "".join(map(markup.format, lines)))
    assert article.text == "\n\n".join(paragraphs)
    assert [cut.text for cut in article.cuts if cut.kind == "advertisement"] == [lines[2]]
