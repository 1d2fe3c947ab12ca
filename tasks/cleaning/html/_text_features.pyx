# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Texts, measured; stands for ``text_features.counted`` and gives the same bits."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_FindChar,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_Substring,
)
from libc.string cimport memcpy, memset

from copydesk.schemas import plain_text as _plain_text
from copydesk.tasks.cleaning.html import character_counts as _characters
from copydesk.tasks.cleaning.vocabulary import block_words as _phrases
from copydesk.tasks.cleaning.vocabulary import class_names as _vocabulary

include "figures.pxi"

cdef extern from "Python.h":
    ctypedef unsigned char Py_UCS1
    ctypedef unsigned short Py_UCS2

cdef dict SAID = _phrases.BITS, TAGS = _vocabulary.TAGS
cdef Py_ssize_t LONGEST = _phrases.LONGEST, LOOKED_AT = 300
cdef double EXTRA = _characters.EXTRA
cdef Py_ssize_t SPANS = len(_plain_text.IDEOGRAPHS)
cdef unsigned int[32] FROM, TO  # of Han and kana
cdef enum:
    PACKED_BITS = 6  # ten counts in 64 bits
    MOST_PACKED = 63
    TRACES = 8192
    OF_FURNITURE = 1
    OF_TITLE = 2
    OF_SUMMARY = 4

# Whether a character is one of a word's, of ASCII; and the traces of all words that mean something:
# a word without a trace is none of them, which saves to look it up.
cdef unsigned char[128] IN_WORD
cdef unsigned char[TRACES] TRACED


cdef inline int trace(int kind, void* data, Py_ssize_t start, Py_ssize_t end) noexcept:
    cdef unsigned int first = PyUnicode_READ(kind, data, start)
    cdef unsigned int middle = PyUnicode_READ(kind, data, (start + end) >> 1)
    cdef unsigned int last = PyUnicode_READ(kind, data, end - 1)
    cdef unsigned int length = <unsigned int>(end - start)
    return (first * 31 + middle * 131 + last * 521 + length * 1031) & (TRACES - 1)


cdef int leave_traces(words, unsigned char* traced, unsigned char mark) except -1:
    for word in words:
        traced[trace(PyUnicode_KIND(word), PyUnicode_DATA(word), 0, len(word))] |= mark
    return 0


cdef int prepare() except -1:
    cdef int code
    for code in range(128):
        IN_WORD[code] = chr(code).isalnum() or chr(code) == "_"
    for code, (first, last) in enumerate(_plain_text.IDEOGRAPHS):
        FROM[code], TO[code] = first, last
    memset(TRACED, 0, TRACES)
    return leave_traces(SAID, TRACED, OF_FURNITURE)


prepare()


cdef inline bint is_ideograph(unsigned int char) noexcept:
    cdef Py_ssize_t each
    if char < FROM[0]:
        return False
    for each in range(SPANS):
        if FROM[each] <= char <= TO[each]:
            return True
    return False


# A one in the place of each of a character's classes.
cdef unsigned long long[0x10001] PACKED


cdef int pack(
    const unsigned char[::1] table, const unsigned short[::1] combinations
) except -1:
    cdef int code, bit
    for code in range(0x10001):
        for bit in range(CLASSES):
            if combinations[table[code]] >> bit & 1:
                PACKED[code] |= <unsigned long long>1 << bit * PACKED_BITS
    return 0


cdef Py_ssize_t count_lines(str text) except -1:
    """Count line breaks, which few blocks have."""
    cdef Py_ssize_t size = len(text), line_breaks = 0, at = -1
    while True:
        at = PyUnicode_FindChar(text, c"\n", at + 1, size, 1)
        if at < 0:
            return line_breaks
        line_breaks += 1


