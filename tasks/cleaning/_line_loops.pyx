# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Loops over the lines of copied text; each stands for a function in Python with equal results."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_Substring,
)
from libc.string cimport memset

cdef extern from "Python.h":
    bint Py_UNICODE_ISALNUM(Py_UCS4)
    bint Py_UNICODE_ISALPHA(Py_UCS4)
    bint Py_UNICODE_ISDECIMAL(Py_UCS4)
    bint Py_UNICODE_ISSPACE(Py_UCS4)

cdef enum:
    LONGEST_KEYED = 1000  # letters of a line that has a key
    SHORTEST_TERM = 3
    SCRIPTS = 0x2F  # blocks of 256 characters that are told apart
    UPPER = 1  # bits of ``character_counts``
    LETTER = 2

# Of ASCII: a letter (in lower case), a digit, or 0.
cdef unsigned char[128] WORD_CHARACTER
cdef int _code
for _code in range(128):
    WORD_CHARACTER[_code] = ord(chr(_code).lower()) if chr(_code).isalnum() else 0


def ascii_title_key(str title not None):
    """Return the key of a title in ASCII; stands for ``title._key``."""
    cdef Py_ssize_t size = len(title), at, length = 0
    cdef const unsigned char* data = <const unsigned char*>PyUnicode_DATA(title)
    cdef unsigned char[LONGEST_KEYED] key
    cdef unsigned char char
    cdef bint apart = False  # a space is due
    if size > LONGEST_KEYED or not title.isascii():
        raise ValueError("the title is too long, or not in ASCII")
    for at in range(size):
        char = WORD_CHARACTER[data[at]]
        if char:
            if apart and length:
                key[length] = c" "
                length += 1
            key[length] = char
            length += 1
            apart = False
        elif not apart:
            # "what's" is one word.
            apart = not (
                data[at] == c"'" and 0 < at < size - 1
                and WORD_CHARACTER[data[at - 1]] and WORD_CHARACTER[data[at + 1]]
            )
    return PyUnicode_FromKindAndData(1, key, length)


cdef enum:
    LEFT_OUT = 1

# What ``title.SPELLED_WORDS`` makes of characters beyond ASCII; 0 is unknown.
cdef Py_UCS4[0x10000] SPELLED


cdef Py_UCS4 spelled(Py_UCS4 char, words):
    cdef str replacement
    cdef Py_UCS4 found = SPELLED[char] if char < 0x10000 else 0
    if not found:
        replacement = words[<int>char]
        found = ord(replacement) if replacement else LEFT_OUT
        if char < 0x10000:
            SPELLED[char] = found
    return found


cpdef str line_key(str line, words):
    """Return the key of a short line, which is folded unless ASCII; stands for ``phrases.line_key``.

    ``words`` is ``title.SPELLED_WORDS``.
    """
    cdef Py_ssize_t size = len(line), at, length = 0
    cdef int kind = PyUnicode_KIND(line)
    cdef void* data = PyUnicode_DATA(line)
    cdef Py_UCS4[2 * LONGEST_KEYED + 4] key
    cdef Py_UCS4 char, last = 0  # of the key: 0 at its start
    cdef bint apart = False  # a space is due
    if size > LONGEST_KEYED:
        raise ValueError("the line is too long")
    for at in range(size):
        char = PyUnicode_READ(kind, data, at)
        if char < 128:
            if not WORD_CHARACTER[char]:
                # "what's" is one word.
                apart = apart or not (
                    char == c"'" and 0 < at < size - 1
                    and Py_UNICODE_ISALNUM(PyUnicode_READ(kind, data, at - 1))
                    and Py_UNICODE_ISALNUM(PyUnicode_READ(kind, data, at + 1))
                )
                continue
            char = WORD_CHARACTER[char]
        else:
            char = spelled(char, words)
            apart = apart or char == c" "
            if char == c" " or char == LEFT_OUT:
                continue
        if c"0" <= char <= c"9" or char >= 128 and Py_UNICODE_ISDECIMAL(char):
            if last == c"0":
                apart = False  # numbers in a row are one
                continue
            if length:
                key[length] = c" "
                length += 1
            key[length] = last = c"0"
            length += 1
        else:
            if length and (apart or last == c"0"):
                key[length] = c" "
                length += 1
            key[length] = last = char
            length += 1
        apart = False
    return PyUnicode_FromKindAndData(4, key, length)


