# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Which chosen blocks may be phrases, appeals or labels: most are told at once from all of them."""

cdef extern from *:
    const unsigned int COPYDESK_SOURCE
SOURCE: int = COPYDESK_SOURCE

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_Substring,
)

include "octet_hash.pxi"

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object)

cdef enum:
    OCTETS = 8192  # of a table of bits: a few thousand words set a twentieth of them
    PHRASE = 120  # characters, as in rules.py
    LABEL = 70  # as in adverts.py
    APPEAL = 320  # as in appeals.py
    QUESTION = 180  # characters of an appeal that begins with a question: as in appeals.py
    FIRST_WORD = 40
    STORY = 160  # as in phrases.py
    STORY_LABEL = 30
    EDGE = 5  # as in adverts.py
    START = 16  # as in repeated_body.py

# Of ASCII: a letter (in lower case), "0" for any digit, or 0.
cdef unsigned char[128] KEYED
cdef unsigned char[128] LOWERED
cdef int _code
for _code in range(128):
    LOWERED[_code] = ord(chr(_code).lower())
    KEYED[_code] = 0
    if chr(_code).isalnum():
        KEYED[_code] = c"0" if chr(_code).isdecimal() else LOWERED[_code]

cdef unsigned long long SEED = 0xCBF29CE484222325


cdef inline unsigned long long added(unsigned long long key, unsigned char char) noexcept:
    return (key ^ char) * <unsigned long long>0x100000001B3


cdef class Words:
    """A set of words in ASCII that may also seem to have some that it has not."""

    cdef unsigned char[OCTETS] bits

    def __cinit__(self, words):
        cdef str word
        cdef bytes octets
        cdef unsigned char char
        cdef unsigned long long key
        for word in words:
            if not word.isascii():
                continue
            octets = word.encode()
            key = SEED
            for char in octets:
                key = added(key, char)
            key ^= key >> 29
            self.bits[(key >> 3) & (OCTETS - 1)] |= 1 << (key & 7)

    cdef inline bint have(self, unsigned long long key) noexcept:
        key ^= key >> 29
        return self.bits[(key >> 3) & (OCTETS - 1)] >> (key & 7) & 1


cdef class Suspects:
    """What phrases, labels and appeals consist of; see ``rules._suspects``.

    ``starts``, ``ends`` and ``begins`` judge texts that are not in ASCII.
    """

    cdef Words phrases, befores, lasts, labels, appeals
    cdef object starts, ends, begins

    def __init__(self, phrases, befores, lasts, labels, appeals, starts, ends, begins):
        self.phrases, self.befores, self.lasts = Words(phrases), Words(befores), Words(lasts)
        self.labels, self.appeals = Words(labels), Words(appeals)
        self.starts, self.ends, self.begins = starts, ends, begins

    def among(self, page not None, body not None):
        """Give the chosen blocks that may be any of them, or are an ``h1``."""
        cdef list texts = page.text, tags = page.containers.tag
        cdef const long long[::1] container = page.container, links = page.links
        cdef Py_ssize_t at
        cdef str text
        cdef set found = set()
        for index in body:
            at = index
            text = texts[at]
            if (
                <str>tags[container[at]] == "h1"
                or self.may_be_phrase(text)
                or self.may_be_appeal(text)
                or not links[at] and may_name_a_story(text)
            ):
                found.add(index)
        return found

    cdef bint may_be_phrase(self, str text) except -1:
        """Tell whether a block may be a known phrase, or a label of an advertisement."""
        cdef Py_ssize_t size = len(text), at
        cdef const unsigned char* data
        cdef unsigned char char, last = 0  # of the key: 0 at its start
        cdef unsigned long long key = SEED, word = SEED, numbered = SEED
        cdef bint apart = False, is_label = size <= LABEL
        if size > PHRASE:
            return False
        if not PyUnicode_IS_COMPACT_ASCII(text):
            if True in self.starts[PyUnicode_Substring(text, 0, EDGE)]:
                return True
            return self.ends[PyUnicode_Substring(text, max(0, size - EDGE), size)]
        data = <const unsigned char*>PyUnicode_DATA(text)
        for at in range(size):  # as ``line_key`` does, and ``title_key`` for labels
            char = KEYED[data[at]]
            if not char:
                apart = apart or not (
                    data[at] == c"'" and 0 < at < size - 1
                    and KEYED[data[at - 1]] and KEYED[data[at + 1]]
                )
                continue
            if last and apart and is_label:
                is_label = self.labels.have(word)
                word = SEED
            word = added(word, LOWERED[data[at]])
            if char == c"0" and last == c"0":
                apart = False  # numbers in a row are one
                continue
            if last and (apart or char == c"0" or last == c"0"):
                if self.befores.have(key):
                    return True
                key = added(key, c" ")
                numbered = SEED
            key = added(key, char)
            numbered = added(numbered, char)
            last = char
            apart = False
        if is_label and self.labels.have(word):
            return True
        return self.phrases.have(key) or self.lasts.have(numbered)

    cdef bint may_be_appeal(self, str text) except -1:
        cdef Py_ssize_t size = len(text), at = 0, start, end, words
        cdef int kind = PyUnicode_KIND(text)
        cdef void* data = PyUnicode_DATA(text)
        cdef unsigned long long key = SEED
        cdef Py_UCS4 char = 0
        if size > APPEAL:
            return False
        for words in range(2):  # the first word, then both
            start = at
            while at < size and at - start < FIRST_WORD:
                char = PyUnicode_READ(kind, data, at)
                if char == c" " or char >= 128:
                    break
                at += 1
            if at < size and char >= 128:
                if self.begins(text):
                    return True
                break
            end = at
            while end > start and PyUnicode_READ(kind, data, end - 1) in (c",", c":", c".", c"!", c"?"):
                end -= 1
            if end == start:
                break
            for at in range(start, end):
                key = added(key, LOWERED[PyUnicode_READ(kind, data, at)])
            if self.appeals.have(key):
                return True
            at = start
            while at < size and PyUnicode_READ(kind, data, at) != c" ":
                at += 1
            at += 1
            key = added(key, c" ")
        for at in range(size):
            char = PyUnicode_READ(kind, data, at)
            if char == c"?" and size <= QUESTION or char >= 0x0E00 and is_spaceless(char):
                return True
        return False


