# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""What the page and its cut blocks are, compiled: the choice, figures for the model of pages,
kinds, cuts."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from dataclasses import fields

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.math cimport rint
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from copydesk.schemas.article import Cut as _Cut

cdef extern from "Python.h":
    ctypedef int (*descrsetfunc)(object, object, object) except -1
    ctypedef struct Type "PyTypeObject":
        descrsetfunc tp_descr_set
    Type* Py_TYPE(object)
    object PyType_GenericAlloc(Type*, Py_ssize_t)

cdef enum:
    # The columns that ``figures`` reads, as in page_kind.py.
    LENGTH, LINK_SHARE, ALIKE, TAG, ENDS, IMAGES, SHOP, CARD, COMMENT, BYLINE, DATES, FORM, ARTICLE
    READ
    FIRST_HEADING = 6  # h1 to h6 among the numbers of tags
    LAST_HEADING = 11
    LONG = 80  # characters, as in page_kind.py
    TEASER = 6  # blocks, as in page_kind.py
    NEAR = 2
    WIDTH = 3  # conditions of a test
    FIGURES = 38


cdef tuple SLOTS = tuple(getattr(_Cut, field.name) for field in fields(_Cut))
if [field.name for field in fields(_Cut)] != ["kind", "rule", "position", "text", "score"]:
    raise ImportError("the compiled loops know another Cut")


def figures(
    const float[:, ::1] rows not None, const float[::1] chance not None,
    const unsigned char[::1] retained not None, const long long[::1] at not None,
):
    """Give the figures of a page; stands for ``page_kind.page_figures``."""
    cdef double[FIGURES] out
    cdef const float* column[READ]
    cdef Py_ssize_t size = chance.shape[0], index, first = -1, last = -1, body_size = 0
    cdef double text = 0, links = 0, body_text, body_length = 0, linked_own = 0, long_own = 0
    cdef double span = 0
    cdef double ends = 0, alike = 0, sure = 0, sure_text = 0, doubt = 0, images = 0
    cdef double bylines = 0, dates = 0, forms = 0, articles = 0
    cdef double teased = 0, own_teased = 0, passages = 0, span_dates = 0, span_bylines = 0
    cdef Py_ssize_t teaser = -TEASER - 1, runs = 0
    cdef Py_ssize_t long_ones = 0, own_long = 0, headings = 0, own_headings = 0
    cdef Py_ssize_t linking = 0, shops = 0, cards = 0, comments = 0
    cdef float highest = chance[0], most_alike, length, linked, part, unsure
    cdef int each
    cdef bint heading
    for each in range(READ):
        column[each] = &rows[at[each], 0]
    most_alike = column[ALIKE][0]
    for index in range(size):
        length = column[LENGTH][index]
        linked = length * column[LINK_SHARE][index]
        heading = FIRST_HEADING <= column[TAG][index] <= LAST_HEADING
        text += length
        links += linked
        long_ones += length > LONG
        headings += heading
        linking += column[LINK_SHARE][index] > <float>0.8
        shops += column[SHOP][index] <= NEAR
        cards += column[CARD][index] <= NEAR
        comments += column[COMMENT][index] <= NEAR
        images += column[IMAGES][index]
        bylines += column[BYLINE][index]
        dates += column[DATES][index]
        forms += column[FORM][index]
        unsure = 1 - chance[index]
        unsure = chance[index] * unsure
        doubt += unsure
        if heading:  # one that is a link teases what is below it
            teaser = index if column[LINK_SHARE][index] > <float>0.8 else -TEASER - 1
        elif index - teaser <= TEASER and retained[index]:
            own_teased += length
        if length > LONG and column[LINK_SHARE][index] < 0.5:
            passages += length
            if not heading and index - teaser <= TEASER:
                teased += length
        highest = max(highest, chance[index])
        most_alike = max(most_alike, column[ALIKE][index])
        if not retained[index]:
            continue
        if first < 0:
            first = index
        if last < 0 or index - last > 1:
            runs += 1
        last = index
        body_size += 1
        body_length += length
        linked_own += linked
        own_headings += heading
        ends += column[ENDS][index]
        part = column[ALIKE][index] * length
        alike += part
        sure += chance[index]
        part = chance[index] * length
        sure_text += part
        articles += column[ARTICLE][index]
        if length > LONG:
            own_long += 1
            long_own += length
    for index in range(first, last + 1 if body_size else first):
        span += column[LENGTH][index]
        span_dates += column[DATES][index]
        span_bylines += column[BYLINE][index]
    text = max(1.0, text)
    body_text = max(1.0, body_length)
    cdef double divisor = max(1, body_size)
    out[0] = size
    out[1] = text
    out[2] = body_size
    out[3] = body_text
    out[4] = body_text / text
    out[5] = body_text / divisor
    out[6] = linked_own / body_text
    out[7] = own_long
    out[8] = long_own / body_text
    out[9] = own_headings / divisor
    out[10] = body_text / max(1.0, span) if body_size else 0
    out[11] = ends / body_text
    out[12] = alike / body_length if body_size else 0
    out[13] = 0  # prices are counted elsewhere
    out[14] = <double>first / size if body_size else 1
    out[15] = sure / body_size if body_size else 0
    out[16] = sure_text / body_text
    out[17] = doubt / divisor
    out[18] = highest
    out[19] = links / text
    out[20] = <double>linking / size
    out[21] = long_ones
    out[22] = headings
    out[23] = most_alike
    out[24] = images
    out[25] = 0
    out[26] = <double>shops / size
    out[27] = <double>cards / size
    out[28] = <double>comments / size
    out[29] = bylines
    out[30] = dates
    out[31] = forms
    out[32] = articles / body_size if body_size else 0
    divisor = max(1, own_long)
    out[33] = own_teased / body_text
    out[34] = teased / max(1.0, passages)
    out[35] = span_dates / divisor
    out[36] = span_bylines / divisor
    out[37] = runs / divisor
    return [out[each] for each in range(FIGURES)]