def measure(
    page not None, frozenset title not None, frozenset summary not None,
    const unsigned char[::1] table not None, const unsigned short[::1] combinations not None,
    float[:, ::1] figures not None, long long[:, ::1] ends not None,
):
    """Fill ``figures`` and ``ends``; stands for ``text_features.counted``."""
    cdef list texts = page.text, tags = page.containers.tag, lowered = []
    cdef const long long[::1] container = page.container, linked = page.linked
    cdef const long long[::1] strong = page.strong, links = page.links, images = page.images
    cdef Py_ssize_t index, at, size, start, stop, words, linked_chars, begin, end
    cdef double density
    cdef int class_counts[CLASSES]
    cdef int kind, each, bit
    cdef unsigned long long together
    cdef void* data
    cdef Py_UCS4 char
    cdef long long word_groups
    cdef str text, lower, word
    cdef dict occurrences = {}
    cdef set titled, described
    cdef object value
    cdef unsigned char[TRACES] traced
    cdef unsigned char traces_met
    if not PACKED[0x10000]:
        pack(table, combinations)
    memcpy(traced, TRACED, TRACES)
    leave_traces(title, traced, OF_TITLE)
    leave_traces(summary, traced, OF_SUMMARY)
    for index in range(len(texts)):
        text = texts[index]
        size = len(text)
        figures[LINKS, index] = links[index]
        figures[IMAGES, index] = images[index]
        value = TAGS.get(tags[container[index]])
        figures[TAG, index] = 0 if value is None else <int>value
        kind = PyUnicode_KIND(text)
        data = PyUnicode_DATA(text)
        for bit in range(CLASSES):
            class_counts[bit] = 0
        at = 0
        while at < size:
            stop = min(size, at + MOST_PACKED)
            together = 0
            if kind == 1:
                for at in range(at, stop):
                    together += PACKED[(<const Py_UCS1*>data)[at]]
            elif kind == 2:
                for at in range(at, stop):
                    together += PACKED[(<const Py_UCS2*>data)[at]]
            else:
                for at in range(at, stop):
                    char = PyUnicode_READ(kind, data, at)
                    together += PACKED[char if char < 0x10000 else 0x10000]
            at = stop
            for bit in range(CLASSES):
                class_counts[bit] += <int>(together >> bit * PACKED_BITS & MOST_PACKED)
        for bit in range(CLASSES):
            figures[bit, index] = class_counts[bit]
        density = (size + EXTRA * class_counts[DENSE]) / size
        linked_chars = linked[index]
        figures[LENGTH, index] = <float>(size + EXTRA * class_counts[DENSE])
        figures[LINKED, index] = <float>(min(linked_chars, size) * density)
        figures[STRONG, index] = <float>(strong[index] * density)
        char = PyUnicode_READ(kind, data, 0)
        ends[0, index] = combinations[table[char if char < 0x10000 else 0x10000]]
        char = PyUnicode_READ(kind, data, size - 1)
        ends[1, index] = combinations[table[char if char < 0x10000 else 0x10000]]
        figures[LINES, index] = count_lines(text)
        figures[COLON, index] = char == c":" or char == 0xFF1A
        lower = text.lower()
        lowered.append(lower)
        value = occurrences.get(lower)
        figures[EARLIER, index] = 0 if value is None else <Py_ssize_t>value
        occurrences[lower] = 1 if value is None else <Py_ssize_t>value + 1
        words = word_groups = 0
        titled = described = None
        size = len(lower)
        if size <= LOOKED_AT:
            kind = PyUnicode_KIND(lower)
            data = PyUnicode_DATA(lower)
            start = at = 0
            while at < size:
                start = at
                char = PyUnicode_READ(kind, data, at)
                at += 1
                if IN_WORD[char] if char < 128 else char.isalnum():
                    while at < size:
                        char = PyUnicode_READ(kind, data, at)
                        if not (IN_WORD[char] if char < 128 else char.isalnum()):
                            break
                        at += 1
                elif char != 0xA9 and char != 0xAE:  # signs that are words
                    continue
                if traced[trace(kind, data, start, at)] & OF_FURNITURE:
                    value = SAID.get(PyUnicode_Substring(lower, start, at))
                    if value is not None:
                        word_groups |= <long long>value
                begin = start
                while begin < at:  # a run is one word, or as many as it has Han and kana
                    end = begin + 1
                    if not is_ideograph(PyUnicode_READ(kind, data, begin)):
                        while end < at and not is_ideograph(PyUnicode_READ(kind, data, end)):
                            end += 1
                    words += 1
                    traces_met = traced[trace(kind, data, begin, end)]
                    if traces_met & (OF_TITLE | OF_SUMMARY):
                        word = PyUnicode_Substring(lower, begin, end)
                        if traces_met & OF_TITLE and word in title:
                            if titled is None:
                                titled = set()
                            titled.add(word)
                        if traces_met & OF_SUMMARY and word in summary:
                            if described is None:
                                described = set()
                            described.add(word)
                    begin = end
        figures[WORDS, index] = words
        figures[TITLED, index] = 0 if titled is None else len(titled)
        figures[DESCRIBED, index] = 0 if described is None else len(described)
        ends[2, index] = word_groups if words <= LONGEST else 0
    for index in range(len(lowered)):
        figures[REPEATS, index] = <Py_ssize_t>occurrences[lowered[index]]