cdef inline bint is_spaceless(Py_UCS4 char) noexcept:
    """Tell whether a character is one of ``phrases.SPACELESS``."""
    return (
        char <= 0x0EFF or 0x1000 <= char <= 0x109F or 0x1780 <= char <= 0x17FF
        or 0x3040 <= char <= 0x9FFF or 0xAC00 <= char <= 0xD7AF
    )


cdef bint may_name_a_story(str text) noexcept:
    """Tell whether a block has a short label, a colon, and more that ends without a full stop."""
    cdef Py_ssize_t size = len(text), at
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef Py_UCS4 char
    if size > STORY or PyUnicode_READ(kind, data, size - 1) == c".":
        return False
    for at in range(min(size - 1, STORY_LABEL + 1)):
        char = PyUnicode_READ(kind, data, at)
        if char == c":" or char == 0xFF1A:
            return True
    return False


cdef unsigned long long SECRET = <unsigned long long>hash("any start") | 1


cdef unsigned long long start_hash(str text) except? 0:
    """Hash a text's ``folded_start``, as no page can foresee; it has ``START`` characters or more."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void* data = PyUnicode_DATA(text)
    cdef unsigned char[START] start
    cdef Py_ssize_t at
    cdef Py_UCS4 char
    cdef bytes folded
    for at in range(START):
        char = PyUnicode_READ(kind, data, at)
        if char >= 128:
            folded = PyUnicode_Substring(text, 0, START).casefold()[:START].encode(
                "utf-8", "surrogatepass"
            )
            if len(folded) != START:
                return <unsigned long long>hash(folded)
            memcpy(start, <const unsigned char*>folded, START)
            break
        start[at] = LOWERED[char]
    return octet_hash(start, START, SECRET)


def starts_differ(list texts not None, list body not None, Py_ssize_t least):
    """Tell whether the chosen texts of ``least`` characters or more surely begin in different ways.

    ``least`` is at least ``START``. It spares ``repeated_body.may_repeat`` for most pages.
    """
    cdef Py_ssize_t room = 64, slot
    cdef unsigned long long key
    cdef unsigned long long* slots
    cdef str text
    while room < 2 * len(body):
        room *= 2
    slots = <unsigned long long*>PyMem_Calloc(room, sizeof(unsigned long long))
    if slots == NULL:
        raise MemoryError
    try:
        for index in body:
            text = texts[<Py_ssize_t>index]
            if len(text) < max(least, START):
                continue
            key = start_hash(text) or 1
            slot = key & (room - 1)
            while slots[slot]:
                if slots[slot] == key:
                    return False
                slot = (slot + 1) & (room - 1)
            slots[slot] = key
    finally:
        PyMem_Free(slots)
    return True