def most_expected(const float[::1] chance not None, const float[::1] words not None):
    """Give the greatest expected F1 of a choice; stands for ``block_choice.most_expected``."""
    cdef Py_ssize_t size = chance.shape[0], at, width, low, middle, end, left, right
    cdef double expected_words = 0, word_total = 0, all_hoped = 0, best_f1 = 0
    cdef Py_ssize_t* order = <Py_ssize_t*>PyMem_Malloc(2 * max(1, size) * sizeof(Py_ssize_t))
    cdef Py_ssize_t* order_now = order
    cdef Py_ssize_t* order_next = order + size
    if order == NULL:
        raise MemoryError
    try:
        for at in range(size):
            order_now[at] = at
        width = 1
        while width < size:  # merged, so that blocks with equal chances stay in order
            low = 0
            while low < size:
                middle = min(size, low + width)
                end = min(size, middle + width)
                left, right = low, middle
                for at in range(low, end):
                    if left < middle and (
                        right >= end or chance[order_now[left]] >= chance[order_now[right]]
                    ):
                        order_next[at] = order_now[left]
                        left += 1
                    else:
                        order_next[at] = order_now[right]
                        right += 1
                low = end
            order_now, order_next = order_next, order_now
            width *= 2
        for at in range(size):
            all_hoped += <double>chance[order_now[at]] * <double>words[order_now[at]]
        for at in range(size):
            expected_words += <double>chance[order_now[at]] * <double>words[order_now[at]]
            word_total += words[order_now[at]]
            best_f1 = max(best_f1, 2 * expected_words / max(1e-9, word_total + all_hoped))
    finally:
        PyMem_Free(order)
    return best_f1


cdef inline bint is_sign(Py_UCS4 char) noexcept:
    return char == c"$" or char == 0x20AC or char == 0xA3 or char == 0xA5 or char == 0x20B9


def prices(str text not None):
    """Count prices; stands for ``page_kind.count_prices``."""
    cdef Py_ssize_t size = len(text), at = 0, next_one, end, count = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_UCS4 char
    while at < size:
        char = PyUnicode_READ(kind, data, at)
        at += 1
        if char > c"9" and char < 0x80 or char < c"0" and char != c"$":
            continue
        if is_sign(char):
            end = amount(kind, data, at, size)
            if end:
                count += 1
                at = end
        elif char.isdecimal():
            next_one = at
            if next_one < size and PyUnicode_READ(kind, data, next_one).isspace():
                next_one += 1
            end = unit(kind, data, next_one, size)
            if end:
                count += 1
                at = end
    return count


def prices_of(list texts not None, Py_ssize_t size):
    """Count prices in texts that are shorter than ``size``, one a line."""
    cdef list shorter = []
    cdef Py_ssize_t at
    cdef str text
    cdef Py_UCS4 last = 0
    for at in range(len(texts)):
        text = <str>texts[at]
        if 0 < len(text) < size:
            # Most texts have no part of a price; two breaks are none, either.
            shorter.append(text if last.isdecimal() or may_have_price(text) else "")
            last = PyUnicode_READ(PyUnicode_KIND(text), PyUnicode_DATA(text), len(text) - 1)
    return prices("\n".join(shorter))


cdef bint may_have_price(str text) noexcept:
    """Tell whether a text has a digit or a currency's sign."""
    cdef void* data = PyUnicode_DATA(text)
    cdef int kind = PyUnicode_KIND(text)
    if kind == 1:
        return has_part(<const uint8_t*>data, len(text))
    if kind == 2:
        return has_part(<const uint16_t*>data, len(text))
    return has_part(<const uint32_t*>data, len(text))


ctypedef fused Char:
    uint8_t
    uint16_t
    uint32_t