cdef enum:  # as in ``character_bits`` and ``lines``
    HAS_DIGIT = 1
    HAS_LETTER = 2
    HAS_WIDE = 8
    HAS_THIN = 16
    HAS_END = 32
    HAS_CLOSING = 64
    SIGNS = 0x3F80
    KNOWN = 0x8000
    LONGEST_LINE_KEYED = 230
    LONG_UNENDED = 80
    CLOSED = 12

cdef unsigned short[0x10000] HAS  # ``character_bits.BITS`` of each character, once it was met


cdef inline int has(Py_UCS4 char, table) except -1:
    if char >= 0x10000:
        return table[<int>char]
    if not HAS[char]:
        HAS[char] = <int>table[<int>char] | KNOWN
    return HAS[char]


def line_form(str text not None, marker not None, words not None, table not None, key_of not None):
    """Return what depends on a line's text alone; stands for ``lines._form``.

    ``words`` is ``title.SPELLED_WORDS``, ``table`` is ``character_bits.BITS``.
    """
    cdef Py_ssize_t size = len(text), at, first = 0, wide = 0, thin = 0, spaces = 0
    cdef int kind = PyUnicode_KIND(text), bits = 0, of_char
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_UCS4 char
    cdef str bare = text, key = ""
    if not Py_UNICODE_ISALPHA(PyUnicode_READ(kind, data, 0)):
        mark = marker.match(text)
        if mark is not None and mark.end() < size:
            first = mark.end()
            bare = PyUnicode_Substring(text, first, size)
    for at in range(size):
        char = PyUnicode_READ(kind, data, at)
        of_char = has(char, table)
        if at < first:
            of_char &= ~SIGNS
        elif char == c" ":
            spaces += 1
        bits |= of_char
        wide += of_char & HAS_WIDE != 0
        thin += of_char & HAS_THIN != 0
    if size - first < LONGEST_LINE_KEYED:
        key = line_key(bare, words) if text.isascii() else key_of(bare)
    return (
        bare,
        key,
        size + (2.6 - 1) * wide,
        spaces + 1 + wide // 3 + thin // 6,
        ends_sentence(kind, data, size, table) or (2 * thin > size and size >= LONG_UNENDED),
        first > 0,
        bits & ~KNOWN,
    )


cdef bint ends_sentence(int kind, void* data, Py_ssize_t size, table) except -1:
    """Stands for ``lines.ends_sentence``."""
    cdef Py_ssize_t at = size - 1, first = max(0, size - CLOSED)
    while at >= first and at >= size - 2 and has(PyUnicode_READ(kind, data, at), table) & HAS_DIGIT:
        at -= 1
    while at >= first and has(PyUnicode_READ(kind, data, at), table) & HAS_CLOSING:
        at -= 1
    if at < first or not has(PyUnicode_READ(kind, data, at), table) & HAS_END:
        return False
    # "Ewa K." and "J. R." do not end a sentence.
    if at < size - 1 or size < 2 or PyUnicode_READ(kind, data, at) != c".":
        return True
    if not has(PyUnicode_READ(kind, data, size - 2), table) & HAS_LETTER:
        return True
    if size == 2:
        return False
    return not (
        PyUnicode_READ(kind, data, size - 3) == c"."
        or Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, size - 3))
    )


cdef inline Py_ssize_t term_end(int kind, void* data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """Find the end of the letters from ``at`` on."""
    cdef Py_UCS4 char
    while at < size:
        char = PyUnicode_READ(kind, data, at)
        if char < 128:
            if not (c"a" <= char <= c"z" or c"A" <= char <= c"Z"):
                break
        elif not Py_UNICODE_ISALNUM(char) or Py_UNICODE_ISDECIMAL(char):
            break
        at += 1
    return at


cdef enum:
    YEAR_OF_AN_ERA = 0x5E74  # 年
    HEBREW = 0x5EA  # ת
    THAI = 0xE00
    THAI_END = 0xE7F


cpdef int year_form(str text) except -1:
    """Return whether a text has four digits in a row (1), has not (0), or may have a year else (2).

    Stands for the first look of ``timestamps.has_year``.
    """
    cdef Py_ssize_t at, first, end, size = len(text)
    cdef int kind = PyUnicode_KIND(text), in_a_row = 0, form = 0
    cdef void* data = PyUnicode_DATA(text)
    cdef const unsigned char* narrow = <const unsigned char*>data
    cdef Py_UCS4 char
    if text.isascii():
        at = 3
        while at < size:
            if not c"0" <= narrow[at] <= c"9":
                at += 4
                continue
            first = at
            while first > at - 3 and c"0" <= narrow[first - 1] <= c"9":
                first -= 1
            end = at + 1
            while end < size and end - first < 4 and c"0" <= narrow[end] <= c"9":
                end += 1
            if end - first >= 4:
                return 1
            at = end + 4
        return 0
    for at in range(size):
        char = PyUnicode_READ(kind, data, at)
        if c"0" <= char <= c"9" or char >= 128 and Py_UNICODE_ISDECIMAL(char):
            in_a_row += 1
            if in_a_row == 4:
                return 1
        else:
            in_a_row = 0
        if char == YEAR_OF_AN_ERA or char == HEBREW or THAI <= char <= THAI_END:
            form = 2
    return form


def first_with(texts not None, str line not None, Py_ssize_t longest):
    """Return the index of the first text with a line, but for long ones; see ``placing``."""
    cdef Py_ssize_t at = 0, least = len(line)
    cdef str text
    for text in texts:
        if least <= len(text) <= longest and line in text:
            return at
        at += 1
    return -1


def saying_by(texts not None, beginnings not None, Py_ssize_t longest):
    """Return the short texts for which ``may_say_by`` is true."""
    cdef str text
    return [text for text in texts if len(text) <= longest and may_say_by(text, beginnings)]


cdef str BEFORE = " \t\n-–—|•·✍"  # as in ``bylines``
cdef enum:
    COMPARED = 40
    CREDIT_LETTERS = 4


cpdef bint may_say_by(str text, beginnings) except -1:
    """Return whether a text may begin with words before names; stands for ``bylines._may_say_by``."""
    cdef dict words
    cdef str start, first
    words, starts, ours, joints, pairs = beginnings
    if not (may_start(text, starts, pairs) or by_inside(text)):
        return False
    start = text.lstrip(BEFORE)[:COMPARED]
    if start.isascii():
        start = start.lower()
    else:
        start = start.casefold().replace("i\u0307", "i").replace("ı", "i")
    if start.startswith(words.get(start[:2], ())) or start.startswith(words.get(start[:1], ())):
        return True
    if " by" in start or start[:1].isspace():
        return True
    parts = start.split(None, 2)
    if not parts:
        return False
    first = parts[0]
    return first in ours or (first in joints and len(parts) > 1 and parts[1] in ours)


cdef bint may_start(str text, starts, bytearray pairs) except -1:
    """Return ``starts[text[:2]]``; ``pairs`` has it of pairs of ASCII: 2 if true, 1 if not."""
    cdef Py_UCS4 first, second
    cdef int pair
    cdef unsigned char* known = <unsigned char*>PyByteArray_AS_STRING(pairs)
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    if len(text) <= 2:
        return starts[text]
    first, second = PyUnicode_READ(kind, data, 0), PyUnicode_READ(kind, data, 1)
    if first >= 128 or second >= 128:
        return starts[PyUnicode_Substring(text, 0, 2)]
    pair = <int>first << 7 | <int>second
    if not known[pair]:
        known[pair] = 2 if starts[PyUnicode_Substring(text, 0, 2)] else 1
    return known[pair] == 2


def introducing(
    texts not None, beginnings not None, frozenset others not None, pattern not None,
    Py_ssize_t longest,
):
    """Return the indexes of the short texts that may introduce names; see ``authors._introducing``.

    ``others`` are the beginnings of what the pattern may match, as in ``bylines.match_not_by``.
    """
    cdef Py_ssize_t at = 0
    cdef str text
    cdef list indexes = []
    for text in texts:
        if len(text) <= longest and (
            year_form(text) or may_say_by(text, beginnings)
            or (may_say_others(text, others) and pattern.match(text) is not None)
            or introduces_inside(text, beginnings, others)
        ):
            indexes.append(at)
        at += 1
    return indexes


cdef bint introduces_inside(str text, beginnings, frozenset others) except -1:
    """Return whether a part of a text behind a separator of ``authors._PIECES`` may introduce names."""
    cdef Py_ssize_t at, first, size = len(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef str part
    for at in range(size):
        if not is_separator(kind, data, at, size):
            continue
        first = at + 1
        while first < size and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, first)):
            first += 1
        if first < size:
            part = PyUnicode_Substring(text, first, size)
            if may_start(part, beginnings[1], beginnings[4]) or may_say_others(part, others):
                return True
            if by_inside(part):
                return True
    return False