cdef bint has_part(const Char* text, Py_ssize_t size) noexcept:
    cdef Py_ssize_t at = 0, stop
    cdef uint8_t parts, others  # counted in octets, many at once
    cdef bint may_be_digits = False
    cdef Py_UCS4 char
    while at < size:
        stop = min(size, at + 255)
        parts = others = 0
        while at < stop:
            if Char is uint8_t:
                parts += (
                    (<uint8_t>(text[at] - c"0") <= 9) | (text[at] == c"$")
                    | (text[at] == 0xA3) | (text[at] == 0xA5)
                )
            else:
                parts += (
                    ((text[at] >= c"0") & (text[at] <= c"9")) | (text[at] == c"$")
                    | (text[at] == 0xA3) | (text[at] == 0xA5)
                    | (text[at] == 0x20AC) | (text[at] == 0x20B9)
                )
                # No digits are before Arabic's, nor between those of Lepcha and Vai.
                others += (
                    ((text[at] >= 0x660) & (text[at] < 0x1C5A)) | (text[at] >= 0xA620)
                )
            at += 1
        if parts:
            return True
        may_be_digits = may_be_digits or others
    if may_be_digits:
        for at in range(size):
            char = text[at]
            if char >= 0x660 and char.isdecimal():
                return True
    return False


cdef Py_ssize_t amount(int kind, void* data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """Give the place behind the digit that stands there, a space before it or none; else 0."""
    if at < size and PyUnicode_READ(kind, data, at).isspace():
        at += 1
    return at + 1 if at < size and PyUnicode_READ(kind, data, at).isdecimal() else 0


cdef Py_ssize_t unit(int kind, void* data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """Give the place behind a currency that stands there and ends at a word's bound; else 0."""
    cdef Py_ssize_t length
    cdef Py_UCS4 first, second = 0, third = 0
    if at >= size:
        return 0
    first = PyUnicode_READ(kind, data, at)
    if at + 1 < size:
        second = PyUnicode_READ(kind, data, at + 1)
    if at + 2 < size:
        third = PyUnicode_READ(kind, data, at + 2)
    if first == 0x20AC:
        # Before an amount it is a price's sign; a bound behind it is first before a word.
        return at + 1 if is_wordly(second) and not second.isdecimal() else 0
    if first == c"z" and second == 0x142 or first == c"k" and second == c"r":
        length = 2
    elif first == c"U" and second == c"S" and third == c"D":
        length = 3
    elif first == c"E" and second == c"U" and third == c"R":
        length = 3
    else:
        return 0
    at += length
    return 0 if at < size and is_wordly(PyUnicode_READ(kind, data, at)) else at


cdef inline bint is_wordly(Py_UCS4 char) noexcept:
    return char == c"_" or char.isalnum()


def first_tests(
    const float[:, ::1] rows not None, const long long[:, ::1] column not None,
    const float[:, ::1] limit not None, const unsigned char[:, ::1] above not None,
    const unsigned char[::1] retained not None, unsigned char[::1] out not None,
):
    """Number the first test that holds of each block that is left out.

    It is as many as there are tests where none does. A test is up to three conditions: a column
    (-1 for none) is above its limit, or is not. Stands for ``cuts.first_tests``.
    """
    cdef Py_ssize_t tests = column.shape[0], index, test, each
    cdef bint holds
    for index in range(out.shape[0]):
        if retained[index]:
            out[index] = <unsigned char>tests
            continue
        for test in range(tests):
            holds = True
            for each in range(WIDTH):
                if column[test, each] < 0:
                    break
                if (rows[column[test, each], index] > limit[test, each]) != above[test, each]:
                    holds = False
                    break
            if holds:
                out[index] = <unsigned char>test
                break
        else:
            out[index] = <unsigned char>tests


def model_cuts(
    const unsigned char[::1] numbers not None, list kinds not None, list texts not None,
    const float[::1] chance not None, const unsigned char[::1] retained not None,
):
    """Give a ``Cut`` for each block that the model left out; stands for ``cuts.model_cuts``."""
    cdef Py_ssize_t index
    cdef list cuts = []
    cdef object cut
    for index in range(len(texts)):
        if not retained[index]:
            cut = PyType_GenericAlloc(<Type*>_Cut, 0)
            fill(0, cut, kinds[numbers[index]])
            fill(1, cut, "model")
            fill(2, cut, index)
            fill(3, cut, texts[index])
            fill(4, cut, rint(<double>chance[index] * 1000) / 1000)
            cuts.append(cut)
    return cuts


cdef inline int fill(Py_ssize_t slot, object cut, object value) except -1:
    """Set a field of a frozen object: its class forbids that to all but who makes it."""
    cdef object descriptor = SLOTS[slot]
    return Py_TYPE(descriptor).tp_descr_set(descriptor, cut, value)