cdef inline bint is_separator(int kind, void* data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """Return whether a bar, a dot, a line's end or a dash between spaces stands there."""
    cdef Py_UCS4 char = PyUnicode_READ(kind, data, at)
    if char == c"|" or char == c"\n" or char == 0xB7:
        return True
    if char == c"-" or 0x2013 <= char <= 0x2014:
        return (
            0 < at < size - 1
            and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at - 1))
            and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at + 1))
        )
    return char == 0x2022 or char == 0x22C5 or char == 0x25CF


cdef bint may_say_others(str text, frozenset others) except -1:
    """Return whether ``bylines.match_not_by`` may match: a cheap first check."""
    cdef Py_ssize_t first = 0, at, size = len(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    while first < size and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, first)):
        first += 1
    size = min(size, first + CREDIT_LETTERS)
    for at in range(first, size):
        if PyUnicode_READ(kind, data, at) >= 128:
            return True
    return PyUnicode_Substring(text, first, size).lower() in others


def with_years(texts not None, list indexes not None, Py_ssize_t longest, yearlike not None):
    """Return the indexes of texts that ``date_lines.may_have_date`` is true for."""
    cdef Py_ssize_t at
    cdef int form
    cdef str text
    cdef list dated = []
    for at in indexes:
        text = texts[at]
        if len(text) > longest:
            continue
        form = year_form(text)
        if form == 1 or form == 2 and yearlike(text) is not None:
            dated.append(at)
    return dated


cdef bint by_inside(str text) noexcept:
    """Return whether " by" stands in a text, in any case."""
    cdef Py_ssize_t at, size = len(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef const unsigned char* narrow = <const unsigned char*>data
    cdef unsigned int second, third
    if kind == 1:
        for at in range(size - 2):
            if narrow[at] == c" " and narrow[at + 1] | 0x20 == c"b" and narrow[at + 2] | 0x20 == c"y":
                return True
        return False
    for at in range(size - 2):
        if PyUnicode_READ(kind, data, at) == c" ":
            second = PyUnicode_READ(kind, data, at + 1)
            third = PyUnicode_READ(kind, data, at + 2)
            if second | 0x20 == c"b" and third | 0x20 == c"y":
                return True
    return False


cdef inline bint is_unspaced(Py_UCS4 char) noexcept:
    """Stands for ``measures.UNSPACED_LETTER``."""
    return char >= 0xE00 and (
        char <= 0xEFF or 0x1000 <= char <= 0x109F or 0x1780 <= char <= 0x17FF
        or 0x3040 <= char <= 0x30FF or 0x3400 <= char <= 0x9FFF
    )


cpdef list all_terms(str text):
    """Return a text's terms; stands for ``measures.all_terms``."""
    cdef Py_ssize_t at = 0, start, size = len(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_UCS4 char, before = 0
    cdef list words = []
    while at < size:
        start = at
        at = term_end(kind, data, at, size)
        if at - start >= SHORTEST_TERM:
            words.append(PyUnicode_Substring(text, start, at))
        at += 1
    if kind == 1:
        return words
    for at in range(size):
        char = PyUnicode_READ(kind, data, at)
        if is_unspaced(char):
            if before:
                words.append(chr(before) + chr(char))
            before = char
    return words


def number_terms(
    list texts not None, dict numbers not None, long long[::1] term not None,
    long long[::1] line not None,
):
    """Number the distinct terms of each text; stands for ``topic._numbered``."""
    cdef Py_ssize_t index, count = 0
    cdef str word
    cdef object value
    cdef long long number
    cdef list last = []  # the line that had each term last
    for index in range(len(texts)):
        for word in all_terms(texts[index]):
            value = numbers.get(word)
            if value is None:
                number = len(numbers)
                numbers[word] = number
                last.append(index)
            else:
                number = value
                if last[number] == index:
                    continue
                last[number] = index
            term[count] = number
            line[count] = index
            count += 1
    return count


def mark_terms(str text not None, dict numbers not None, unsigned char[::1] flags not None):
    """Set the flags of a text's terms that have a number; the text is in lower case."""
    cdef str word
    cdef object value
    for word in all_terms(text):
        value = numbers.get(word)
        if value is not None:
            flags[<long long>value] = 1


def furniture(
    list keys not None, const unsigned char[::1] looked_up not None, dict bits not None,
    long long[::1] groups not None, long long[::1] counts not None,
):
    """Fill each key's groups of words and how many words have one."""
    cdef Py_ssize_t index
    cdef str key
    cdef object word, value
    for index in range(len(keys)):
        if not looked_up[index]:
            continue
        key = keys[index]
        for word in key.split():
            value = bits.get(word)
            if value is not None:
                groups[index] |= <long long>value
                counts[index] += 1


def count_characters(
    list texts not None, const unsigned char[::1] table not None,
    const unsigned short[::1] combinations not None, float[:, ::1] counts not None,
    unsigned short[:, ::1] ends not None, float[:, ::1] words not None,
    long long[::1] scripts not None,
):
    """Fill the counts of ``measures.character_counts``, which says what they are."""
    cdef Py_ssize_t index, at, size, bit, many = len(combinations)
    cdef Py_ssize_t classes = counts.shape[0]
    cdef int kind, block, best, letters
    cdef void* data
    cdef Py_UCS4 char
    cdef unsigned short found = 0
    cdef bint before
    cdef str text
    cdef long long[256] times
    cdef int[SCRIPTS] blocks
    cdef long long number, opened, capitals
    for index in range(len(texts)):
        text = texts[index]
        size = len(text)
        kind = PyUnicode_KIND(text)
        data = PyUnicode_DATA(text)
        memset(times, 0, sizeof(times))
        memset(blocks, 0, sizeof(blocks))
        before = False
        opened = capitals = 0
        letters = 0
        for at in range(size):
            char = PyUnicode_READ(kind, data, at)
            block = table[char if char < 0x10000 else 0x10000]
            times[block] += 1
            found = combinations[block]
            if at == 0:
                ends[0, index] = found
            if found & LETTER:
                letters += 1
                block = 0
                if char >= 0x250:
                    block = <int>(<unsigned int>char >> 8)
                    if block < 2 or block == 0x1E:
                        block = 0
                    elif block >= SCRIPTS:
                        block = SCRIPTS - 1
                blocks[block] += 1
                if not before:
                    opened += 1
                    if found & UPPER:
                        capitals += 1
                before = True
            else:
                before = False
        ends[1, index] = found
        words[0, index] = opened
        words[1, index] = capitals
        for bit in range(classes):
            number = 0
            for at in range(many):
                if combinations[at] >> bit & 1:
                    number += times[at]
            counts[bit, index] = number
        best = 0
        for block in range(1, SCRIPTS):
            if blocks[block] > blocks[best]:
                best = block
        scripts[index] = best if letters else -1


def choice_sums(
    const double[::1] chance not None, const double[::1] words not None, list body not None,
    const unsigned char[::1] retained not None, double doubtful,
):
    """Return the sums of ``quality.choice_sums``, added in the same order."""
    cdef Py_ssize_t at, last = -2, runs = 0
    cdef double size = 0, likely = 0, total = 0, doubt = 0, model_size = 0
    for at in body:
        size += words[at]
        likely += chance[at] * words[at]
        runs += at - last > 1
        last = at
    for at in range(chance.shape[0]):
        total += chance[at] * words[at]
        if -doubtful < chance[at] - 0.5 < doubtful:
            doubt += words[at]
        if retained[at]:
            model_size += words[at]
    return size, likely, total, doubt, model_size, runs
